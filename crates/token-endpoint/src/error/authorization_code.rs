use single_sign_on::RedeemError;
use thiserror::Error;

/// Why the authorization code grant refused (wire.md section 1.9).
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(crate) enum CodeError {
    /// No `code`.
    #[error("no code")]
    Missing,
    /// Unknown, used before, or past its end.
    #[error("an unknown code")]
    Unknown,
    /// Used before: what came of it is dead now.
    #[error("a code that was used before")]
    UsedBefore,
    /// What comes with it.
    #[error(transparent)]
    Redeem(#[from] RedeemError),
    /// The session of the login ended.
    #[error("the session ended")]
    SessionNotActive,
    /// The user is gone.
    #[error("the user is not there")]
    UserNotFound,
    /// `enabled` is off, or failed logins have locked the user for good.
    #[error("user {0} is disabled")]
    UserDisabled(oidc_types::UserId),
    /// `dpop_jkt` of the request, and no proof of that key.
    #[error("no proof of the key that the code is bound to")]
    OtherProofKey,
}
