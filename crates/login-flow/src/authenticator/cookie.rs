//! `auth-cookie`: whoever has logged in in this browser is logged in.

use std::sync::Arc;

use sessions::SessionKind;
use token_issuer::InspectContext;

use super::Step;
use crate::error::LoginError;
use crate::finish::{IDENTITY, SESSION};
use crate::flow::Outcome;
use crate::login::{Login, note};

pub(crate) async fn begin(login: &mut Login<'_, '_>) -> Result<Step, LoginError> {
    let Some(session) = find_session(login).await? else { return Ok(Step::Over(Outcome::Skipped)) };
    let Some(user) = login.find_user(&session.user).await? else { return Ok(Step::Over(Outcome::Skipped)) };
    if !user.enabled {
        return Ok(Step::Over(Outcome::Skipped));
    }
    login.tab.set_note(note::SESSION, session.id.as_str());
    login.set_user(user);
    Ok(Step::Over(Outcome::Done))
}

/// The live session that the identity cookie names. A cookie that is no good is cleared.
async fn find_session(login: &mut Login<'_, '_>) -> Result<Option<sessions::Seen<sessions::UserSession>>, LoginError> {
    let cx = login.browser.cx;
    let Some(cookie) = login.browser.cookies.get(IDENTITY).map(str::to_owned) else { return Ok(None) };
    let accepts_issuer = |issuer: &str| cx.accepts_issuer(issuer);
    let context = InspectContext { realm: &cx.realm, accepts_issuer: &accepts_issuer, now: cx.now };
    let parts = login.browser.parts;
    let found = match parts.token_issuer.read_identity(&cookie, context).await {
        Ok(identity) => {
            let found = parts.sessions.find(&cx.realm.name, SessionKind::Online, &identity.session, cx.now).await?;
            found.filter(|session| session.user == identity.user)
        }
        Err(token_issuer::RefusedToken::Keys(error)) => return Err(error.into()),
        Err(_) => None,
    };
    let lifespans = sessions::lifespan::Lifespans::of(&cx.realm, &Arc::clone(&login.client));
    let live = found.filter(|session| lifespans.session_ends(session).is_live(cx.now));
    if live.is_none() {
        login.browser.cookies.clear(IDENTITY);
        login.browser.cookies.clear_sent(SESSION);
    }
    Ok(live)
}
