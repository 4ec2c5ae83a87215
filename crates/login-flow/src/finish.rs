//! A login comes to its end: the session begins or goes on, the browser is told who it is, the client gets what it asked for.
//!
//! **Architecture invariant:** nothing else makes codes or identity cookies.

use base64_simd::URL_SAFE_NO_PAD;
use oidc_types::SessionId;
use realm_http::http::CookieScope;
use realm_model::User;
use sessions::lifespan::Lifespans;
use sessions::{BROWSER, ClientSession, Inserted, Replaced, SessionKind, UserSession};
use sha2::{Digest, Sha384};
use single_sign_on::{AuthorizationCode, Joining, SignOn, SignOnError};
use std::sync::Arc;
use token_issuer::{FrontChannel, FrontChannelTokens, GrantKind, MintContext};

use crate::answer::{Answer, tells_issuer};
use crate::browser::Browser;
use crate::device;
use crate::error::{LoginError, PageFault};
use crate::link;
use crate::login::{Login, note};
use crate::report;

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
    match login.end().await {
        // Two clicks: the other request has finished it. The application begins anew, and needs no password.
        Err(LoginError::Overtaken) if login.request.user_code().is_none() && !login.tab.request.is_empty() => {
            return Ok(refuse(&login, "temporarily_unavailable", Some("authentication_expired")));
        }
        ended => ended?,
    }
    if let Some(answer) = link::finish(&mut login, &user).await? {
        return Ok(answer);
    }
    if let Some(uri) = login.tab.note(note::PUSHED) {
        login.browser.parts.take_pushed(login.browser.cx, &login.client.id, uri).await?; // its login has ended
    }
    let session = enter_session(&mut login, &user).await?;
    remember(&mut login, (&user, &session));
    // Keycloak: a link needs no cookie, and leaves it as it is (recording reset-credentials/whole-way).
    if login.tab.note(note::LINK).is_none() {
        login.browser.forget_restart();
    }
    tell_browser(login.browser, &session, &login.client).await?;
    let answer = match login.request.user_code() {
        Some(_) => device::approve(&login, &user, &session).await?,
        None => answer_client(&login, &user, &session).await?,
    };
    report::logged_in(&login, &user, &session);
    Ok(answer)
}

/// The session that the login goes on with, or a new one.
async fn enter_session(login: &mut Login<'_, '_>, user: &Arc<User>) -> Result<UserSession, LoginError> {
    let (cx, parts) = (login.browser.cx, login.browser.parts);
    let realm = &cx.realm.name;
    let id = login.tab.note(note::SESSION).map(SessionId::from);
    if let Some(id) = id
        && let Some(session) = go_on_with(login, &id, user).await?
    {
        return Ok(session);
    }
    // A new id, whatever the browser came with: nobody who has set its cookies knows it.
    loop {
        let session = new_session(login, user, single_sign_on::new_session_id(&cx.realm, cx.entropy()));
        if parts.sessions.record(realm, &session, cx.now).await? == Inserted::Done {
            return Ok(session);
        }
    }
}

/// The session that the browser has: it is still theirs. Where they have logged in again, it began anew just now.
async fn go_on_with(login: &Login<'_, '_>, id: &SessionId, user: &User) -> Result<Option<UserSession>, LoginError> {
    let (cx, sessions) = (login.browser.cx, &login.browser.parts.sessions);
    let sign_on = sign_on(login);
    loop {
        let found = sessions.find(&cx.realm.name, SessionKind::Online, id, cx.now).await?;
        let Some(mut session) = found.filter(|session| session.user == user.id) else { return Ok(None) };
        if login.tab.note(note::AUTHENTICATED).is_none() {
            return Ok(sign_on.attend(session).await?);
        }
        session.set_note("AUTH_TIME", &cx.now.secs().to_string());
        if session.client(&login.client.id).is_none() {
            session.attach(ClientSession::new(&login.client.id, "", cx.now));
        }
        session.last_refresh = session.last_refresh.max(cx.now);
        session.expires_at = Lifespans::of(&cx.realm, &login.client).record_expires(&session);
        match sessions.replace(&cx.realm.name, &session, cx.now).await? {
            Replaced::Done => return Ok(Some(session.value)),
            Replaced::Absent => return Ok(None),
            Replaced::Lost => {}
        }
    }
}

fn sign_on<'s>(login: &'s Login<'_, '_>) -> SignOn<'s> {
    let (cx, sessions) = (login.browser.cx, &login.browser.parts.sessions);
    SignOn { sessions, entropy: cx.entropy(), realm: &cx.realm, client: &login.client, now: cx.now }
}

fn new_session(login: &Login<'_, '_>, user: &User, id: SessionId) -> UserSession {
    let cx = login.browser.cx;
    let mut session = UserSession::new(id, user.id.clone(), SessionKind::Online, cx.now);
    session.remember_me = login.tab.note(note::REMEMBER_ME).is_some();
    // Whoever ends the session tells the client, whether its code was redeemed or not (recording logout/front-channel-after-confirm).
    session.attach(ClientSession::new(&login.client.id, "", cx.now));
    session.set_note("AUTH_TIME", &cx.now.secs().to_string());
    session.set_note(BROWSER, "");
    login.put_levels(&mut session);
    session.expires_at = Lifespans::of(&cx.realm, &login.client).record_expires(&session);
    session
}

/// Keeps the name of whoever wants to be remembered.
fn remember(login: &mut Login<'_, '_>, (user, session): (&User, &UserSession)) {
    if login.tab.note(note::AUTHENTICATED).is_none() {
        return;
    }
    if session.remember_me {
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
async fn answer_client(login: &Login<'_, '_>, user: &Arc<User>, session: &UserSession) -> Result<Answer, LoginError> {
    let (to, issuer) = (login.return_address(), login.browser.cx.issuer());
    let response_type = login.request.response_type();
    let code = match response_type.has_code() {
        true => Some(record_code(login, user, session).await?),
        false => None,
    };
    let mut answer: Vec<(&'static str, String)> = Vec::with_capacity(8);
    answer.extend(to.state.clone().map(|state| ("state", state)));
    if !login.client.is_on("exclude.session.state.from.auth.response") {
        answer.push(("session_state", session.id.as_str().to_owned()));
    }
    if tells_issuer(&login.client) {
        answer.push(("iss", issuer));
    }
    let tokens = match response_type.is_implicit_or_hybrid() {
        true => Some(mint(login, (user, session), code.as_deref()).await?),
        false => None,
    };
    answer.extend(code.map(|code| ("code", code)));
    if let Some(tokens) = tokens {
        answer.extend(tokens.id_token.map(|token| ("id_token", token)));
        if let Some((token, kind, expires_in)) = tokens.access_token {
            answer.extend([("access_token", token), ("token_type", kind.to_owned()), ("expires_in", expires_in.to_string())]);
        }
    }
    // Keycloak: recording implicit-and-hybrid/token-jwt.
    if to.mode.is_jwt() && response_type.has_token() && !response_type.has_code() && !response_type.has_id_token() {
        answer.extend(login.request.parameters().get("scope").map(|scope| ("scope", scope.to_owned())));
    }
    answer.extend(login.tab.note(note::KC_ACTION_DONE).map(|alias| ("kc_action", alias.to_owned())));
    answer.extend(login.tab.note(note::KC_ACTION_STATUS).map(|status| ("kc_action_status", status.to_owned())));
    Ok(to.answer(&login.client, answer))
}

fn claims_of(login: &Login<'_, '_>) -> Option<serde_json::Value> {
    login.request.parameters().get("claims").and_then(|claims| serde_json::from_str(claims).ok())
}

async fn record_code(login: &Login<'_, '_>, user: &User, session: &UserSession) -> Result<String, LoginError> {
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
        claims: claims_of(login),
        code_challenge: challenge.map(|challenge| (challenge.method().as_str().to_owned(), challenge.value().to_owned())),
        dpop_jkt: parameter("dpop_jkt"),
        acr: login.acr(),
        expires: cx.now.plus_secs(cx.realm.login.access_code_lifespan.max(1)),
    };
    Ok(code.record(&login.browser.parts.sessions, (&cx.realm.name, cx.entropy()), cx.now).await?)
}

/// The tokens that go through the browser: the client joins the session for them.
async fn mint(
    login: &Login<'_, '_>,
    (user, session): (&Arc<User>, &UserSession),
    code: Option<&str>,
) -> Result<FrontChannelTokens, LoginError> {
    let (cx, parts) = (login.browser.cx, login.browser.parts);
    let response_type = login.request.response_type();
    let grant = if response_type.has_code() { GrantKind::Other } else { GrantKind::Implicit };
    let scope = login.request.scope().clone();
    let joining = Joining { session: session.id.clone(), user: Arc::clone(user), scope, grant, acr: Some(login.acr()) };
    let mut issue = match sign_on(login).join(joining).await {
        Ok(Some(issue)) => issue,
        Ok(None) => return Err(LoginError::Overtaken), // it was ended this very moment
        Err(SignOnError::Store(error)) => return Err(error.into()),
        Err(SignOnError::OfflineAccessNotGranted) => return Err(PageFault::in_login(400, "access-denied").into()),
    };
    issue.nonce = login.request.parameters().get("nonce").map(str::to_owned);
    issue.claims_request = claims_of(login);
    let issuer = cx.issuer();
    let context = MintContext { realm: &cx.realm, issuer: &issuer, now: cx.now };
    let wanted = FrontChannel {
        access_token: response_type.has_token(),
        id_token: response_type.has_id_token(),
        code,
        state: login.request.parameters().get("state").filter(|state| !state.is_empty()),
    };
    Ok(parts.token_issuer.mint_front_channel(&issue, wanted, context).await?)
}

/// A refusal, told to the client.
pub(crate) fn refuse(login: &Login<'_, '_>, error: &str, description: Option<&str>) -> Answer {
    if login.request.user_code().is_some() {
        return device::refused(login, error);
    }
    login.return_address().refuse(&login.client, &login.browser.cx.issuer(), (error, description))
}
