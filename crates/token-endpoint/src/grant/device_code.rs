//! RFC 8628 section 3.4; wire.md section 1.11.

use oidc_types::CodeChallenge;
use realm_model::Client;
use sessions::Decoupled;
use single_sign_on::Joining;
use token_issuer::{GrantKind, Issue, ScopeRequest};

use super::waiting::{Approval, Poll};
use crate::error::{GrantError, WaitingError};
use crate::exchange::Exchange;

/// The parameters.
pub(crate) struct DeviceCode<'a> {
    pub(crate) device_code: Option<&'a str>,
    pub(crate) code_verifier: Option<&'a str>,
}

pub(crate) async fn exchange(cx: &Exchange<'_>, grant: &DeviceCode<'_>) -> Result<Issue, GrantError> {
    let poll = Poll { cx, by: Decoupled::Device, code: grant.device_code.unwrap_or_default() };
    refuse_client_without_flow(cx.client).map_err(|error| poll.refused(error))?;
    if grant.device_code.is_none() {
        return Err(poll.refused(WaitingError::CodeMissing));
    }
    let judge = async |approval: &Approval| {
        // Keycloak: only after the approval, and a wrong one does not burn the code (recordings device/pkce-*).
        refuse_other_verifier(cx.client, approval, grant.code_verifier).map_err(|error| poll.refused(error))?;
        let user = poll.load_user(&approval.user).await?;
        let absent = || poll.refused(WaitingError::SessionAbsent);
        let session = approval.session.clone().ok_or_else(absent)?;
        let found = cx.sign_on().find_joinable(&session, &user.id).await?.ok_or_else(absent)?;
        if !cx.lifespans().session_ends(&found).is_live(cx.now) {
            return Err(poll.refused(WaitingError::SessionNotActive));
        }
        Ok((user, session))
    };
    let (approval, (user, session)) = poll.redeem(judge).await?;
    // Keycloak: words that the client does not have were never judged (recording device/start-scope).
    let scope = ScopeRequest::taken(approval.waiting.scope.as_deref());
    let issue = cx.sign_on().join(Joining { session, user, scope, grant: GrantKind::DeviceCode, acr: None }).await?;
    let mut issue = issue.ok_or_else(|| poll.refused(WaitingError::SessionNotActive))?;
    issue.nonce = approval.waiting.note("nonce").map(str::to_owned);
    Ok(issue)
}

fn refuse_client_without_flow(client: &Client) -> Result<(), WaitingError> {
    if client.is_on("oauth2.device.authorization.grant.enabled") { Ok(()) } else { Err(WaitingError::FlowOff) }
}

fn refuse_other_verifier(client: &Client, approval: &Approval, verifier: Option<&str>) -> Result<(), WaitingError> {
    let stored = approval.waiting.note("code_challenge_method").zip(approval.waiting.note("code_challenge"));
    let challenge = stored.and_then(|(method, value)| CodeChallenge::of_stored(method, value));
    let required = client.attribute("pkce.code.challenge.method");
    Ok(CodeChallenge::refuse_other_verifier(challenge.as_ref(), verifier, required)?)
}
