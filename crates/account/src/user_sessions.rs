//! The sessions of a user.

use events::EventType;
use oidc_types::SessionId;
use realm_model::Client;
use serde_json::{Value, json};
use sessions::lifespan::Lifespans;
use sessions::{SessionKind, UserSession};

use crate::caller::Caller;
use crate::error::AccountError;
use crate::roles::AccountRole;

/// Which sessions end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending<'a> {
    /// The one of this id, if it is the user's.
    One(&'a str),
    /// All but the one in which the user asks.
    Others,
    /// All.
    All,
}

/// Those that are alive, the one in which the user asks first.
pub(crate) async fn live(caller: &Caller<'_>, kind: SessionKind) -> Result<Vec<UserSession>, AccountError> {
    let (cx, sessions) = (caller.cx, &caller.parts.sessions);
    let found = sessions.of_user(&cx.realm.name, kind, &caller.user.id, cx.now).await?;
    let mut live: Vec<_> = found.into_iter().map(|seen| seen.value).filter(|session| is_live(caller, session)).collect();
    live.sort_by_key(|session| (caller.session.as_ref() != Some(&session.id), std::cmp::Reverse(session.last_refresh)));
    Ok(live)
}

/// Alive by the lifespans of any of its clients.
fn is_live(caller: &Caller<'_>, session: &UserSession) -> bool {
    let lifespans = clients(caller, session).map(|client| Lifespans::of(&caller.cx.realm, client));
    lifespans.into_iter().any(|lifespans| lifespans.session_ends(session).is_live(caller.cx.now))
}

/// The clients that have a part in a session.
pub(crate) fn clients<'c>(caller: &'c Caller<'_>, session: &'c UserSession) -> impl Iterator<Item = &'c Client> {
    let all = caller.cx.realm.clients.values();
    all.filter(|client| session.client(&client.id).is_some()).map(|client| &**client)
}

/// `GET …/account/sessions`
pub(crate) async fn shown(caller: &Caller<'_>) -> Result<Vec<Value>, AccountError> {
    caller.require(&[AccountRole::ManageAccount, AccountRole::ViewProfile])?;
    let live = live(caller, SessionKind::Online).await?;
    Ok(live.iter().map(|session| one(caller, session)).collect())
}

/// `GET …/account/sessions/devices`: what is known of devices is nothing but their sessions.
pub(crate) async fn devices(caller: &Caller<'_>) -> Result<Vec<Value>, AccountError> {
    let sessions = shown(caller).await?;
    let current = sessions.iter().any(|session| session.get("current") == Some(&Value::Bool(true)));
    let last = sessions.iter().filter_map(|session| session.get("lastAccess").and_then(Value::as_i64)).max();
    let Some(last) = last else { return Ok(Vec::new()) };
    Ok(vec![json!({
        "os": "Other",
        "osVersion": "Unknown",
        "device": "Other",
        "lastAccess": last,
        "current": current,
        "sessions": sessions,
        "mobile": false,
    })])
}

fn one(caller: &Caller<'_>, session: &UserSession) -> Value {
    let ends = clients(caller, session).map(|client| Lifespans::of(&caller.cx.realm, client).session_ends(session));
    let expires = ends.filter_map(|ends| ends.max).map(|max| max.secs()).max();
    let clients = clients(caller, session).map(|client| {
        json!({
            "clientId": client.client_id.as_str(),
            "clientName": client.name.as_deref().unwrap_or_default(),
            "userConsentRequired": client.consent_required,
            "inUse": true,
            "offlineAccess": false,
        })
    });
    json!({
        "id": session.id.as_str(),
        "ipAddress": session.note("ipAddress").unwrap_or_default(),
        "started": session.started.secs(),
        "lastAccess": session.last_refresh.secs(),
        "expires": expires.unwrap_or_default(),
        "clients": clients.collect::<Vec<_>>(),
        "browser": "Other/Unknown",
        "current": caller.session.as_ref() == Some(&session.id),
    })
}

/// Ends sessions of the user, and tells whoever takes part in them. A session of somebody else is none.
pub(crate) async fn end(caller: &Caller<'_>, ending: Ending<'_>) -> Result<(), AccountError> {
    caller.require(&[AccountRole::ManageAccount])?;
    let (cx, sessions) = (caller.cx, &caller.parts.sessions);
    let is_meant = |id: &SessionId| match ending {
        Ending::One(wanted) => id.as_str() == wanted,
        Ending::Others => caller.session.as_ref() != Some(id),
        Ending::All => true,
    };
    let found = sessions.of_user(&cx.realm.name, SessionKind::Online, &caller.user.id, cx.now).await?;
    let mut ended = Vec::new();
    for session in found.into_iter().filter(|session| is_meant(&session.id)) {
        if sessions.remove(&cx.realm.name, SessionKind::Online, &session.id).await? {
            ended.push(session.value);
        }
    }
    for session in &ended {
        caller.record(EventType::Logout, |event| event.session(Some(session.id.as_str())));
    }
    caller.parts.notifications.sessions_ended(cx, &ended).await;
    Ok(())
}
