use oidc_types::UserId;
use passwords::PoolFull;
use realm_store::CommitError;
use thiserror::Error;

/// Why somebody is not taken for the user, or kept out. Most of them are told in the same words.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Refusal {
    /// Nobody of that name.
    #[error("unknown user")]
    UnknownUser,
    /// Wrong, or no password, or the user has none.
    #[error("wrong password of user {0}")]
    WrongPassword(UserId),
    /// Wrong, used or no one-time code.
    #[error("wrong one-time code of user {0}")]
    WrongOtp(UserId),
    /// Another recovery code than the next one.
    #[error("wrong recovery code of user {0}")]
    WrongRecoveryCode(UserId),
    /// What an authenticator sent.
    #[error("authenticator of user {0}: {1}")]
    WrongSignature(UserId, ::web_authn::WebAuthnError),
    /// Locked after failed logins.
    #[error("user {0} is locked after failed logins")]
    Locked(UserId),
    /// `enabled` is off: told only to those who know the password.
    #[error("user {0} is disabled")]
    UserDisabled(UserId),
    /// A required action is pending or the profile is incomplete.
    #[error("user {0} has a pending required action or an incomplete profile")]
    NotFullySetUp(UserId),
}

/// What keeps the server from answering, whoever asks.
#[derive(Debug, Error)]
pub enum Trouble {
    /// Too many passwords are waiting to be hashed.
    #[error(transparent)]
    Busy(#[from] PoolFull),
    /// Sessions cannot be reached.
    #[error(transparent)]
    Sessions(#[from] sessions::StoreError),
    /// Users cannot be reached.
    #[error(transparent)]
    Users(#[from] realm_store::StoreError),
}

impl From<CommitError> for Trouble {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Store(error) => Self::Users(error),
            other => Self::Users(realm_store::StoreError::Unavailable(other.to_string())),
        }
    }
}

/// Why nobody was authenticated.
#[derive(Debug, Error)]
pub enum AuthenticationError {
    /// Who asks is refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The server cannot say.
    #[error(transparent)]
    Trouble(Trouble),
}

impl<E: Into<Trouble>> From<E> for AuthenticationError {
    fn from(trouble: E) -> Self {
        Self::Trouble(trouble.into())
    }
}
