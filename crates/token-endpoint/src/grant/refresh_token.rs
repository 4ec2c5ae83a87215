//! RFC 6749 section 6; wire.md sections 1.8 and 4.4.

use std::sync::Arc;

use ambient::Timestamp;
use oidc_types::{ClientId, SessionId};
use realm_model::{RefreshTokenPolicy, User};
use serde_json::Value;
use sessions::rotation::{Presented, Reused};
use sessions::{Replaced, Seen, SessionKind, StoreError, UserSession};
use token_issuer::{
    Authorization, BoundTo, GrantKind, GrantedScope, Issue, RefreshKind, ScopeRequest, SessionNotes, Subject, VerifyContext,
};

use crate::error::{AudienceError, GrantError, RefreshError, TokenExchangeError};
use crate::exchange::Exchange;

/// Times that a session is read again because another request of it was faster.
const ROUNDS: usize = 128;

/// The parameters.
pub(crate) struct RefreshToken<'a> {
    pub(crate) refresh_token: Option<&'a str>,
    pub(crate) scope: Option<&'a str>,
}

/// A refresh token whose signature, issuer and time hold, whatever its dialect.
pub(crate) struct Redeemable {
    /// `jti`
    pub(crate) id: String,
    /// When it was issued, whole seconds.
    pub(crate) issued: Timestamp,
    /// The client it was issued to.
    pub(crate) client_id: ClientId,
    pub(crate) session: SessionId,
    pub(crate) offline: bool,
    /// All that was granted; `None` where the token does not say, and the session does.
    pub(crate) scope: Option<String>,
    /// The family it rotates in.
    pub(crate) reuse_id: Option<String>,
    /// What whoever shows it must hold.
    pub(crate) bound_to: BoundTo,
    /// What a token exchange asked for.
    pub(crate) requested_audience: Vec<ClientId>,
    /// What it grants at a resource server (UMA 2.0).
    pub(crate) authorization: Option<Value>,
}

pub(crate) async fn exchange(cx: &Exchange<'_>, grant: &RefreshToken<'_>) -> Result<Issue, GrantError> {
    let token = grant.refresh_token.ok_or(RefreshError::Missing)?;
    let scope = ScopeRequest::judge(cx.realm, cx.client, grant.scope)?;
    let redeemable = verify(cx, token).await?;
    redeem(cx, &redeemable, &scope).await
}

async fn verify(cx: &Exchange<'_>, token: &str) -> Result<Redeemable, GrantError> {
    let context = VerifyContext { realm: cx.realm, issuer: cx.issuer, accepts_issuer: cx.accepts_issuer, now: cx.now };
    let claims = cx.parts.token_issuer.verify_refresh_token(token, context).await.map_err(RefreshError::Token)?;
    Ok(Redeemable {
        id: claims.id,
        issued: Timestamp::from_secs(claims.issued),
        client_id: claims.client_id,
        session: claims.session,
        offline: claims.kind == RefreshKind::Offline,
        scope: Some(claims.scope),
        reuse_id: claims.reuse_id,
        bound_to: claims.bound_to,
        requested_audience: claims.requested_audience,
        authorization: claims.authorization,
    })
}

/// Uses a refresh token: of all who try at once with rotation on, one succeeds.
pub(crate) async fn redeem(cx: &Exchange<'_>, token: &Redeemable, scope: &ScopeRequest) -> Result<Issue, GrantError> {
    refuse_token_of_another_client(cx, token)?;
    refuse_lost_audience(cx, token).map_err(TokenExchangeError::from)?;
    cx.refuse_bound_to_another(&token.bound_to).map_err(RefreshError::Bound)?;
    for _ in 0..ROUNDS {
        if let Some(issue) = use_once(cx, token, scope).await? {
            return Ok(issue);
        }
    }
    Err(StoreError::Contended { what: "user session" }.into())
}

fn refuse_token_of_another_client(cx: &Exchange<'_>, token: &Redeemable) -> Result<(), RefreshError> {
    if token.client_id == cx.client.client_id { Ok(()) } else { Err(RefreshError::OtherClient) }
}

/// A token that was exchanged for an audience that is switched off or gone is good for nothing (CVE-2026-93999).
fn refuse_lost_audience(cx: &Exchange<'_>, token: &Redeemable) -> Result<(), AudienceError> {
    let is_there = |client: &&ClientId| cx.realm.client(client.as_str()).is_some_and(|client| client.enabled);
    let lost = token.requested_audience.iter().find(|client| !is_there(client));
    lost.map_or(Ok(()), |client| Err(AudienceError::Disabled(client.clone())))
}

/// Uses the token on the session as it is now; `None` where another request changed the session meanwhile.
async fn use_once(cx: &Exchange<'_>, token: &Redeemable, request: &ScopeRequest) -> Result<Option<Issue>, GrantError> {
    let mut session = load_session(cx, token).await?;
    let user = load_user(cx, &session).await?;
    refuse_token_older_than(&session, cx, token)?;
    refuse_not_before(cx, &user, token)?;
    let subject = Subject::new(cx.realm, user);
    let of_session = session.client(&cx.client.id).map(|client| client.scope.clone()).unwrap_or_default();
    let scope = token.scope.as_deref().unwrap_or(&of_session);
    let granted = match &token.authorization {
        None => GrantedScope::of_refresh_token(cx.realm, cx.client, &subject, scope),
        // Its scope is one of the resource server. Keycloak: recording uma-ticket/acme-refresh-rpt.
        Some(_) => GrantedScope::of_token(cx.realm, cx.client, &subject, Some(scope)),
    };
    refuse_lost_offline_access(&session, &granted)?;
    if !use_token(cx, &mut session, token).await? {
        return Ok(None);
    }
    let notes: SessionNotes = session.notes.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let scope = granted.narrowed_to(cx.client, request);
    let facts = cx.sign_on().session_facts(&session, notes);
    Ok(Some(Issue {
        refresh_scope: granted,
        refresh: cx.sign_on().refresh_issue(&session, token.reuse_id.clone()),
        requested_audience: token.requested_audience.clone(),
        authorization: token.authorization.clone().map(|claim| Authorization::carried(claim, token.scope.clone())),
        ..Issue::new(subject, Arc::clone(cx.client), scope, facts, GrantKind::Refresh)
    }))
}

/// The live session the token belongs to.
async fn load_session(cx: &Exchange<'_>, token: &Redeemable) -> Result<Seen<UserSession>, GrantError> {
    let kind = if token.offline { SessionKind::Offline } else { SessionKind::Online };
    let id = &token.session;
    let absent = match kind {
        SessionKind::Online => RefreshError::SessionNotActive,
        SessionKind::Offline => RefreshError::OfflineSessionNotFound,
    };
    let Some(session) = cx.parts.sessions.find(&cx.realm.name, kind, id, cx.now).await? else { return Err(absent.into()) };
    let ends = cx.lifespans().session_ends(&session);
    if ends.is_live(cx.now) {
        return Ok(session);
    }
    cx.parts.sessions.remove(&cx.realm.name, kind, id).await?;
    let over = match (kind, ends.max.is_some_and(|max| max <= cx.now)) {
        (SessionKind::Offline, true) => RefreshError::OfflineSessionNotActive,
        _ => absent,
    };
    Err(over.into())
}

async fn load_user(cx: &Exchange<'_>, session: &UserSession) -> Result<Arc<User>, GrantError> {
    let found = cx.parts.users.find_by_id(&cx.realm.name, session.user.as_str()).await?;
    let user = found.ok_or(RefreshError::SessionNotActive)?;
    if !user.enabled || cx.parts.sessions.is_locked_for_good(cx.realm, &user.id, cx.now).await? {
        return Err(RefreshError::UserDisabled(user.id.clone()).into());
    }
    Ok(user)
}

/// A token from before the session is of an older session with the same id; whole seconds, as `iat` has.
fn refuse_token_older_than(session: &UserSession, cx: &Exchange<'_>, token: &Redeemable) -> Result<(), RefreshError> {
    let issued = token.issued.secs();
    if issued < session.started.secs() {
        return Err(RefreshError::BeforeSession);
    }
    let client = session.client(&cx.client.id).ok_or(RefreshError::NoClientSession)?;
    if !cx.lifespans().client_ends(session, client).is_live(cx.now) {
        return Err(RefreshError::ClientSessionNotActive);
    }
    if issued < client.started.secs() { Err(RefreshError::BeforeClientSession) } else { Ok(()) }
}

/// The latest of realm, client and user counts (CVE-2026-8922), whatever the dialect has judged already.
fn refuse_not_before(cx: &Exchange<'_>, user: &User, token: &Redeemable) -> Result<(), RefreshError> {
    let earliest = cx.realm.not_before.max(cx.client.not_before).max(user.not_before);
    if token.issued < Timestamp::from_secs(earliest) { Err(RefreshError::Stale) } else { Ok(()) }
}

fn refuse_lost_offline_access(session: &UserSession, granted: &GrantedScope) -> Result<(), RefreshError> {
    if session.kind == SessionKind::Offline && !granted.has_offline_access() {
        return Err(RefreshError::OfflineAccessLost);
    }
    Ok(())
}

/// Judges the use under the realm's rotation and records it; `false` where another request was faster.
async fn use_token(cx: &Exchange<'_>, session: &mut Seen<UserSession>, token: &Redeemable) -> Result<bool, GrantError> {
    let now = cx.now;
    let Some(client) = session.client_mut(&cx.client.id) else { return Err(RefreshError::NoClientSession.into()) };
    let mut changed = client.last_refresh.secs() < now.secs();
    if let RefreshTokenPolicy::Rotating { max_reuse } = cx.realm.refresh_tokens {
        let reuse_id = token.reuse_id.as_deref().unwrap_or_default();
        let presented = Presented { jti: &token.id, issued_at: token.issued, reuse_id };
        if let Err(reused) = client.use_refresh_token(presented, max_reuse, now) {
            return detach(cx, session, reused).await;
        }
        changed = true;
    }
    client.last_refresh = client.last_refresh.max(now);
    if !changed {
        return Ok(true); // a second use within the same second moves no limit
    }
    session.last_refresh = session.last_refresh.max(now);
    session.expires_at = cx.lifespans().record_expires(session);
    Ok(cx.parts.sessions.replace(&cx.realm.name, session, now).await? == Replaced::Done)
}

/// A token used once too often is in two hands: the client's part of the session ends, for both of them.
async fn detach(cx: &Exchange<'_>, session: &mut Seen<UserSession>, reused: Reused) -> Result<bool, GrantError> {
    session.detach(&cx.client.id);
    if cx.parts.sessions.replace(&cx.realm.name, session, cx.now).await? != Replaced::Done {
        return Ok(false);
    }
    Err(match reused {
        Reused::Stale => RefreshError::Stale.into(),
        Reused::TooOften => RefreshError::ReuseExceeded.into(),
    })
}
