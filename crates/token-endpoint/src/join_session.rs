//! From a login that a browser has made to what is issued: the client joins the session that is there.

use std::sync::Arc;

use oidc_types::{SessionId, UserId};
use realm_model::User;
use sessions::{ClientSession, Inserted, Replaced, Seen, SessionKind, StoreError, UserSession};
use token_issuer::{GrantKind, GrantedScope, Issue, ScopeRequest, SessionNotes, Subject};

use crate::error::GrantError;
use crate::exchange::Exchange;
use crate::open_session::{first_refresh, session_facts};

/// Times that a session is read again because another request of it was faster.
const ROUNDS: usize = 64;

/// Who joins what, and for what.
pub(crate) struct Joining {
    /// The online session of the login.
    pub(crate) session: SessionId,
    pub(crate) user: Arc<User>,
    pub(crate) scope: ScopeRequest,
    pub(crate) grant: GrantKind,
}

/// The online session, whether in time or not, if it is one of `user`.
pub(crate) async fn find_joinable(
    cx: &Exchange<'_>,
    session: &SessionId,
    user: &UserId,
) -> Result<Option<Seen<UserSession>>, StoreError> {
    let found = cx.parts.sessions.find(&cx.realm.name, SessionKind::Online, session, cx.now).await?;
    Ok(found.filter(|session| session.user == *user))
}

/// Attaches the client to the session and says what to issue; `None` where the session is gone. With `offline_access` an offline
/// session with the same id stands beside it (measured on 26.7.4).
pub(crate) async fn join_session(cx: &Exchange<'_>, joining: Joining) -> Result<Option<Issue>, GrantError> {
    let Some(online) = find_joinable(cx, &joining.session, &joining.user.id).await? else { return Ok(None) };
    let subject = Subject::new(cx.realm, joining.user);
    let scope = joining.scope.grant(cx.realm, cx.client, &subject);
    let wants_offline = joining.scope.wants_offline(cx.client);
    if wants_offline && !scope.has_offline_access() {
        return Err(GrantError::OfflineAccessNotGranted);
    }
    let joined = match wants_offline {
        true => attach_offline(cx, &online, &scope).await?,
        false => attach(cx, (SessionKind::Online, &joining.session), &scope).await?,
    };
    let Some(session) = joined else { return Ok(None) };
    let notes: SessionNotes = session.notes.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let refresh = first_refresh(cx, &session);
    let facts = session_facts(cx, &session, notes);
    Ok(Some(Issue { refresh, ..Issue::new(subject, Arc::clone(cx.client), scope, facts, joining.grant) }))
}

async fn attach_offline(
    cx: &Exchange<'_>,
    online: &UserSession,
    scope: &GrantedScope,
) -> Result<Option<UserSession>, StoreError> {
    let mut offline = UserSession::new(online.id.clone(), online.user.clone(), SessionKind::Offline, cx.now);
    offline.notes.clone_from(&online.notes);
    renew(cx, &mut offline, scope);
    match cx.parts.sessions.record(&cx.realm.name, &offline, cx.now).await? {
        Inserted::Done => Ok(Some(offline)),
        Inserted::Exists => attach(cx, (SessionKind::Offline, &online.id), scope).await,
    }
}

async fn attach(
    cx: &Exchange<'_>,
    (kind, id): (SessionKind, &SessionId),
    scope: &GrantedScope,
) -> Result<Option<UserSession>, StoreError> {
    for _ in 0..ROUNDS {
        let Some(mut session) = cx.parts.sessions.find(&cx.realm.name, kind, id, cx.now).await? else { return Ok(None) };
        renew(cx, &mut session, scope);
        match cx.parts.sessions.replace(&cx.realm.name, &session, cx.now).await? {
            Replaced::Done => return Ok(Some(session.value)),
            Replaced::Absent => return Ok(None),
            Replaced::Lost => {}
        }
    }
    Err(StoreError::Contended { what: "user session" })
}

/// The client's part begins, or goes on with another scope.
fn renew(cx: &Exchange<'_>, session: &mut UserSession, scope: &GrantedScope) {
    match session.client_mut(&cx.client.id) {
        Some(present) => {
            present.scope = scope.full_text().to_string();
            present.last_refresh = present.last_refresh.max(cx.now);
        }
        None => session.attach(ClientSession::new(&cx.client.id, scope.full_text(), cx.now)),
    }
    session.last_refresh = session.last_refresh.max(cx.now);
    session.expires_at = cx.lifespans().record_expires(session);
}
