//! Why the JWT authorization grant refused: facts.

use oidc_types::{ClientId, UserId};
use thiserror::Error;

/// Why the JWT authorization grant refused (wire.md section 1.11).
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(crate) enum JwtAuthorizationError {
    /// No `assertion`.
    #[error("no assertion")]
    AssertionMissing,
    /// The assertion is no JWT.
    #[error("the assertion is no JWT")]
    Unreadable,
    /// A public client.
    #[error("a public client")]
    PublicClient,
    /// `oauth2.jwt.authorization.grant.enabled` is off.
    #[error("the grant is off for the client")]
    NotEnabled,
    /// The assertion lacks a claim.
    #[error("the assertion has no {0}")]
    ClaimMissing(&'static str),
    /// No identity provider of this issuer grants in this way.
    #[error("no identity provider of this issuer grants in this way")]
    UnknownIssuer,
    /// The client may not use the provider.
    #[error("the identity provider {0} is not allowed for the client")]
    IssuerNotAllowed(String),
    /// `alg` is none, symmetric or not the provider's.
    #[error("a signature algorithm that is not the identity provider's")]
    Algorithm,
    /// The signature does not hold.
    #[error("the signature does not hold")]
    Signature,
    /// What the assertion says.
    #[error(transparent)]
    Assertion(AssertionError),
    /// The assertion was used before.
    #[error("the assertion was used before")]
    Reused,
    /// The user.
    #[error(transparent)]
    User(#[from] AssertedUserError),
    /// The user has not consented to a scope.
    #[error("the user has not consented to what client {0} asks for")]
    ConsentMissing(ClientId),
}

/// What is wrong with an assertion whose signature holds.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub(crate) enum AssertionError {
    /// No `exp`.
    #[error("the assertion has no exp")]
    ExpiryMissing,
    /// Past `exp`, or before `nbf`.
    #[error("the assertion is not active")]
    NotActive,
    /// `exp` too far ahead, and no `iat`.
    #[error("the assertion expires too far in the future and does not say when it was issued")]
    ExpiryTooFar,
    /// `iat` ahead.
    #[error("the assertion was issued in the future")]
    IssuedInFuture,
    /// `iat` too long ago.
    #[error("the assertion was issued too long ago")]
    TooOld,
    /// No `jti`.
    #[error("the assertion has no jti")]
    IdMissing,
    /// `aud` does not name this server.
    #[error("the assertion is for another audience")]
    OtherAudience,
    /// `aud` names others, too.
    #[error("the assertion is for several audiences")]
    SeveralAudiences,
}

/// Why the user of an assertion gets no tokens.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(crate) enum AssertedUserError {
    /// No account is linked with the subject.
    #[error("no account is linked with the subject")]
    NotFound,
    /// `enabled` is off.
    #[error("user {0} is disabled")]
    Disabled(UserId),
    /// A required action is pending.
    #[error("user {0} has a pending required action")]
    NotFullySetUp(UserId),
}
