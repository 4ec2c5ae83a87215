//! Sessions of a realm, in lists and counts.
//!
//! Sessions are kept by their owner alone: who asks for those of a client or a realm looks through those of all users, which costs as
//! much as there are users.

use realm_model::document::UserRecord;
use realm_store::{ServiceAccounts, UserQuery};
use serde_json::{Map, Value, json};
use sessions::lifespan::Lifespans;
use sessions::{SessionKind, UserSession};

use crate::call::Call;
use crate::error::AdminError;

/// Users read at once.
const PAGE: u64 = 500;

/// The sessions of the realm that are alive, each with the name of its user.
pub(crate) async fn of_realm(call: &Call, kind: SessionKind) -> Result<Vec<(UserSession, String)>, AdminError> {
    let mut all = Vec::new();
    let mut first = 0;
    loop {
        let query = UserQuery { service_accounts: ServiceAccounts::Include, first, max: Some(PAGE), ..UserQuery::default() };
        let users = call.api.live.repository().users(&call.realm().id, &query).await?;
        for row in &users {
            all.extend(of_user(call, kind, &row.record).await?);
        }
        first += PAGE;
        if (users.len() as u64) < PAGE {
            return Ok(all);
        }
    }
}

/// Those of one user.
pub(crate) async fn of_user(call: &Call, kind: SessionKind, user: &UserRecord) -> Result<Vec<(UserSession, String)>, AdminError> {
    let now = call.context.now;
    let found = call.api.sessions.of_user(&call.realm().name, kind, &user.id().into(), now).await?;
    let live = found.into_iter().map(|seen| seen.value).filter(|session| is_live(call, session));
    Ok(live.map(|session| (session, user.username().to_owned())).collect())
}

/// Those in which a client (internal id) has a part.
pub(crate) async fn of_client(call: &Call, kind: SessionKind, client: &str) -> Result<Vec<(UserSession, String)>, AdminError> {
    let mut all = of_realm(call, kind).await?;
    all.retain(|(session, _)| session.client(client).is_some());
    Ok(all)
}

/// Alive by the lifespans of any of its clients.
fn is_live(call: &Call, session: &UserSession) -> bool {
    let realm = call.realm();
    let clients = realm.clients.values().filter(|client| session.client(&client.id).is_some());
    clients.map(|client| Lifespans::of(realm, client)).any(|lifespans| lifespans.session_ends(session).is_live(call.context.now))
}

/// What is shown of a session.
pub(crate) fn shown(call: &Call, session: &UserSession, username: &str) -> Value {
    let mut clients = Map::new();
    for client in call.realm().clients.values().filter(|client| session.client(&client.id).is_some()) {
        clients.insert(client.id.to_string(), client.client_id.as_str().into());
    }
    json!({
        "id": session.id.as_str(),
        "username": username,
        "userId": session.user.as_str(),
        "ipAddress": session.note("ipAddress").unwrap_or("127.0.0.1"),
        "start": session.started.millis(),
        "lastAccess": session.last_refresh.millis(),
        "rememberMe": session.remember_me,
        "clients": clients,
        "transientUser": false,
    })
}
