//! Why a request was refused: facts, free of HTTP. `wire.rs` says what a caller is told of them.

use client_auth::{ClientAuthError, Reason};
use client_policies::PolicyError;
use oidc_types::BadChallenge;
use outbound_http::OutboundError;
use sessions::StoreError;
use thiserror::Error;
use token_issuer::{InvalidScope, MintError, RefusedToken};

/// Why a device got no code.
#[derive(Debug, Error)]
pub(crate) enum DeviceError {
    /// Who is calling.
    #[error("client authentication: {0}")]
    Client(#[from] ClientAuthError),
    /// A client policy of the realm.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// `oauth2.device.authorization.grant.enabled` is off.
    #[error("the device flow is off for the client")]
    FlowOff,
    /// A parameter stands twice.
    #[error("a repeated parameter")]
    Repeated,
    /// `request` or `request_uri`.
    #[error("a request object, which is not served here")]
    RequestObject,
    /// PKCE.
    #[error(transparent)]
    Challenge(#[from] BadChallenge),
    /// Sessions cannot be reached.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl DeviceError {
    /// For the record.
    pub(crate) const fn reason(&self) -> Reason<'_> {
        Reason::Other(match self {
            Self::Client(error) => return Reason::Client(error),
            Self::Policy(error) => Some(error.code.as_str()),
            Self::FlowOff => Some("not_allowed"),
            Self::Repeated | Self::RequestObject | Self::Challenge(_) => Some("invalid_request"),
            Self::Store(_) => None,
        })
    }
}

impl BackchannelError {
    /// For the record.
    pub(crate) const fn reason(&self) -> Reason<'_> {
        match self {
            Self::Client(error) => Reason::Client(error),
            Self::Policy(error) => Reason::Other(Some(error.code.as_str())),
            _ => Reason::Other(None),
        }
    }
}

/// Why a back-channel request was refused.
#[derive(Debug, Error)]
pub(crate) enum BackchannelError {
    /// Who is calling.
    #[error("client authentication: {0}")]
    Client(#[from] ClientAuthError),
    /// A client policy of the realm.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// `oidc.ciba.grant.enabled` is off, or the client is public.
    #[error("CIBA is off for the client")]
    FlowOff,
    /// What it says.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The signed request.
    #[error("the signed request: {0}")]
    Signed(#[from] SignedRequestError),
    /// Nobody of that name, or somebody who may not log in now.
    #[error("the user is {0}")]
    InvalidUser(&'static str),
    /// The scope asked for.
    #[error(transparent)]
    Scope(#[from] InvalidScope),
    /// No channel is configured.
    #[error(
        "no authentication channel is configured (spi-ciba-auth-channel--ciba-http-auth-channel--http-authentication-channel-uri)"
    )]
    NoChannel,
    /// The channel cannot be reached.
    #[error("the authentication channel: {0}")]
    Channel(#[from] OutboundError),
    /// The channel does not answer 201.
    #[error("the authentication channel answered with status {0}")]
    ChannelStatus(u16),
    /// Sessions cannot be reached.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Users cannot be reached.
    #[error(transparent)]
    Users(#[from] realm_store::StoreError),
    /// Keys cannot be reached.
    #[error(transparent)]
    Keys(#[from] key_rotation::KeyError),
    /// The channel's token could not be made.
    #[error("the channel's token could not be made: {0}")]
    Mint(#[from] MintError),
}

/// What is wrong with the parameters of a back-channel request.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(crate) enum RequestError {
    /// A mandatory parameter is absent.
    #[error("no {0}")]
    Missing(String),
    /// Not a whole number of 32 bits.
    #[error("requested_expiry is no number")]
    RequestedExpiry(String),
    /// Not 1 to 50 plain characters.
    #[error("a binding_message of the wrong form")]
    BindingMessage,
    /// A ping client must send one.
    #[error("no client_notification_token from a ping client")]
    NotificationTokenMissing,
    /// Only ping clients send one.
    #[error("a client_notification_token from a client that polls")]
    NotificationTokenUnasked,
    /// Longer than 1024 characters.
    #[error("an over-long client_notification_token")]
    NotificationTokenTooLong,
    /// `user_code` is not served, as discovery says.
    #[error("a user_code")]
    UserCode,
    /// `request` and `request_uri` together.
    #[error("request and request_uri together")]
    TwoRequests,
    /// `request_uri` is not served here.
    #[error("a request_uri")]
    RequestUri,
}

/// Why a signed request was refused.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub(crate) enum SignedRequestError {
    /// No JOSE header.
    #[error("its header cannot be read")]
    Header,
    /// No `alg`.
    #[error("it names no algorithm")]
    NoAlgorithm,
    /// `alg` is `none`.
    #[error("it is not signed")]
    Unsigned,
    /// A shared secret signs nothing that a third party could check.
    #[error("it is signed with a shared secret")]
    Symmetric,
    /// Not a JWS that can be read.
    #[error("it is no signed token")]
    Form,
    /// Another algorithm than the client's, or the client has none.
    #[error("its algorithm is not the client's")]
    OtherAlgorithm,
    /// Not by a key of the client.
    #[error("its signature is not the client's")]
    Signature,
}

/// Why an answer of the authentication channel was refused.
#[derive(Debug, Error)]
pub(crate) enum CallbackError {
    /// The body is no JSON object.
    #[error("the body is no JSON")]
    NoJson,
    /// `status` is none of the three words.
    #[error("an unknown status")]
    UnknownStatus,
    /// No bearer token.
    #[error("no bearer token")]
    NoToken,
    /// The token itself.
    #[error("the bearer token: {0}")]
    Token(#[from] RefusedToken),
    /// The request is gone, or was answered: it is forgotten.
    #[error("the request is gone or answered already")]
    Answered,
    /// No `status`.
    #[error("no status")]
    NoStatus,
    /// The client cannot be told.
    #[error("the client cannot be notified: {0}")]
    Notification(OutboundError),
    /// The client's endpoint answers neither 200 nor 204.
    #[error("the client answered the notification with status {0}")]
    NotificationStatus(u16),
    /// Sessions cannot be reached.
    #[error(transparent)]
    Store(#[from] StoreError),
}
