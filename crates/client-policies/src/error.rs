use std::borrow::Cow;

use oidc_types::{ErrorCode, OAuthError};
use thiserror::Error;

/// A client policy says no.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("client policy {policy:?} with executor {executor:?}: {description}")]
pub struct PolicyError {
    /// The policy's name.
    pub policy: String,
    /// The executor's.
    pub executor: String,
    /// `error`
    pub code: ErrorCode,
    /// `error_description`, Keycloak's text.
    pub description: Cow<'static, str>,
}

impl From<&PolicyError> for OAuthError {
    fn from(error: &PolicyError) -> Self {
        Self { status: 400, code: error.code, description: error.description.clone() }
    }
}

/// What an executor has against a request or client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: ErrorCode,
    pub(crate) description: Cow<'static, str>,
}

impl Refusal {
    pub(crate) const fn request(description: &'static str) -> Self {
        Self { code: ErrorCode::InvalidRequest, description: Cow::Borrowed(description) }
    }

    pub(crate) const fn grant(description: &'static str) -> Self {
        Self { code: ErrorCode::InvalidGrant, description: Cow::Borrowed(description) }
    }

    pub(crate) const fn metadata(description: &'static str) -> Self {
        Self { code: ErrorCode::InvalidClientMetadata, description: Cow::Borrowed(description) }
    }
}
