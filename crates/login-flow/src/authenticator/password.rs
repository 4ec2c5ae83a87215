//! `auth-password-form`: the password of whoever was named. Nobody is asked as somebody is.

use login_pages::{LoginPasswordPage, Message};
use oidc_types::Params;
use user_authentication::{AuthenticationError, Refusal};

use super::{Place, Step};
use crate::error::LoginError;
use crate::flow::Outcome;
use crate::login::{Login, note};
use crate::report;

const INVALID: &str = "invalidPasswordMessage";

pub(super) fn ask(login: &mut Login<'_, '_>, place: Place<'_>, message: Option<&Message>) -> Result<Step, LoginError> {
    let action = login.action_url(place.flow, place.execution);
    let reset = login.realm().login.reset_password_allowed.then(|| login.urls().link_path("reset-credentials"));
    // What was typed stands there, and not the name of the account that was found by it.
    let typed = login.tab.note(note::USERNAME).map(str::to_owned);
    login.attempted = typed.or_else(|| login.user.as_ref().map(|user| user.username.to_string()));
    let page = LoginPasswordPage {
        action: &action,
        reset_url: reset.as_deref(),
        fault: message.filter(|message| message.key == INVALID),
    };
    let banner = message.filter(|message| message.key != INVALID);
    Ok(Step::Ask(login.page(banner, &page)))
}

pub(super) async fn answer(login: &mut Login<'_, '_>, place: Place<'_>, form: &Params) -> Result<Step, LoginError> {
    let user = login.user.clone();
    let password = form.get("password").filter(|password| !password.is_empty());
    let parts = login.browser.parts;
    let verdict = parts.user_authentication.verify_password(&login.browser.at(), user.as_deref(), password).await;
    match (verdict, user) {
        (Ok(()), Some(_)) => {
            login.prove("password");
            Ok(Step::Over(Outcome::Done))
        }
        (Err(AuthenticationError::Trouble(trouble)), _) => Err(trouble.into()),
        (Err(AuthenticationError::Refused(refusal)), user) => {
            let name = login.tab.note(note::USERNAME).unwrap_or_default();
            report::refused(login, (user.as_deref(), name), &refusal);
            let message = match refusal {
                Refusal::UserDisabled(_) => "accountDisabledMessage",
                _ => INVALID,
            };
            ask(login, place, Some(&Message::error(message)))
        }
        (Ok(()), None) => ask(login, place, Some(&Message::error(INVALID))),
    }
}
