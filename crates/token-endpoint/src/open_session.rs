//! From a login to what is issued: the session is recorded, and the answer says what tokens it is worth.

use std::sync::Arc;

use oidc_types::SessionId;
use realm_model::{RefreshTokenPolicy, User};
use sessions::{ClientSession, SessionKind, UserSession};
use token_issuer::{GrantKind, Issue, RefreshIssue, ScopeRequest, SessionFacts, SessionNotes, Subject};

use crate::error::GrantError;
use crate::exchange::Exchange;

/// Who logged in, how, and for what.
pub(crate) struct Login {
    pub(crate) user: Arc<User>,
    pub(crate) scope: ScopeRequest,
    pub(crate) grant: GrantKind,
    pub(crate) notes: SessionNotes,
}

/// Records a session for a login and says what to issue. With `offline_access` it is an offline session and no online one is
/// left behind (wire.md section 1.6).
pub(crate) async fn open_session(cx: &Exchange<'_>, login: Login) -> Result<Issue, GrantError> {
    let subject = Subject::new(cx.realm, login.user);
    let scope = login.scope.grant(cx.realm, cx.client, &subject);
    let wants_offline = login.scope.wants_offline(cx.client);
    if wants_offline && !scope.has_offline_access() {
        return Err(GrantError::OfflineAccessNotGranted);
    }
    let kind = if wants_offline { SessionKind::Offline } else { SessionKind::Online };
    let mut session = UserSession::new(cx.new_session_id(), subject.user().id.clone(), kind, cx.now);
    session.notes = login.notes.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    session.attach(ClientSession::new(&cx.client.id, scope.full_text(), cx.now));
    let lifespans = cx.lifespans();
    session.expires_at = lifespans.record_expires(&session);
    while cx.parts.sessions.record(&cx.realm.name, &session, cx.now).await? == sessions::Inserted::Exists {
        session.id = cx.new_session_id();
    }
    let refresh = first_refresh(cx, &session);
    let session = session_facts(cx, &session, login.notes);
    Ok(Issue { refresh, ..Issue::new(subject, Arc::clone(cx.client), scope, session, login.grant) })
}

/// The first refresh token of a login, where the client gets any.
pub(crate) fn first_refresh(cx: &Exchange<'_>, session: &UserSession) -> RefreshIssue {
    if cx.client.attribute("use.refresh.tokens") == Some("false") {
        return RefreshIssue::Without;
    }
    refresh_issue(cx, session, new_family(cx))
}

/// The family of a login's refresh tokens, where the realm rotates them.
pub(crate) fn new_family(cx: &Exchange<'_>) -> Option<String> {
    match cx.realm.refresh_tokens {
        RefreshTokenPolicy::Reusable => None,
        RefreshTokenPolicy::Rotating { .. } => Some(cx.parts.entropy.uuid().to_string()),
    }
}

/// The refresh token that goes with `session` as it now is.
pub(crate) fn refresh_issue(cx: &Exchange<'_>, session: &UserSession, reuse_id: Option<String>) -> RefreshIssue {
    let Some(client) = session.client(&cx.client.id) else { return RefreshIssue::Without };
    let expires = cx.lifespans().refresh_expires(session, client);
    match (session.kind, expires) {
        (SessionKind::Online, Some(expires)) => RefreshIssue::Refresh { expires, reuse_id },
        (SessionKind::Online, None) => RefreshIssue::Without,
        (SessionKind::Offline, expires) => RefreshIssue::Offline { expires, reuse_id },
    }
}

/// What tokens say of `session`.
pub(crate) fn session_facts(cx: &Exchange<'_>, session: &UserSession, notes: SessionNotes) -> SessionFacts {
    let client = session.client(&cx.client.id);
    SessionFacts {
        kind: match session.kind {
            SessionKind::Online => token_issuer::SessionKind::Online,
            SessionKind::Offline => token_issuer::SessionKind::Offline,
        },
        id: session.id.clone(),
        started: session.started,
        ends: client.and_then(|client| cx.lifespans().client_ends(session, client).max),
        remember_me: session.remember_me,
        notes,
        acr: "1".into(),
    }
}

/// Facts of a session that is stored nowhere: tokens without `sid`.
pub(crate) fn transient_facts(cx: &Exchange<'_>, notes: SessionNotes) -> SessionFacts {
    SessionFacts {
        kind: token_issuer::SessionKind::Transient,
        id: SessionId::from(""),
        started: cx.now,
        ends: None,
        remember_me: false,
        notes,
        acr: "1".into(),
    }
}
