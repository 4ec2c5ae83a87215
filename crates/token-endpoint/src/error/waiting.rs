use oidc_types::BadVerifier;
use thiserror::Error;

/// Why a grant refused whose user answers elsewhere (wire.md section 1.11).
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(crate) enum WaitingError {
    /// The flow is off for the client.
    #[error("the flow is off for the client")]
    FlowOff,
    /// No code.
    #[error("no code")]
    CodeMissing,
    /// Not a code that this server could have made.
    #[error("an unreadable code")]
    CodeUnreadable,
    /// Unknown, used or gone.
    #[error("an unknown code")]
    CodeUnknown,
    /// Issued to another client.
    #[error("issued to another client")]
    OtherClient,
    /// Past its end.
    #[error("the code has ended")]
    Expired,
    /// Polled before the interval was over.
    #[error("polled too early")]
    TooEarly,
    /// The user has said no.
    #[error("the user has said no")]
    Denied,
    /// The user has said nothing yet.
    #[error("the user has said nothing yet")]
    Pending,
    /// The user has said yes, and the session of that login is not there.
    #[error("the session is not there")]
    SessionAbsent,
    /// The session of that login ended.
    #[error("the session ended")]
    SessionNotActive,
    /// PKCE.
    #[error(transparent)]
    Verifier(#[from] BadVerifier),
    /// The user is gone.
    #[error("the user is not there")]
    UserNotFound,
    /// `enabled` is off, or the user is locked after failed logins.
    #[error("user {0} is disabled or locked after failed logins")]
    UserDisabled(oidc_types::UserId),
    /// A required action is pending or the profile is incomplete.
    #[error("user {0} has a pending required action or an incomplete profile")]
    NotFullySetUp(oidc_types::UserId),
}
