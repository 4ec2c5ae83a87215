use oidc_types::OAuthError;
use realm_http::OriginRefused;
use thiserror::Error;
use token_issuer::{Fallen, KeyError, RefusedToken, Unreachable};
use user_authentication::{AuthenticationError, Refusal, Trouble};
use user_profile::ProfileFault;

/// Why something of an account is not shown or not changed.
#[derive(Debug, Error)]
pub(crate) enum AccountError {
    /// Client `account` is not there, or switched off (CVE-2026-7500).
    #[error("account management is not enabled")]
    NotEnabled,
    /// The realm is closed, or plain http is not enough.
    #[error("closed: {0:?}")]
    Closed(OAuthError),
    /// No token, or none that is worth anything here.
    #[error("not authenticated: {0}")]
    Unauthorized(String),
    /// The origin may not have the answer.
    #[error("the origin is refused")]
    Origin(OriginRefused),
    /// A role is missing.
    #[error("a role of client account is missing")]
    Forbidden,
    /// Nothing of that name.
    #[error("not found")]
    NotFound(&'static str),
    /// What was sent cannot be read or used.
    #[error("bad request: {0}")]
    Bad(&'static str),
    /// What is wrong with a profile.
    #[error("{} faults in the profile", .0.len())]
    Profile(Vec<ProfileFault>),
    /// The username or address of somebody else: the field, the key of the message.
    #[error("{0} is somebody else's")]
    Taken(&'static str, &'static str),
    /// Another credential has this label.
    #[error("the label is taken")]
    LabelTaken,
    /// The current password is wrong, or the user is locked.
    #[error("the password: {0}")]
    Password(Refusal),
    /// The server cannot say.
    #[error("unavailable: {0}")]
    Unavailable(String),
}

impl From<Trouble> for AccountError {
    fn from(trouble: Trouble) -> Self {
        Self::Unavailable(trouble.to_string())
    }
}

impl From<sessions::StoreError> for AccountError {
    fn from(trouble: sessions::StoreError) -> Self {
        Self::Unavailable(trouble.to_string())
    }
}

impl From<realm_store::StoreError> for AccountError {
    fn from(trouble: realm_store::StoreError) -> Self {
        Self::Unavailable(trouble.to_string())
    }
}

impl From<KeyError> for AccountError {
    fn from(trouble: KeyError) -> Self {
        Self::Unavailable(trouble.to_string())
    }
}

impl From<Unreachable> for AccountError {
    fn from(trouble: Unreachable) -> Self {
        Self::Unavailable(trouble.to_string())
    }
}

impl From<RefusedToken> for AccountError {
    fn from(refused: RefusedToken) -> Self {
        match refused {
            RefusedToken::Keys(error) => error.into(),
            other => Self::Unauthorized(other.to_string()),
        }
    }
}

impl From<Fallen> for AccountError {
    fn from(fallen: Fallen) -> Self {
        match fallen {
            Fallen::Unavailable(error) => error.into(),
            other => Self::Unauthorized(other.to_string()),
        }
    }
}

impl From<AuthenticationError> for AccountError {
    fn from(error: AuthenticationError) -> Self {
        match error {
            AuthenticationError::Refused(refusal) => Self::Password(refusal),
            AuthenticationError::Trouble(trouble) => trouble.into(),
        }
    }
}
