//! Who is logged in, in this browser: what its identity cookie says (wire-browser.md section 3).

use realm_model::Client;
use sessions::lifespan::Lifespans;
use sessions::{Seen, SessionKind, UserSession};
use token_issuer::{InspectContext, RefusedToken};

use crate::browser::Browser;
use crate::error::LoginError;
use crate::finish::{IDENTITY, SESSION};

/// The live session that the identity cookie names, as `client` would see it. No other token is taken for such a cookie, and none of
/// another realm.
pub(crate) async fn find_session(browser: &Browser<'_>, client: &Client) -> Result<Option<Seen<UserSession>>, LoginError> {
    let cx = browser.cx;
    let own = find_named_session(browser).await?;
    Ok(own.filter(|session| Lifespans::of(&cx.realm, client).session_ends(session).is_live(cx.now)))
}

/// The session that the identity cookie names, in time or not.
pub(crate) async fn find_named_session(browser: &Browser<'_>) -> Result<Option<Seen<UserSession>>, LoginError> {
    let cx = browser.cx;
    let Some(cookie) = browser.cookies.get(IDENTITY).map(str::to_owned) else { return Ok(None) };
    let accepts_issuer = |issuer: &str| cx.accepts_issuer(issuer);
    let context = InspectContext { realm: &cx.realm, accepts_issuer: &accepts_issuer, now: cx.now };
    let identity = match browser.parts.token_issuer.read_identity(&cookie, context).await {
        Ok(identity) => identity,
        Err(RefusedToken::Keys(error)) => return Err(error.into()),
        Err(_) => return Ok(None),
    };
    let found = browser.parts.sessions.find(&cx.realm.name, SessionKind::Online, &identity.session, cx.now).await?;
    Ok(found.filter(|session| session.user == identity.user))
}

/// Clears the cookies of a login, those that came.
pub(crate) fn forget(browser: &mut Browser<'_>) {
    browser.cookies.clear_sent(IDENTITY);
    browser.cookies.clear_sent(SESSION);
}
