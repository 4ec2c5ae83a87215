//! What a caller is told of each fact. Keycloak's texts (recordings device/start-*, ciba/*).

use oidc_types::ErrorCode::{
    InvalidBindingMessage, InvalidGrant, InvalidRequest, InvalidScope, InvalidToken, ServerError, TemporarilyUnavailable,
    UnauthorizedClient, UnknownError,
};
use oidc_types::{ErrorCode, OAuthError};
use token_issuer::{KeyError, MintError, RefusedToken};

use crate::error::{BackchannelError, CallbackError, DeviceError, RequestError, SignedRequestError};

const BUSY: &str = "The server cannot answer right now, try again shortly";
const UNKNOWN: &str = "For more on this error consult the server log.";

const DEVICE_FLOW_OFF: &str =
    "Client is not allowed to initiate OAuth 2.0 Device Authorization Grant. The flow is disabled for the client.";
const BINDING_MESSAGE: &str = "the binding_message value has to be max 50 characters in length and must contain only basic plain-text characters without spaces";
const OTHER_ALGORITHM: &str = "Client requested algorithm not registered in advance or request signed with different algorithm other than client requested algorithm";

fn busy() -> OAuthError {
    OAuthError::new(503, TemporarilyUnavailable, BUSY)
}

fn told(code: ErrorCode, description: String) -> OAuthError {
    OAuthError { status: 400, code, description: description.into() }
}

/// What a device is told.
pub(crate) fn device_error(error: &DeviceError) -> OAuthError {
    match error {
        DeviceError::Client(error) => error.into(),
        DeviceError::Policy(error) => error.into(),
        DeviceError::FlowOff => OAuthError::new(400, UnauthorizedClient, DEVICE_FLOW_OFF),
        // Keycloak: invalid_grant, where RFC 8628 section 3.2 wants invalid_request (recording device/start-duplicate).
        DeviceError::Repeated => OAuthError::new(400, InvalidGrant, "duplicated parameter"),
        DeviceError::RequestObject => OAuthError::new(400, InvalidRequest, "Invalid Request"),
        DeviceError::Challenge(error) => OAuthError::new(400, InvalidRequest, error.description()),
        DeviceError::Store(_) => busy(),
    }
}

/// What the client of a back-channel request is told.
pub(crate) fn backchannel_error(error: &BackchannelError) -> OAuthError {
    match error {
        BackchannelError::Client(error) => error.into(),
        BackchannelError::Policy(error) => error.into(),
        BackchannelError::FlowOff => OAuthError::new(401, InvalidGrant, "Client not allowed OIDC CIBA Grant"),
        BackchannelError::Request(error) => request_error(error),
        BackchannelError::Signed(error) => OAuthError::new(400, InvalidRequest, signed_request_text(*error)),
        // One answer for all of them: a client learns neither who exists nor who is locked.
        BackchannelError::InvalidUser(_) => OAuthError::new(400, InvalidRequest, "invalid_user"),
        BackchannelError::Scope(error) => told(InvalidScope, error.description()),
        BackchannelError::NoChannel | BackchannelError::Channel(_) => {
            OAuthError::new(503, ServerError, "Failed to send authentication request")
        }
        BackchannelError::ChannelStatus(_) => OAuthError::new(503, ServerError, "Unexpected response from authentication device"),
        BackchannelError::Store(_) | BackchannelError::Users(_) => busy(),
        BackchannelError::Keys(error) => keys(&key_error(error)),
        BackchannelError::Mint(MintError::Key(error)) => keys(error),
        BackchannelError::Mint(MintError::Json(_)) => OAuthError::new(500, UnknownError, UNKNOWN),
    }
}

fn request_error(error: &RequestError) -> OAuthError {
    let invalid = |text: &'static str| OAuthError::new(400, InvalidRequest, text);
    match error {
        RequestError::Missing(name) => told(InvalidRequest, format!("missing parameter : {name}")),
        // Keycloak: what was sent comes back (recording ciba/requested-expiry).
        RequestError::RequestedExpiry(text) => told(InvalidRequest, format!("For input string: \"{text}\"")),
        RequestError::BindingMessage => OAuthError::new(400, InvalidBindingMessage, BINDING_MESSAGE),
        RequestError::NotificationTokenMissing => invalid("Client Notification token needs to be provided with the ping mode"),
        RequestError::NotificationTokenUnasked => invalid("Client Notification token supported only for the ping mode"),
        RequestError::NotificationTokenTooLong => invalid("Client Notification token length is limited to 1024 characters"),
        RequestError::UserCode => invalid("User code not supported"),
        RequestError::TwoRequests => invalid("Illegal to use both 'request' and 'request_uri' parameters together"),
        RequestError::RequestUri => invalid("Specified 'request_uri' not allowed for this client."),
    }
}

const fn signed_request_text(error: SignedRequestError) -> &'static str {
    match error {
        SignedRequestError::Header => "Failed to parse JWT header",
        SignedRequestError::NoAlgorithm => "Signed algorithm not specified",
        SignedRequestError::Unsigned => "None signed algorithm is not allowed",
        SignedRequestError::Symmetric => "Signed algorithm is not allowed",
        SignedRequestError::Form => "Failed to build JWS",
        SignedRequestError::OtherAlgorithm => OTHER_ALGORITHM,
        SignedRequestError::Signature => "Failed to verify signature",
    }
}

/// What the authentication channel is told.
pub(crate) fn callback_error(error: &CallbackError) -> OAuthError {
    let invalid = |text: &'static str| OAuthError::new(400, InvalidRequest, text);
    match error {
        CallbackError::NoJson => invalid("Cannot parse the JSON"),
        CallbackError::UnknownStatus => OAuthError::new(400, UnknownError, "Cannot parse the JSON"),
        CallbackError::NoToken => OAuthError::new(401, InvalidToken, "Invalid token"),
        CallbackError::Token(RefusedToken::Keys(error)) => keys(error),
        CallbackError::Token(_) | CallbackError::Answered => OAuthError::new(403, InvalidToken, "Invalid token"),
        CallbackError::NoStatus => invalid("Invalid authentication status"),
        CallbackError::Notification(_) => invalid("Failed to send request to client notification endpoint"),
        CallbackError::NotificationStatus(_) => invalid("Invalid status returned from client notification endpoint"),
        CallbackError::Store(_) => busy(),
    }
}

fn key_error(error: &key_rotation::KeyError) -> KeyError {
    error.clone().into()
}

fn keys(error: &KeyError) -> OAuthError {
    match error {
        KeyError::Unavailable(_) => busy(),
        KeyError::NoSigner(_) | KeyError::NoRecipient(..) | KeyError::Broken(_) => OAuthError::new(500, UnknownError, UNKNOWN),
    }
}
