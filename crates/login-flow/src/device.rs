//! Where a user enters the code that a device shows, and what comes of the login behind it (RFC 8628 section 3.3; wire-browser.md
//! section 11).
//!
//! **Architecture invariant:** which client gets the tokens is what the device said when it asked; nothing that a browser says
//! changes it (CVE-2023-2585).

use std::sync::Arc;

use events::EventType;
use login_pages::{DeviceCodePage, Frame, InfoLink, InfoPage, LanguageChoice, Message, Page};
use realm_model::{Client, User};
use sessions::{Decided, Decision, UserCode, UserSession, WaitingAuthorization};

use crate::answer::Answer;
use crate::authorization::{Parameters, Unjudged, Way};
use crate::browser::Browser;
use crate::error::{LoginError, PageFault};
use crate::login::Login;
use crate::urls::{path_of, restart_of_nobody};

/// The path below the realm.
pub(crate) const ENDPOINT: &str = "device";

/// The page with the field for the code.
pub(crate) fn ask(browser: &Browser<'_>, message: Option<&Message>) -> Answer {
    let action = path_of(&format!("{}/{ENDPOINT}", browser.cx.issuer()));
    // Keycloak: recording device-verification/page.
    let languages = browser.languages(|locale| format!("{action}?execution=&kc_locale={locale}"));
    show(browser, (message, &languages), &DeviceCodePage { action: &action })
}

/// Somebody has entered a code, or has come with one in the link.
pub(crate) async fn enter(browser: &mut Browser<'_>, user_code: &str) -> Result<Answer, LoginError> {
    browser.keep_language();
    let (cx, sessions) = (browser.cx, &browser.parts.sessions);
    if user_code.is_empty() {
        return Ok(ask(browser, None));
    }
    let waiting = match sessions.enter_user_code(&cx.realm.name, (user_code, &browser.peer), cx.now).await? {
        UserCode::Known(waiting) => waiting,
        UserCode::Over => return Ok(refuse(browser, "expired_oauth2_user_code", "oauth2DeviceExpiredUserCodeMessage")),
        UserCode::Unknown | UserCode::TooManyEntries => {
            return Ok(refuse(browser, "invalid_oauth2_user_code", "oauth2DeviceInvalidUserCodeMessage"));
        }
    };
    let client = cx.realm.clients.values().find(|client| *client.id == *waiting.client && client.enabled).cloned();
    let Some(client) = client else { return Err(PageFault::in_login(400, "clientNotFoundMessage").into()) };
    if !client.is_on("oauth2.device.authorization.grant.enabled") {
        return Err(PageFault::in_login(400, "oauth2DeviceAuthorizationGrantDisabledMessage").into());
    }
    let recorder = browser.parts.events.at(&cx.realm, cx.now, cx.arrival.peer);
    recorder.success(EventType::OAuth2DeviceVerifyUserCode, |event| event.client(client.client_id.as_str()));
    log_in(browser, &client, (&waiting, user_code)).await
}

/// A code that leads nowhere.
fn refuse(browser: &Browser<'_>, error: &'static str, key: &'static str) -> Answer {
    let cx = browser.cx;
    browser
        .parts
        .events
        .at(&cx.realm, cx.now, cx.arrival.peer)
        .error(EventType::OAuth2DeviceVerifyUserCode, error, |event| event);
    ask(browser, Some(&Message::error(key)))
}

/// A login for what the device asked for.
async fn log_in(
    browser: &mut Browser<'_>,
    client: &Arc<Client>,
    (waiting, user_code): (&WaitingAuthorization, &str),
) -> Result<Answer, LoginError> {
    let cx = browser.cx;
    let own = [("client_id", client.client_id.as_str().to_owned()), ("redirect_uri", status_url(browser))];
    let scope = waiting.scope.clone().map(|scope| ("scope", scope));
    let own = own.into_iter().chain(scope).map(|(name, value)| (name.to_owned(), value));
    // A device cannot want that its user sees no page.
    let noted = waiting.notes.iter().filter(|(name, value)| name != "prompt" || value != "none").cloned();
    let parameters = Parameters::of_device(own.chain(noted), user_code);
    let base = cx.bases.front.clone();
    let judged = Unjudged { client, parameters, repeats: false, base: &base, way: Way::Known }.judge();
    let request = judged.map_err(|_| PageFault::in_login(400, "invalidRequestMessage"))?;
    browser.set_restart_cookie(client, &request).await?;
    let mut login = Login::begin(browser, request).await?;
    login.session_code();
    login.keep().await?;
    Ok(Answer::Redirect(login.urls().link("authenticate")))
}

/// The user has said yes: the device gets its tokens.
pub(crate) async fn approve(login: &Login<'_, '_>, user: &User, session: &UserSession) -> Result<Answer, LoginError> {
    let decision = Decision::Approved { user: user.id.clone(), session: Some(session.id.clone()) };
    match decide(login, decision).await? {
        Decided::Done => Ok(Answer::Redirect(status_url(login.browser))),
        Decided::Already | Decided::Absent => Ok(refused(login, "expired_token")),
    }
}

/// The user has said no: the device gets nothing.
pub(crate) async fn deny(login: &Login<'_, '_>) -> Result<Answer, LoginError> {
    let _ = decide(login, Decision::Denied).await?; // one that was answered meanwhile stays what it is
    Ok(refused(login, "access_denied"))
}

async fn decide(login: &Login<'_, '_>, decision: Decision) -> Result<Decided, LoginError> {
    let (cx, user_code) = (login.browser.cx, login.request.user_code().unwrap_or_default());
    Ok(login.browser.parts.sessions.decide_device(&cx.realm.name, user_code, decision, cx.now).await?)
}

/// On to the page that says that it came to nothing.
pub(crate) fn refused(login: &Login<'_, '_>, error: &str) -> Answer {
    Answer::Redirect(format!("{}?error={}", status_url(login.browser), crate::answer::encode(error)))
}

fn status_url(browser: &Browser<'_>) -> String {
    format!("{}/{ENDPOINT}/status", browser.cx.issuer())
}

/// The last page, which says what came of it.
pub(crate) fn status(browser: &Browser<'_>, error: Option<&str>) -> Answer {
    let (heading, message) = match error {
        None => ("oauth2DeviceVerificationCompleteHeader", "oauth2DeviceVerificationCompleteMessage"),
        Some("access_denied") => ("oauth2DeviceVerificationFailedHeader", "oauth2DeviceConsentDeniedMessage"),
        Some("expired_token") => ("oauth2DeviceVerificationFailedHeader", "oauth2DeviceExpiredUserCodeMessage"),
        Some(_) => ("oauth2DeviceVerificationFailedHeader", "oauth2DeviceVerificationFailedMessage"),
    };
    let (heading, message) = (Message::info(heading), Message::info(message));
    let again = path_of(&format!("{}/{ENDPOINT}", browser.cx.issuer()));
    let link = error.map(|_| InfoLink::TryAgain(&again));
    show(browser, (None, &[]), &InfoPage { heading: Some(&heading), link, ..InfoPage::new(&message) })
}

fn show(browser: &Browser<'_>, (message, languages): (Option<&Message>, &[LanguageChoice]), page: &impl Page) -> Answer {
    let cx = browser.cx;
    let restart = restart_of_nobody(&cx.issuer(), None);
    let frame = Frame {
        realm: Some(&cx.realm),
        base_path: &cx.arrival.prefix,
        message,
        languages,
        restart_url: Some(&restart),
        ..Frame::new(&browser.locale)
    };
    Answer::Page(browser.parts.pages.render(&frame, page))
}
