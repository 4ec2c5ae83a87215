//! `auth-username-form`: the name alone. Whether there is anybody of that name does not show (CVE-2026-4633). Keycloak: it says so.

use login_pages::{LoginUsernamePage, Message};
use oidc_types::Params;

use super::username_password::{filled_in, keep_remember_me, provider_buttons, provider_links};
use super::web_authn::Asking;
use super::{Place, Step, web_authn};
use crate::error::LoginError;
use crate::flow::Outcome;
use crate::login::{Login, note};

const MISSING: &str = "missingUsernameMessage";

pub(super) fn ask(login: &mut Login<'_, '_>, place: Place<'_>, message: Option<&Message>) -> Result<Step, LoginError> {
    if login.user.is_some() {
        return Ok(Step::Over(Outcome::Done)); // a session, or a link, has said who it is
    }
    let action = login.action_url(place.flow, place.execution);
    let asking = Asking::for_passkeys(login, &action);
    let links = provider_links(login);
    let buttons = provider_buttons(login.realm(), &links);
    let registration = login.realm().registration_allowed.then(|| login.urls().link_path("registration"));
    let (username, remember_me) = filled_in(login);
    let page = LoginUsernamePage {
        action: &action,
        username: &username,
        remember_me,
        registration_url: registration.as_deref(),
        identity_providers: &buttons,
        fault: message.filter(|message| message.key == MISSING),
        passkey: asking.as_ref().map(Asking::request),
    };
    let banner = message.filter(|message| message.key != MISSING);
    Ok(Step::Ask(login.page(banner, &page)))
}

pub(super) async fn answer(login: &mut Login<'_, '_>, place: Place<'_>, form: &Params) -> Result<Step, LoginError> {
    if let Some(step) = web_authn::answer_passkey(login, form).await? {
        return match step {
            Ok(step) => Ok(step),
            Err(message) => ask(login, place, Some(&message)),
        };
    }
    keep_remember_me(login, form);
    let name = form.get("username").unwrap_or_default().trim().to_owned();
    if name.is_empty() {
        return ask(login, place, Some(&Message::error(MISSING)));
    }
    login.tab.set_note(note::USERNAME, &name);
    let parts = login.browser.parts;
    let found = parts.user_authentication.find_by_name_or_email(&login.browser.at(), &name).await?;
    // Of somebody who is disabled nothing shows before the password.
    if let Some(user) = found {
        login.set_user(user);
    }
    Ok(Step::Over(Outcome::Done))
}
