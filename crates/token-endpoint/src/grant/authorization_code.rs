//! RFC 6749 section 4.1.3; wire.md section 1.9.

use std::sync::Arc;

use oidc_types::{SessionId, UserId};
use realm_model::User;
use sessions::SessionKind;
use single_sign_on::{Joining, Presented, Redeemed, StoredCode, Taken, take_code};
use token_issuer::{GrantKind, Issue, ScopeRequest};

use crate::error::{CodeError, GrantError};
use crate::exchange::Exchange;

/// The parameters.
pub(crate) struct AuthorizationCode<'a> {
    pub(crate) code: Option<&'a str>,
    pub(crate) redirect_uri: Option<&'a str>,
    pub(crate) code_verifier: Option<&'a str>,
}

pub(crate) async fn exchange(cx: &Exchange<'_>, grant: &AuthorizationCode<'_>) -> Result<Issue, GrantError> {
    let stored = take(cx, grant.code.ok_or(CodeError::Missing)?).await?;
    let user = load_user(cx, &stored).await?;
    let presented =
        Presented { client: cx.client, redirect_uri: grant.redirect_uri, code_verifier: grant.code_verifier, now: cx.now };
    let redeemed = stored.redeem(presented).map_err(CodeError::from)?;
    refuse_other_key(cx, &redeemed)?;
    let code = redeemed.grant();
    let sign_on = cx.sign_on();
    let found = sign_on.find_joinable(&code.session, &user.id).await?.ok_or(CodeError::SessionNotActive)?;
    if !cx.lifespans().session_ends(&found).is_live(cx.now) {
        return Err(CodeError::SessionNotActive.into());
    }
    let joining = Joining {
        session: code.session.clone(),
        user,
        scope: ScopeRequest::taken(code.scope.as_deref()),
        grant: GrantKind::AuthorizationCode,
        acr: Some(code.acr.clone()),
    };
    let mut issue = sign_on.join(joining).await?.ok_or(CodeError::SessionNotActive)?;
    issue.nonce.clone_from(&code.nonce);
    issue.claims_request.clone_from(&code.claims);
    Ok(issue)
}

/// The code, if nobody has shown it before.
async fn take(cx: &Exchange<'_>, code: &str) -> Result<StoredCode, GrantError> {
    let realm = &cx.realm.name;
    match take_code(&cx.parts.sessions, (realm, code), cx.now).await? {
        Taken::Code(stored) => match has_session(cx, stored.session(), stored.user()).await? {
            true => Ok(*stored),
            false => Err(CodeError::Unknown.into()), // Keycloak: recording authorization-code/after-logout
        },
        // RFC 6749 section 4.1.2: "If an authorization code is used more than once, the authorization server MUST deny the request and
        // SHOULD revoke (when possible) all tokens previously issued based on that authorization code."
        Taken::Again { session, client } => {
            for kind in [SessionKind::Online, SessionKind::Offline] {
                cx.parts.sessions.detach(realm, (kind, &session), &client, cx.now).await?;
            }
            Err(CodeError::UsedBefore.into())
        }
        Taken::Unknown => Err(CodeError::Unknown.into()),
    }
}

async fn has_session(cx: &Exchange<'_>, session: &SessionId, user: &UserId) -> Result<bool, GrantError> {
    Ok(cx.sign_on().find_joinable(session, user).await?.is_some())
}

async fn load_user(cx: &Exchange<'_>, code: &StoredCode) -> Result<Arc<User>, GrantError> {
    let found = cx.parts.users.find_by_id(&cx.realm.name, code.user().as_str()).await?;
    let user = found.ok_or(CodeError::UserNotFound)?;
    if !user.enabled || cx.parts.sessions.is_locked_for_good(cx.realm, &user.id, cx.now).await? {
        return Err(CodeError::UserDisabled(user.id.clone()).into());
    }
    Ok(user)
}

/// RFC 9449 section 10: "the authorization server MUST … ensure that the JWK thumbprint of the proof matches" `dpop_jkt`.
fn refuse_other_key(cx: &Exchange<'_>, code: &Redeemed) -> Result<(), CodeError> {
    let shown = cx.proof.map(|proof| proof.thumbprint());
    match code.grant().dpop_jkt.as_deref() {
        Some(bound) if shown != Some(bound) => Err(CodeError::OtherProofKey),
        _ => Ok(()),
    }
}
