//! Why token exchange refused: facts.

use oidc_types::ClientId;
use sender_constraint::BindingError;
use thiserror::Error;
use token_issuer::{Fallen, RefusedToken};

/// Why a token exchange refused (wire.md section 1.11).
#[derive(Debug, Error)]
pub(crate) enum TokenExchangeError {
    /// A parameter of the legacy exchange.
    #[error("the parameter {0} of the legacy token exchange")]
    LegacyParameter(&'static str),
    /// `standard.token.exchange.enabled` is off.
    #[error("standard token exchange is off for the client")]
    NotEnabled,
    /// A parameter is missing.
    #[error("no {0}")]
    ParameterMissing(&'static str),
    /// The subject token is said to be no access token.
    #[error("a subject token type other than access token")]
    OtherSubjectTokenType,
    /// The subject token itself.
    #[error("the subject token: {0}")]
    SubjectToken(RefusedToken),
    /// What stands behind it.
    #[error("the subject token: {0}")]
    Fallen(Fallen),
    /// A `requested_token_type` that is unknown or not allowed for the client.
    #[error("a requested token type that is unknown or not allowed")]
    RequestedTokenType,
    /// The audience asked for.
    #[error(transparent)]
    Audience(#[from] AudienceError),
    /// A public client.
    #[error("a public client")]
    PublicClient,
    /// The client is not in the subject token's audience.
    #[error("the subject token of client {0} is not meant for this client")]
    NotInAudience(ClientId),
    /// The subject token is bound to what another client holds.
    #[error("the subject token is bound to a key or certificate of client {0}")]
    BoundToAnotherClient(ClientId),
    /// The subject token is bound to what the client has not shown.
    #[error("the subject token: {0}")]
    Bound(#[from] BindingError),
    /// A refresh token for an offline session, or none at all.
    #[error("a refresh token would need a new session")]
    NewSession,
    /// A refresh token with scope `offline_access`.
    #[error("a refresh token with offline access")]
    OfflineAccess,
    /// The user has not consented to a scope.
    #[error("the user has not consented to what client {0} asks for")]
    ConsentMissing(ClientId),
}

/// Why the audience of a token exchange was refused.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(crate) enum AudienceError {
    /// No such client.
    #[error("an audience that is no client")]
    NotFound,
    /// The client is switched off.
    #[error("the audience {0} is disabled")]
    Disabled(ClientId),
    /// The new token would not have them in `aud`.
    #[error("an audience that the new token would not have")]
    Unavailable(Vec<ClientId>),
}
