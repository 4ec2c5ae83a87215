//! What an operation answers where it fails: every error body of the Admin REST API, in one place.

use client_policies::PolicyError;
use realm_editing::client_rules::ClientFault;
use realm_store::CommitError;
use serde_json::{Value, json};
use thiserror::Error;

use crate::json::{JsonError, LOOK_IN_THE_LOG};

/// The name of the member that carries the text of an error. Clients look at exactly one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// `{"error": …}`
    Error,
    /// `{"errorMessage": …}`
    ErrorMessage,
}

/// Why a request is not done.
#[derive(Debug, Error)]
pub enum AdminError {
    /// 401
    #[error("no valid token")]
    Unauthorized,
    /// 403
    #[error("the role for it is missing")]
    Forbidden,
    /// 404 `Realm not found.`
    #[error("no such realm")]
    RealmNotFound,
    /// 404 that names nothing: unknown paths, query parameters that are no number.
    #[error("no such path")]
    NotFound,
    /// 405
    #[error("no such operation on this path")]
    MethodNotAllowed,
    /// 415
    #[error("a body of another media type than the operation takes")]
    UnsupportedMediaType,
    /// 406
    #[error("the caller takes no media type that the operation gives")]
    NotAcceptable,
    /// The body.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// A status with `{"error": …}` or `{"errorMessage": …}`.
    #[error("{0}: {2}")]
    Refused(u16, Word, String),
    /// A status with `{"error": …, "error_description": …}`.
    #[error("{0}: {1}: {2}")]
    Described(u16, &'static str, String),
    /// A status with a JSON body of its own: errors of a user profile.
    #[error("{0}: {1}")]
    #[allow(dead_code, reason = "for the users resource")]
    Listed(u16, Value),
    /// 409 `Duplicate resource error`, which Keycloak gives where only its database finds out.
    #[error("something of this name or id exists already")]
    Duplicate,
    /// 503
    #[error("{0}")]
    Unavailable(String),
    /// 500: what must not happen, or what Keycloak has no better answer for either.
    #[error("{0}")]
    Broken(String),
}

impl AdminError {
    /// `{"error": text}`
    pub(crate) fn error(status: u16, text: impl Into<String>) -> Self {
        Self::Refused(status, Word::Error, text.into())
    }

    /// `{"errorMessage": text}`
    pub(crate) fn message(status: u16, text: impl Into<String>) -> Self {
        Self::Refused(status, Word::ErrorMessage, text.into())
    }

    /// Status and body.
    pub(crate) fn wire(&self) -> (u16, Value) {
        let bare = |status: u16, text: &str| (status, json!({ "error": text }));
        let described = |status: u16, code: &str, text: &str| (status, json!({ "error": code, "error_description": text }));
        match self {
            Self::Unauthorized => bare(401, "HTTP 401 Unauthorized"),
            Self::Forbidden => bare(403, "HTTP 403 Forbidden"),
            Self::RealmNotFound => bare(404, "Realm not found."),
            Self::NotFound => bare(404, "HTTP 404 Not Found"),
            Self::MethodNotAllowed => bare(405, "HTTP 405 Method Not Allowed"),
            Self::UnsupportedMediaType => bare(415, "The content-type header value did not match the value in @Consumes"),
            Self::NotAcceptable => bare(406, "HTTP 406 Not Acceptable"),
            Self::Json(error) => error.wire(),
            Self::Refused(status, Word::Error, text) => bare(*status, text),
            Self::Refused(status, Word::ErrorMessage, text) => (*status, json!({ "errorMessage": text })),
            Self::Described(status, code, text) => described(*status, code, text),
            Self::Listed(status, body) => (*status, body.clone()),
            Self::Duplicate => described(409, "conflict", "Duplicate resource error"),
            Self::Unavailable(_) => bare(503, "HTTP 503 Service Unavailable"),
            Self::Broken(_) => described(500, "unknown_error", LOOK_IN_THE_LOG),
        }
    }
}

impl From<realm_store::StoreError> for AdminError {
    fn from(error: realm_store::StoreError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<sessions::StoreError> for AdminError {
    fn from(error: sessions::StoreError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<PolicyError> for AdminError {
    fn from(error: PolicyError) -> Self {
        log::info!("{error}");
        Self::Described(400, error.code.as_str(), error.description.into_owned())
    }
}

impl From<ClientFault> for AdminError {
    fn from(fault: ClientFault) -> Self {
        Self::Described(400, "invalid_input", fault.to_string())
    }
}

/// A conflict that several attempts did not get past is a store that is too busy.
impl From<CommitError> for AdminError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Conflict(_) => Self::Unavailable(error.to_string()),
            CommitError::Exists(_) => Self::Duplicate,
            CommitError::UnknownRealm => Self::RealmNotFound,
            CommitError::Store(error) => error.into(),
        }
    }
}
