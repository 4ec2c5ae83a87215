//! RFC 6749 section 4.4; wire.md section 1.10.

use std::sync::Arc;

use realm_model::{Client, User};
use single_sign_on::Login;
use token_issuer::{GrantKind, Issue, ScopeRequest, SessionNotes, Subject};

use crate::error::{ClientCredentialsError, GrantError};
use crate::exchange::Exchange;

/// The parameters.
pub(crate) struct ClientCredentials<'a> {
    pub(crate) scope: Option<&'a str>,
}

pub(crate) async fn exchange(cx: &Exchange<'_>, grant: &ClientCredentials<'_>) -> Result<Issue, GrantError> {
    refuse_public_client(cx.client)?;
    refuse_client_without_service_account(cx.client)?;
    let user = load_service_account(cx).await?;
    let scope = ScopeRequest::judge(cx.realm, cx.client, grant.scope)?;
    let notes = SessionNotes::of_service_account(cx.client.client_id.as_str(), cx.peer);
    if cx.client.is_on("client_credentials.use_refresh_token") {
        return Ok(cx.sign_on().open(Login { user, scope, grant: GrantKind::ClientCredentials, notes }).await?);
    }
    // RFC 6749 section 4.4.3: "A refresh token SHOULD NOT be included." Nothing is stored.
    let subject = Subject::new(cx.realm, user);
    let scope = scope.grant(cx.realm, cx.client, &subject);
    Ok(Issue::new(subject, Arc::clone(cx.client), scope, cx.sign_on().transient_facts(notes), GrantKind::ClientCredentials))
}

/// RFC 6749 section 4.4: "The client credentials grant type MUST only be used by confidential clients."
fn refuse_public_client(client: &Client) -> Result<(), ClientCredentialsError> {
    if client.public { Err(ClientCredentialsError::PublicClient) } else { Ok(()) }
}

fn refuse_client_without_service_account(client: &Client) -> Result<(), ClientCredentialsError> {
    if client.service_accounts { Ok(()) } else { Err(ClientCredentialsError::ServiceAccountsOff) }
}

async fn load_service_account(cx: &Exchange<'_>) -> Result<Arc<User>, GrantError> {
    let found = cx.parts.users.find_service_account(&cx.realm.name, &cx.client.client_id).await?;
    let user = found.ok_or(ClientCredentialsError::NoServiceAccount)?;
    if !user.enabled {
        return Err(ClientCredentialsError::ServiceAccountDisabled(user.username.clone()).into());
    }
    Ok(user)
}
