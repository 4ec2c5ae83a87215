//! What is recorded of logins, by Keycloak's words.

use events::{Event, EventType};
use oidc_types::SessionId;
use realm_model::User;
use sessions::UserSession;
use user_authentication::Refusal;

use crate::authorization::{Parameters, RequestFault};
use crate::browser::Browser;
use crate::error::PageFault;
use crate::login::{Login, note};

/// What every event of a login says of its request.
fn of_request(login: &Login<'_, '_>, session: Option<&SessionId>, event: Event) -> Event {
    let session = session.or(login.browser.authentication_id()).map(|id| id.as_str().to_owned());
    event
        .client(login.client.client_id.as_str())
        .detail("auth_method", Some("openid-connect"))
        .detail("auth_type", Some("code"))
        .detail("response_type", login.request.parameters().get("response_type"))
        .detail("redirect_uri", Some(login.request.redirect_uri().as_str()))
        .detail("code_id", session)
        .detail("response_mode", Some(login.request.response_mode().as_str()))
}

/// Somebody is logged in, or goes on with a session, at a client.
pub(crate) fn logged_in(login: &Login<'_, '_>, user: &User, session: &UserSession) {
    let cx = login.browser.cx;
    let consent = match (login.client.consent_required, login.tab.note(note::CONSENTED).is_some()) {
        (false, _) => "no_consent_required",
        (true, true) => "consent_granted",
        (true, false) => "persistent_consent",
    };
    login.browser.parts.events.at(&cx.realm, cx.now, cx.arrival.peer).success(EventType::Login, |event| {
        // Keycloak: `code_id` is the session's id, which is that of the browser's login there.
        of_request(login, Some(&session.id), event)
            .user(user.id.as_str())
            .session(Some(session.id.as_str()))
            .detail("consent", Some(consent))
            .detail("username", Some(user.username.as_str()))
            .detail("remember_me", session.remember_me.then_some("true"))
    });
}

/// Whoever logs in has changed something of the own account.
pub(crate) fn changed(login: &Login<'_, '_>, event_type: EventType, details: &[(&'static str, &str)]) {
    let cx = login.browser.cx;
    login.browser.parts.events.at(&cx.realm, cx.now, cx.arrival.peer).success(event_type, |event| {
        let event = of_request(login, None, event);
        let event = details.iter().fold(event, |event, (name, value)| event.detail(name, Some(*value).filter(|v| !v.is_empty())));
        match &login.user {
            Some(user) => event.user(user.id.as_str()).detail("username", Some(user.username.as_str())),
            None => event,
        }
    });
}

/// A credential of this type was set anew. Keycloak: one event for all types, and an older one for some.
pub(crate) fn credential_updated(login: &Login<'_, '_>, kind: &str) {
    let older = match kind {
        "otp" => Some(EventType::UpdateTotp),
        "password" => Some(EventType::UpdatePassword),
        _ => None,
    };
    for event_type in older.into_iter().chain([EventType::UpdateCredential]) {
        changed(login, event_type, &[("credential_type", kind)]);
    }
}

/// Somebody has not shown to be `user`; `name`: as typed.
pub(crate) fn refused(login: &Login<'_, '_>, (user, name): (Option<&User>, &str), refusal: &Refusal) {
    let cx = login.browser.cx;
    let word = match refusal {
        Refusal::UnknownUser => "user_not_found",
        Refusal::UserDisabled(_) => "user_disabled",
        Refusal::Locked(_) => "user_temporarily_disabled",
        Refusal::NotFullySetUp(_) => "resolve_required_actions",
        Refusal::WrongPassword(_) | Refusal::WrongOtp(_) | Refusal::WrongRecoveryCode(_) | Refusal::WrongSignature(..) => {
            "invalid_user_credentials"
        }
    };
    login.browser.parts.events.at(&cx.realm, cx.now, cx.arrival.peer).error(EventType::Login, word, |event| {
        let event = of_request(login, None, event).fact(refusal);
        let name = user.map_or(name, |user| user.username.as_str());
        let event = event.detail("username", Some(name).filter(|name| !name.is_empty()));
        match user {
            Some(user) => event.user(user.id.as_str()),
            None => event,
        }
    });
}

/// The login leads nowhere: the client is told `word`.
pub(crate) fn ended(login: &Login<'_, '_>, word: &'static str) {
    let cx = login.browser.cx;
    login.browser.parts.events.at(&cx.realm, cx.now, cx.arrival.peer).error(EventType::Login, word, |event| {
        let event = of_request(login, None, event);
        match &login.user {
            Some(user) => event.user(user.id.as_str()),
            None => event,
        }
    });
}

/// No login begins: no client that may ask.
pub(crate) fn no_client(browser: &Browser<'_>, client_id: Option<&str>, fault: &PageFault) {
    let cx = browser.cx;
    let word = match &*fault.message.key {
        "clientNotFoundMessage" => "client_not_found",
        "clientDisabledMessage" => "client_disabled",
        "bearerOnlyMessage" => "not_allowed",
        "Wrong client protocol." => "invalid_client",
        _ => "invalid_request",
    };
    browser.parts.events.at(&cx.realm, cx.now, cx.arrival.peer).error(EventType::Login, word, |event| match client_id {
        Some(client) => event.client(client),
        None => event,
    });
}

/// No login begins: something is wrong with the request.
pub(crate) fn bad_request(browser: &Browser<'_>, (client, parameters): (&str, &Parameters), fault: &RequestFault) {
    let cx = browser.cx;
    let word = match fault {
        RequestFault::RedirectUri => "invalid_redirect_uri",
        RequestFault::FlowOff(_) => "not_allowed",
        _ => "invalid_request",
    };
    browser.parts.events.at(&cx.realm, cx.now, cx.arrival.peer).error(EventType::Login, word, |event| {
        event
            .client(client)
            .detail("redirect_uri", parameters.get("redirect_uri"))
            .detail("response_type", parameters.get("response_type"))
            .fact(fault)
    });
}
