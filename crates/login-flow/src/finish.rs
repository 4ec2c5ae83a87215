//! A login comes to its end: the session begins or goes on, the browser is told who it is, the client gets what it asked for.
//!
//! **Architecture invariant:** nothing else makes codes or identity cookies.

use base64_simd::URL_SAFE_NO_PAD;
use oidc_types::SessionId;
use realm_http::http::CookieScope;
use realm_model::User;
use sessions::lifespan::Lifespans;
use sessions::{ClientSession, Inserted, SessionKind, UserSession};
use sha2::{Digest, Sha384};
use single_sign_on::{AuthorizationCode, SignOn};
use std::sync::Arc;
use token_issuer::MintContext;

use crate::answer::Answer;
use crate::browser::Browser;
use crate::error::{LoginError, PageFault};
use crate::link;
use crate::login::{Login, note};

/// The cookie that says who is logged in.
pub(crate) const IDENTITY: &str = "KEYCLOAK_IDENTITY";
/// The cookie by which scripts see that somebody else is.
pub(crate) const SESSION: &str = "KEYCLOAK_SESSION";
/// The cookie by which a login can begin anew when nothing else is known of it.
pub(crate) const RESTART: &str = "KC_RESTART";
/// The cookie with the name of whoever wants to be remembered.
pub(crate) const REMEMBER_ME: &str = "KEYCLOAK_REMEMBER_ME";

/// Seconds for which a name is remembered (wire-browser.md section 3).
const REMEMBERED_SECS: i64 = 365 * 24 * 3600;

/// The flow has succeeded.
pub(crate) async fn finish(mut login: Login<'_, '_>) -> Result<Answer, LoginError> {
    let Some(user) = login.user.clone() else {
        return Err(PageFault::in_login(400, "unexpectedErrorHandlingRequestMessage").into());
    };
    login.end().await?;
    if let Some(answer) = link::finish(&mut login, &user).await? {
        return Ok(answer);
    }
    let session = enter_session(&mut login, &user).await?;
    remember(&mut login, &user);
    tell_browser(login.browser, &session, &login.client).await?;
    answer_client(&login, &user, &session).await
}

/// The session that the login goes on with, or a new one.
async fn enter_session(login: &mut Login<'_, '_>, user: &Arc<User>) -> Result<UserSession, LoginError> {
    let (cx, parts) = (login.browser.cx, login.browser.parts);
    let realm = &cx.realm.name;
    if let Some(id) = login.tab.note(note::SESSION) {
        let found = parts.sessions.find(realm, SessionKind::Online, &id.into(), cx.now).await?;
        if let Some(session) = found.filter(|session| session.user == user.id) {
            let (sessions, entropy, client) = (&parts.sessions, cx.entropy(), &login.client);
            let sign_on = SignOn { sessions, entropy, realm: &cx.realm, client, now: cx.now };
            if let Some(session) = sign_on.attend(session).await? {
                return Ok(session);
            }
        }
    }
    let id = login.browser.authentication_id().cloned();
    let mut id = id.unwrap_or_else(|| single_sign_on::new_session_id(&cx.realm, cx.entropy()));
    loop {
        let session = new_session(login, user, id);
        if parts.sessions.record(realm, &session, cx.now).await? == Inserted::Done {
            return Ok(session);
        }
        id = single_sign_on::new_session_id(&cx.realm, cx.entropy());
    }
}

fn new_session(login: &Login<'_, '_>, user: &User, id: SessionId) -> UserSession {
    let cx = login.browser.cx;
    let mut session = UserSession::new(id, user.id.clone(), SessionKind::Online, cx.now);
    session.remember_me = login.tab.note(note::REMEMBER_ME).is_some();
    // Whoever ends the session tells the client, whether its code was redeemed or not (recording logout/front-channel-after-confirm).
    session.attach(ClientSession::new(&login.client.id, "", cx.now));
    session.set_note("AUTH_TIME", &cx.now.secs().to_string());
    session.expires_at = Lifespans::of(&cx.realm, &login.client).record_expires(&session);
    session
}

/// Keeps the name of whoever wants to be remembered.
fn remember(login: &mut Login<'_, '_>, user: &User) {
    if login.tab.note(note::AUTHENTICATED).is_none() {
        return;
    }
    if login.tab.note(note::REMEMBER_ME).is_some() {
        let scope = CookieScope { max_age: Some(REMEMBERED_SECS), ..CookieScope::default() };
        let value = format!("\"username:{}\"", crate::answer::encode(&user.username));
        login.browser.cookies.set(REMEMBER_ME, &value, scope);
    } else {
        login.browser.cookies.clear_sent(REMEMBER_ME);
    }
}

/// The cookies of whoever is logged in.
async fn tell_browser(browser: &mut Browser<'_>, session: &UserSession, client: &realm_model::Client) -> Result<(), LoginError> {
    let cx = browser.cx;
    let ends = Lifespans::of(&cx.realm, client).session_ends(session).max;
    let issuer = cx.issuer();
    let context = MintContext { realm: &cx.realm, issuer: &issuer, now: cx.now };
    let identity = browser.parts.token_issuer.sign_identity((&session.id, &session.user), ends, context).await?;
    let left = ends.map(|ends| ends.secs().saturating_sub(cx.now.secs()).max(0));
    browser.cookies.clear_sent(RESTART);
    let scope = CookieScope { max_age: left.filter(|_| session.remember_me), ..CookieScope::default() };
    browser.cookies.set(IDENTITY, &identity, scope);
    let scope = CookieScope { max_age: left, for_scripts: true, ..CookieScope::default() };
    browser.cookies.set(SESSION, &session_cookie(&session.id), scope);
    Ok(())
}

/// The value of `KEYCLOAK_SESSION`, which the session iframe compares.
pub(crate) fn session_cookie(id: &SessionId) -> String {
    URL_SAFE_NO_PAD.encode_to_string(Sha384::digest(id.as_str()))
}

/// What the client asked for.
async fn answer_client(login: &Login<'_, '_>, user: &User, session: &UserSession) -> Result<Answer, LoginError> {
    let cx = login.browser.cx;
    let parameter = |name: &str| login.request.parameters().get(name).map(str::to_owned);
    let challenge = login.request.code_challenge();
    let code = AuthorizationCode {
        session: session.id.clone(),
        user: user.id.clone(),
        client: login.client.id.to_string(),
        redirect_uri: parameter("redirect_uri"),
        scope: parameter("scope"),
        nonce: parameter("nonce"),
        claims: parameter("claims").and_then(|claims| serde_json::from_str(&claims).ok()),
        code_challenge: challenge.map(|challenge| (challenge.method().as_str().to_owned(), challenge.value().to_owned())),
        dpop_jkt: parameter("dpop_jkt"),
        acr: if login.tab.note(note::AUTHENTICATED).is_some() { "1".to_owned() } else { "0".to_owned() },
        expires: cx.now.plus_secs(cx.realm.login.access_code_lifespan.max(1)),
    };
    let code = code.record(&login.browser.parts.sessions, (&cx.realm.name, cx.entropy()), cx.now).await?;
    let (to, issuer) = (login.return_address(), cx.issuer());
    let mut answer = Vec::with_capacity(4);
    answer.extend(to.state.as_deref().map(|state| ("state", state)));
    answer.extend([("session_state", session.id.as_str()), ("iss", &issuer), ("code", &code)]);
    answer.extend(login.tab.note(note::KC_ACTION_DONE).map(|alias| ("kc_action", alias)));
    answer.extend(login.tab.note(note::KC_ACTION_STATUS).map(|status| ("kc_action_status", status)));
    Ok(to.deliver(&answer))
}

/// A refusal, told to the client.
pub(crate) fn refuse(login: &Login<'_, '_>, error: &str, description: Option<&str>) -> Answer {
    let (to, issuer) = (login.return_address(), login.browser.cx.issuer());
    to.deliver(&refusal(&to.state, &issuer, (error, description)))
}

/// `error, [error_description], state, iss`: Keycloak's order.
pub(crate) fn refusal<'a>(
    state: &'a Option<String>,
    issuer: &'a str,
    (error, description): (&'a str, Option<&'a str>),
) -> Vec<(&'a str, &'a str)> {
    let mut answer = vec![("error", error)];
    answer.extend(description.map(|description| ("error_description", description)));
    answer.extend(state.as_deref().map(|state| ("state", state)));
    answer.push(("iss", issuer));
    answer
}
