//! Why a request is refused, and in which words. Keycloak: recordings dynamic-registration/*.

use client_policies::PolicyError;
use realm_editing::client_rules::ClientFault;
use realm_editing::json::JsonError;
use realm_store::{CommitError, StoreError};
use serde_json::{Value, json};
use thiserror::Error;
use token_issuer::MintError;

/// Why a client is not registered, read, changed or removed.
#[derive(Debug, Error)]
pub enum RegistrationError {
    /// No such provider of registration.
    #[error("no such provider")]
    UnknownProvider,
    /// A body of another media type than JSON.
    #[error("a body that is not JSON by its media type")]
    MediaType,
    /// The body.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// What the client says of itself.
    #[error("{0}")]
    Metadata(String),
    /// What is wrong with the client.
    #[error(transparent)]
    Fault(#[from] ClientFault),
    /// The token, or that there is none.
    #[error("{0}")]
    Token(&'static str),
    /// The caller has no role for it.
    #[error("the caller has no role for it")]
    Forbidden,
    /// A policy of the realm says no.
    #[error("policy {policy:?}: {details}")]
    Policy {
        /// Its name.
        policy: String,
        /// Why.
        details: String,
    },
    /// A client policy of the realm says no.
    #[error(transparent)]
    ClientPolicy(#[from] PolicyError),
    /// There is no such client; said to those who may see all.
    #[error("no such client")]
    UnknownClient,
    /// A client of another protocol.
    #[error("a client of another protocol")]
    Protocol,
    /// The store or the keys are out of reach.
    #[error("{0}")]
    Unavailable(String),
    /// What Keycloak has no better answer for either.
    #[error("{0}")]
    Broken(String),
}

impl RegistrationError {
    /// `invalid_client_metadata`
    pub(crate) fn metadata(text: &str) -> Self {
        Self::Metadata(text.to_owned())
    }

    /// Keycloak's word for the record; none where it has no event (asked of 26.7.4).
    pub(crate) const fn event_word(&self) -> Option<&'static str> {
        match self {
            Self::Token(_) => Some("invalid_token"),
            Self::Forbidden | Self::Policy { .. } => Some("not_allowed"),
            Self::UnknownClient => Some("client_not_found"),
            _ => None,
        }
    }

    /// Status and body.
    pub(crate) fn wire(&self) -> (u16, Value) {
        let bare = |status: u16, text: &str| (status, json!({ "error": text }));
        let said = |status: u16, code: &str, text: &str| (status, json!({ "error": code, "error_description": text }));
        match self {
            Self::UnknownProvider => bare(404, "Client registration provider not found"),
            Self::MediaType => bare(415, "The content-type header value did not match the value in @Consumes"),
            Self::Json(error) => error.wire(),
            Self::Metadata(text) => said(400, "invalid_client_metadata", text),
            Self::Fault(ClientFault::RedirectUri(text)) => said(400, "invalid_redirect_uri", text),
            Self::Fault(ClientFault::Other(text)) => said(400, "invalid_client_metadata", text),
            Self::Token(text) => said(401, "invalid_token", text),
            Self::Forbidden => said(403, "insufficient_scope", "Forbidden"),
            Self::Policy { policy, details } => {
                let text = format!("Policy '{policy}' rejected request to client-registration service. Details: {details}");
                said(403, "insufficient_scope", &text)
            }
            Self::ClientPolicy(error) => said(400, error.code.as_str(), &error.description),
            Self::UnknownClient => said(404, "invalid_request", "Client not found"),
            Self::Protocol => said(400, "invalid_client", "Wrong client protocol."),
            Self::Unavailable(_) => bare(503, "HTTP 503 Service Unavailable"),
            Self::Broken(_) => said(500, "unknown_error", realm_editing::json::LOOK_IN_THE_LOG),
        }
    }
}

impl From<StoreError> for RegistrationError {
    fn from(error: StoreError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<sessions::StoreError> for RegistrationError {
    fn from(error: sessions::StoreError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<CommitError> for RegistrationError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Exists(_) => Self::metadata("Client Identifier in use"),
            other => Self::Unavailable(other.to_string()),
        }
    }
}

impl From<MintError> for RegistrationError {
    fn from(error: MintError) -> Self {
        match error {
            MintError::Key(token_issuer::KeyError::Unavailable(_)) => Self::Unavailable(error.to_string()),
            other => Self::Broken(other.to_string()),
        }
    }
}
