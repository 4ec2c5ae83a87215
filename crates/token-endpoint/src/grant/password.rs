//! RFC 6749 section 4.3; wire.md section 1.6.

use realm_model::Client;
use single_sign_on::Login;
use token_issuer::{GrantKind, Issue, ScopeRequest, SessionNotes};
use user_authentication::Presented;

use crate::error::{GrantError, PasswordError};
use crate::exchange::Exchange;

/// The parameters.
pub(crate) struct Password<'a> {
    pub(crate) username: Option<&'a str>,
    pub(crate) password: Option<&'a str>,
    pub(crate) otp: Option<&'a str>,
    pub(crate) scope: Option<&'a str>,
}

pub(crate) async fn exchange(cx: &Exchange<'_>, grant: &Password<'_>) -> Result<Issue, GrantError> {
    refuse_client_without_direct_access(cx.client)?;
    refuse_client_that_needs_consent(cx.client)?;
    let scope = ScopeRequest::judge(cx.realm, cx.client, grant.scope)?;
    let username = grant.username.ok_or(PasswordError::UsernameMissing)?;
    let presented = Presented { username, password: grant.password, otp: grant.otp };
    let user = cx.parts.user_authentication.authenticate(&cx.at(), &presented).await?;
    Ok(cx.sign_on().open(Login { user, scope, grant: GrantKind::Password, notes: SessionNotes::default() }).await?)
}

pub(crate) fn refuse_client_without_direct_access(client: &Client) -> Result<(), PasswordError> {
    if client.direct_access_grants { Ok(()) } else { Err(PasswordError::GrantNotAllowed) }
}

pub(crate) fn refuse_client_that_needs_consent(client: &Client) -> Result<(), PasswordError> {
    if client.consent_required { Err(PasswordError::ConsentRequired) } else { Ok(()) }
}
