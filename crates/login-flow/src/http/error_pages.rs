use login_pages::{ErrorPage, Frame, Locale, Message};
use realm_http::http::ErrorPages;

use crate::LoginFlow;

/// What browsers get where a path or a verb leads nowhere: a page without a title, and of no realm (recordings error-pages/unknown-*).
impl ErrorPages for LoginFlow {
    fn page(&self, base_path: &str, realm: &str, status: u16) -> String {
        let key = if status == 404 { "pageNotFound" } else { "internalServerError" };
        let (message, english) = (Message::error(key), Locale::english());
        let restart = format!("{base_path}/realms/{realm}/login-actions/restart?skip_logout=true");
        let frame = Frame { base_path, restart_url: Some(&restart), ..Frame::new(&english) };
        self.pages.render(&frame, &ErrorPage::new(&message))
    }
}
