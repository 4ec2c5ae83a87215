//! Why a request was refused: facts, free of HTTP. Each enum is one endpoint's; `wire.rs` says what a caller is told of them.

use client_auth::{ClientAuthError, Reason};
use client_policies::PolicyError;
use sender_constraint::{BindingError, ProofError};
use sessions::StoreError;
use thiserror::Error;
use token_issuer::{Fallen, MintError, RefusedToken, Unreachable};

/// A part of the server is out of reach; says nothing about the token.
#[derive(Debug, Error)]
pub(crate) enum Unavailable {
    /// Sessions.
    #[error(transparent)]
    Sessions(#[from] StoreError),
    /// Users.
    #[error(transparent)]
    Users(#[from] realm_store::StoreError),
    /// Keys.
    #[error(transparent)]
    Keys(#[from] token_issuer::KeyError),
    /// The answer could not be made.
    #[error(transparent)]
    Mint(#[from] MintError),
}

/// Why userinfo refused.
#[derive(Debug, Error)]
pub(crate) enum UserInfoError {
    /// No bearer token.
    #[error("no token")]
    NoToken,
    /// Two `Authorization` headers.
    #[error("two authorization headers")]
    TwoHeaders,
    /// A token in the header and one in the form.
    #[error("a token in the header and one in the form")]
    TwoMethods,
    /// Two tokens in the form.
    #[error("a repeated access_token")]
    Repeated,
    /// Plain http, or a realm that is switched off.
    #[error("the realm is disabled or demands https")]
    RealmClosed,
    /// The token itself.
    #[error("the token: {0}")]
    Token(RefusedToken),
    /// No access token.
    #[error("not an access token")]
    OtherType,
    /// The proof of the key that it is bound to.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// It is bound to a key or certificate that the caller has not shown.
    #[error(transparent)]
    Bound(#[from] BindingError),
    /// A client policy of the realm.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// Its scope lacks `openid`.
    #[error("the scope openid is missing")]
    OpenidMissing,
    /// A lightweight access token.
    #[error("a lightweight access token")]
    Lightweight,
    /// What stands behind it.
    #[error("the token: {0}")]
    Fallen(#[from] Fallen),
    /// Nothing can be said now.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Why introspection refused to answer. A token that is not active is no error.
#[derive(Debug, Error)]
pub(crate) enum IntrospectionError {
    /// Who is calling.
    #[error("client authentication: {0}")]
    Client(#[from] ClientAuthError),
    /// A client policy of the realm.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// A public client: anybody could be asking.
    #[error("a public client")]
    PublicClient,
    /// A parameter stands twice.
    #[error("a repeated parameter")]
    Repeated,
    /// No `token`.
    #[error("no token")]
    NoToken,
    /// A `token_type_hint` that is not served.
    #[error("a token_type_hint that is not served")]
    UnknownHint,
    /// Nothing can be said now.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Why revocation refused.
#[derive(Debug, Error)]
pub(crate) enum RevocationError {
    /// Who is calling.
    #[error("client authentication: {0}")]
    Client(#[from] ClientAuthError),
    /// A client policy of the realm.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// A parameter stands twice.
    #[error("a repeated parameter")]
    Repeated,
    /// No `token`.
    #[error("no token")]
    NoToken,
    /// There is nothing to revoke: unreadable, or its session or user is gone.
    #[error("there is nothing to revoke")]
    NothingToRevoke,
    /// A token that cannot be revoked.
    #[error("a token of another type")]
    OtherType,
    /// `azp` is another client.
    #[error("issued to another client")]
    OtherClient,
    /// It cannot be done now.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl IntrospectionError {
    /// For the record.
    pub(crate) const fn reason(&self) -> Reason<'_> {
        match self {
            Self::Client(error) => Reason::Client(error),
            Self::Policy(error) => Reason::Other(Some(error.code.as_str())),
            Self::PublicClient | Self::Repeated | Self::NoToken | Self::UnknownHint => Reason::Detailed("invalid_request"),
            Self::Unavailable(_) => Reason::Other(None),
        }
    }
}

impl RevocationError {
    /// For the record.
    pub(crate) const fn reason(&self) -> Reason<'_> {
        match self {
            Self::Client(error) => Reason::Client(error),
            Self::Policy(error) => Reason::Other(Some(error.code.as_str())),
            Self::NoToken | Self::OtherType | Self::OtherClient => Reason::Other(Some("invalid_request")),
            Self::NothingToRevoke => Reason::Bare("invalid_token"),
            Self::Repeated | Self::Unavailable(_) => Reason::Other(None),
        }
    }
}

impl UserInfoError {
    /// Keycloak's word for the record; none where it has no event.
    pub(crate) const fn event_word(&self) -> Option<&'static str> {
        match self {
            Self::RealmClosed | Self::Unavailable(_) | Self::Fallen(Fallen::Unavailable(_)) | Self::TwoMethods => None,
            Self::Policy(error) => Some(error.code.as_str()),
            Self::OpenidMissing => Some("access_denied"),
            _ => Some("invalid_token"),
        }
    }

    /// Keycloak's words for why.
    pub(crate) const fn event_reason(&self) -> Option<&'static str> {
        match self {
            Self::NoToken => Some("Missing token"),
            Self::OpenidMissing => Some("Missing openid scope"),
            Self::Token(_) => Some("Token verification failed"),
            _ => None,
        }
    }
}

impl From<Unreachable> for Unavailable {
    fn from(error: Unreachable) -> Self {
        match error {
            Unreachable::Sessions(error) => error.into(),
            Unreachable::Users(error) => error.into(),
        }
    }
}
