//! The languages of a login's pages.

use std::sync::Arc;

use login_pages::{LanguageChoice, Wishes};

use crate::login::{Login, note};
use crate::urls::Urls;

impl Login<'_, '_> {
    /// The language of its pages: the one chosen in it, the user's, what the client asks for, or the browser's.
    pub(crate) fn choose_language(&mut self) {
        if let Some(chosen) = self.browser.keep_language() {
            self.tab.set_note(note::LOCALE, &chosen);
        }
        let user = self.user.as_ref().and_then(|user| user.attributes.get("locale")?.first().cloned());
        let wishes = Wishes {
            chosen: self.tab.note(note::LOCALE),
            user: user.as_deref(),
            ui_locales: self.request.parameters().get("ui_locales"),
            ..Wishes::default()
        };
        self.browser.choose_language(&wishes);
    }

    /// The languages in which the page that is shown can be had.
    pub(crate) fn languages(&self, urls: &Urls) -> Vec<LanguageChoice> {
        let locales = &self.realm().locales;
        if !locales.enabled || locales.supported.len() < 2 {
            return Vec::new();
        }
        let page = self.shown.as_ref().map_or((self.entry().path(), None), |(path, execution)| (*path, Some(execution.as_str())));
        let choice = |code: &Arc<str>| LanguageChoice { code: code.to_string(), url: urls.in_language(page, code) };
        locales.supported.iter().map(choice).collect()
    }
}
