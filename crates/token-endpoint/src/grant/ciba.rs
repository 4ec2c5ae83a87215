//! OpenID Connect CIBA section 10.1; wire.md section 1.11.

use key_rotation::SealPurpose;
use realm_model::Client;
use sessions::Decoupled;
use single_sign_on::Login;
use token_issuer::{GrantKind, Issue, ScopeRequest, SessionNotes};
use user_authentication::refuse_unfinished_account;

use super::waiting::{Approval, Poll};
use crate::error::{GrantError, WaitingError};
use crate::exchange::Exchange;

/// The parameters.
pub(crate) struct Ciba<'a> {
    pub(crate) auth_req_id: Option<&'a str>,
}

pub(crate) async fn exchange(cx: &Exchange<'_>, grant: &Ciba<'_>) -> Result<Issue, GrantError> {
    let refused = |error| GrantError::Waiting { by: Decoupled::Backchannel, error };
    refuse_client_without_flow(cx.client).map_err(refused)?;
    let sealed = grant.auth_req_id.ok_or_else(|| refused(WaitingError::CodeMissing))?;
    let opened = cx.parts.keyrings.open(cx.realm, SealPurpose::AuthReqId, sealed).await.map_err(token_issuer::KeyError::from)?;
    let id = opened.and_then(|id| String::from_utf8(id).ok()).ok_or_else(|| refused(WaitingError::CodeUnreadable))?;
    let poll = Poll { cx, by: Decoupled::Backchannel, code: &id };
    let judge = async |approval: &Approval| {
        let user = poll.load_user(&approval.user).await?;
        refuse_unfinished_account(&cx.at(), &user).map_err(|_| refused(WaitingError::NotFullySetUp(user.id.clone())))?;
        Ok(user)
    };
    let (approval, user) = poll.redeem(judge).await?;
    let scope = ScopeRequest::taken(approval.waiting.scope.as_deref());
    let notes = SessionNotes::default().with("AUTH_TIME", cx.now.secs().to_string());
    Ok(cx.sign_on().open(Login { user, scope, grant: GrantKind::Ciba, notes }).await?)
}

fn refuse_client_without_flow(client: &Client) -> Result<(), WaitingError> {
    let served = client.is_on("oidc.ciba.grant.enabled") && !client.public;
    if served { Ok(()) } else { Err(WaitingError::FlowOff) }
}
