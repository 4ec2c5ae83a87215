use std::sync::Arc;

use oidc_types::ClientId;

/// What a user has granted to a client: an entry of `clientConsents`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// `clientId`
    pub client: ClientId,
    /// `grantedClientScopes`
    pub scopes: Vec<Arc<str>>,
}
