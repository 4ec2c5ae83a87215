//! `auth-username-password-form`

use login_pages::{LoginPage, Message, RememberMe};
use oidc_types::Params;
use user_authentication::{AuthenticationError, Refusal};

use super::{Place, Step};
use crate::error::LoginError;
use crate::flow::Outcome;
use crate::login::{Login, note};

/// Shows the page.
pub(crate) fn ask(login: &mut Login<'_, '_>, place: Place<'_>, message: Option<&Message>) -> Result<Step, LoginError> {
    let action = login.action_url(place.flow, place.execution);
    let urls = login.urls();
    let realm = login.realm();
    let registration = realm.registration_allowed.then(|| urls.link_path("registration"));
    let reset = realm.login.reset_password_allowed.then(|| urls.link_path("reset-credentials"));
    let typed = login.tab.note(note::USERNAME).or_else(|| login.request.parameters().get("login_hint"));
    let username = typed.unwrap_or_default().to_owned();
    let remember_me = match (realm.login.remember_me, login.tab.note(note::REMEMBER_ME)) {
        (false, _) => RememberMe::NotOffered,
        (true, None) => RememberMe::Offered,
        (true, Some(_)) => RememberMe::Checked,
    };
    let page = LoginPage {
        action: &action,
        username: &username,
        remember_me,
        reset_url: reset.as_deref(),
        registration_url: registration.as_deref(),
        fault: message.filter(|message| message.key == INVALID),
        ..LoginPage::default()
    };
    let banner = message.filter(|message| message.key != INVALID);
    Ok(Step::Ask(login.page(banner, &page)))
}

const INVALID: &str = "invalidUserMessage";

/// Judges what was typed.
pub(crate) async fn answer(login: &mut Login<'_, '_>, place: Place<'_>, form: &Params) -> Result<Step, LoginError> {
    let remembers = login.realm().login.remember_me && form.get("rememberMe").is_some_and(|word| word == "on");
    match remembers {
        true => login.tab.set_note(note::REMEMBER_ME, "on"),
        false => login.tab.remove_note(note::REMEMBER_ME),
    }
    let name = form.get("username").unwrap_or_default().trim().to_owned();
    let parts = login.browser.parts;
    let known = login.user.clone();
    let user = match &known {
        Some(user) => Some(user.clone()),
        None => parts.user_authentication.find_by_name_or_email(&login.browser.at(), &name).await?,
    };
    let password = form.get("password").filter(|password| !password.is_empty());
    let verdict = parts.user_authentication.verify_password(&login.browser.at(), user.as_deref(), password).await;
    if known.is_none() {
        login.tab.set_note(note::USERNAME, &name);
    }
    match (verdict, user) {
        (Ok(()), Some(user)) => {
            login.tab.set_note(note::AUTHENTICATED, "password");
            login.set_user(user);
            Ok(Step::Over(Outcome::Done))
        }
        (Err(AuthenticationError::Trouble(trouble)), _) => Err(LoginError::Trouble(trouble)),
        (Err(AuthenticationError::Refused(Refusal::UserDisabled(_))), _) => {
            ask(login, place, Some(&Message::error("accountDisabledMessage")))
        }
        (Err(AuthenticationError::Refused(_)) | Ok(()), _) => ask(login, place, Some(&Message::error(INVALID))),
    }
}
