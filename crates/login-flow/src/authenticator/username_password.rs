//! `auth-username-password-form`

use std::sync::Arc;

use login_pages::{LoginPage, Message, ProviderButton, RememberMe};
use oidc_types::Params;
use realm_model::{IdentityProvider, Realm, User};
use user_authentication::{AuthenticationError, Refusal};

use super::web_authn::Asking;
use super::{Place, Step, web_authn};
use crate::error::LoginError;
use crate::finish::{self, REMEMBER_ME};
use crate::flow::Outcome;
use crate::login::{Login, note};
use crate::report;

const INVALID: &str = "invalidUserMessage";

/// Shows the page. Where it is settled who logs in, it asks for the password alone.
pub(crate) fn ask(login: &mut Login<'_, '_>, place: Place<'_>, message: Option<&Message>) -> Result<Step, LoginError> {
    let action = login.action_url(place.flow, place.execution);
    let asking = Asking::for_passkeys(login, &action);
    let links = provider_links(login);
    let buttons = provider_buttons(login.realm(), &links);
    let urls = login.urls();
    let realm = login.realm();
    let is_settled = login.user.is_some();
    let registration = (realm.registration_allowed && !is_settled).then(|| urls.link_path("registration"));
    let reset = realm.login.reset_password_allowed.then(|| urls.link_path("reset-credentials"));
    let (username, remember_me) = filled_in(login);
    let page = LoginPage {
        action: &action,
        username: &username,
        remember_me: if is_settled { RememberMe::NotOffered } else { remember_me },
        reset_url: reset.as_deref(),
        registration_url: registration.as_deref(),
        identity_providers: if is_settled { &[] } else { &buttons },
        fault: message.filter(|message| message.key == INVALID),
        passkey: asking.as_ref().map(Asking::request),
        ..LoginPage::default()
    };
    let banner = message.filter(|message| message.key != INVALID);
    Ok(Step::Ask(login.page(banner, &page)))
}

/// Where the buttons of identity providers lead, in the order of [`provider_buttons`].
pub(super) fn provider_links(login: &mut Login<'_, '_>) -> Vec<String> {
    let code = login.session_code().to_owned();
    let urls = login.urls();
    shown_providers(login.realm()).map(|provider| urls.provider(&provider.alias, &code)).collect()
}

/// The buttons of identity providers.
pub(super) fn provider_buttons<'p>(realm: &'p Realm, links: &'p [String]) -> Vec<ProviderButton<'p>> {
    let button = |(provider, url): (&'p Arc<IdentityProvider>, &'p String)| {
        let name = provider.display_name.as_deref().filter(|name| !name.is_empty());
        ProviderButton { alias: &provider.alias, display_name: name.unwrap_or(&provider.alias), url }
    };
    shown_providers(realm).zip(links).map(button).collect()
}

fn shown_providers(realm: &Realm) -> impl Iterator<Item = &Arc<IdentityProvider>> {
    realm.identity_providers.iter().filter(|provider| provider.is_shown_on_login())
}

/// What stands in the fields already: what was typed, what the client says, or whom the browser remembers.
pub(super) fn filled_in(login: &Login<'_, '_>) -> (String, RememberMe) {
    let offers = login.realm().login.remember_me;
    let box_of = |checked: bool| match (offers, checked) {
        (false, _) => RememberMe::NotOffered,
        (true, false) => RememberMe::Offered,
        (true, true) => RememberMe::Checked,
    };
    if let Some(typed) = &login.typed {
        return (typed.clone(), box_of(login.tab.note(note::REMEMBER_ME).is_some()));
    }
    let remembered = login.browser.cookies.get(REMEMBER_ME).and_then(|cookie| cookie.strip_prefix("username:"));
    let remembered = remembered.filter(|_| offers);
    let decoded = remembered.map(|name| percent_encoding::percent_decode_str(name).decode_utf8_lossy().into_owned());
    let hinted = login.request.parameters().get("login_hint").map(str::to_owned);
    (hinted.or_else(|| decoded.clone()).unwrap_or_default(), box_of(decoded.is_some()))
}

/// Whether the box is checked.
pub(super) fn keep_remember_me(login: &mut Login<'_, '_>, form: &Params) {
    let remembers = login.realm().login.remember_me && form.get("rememberMe").is_some_and(|word| word == "on");
    match remembers {
        true => login.tab.set_note(note::REMEMBER_ME, "on"),
        false => login.tab.remove_note(note::REMEMBER_ME),
    }
}

/// Judges what was typed.
pub(crate) async fn answer(login: &mut Login<'_, '_>, place: Place<'_>, form: &Params) -> Result<Step, LoginError> {
    if form.get("cancel").is_some() {
        login.end().await?;
        login.browser.forget_restart();
        return Ok(Step::Leave(finish::refuse(login, "access_denied", None)));
    }
    if let Some(step) = web_authn::answer_passkey(login, form).await? {
        return match step {
            Ok(step) => Ok(step),
            Err(message) => ask(login, place, Some(&message)),
        };
    }
    keep_remember_me(login, form);
    let name = form.get("username").unwrap_or_default().trim().to_owned();
    let parts = login.browser.parts;
    // Whoever is to log in again is settled: another name changes nothing (CVE-2023-6787).
    let known = login.user.clone();
    let user: Option<Arc<User>> = match &known {
        Some(user) => Some(Arc::clone(user)),
        None => parts.user_authentication.find_by_name_or_email(&login.browser.at(), &name).await?,
    };
    let password = form.get("password").filter(|password| !password.is_empty());
    let verdict = parts.user_authentication.verify_password(&login.browser.at(), user.as_deref(), password).await;
    if known.is_none() {
        login.tab.set_note(note::USERNAME, &name);
        login.typed = Some(name.clone());
    }
    match (verdict, user) {
        (Ok(()), Some(user)) => {
            login.prove("password");
            login.set_user(user);
            Ok(Step::Over(Outcome::Done))
        }
        (Err(AuthenticationError::Trouble(trouble)), _) => Err(LoginError::Trouble(trouble)),
        (Err(AuthenticationError::Refused(refusal)), user) => {
            report::refused(login, (user.as_deref(), &name), &refusal);
            let message = match refusal {
                Refusal::UserDisabled(_) => "accountDisabledMessage",
                _ => INVALID,
            };
            ask(login, place, Some(&Message::error(message)))
        }
        (Ok(()), None) => ask(login, place, Some(&Message::error(INVALID))),
    }
}
