//! `VERIFY_EMAIL`: a link is sent to the user's address.

use login_pages::{Message, VerifyEmailPage};
use token_issuer::ActionKind;

use super::{Did, Due, banner};
use crate::error::LoginError;
use crate::link;
use crate::login::Login;

/// Seconds between two mails (wire-browser.md section 8).
const WAIT_SECS: i64 = 30;

/// Note of the tab: the link was sent in this login.
const SENT: &str = "verify_email_sent";

pub(super) async fn ask(login: &mut Login<'_, '_>, due: Due<'_>) -> Result<Did, LoginError> {
    let Some(user) = login.user.clone() else { return Ok(Did::NotDue) };
    let Some(email) = user.email.clone().filter(|email| !email.is_empty()) else { return Ok(Did::NotDue) };
    if user.email_verified {
        return Ok(Did::Done);
    }
    let mut message = banner(due, "verifyEmailMessage");
    let first = login.tab.note(SENT).is_none();
    if first || login.browser.resends {
        let (cx, parts) = (login.browser.cx, login.browser.parts);
        let kind = ActionKind::VerifyEmail.as_str();
        let made = parts.sessions.newest_link_made((&cx.realm.name, &user.id, kind), cx.now).await?;
        let waits = made.filter(|made| made.plus_secs(WAIT_SECS) > cx.now);
        match waits {
            Some(made) => {
                let left = WAIT_SECS.saturating_sub(cx.now.secs().saturating_sub(made.secs())).max(1);
                if !first {
                    message = Some(Message::error("emailVerifySendCooldown").with(left.to_string()));
                }
            }
            None => link::send(login, ActionKind::VerifyEmail, None).await?,
        }
        login.tab.set_note(SENT, "");
    }
    let resend_url = login.required_action_url(&due.action.alias);
    let page = VerifyEmailPage { email: &email, resend_url: &resend_url, initiated: due.initiated, ..VerifyEmailPage::default() };
    Ok(Did::Ask(login.page(message.as_ref(), &page)))
}
