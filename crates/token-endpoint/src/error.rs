//! Why a token request failed: facts, free of HTTP. Each enum is one grant's; `wire.rs` says what a client is told of them.

mod authorization_code;
mod jwt_authorization;
mod token_exchange;
mod uma_ticket;
mod waiting;

use client_auth::ClientAuthError;
use client_policies::PolicyError;
use passwords::PoolFull;
use permissions::{AskedError, RegistryError};
use sender_constraint::{BindingError, ProofError};
use sessions::{Decoupled, StoreError};
use single_sign_on::SignOnError;
use thiserror::Error;
use token_issuer::{InvalidScope, RefusedToken, Unreachable};
use user_authentication::{AuthenticationError, Refusal};

pub(crate) use self::authorization_code::CodeError;
pub(crate) use self::jwt_authorization::{AssertedUserError, AssertionError, JwtAuthorizationError};
pub(crate) use self::token_exchange::{AudienceError, TokenExchangeError};
pub(crate) use self::waiting::WaitingError;

pub(crate) use self::uma_ticket::UmaTicketError;

/// Why a token request failed.
#[derive(Debug, Error)]
pub(crate) enum GrantError {
    /// The request itself.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// Who is calling.
    #[error("client authentication: {0}")]
    Client(#[from] ClientAuthError),
    /// A client policy of the realm.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The scope asked for.
    #[error(transparent)]
    Scope(#[from] InvalidScope),
    /// Scope `offline_access`, but the user has not the role of that name.
    #[error("the user has not the role offline_access")]
    OfflineAccessNotGranted,
    /// The authorization code grant.
    #[error("authorization code grant: {0}")]
    Code(#[from] CodeError),
    /// The password grant.
    #[error("password grant: {0}")]
    Password(#[from] PasswordError),
    /// The refresh grant.
    #[error("refresh: {0}")]
    Refresh(#[from] RefreshError),
    /// The client credentials grant.
    #[error("client credentials grant: {0}")]
    ClientCredentials(#[from] ClientCredentialsError),
    /// The UMA grant.
    #[error("uma-ticket grant: {0}")]
    UmaTicket(#[from] UmaTicketError),
    /// The contactless grant of the SPMS dialect.
    #[error("contactless grant: {0}")]
    Contactless(#[from] ContactlessError),
    /// The token exchange grant.
    #[error("token exchange: {0}")]
    TokenExchange(#[from] TokenExchangeError),
    /// The JWT authorization grant.
    #[error("JWT authorization grant: {0}")]
    JwtAuthorization(#[from] JwtAuthorizationError),
    /// The grants whose user answers elsewhere: device code and CIBA.
    #[error("{by:?} grant: {error}")]
    Waiting {
        /// Which of them.
        by: Decoupled,
        /// Why.
        error: WaitingError,
    },
    /// The server's own trouble.
    #[error(transparent)]
    Trouble(Trouble),
}

/// What keeps the server from answering, whatever was asked.
#[derive(Debug, Error)]
pub(crate) enum Trouble {
    /// Too many passwords are waiting to be hashed.
    #[error(transparent)]
    Busy(#[from] PoolFull),
    /// Sessions cannot be reached.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Users cannot be reached.
    #[error(transparent)]
    Users(#[from] realm_store::StoreError),
    /// Registered resources cannot be read or written.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// Keys cannot be had.
    #[error(transparent)]
    Keys(#[from] token_issuer::KeyError),
    /// Keys or claims.
    #[error("tokens could not be made: {0}")]
    Mint(#[from] token_issuer::MintError),
}

impl<E: Into<Trouble>> From<E> for GrantError {
    fn from(trouble: E) -> Self {
        Self::Trouble(trouble.into())
    }
}

impl From<Refusal> for GrantError {
    fn from(refusal: Refusal) -> Self {
        Self::Password(refusal.into())
    }
}

impl From<AuthenticationError> for GrantError {
    fn from(error: AuthenticationError) -> Self {
        match error {
            AuthenticationError::Refused(refusal) => refusal.into(),
            AuthenticationError::Trouble(trouble) => trouble.into(),
        }
    }
}

impl From<user_authentication::Trouble> for Trouble {
    fn from(trouble: user_authentication::Trouble) -> Self {
        match trouble {
            user_authentication::Trouble::Busy(error) => error.into(),
            user_authentication::Trouble::Sessions(error) => error.into(),
            user_authentication::Trouble::Users(error) => error.into(),
        }
    }
}

impl From<SignOnError> for GrantError {
    fn from(error: SignOnError) -> Self {
        match error {
            SignOnError::OfflineAccessNotGranted => Self::OfflineAccessNotGranted,
            SignOnError::Store(error) => error.into(),
        }
    }
}

impl From<Unreachable> for Trouble {
    fn from(error: Unreachable) -> Self {
        match error {
            Unreachable::Sessions(error) => error.into(),
            Unreachable::Users(error) => error.into(),
        }
    }
}

/// What is wrong with the request before a grant looks at it.
#[derive(Debug, Error)]
pub(crate) enum RequestError {
    /// No `grant_type`, or no form at all.
    #[error("no grant_type")]
    GrantTypeMissing,
    /// A `grant_type` that is not served.
    #[error("a grant_type that is not served")]
    GrantTypeUnknown,
    /// A parameter stands twice.
    #[error("a repeated parameter")]
    Repeated,
    /// The proof of the key that tokens are to be bound to (RFC 9449).
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The tokens cannot be bound as the client wants it.
    #[error(transparent)]
    Binding(BindingError),
    /// A field does not match its pattern, or a mandatory one is absent (SPMS dialect).
    #[error("field {0} is absent or does not match its pattern")]
    Field(&'static str),
}

/// Why the password grant refused.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(crate) enum PasswordError {
    /// `directAccessGrantsEnabled` is off.
    #[error("direct access grants are off for the client")]
    GrantNotAllowed,
    /// `consentRequired`: nobody is there to be asked.
    #[error("the client needs the user's consent")]
    ConsentRequired,
    /// No `username`.
    #[error("no username")]
    UsernameMissing,
    /// The user.
    #[error(transparent)]
    User(#[from] Refusal),
}

/// Why the refresh grant refused (wire.md section 1.8).
#[derive(Debug, Error)]
pub(crate) enum RefreshError {
    /// No `refresh_token`.
    #[error("no refresh token")]
    Missing,
    /// The token itself: forged, foreign, stale, expired.
    #[error("the token: {0}")]
    Token(#[from] RefusedToken),
    /// `azp` is another client.
    #[error("issued to another client")]
    OtherClient,
    /// `cnf` is a key or certificate that the client does not show.
    #[error(transparent)]
    Bound(#[from] BindingError),
    /// The session ended.
    #[error("the session ended")]
    SessionNotActive,
    /// There is no such offline session, or its idle time ran out.
    #[error("no such offline session")]
    OfflineSessionNotFound,
    /// The offline session reached its maximum.
    #[error("the offline session ended")]
    OfflineSessionNotActive,
    /// `enabled` is off.
    #[error("user {0} is disabled")]
    UserDisabled(oidc_types::UserId),
    /// Older than the user session.
    #[error("issued before the user session started")]
    BeforeSession,
    /// Older than the client session.
    #[error("issued before the client session started")]
    BeforeClientSession,
    /// The client has no part in the session (any more).
    #[error("the session has no such client")]
    NoClientSession,
    /// The client session ended before the user session.
    #[error("the client session ended")]
    ClientSessionNotActive,
    /// Not-before of client or user.
    #[error("issued before the not-before of client or user")]
    Stale,
    /// The role or scope `offline_access` is gone.
    #[error("offline access is not granted any more")]
    OfflineAccessLost,
    /// Used once more than allowed.
    #[error("used once more than allowed")]
    ReuseExceeded,
}

/// Why the client credentials grant refused (wire.md section 1.10).
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(crate) enum ClientCredentialsError {
    /// A public client.
    #[error("a public client")]
    PublicClient,
    /// `serviceAccountsEnabled` is off.
    #[error("service accounts are off for the client")]
    ServiceAccountsOff,
    /// No user stands for the client.
    #[error("the service account user is missing")]
    NoServiceAccount,
    /// That user is disabled.
    #[error("the service account user {0} is disabled")]
    ServiceAccountDisabled(String),
}

/// Why the contactless grant refused (docs/spms.md).
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(crate) enum ContactlessError {
    /// The device has no live cookie.
    #[error("no live device cookie")]
    UntrustedDevice,
    /// Nobody has this card.
    #[error("unknown card")]
    UnknownCard,
    /// The device is locked after failed guesses.
    #[error("the device is locked after failed guesses")]
    DeviceLocked,
}

/// Logs a failure, once, at the boundary.
pub(crate) fn log_refusal(realm: &str, client: Option<&str>, grant: Option<&str>, error: &GrantError) {
    let (client, grant) = (client.unwrap_or("-"), grant.unwrap_or("-"));
    match error {
        GrantError::Request(RequestError::Proof(ProofError::Store(_)))
        | GrantError::UmaTicket(UmaTicketError::Asked(AskedError::Registry(_)))
        | GrantError::Trouble(
            Trouble::Store(_) | Trouble::Users(_) | Trouble::Registry(_) | Trouble::Keys(_) | Trouble::Mint(_),
        ) => {
            log::error!("token request failed: realm={realm} client={client} grant={grant}: {error}");
        }
        _ => log::info!("token request refused: realm={realm} client={client} grant={grant}: {error}"),
    }
}
