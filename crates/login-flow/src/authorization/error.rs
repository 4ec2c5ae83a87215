use oidc_types::BadChallenge;
use thiserror::Error;
use token_issuer::InvalidScope;

use super::{Flow, ResponseMode};

/// Why an authorization request is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RequestFault {
    /// The request object.
    #[error("the request object: {0}")]
    Object(#[from] ObjectFault),
    /// `max_age` is no number, or the client must send a request object and has not.
    #[error("max_age is no number, or a request object is missing")]
    Unreadable,
    /// `redirect_uri` is absent, or not one of the client's.
    #[error("a redirect_uri that the client does not have")]
    RedirectUri,
    /// No `response_type`.
    #[error("no response_type")]
    ResponseTypeMissing,
    /// A `response_type` that there is not.
    #[error("an unknown response_type")]
    ResponseTypeUnknown,
    /// A `response_mode` that there is not.
    #[error("an unknown response_mode")]
    ResponseModeUnknown,
    /// Tokens may not stand in a query, where they end up in logs.
    #[error("response_mode {0} for tokens")]
    ResponseModeNotAllowed(ResponseMode),
    /// The flow of the response type is off for the client.
    #[error("the {0:?} flow is off for the client")]
    FlowOff(Flow),
    /// The scope.
    #[error(transparent)]
    Scope(#[from] InvalidScope),
    /// A parameter stands twice.
    #[error("a repeated parameter")]
    Repeated,
    /// No `nonce` for an ID token that goes through the browser.
    #[error("no nonce")]
    NonceMissing,
    /// `code_challenge`, `code_challenge_method`.
    #[error(transparent)]
    Pkce(#[from] BadChallenge),
    /// A pushed request has another `response_type` than the query beside it.
    #[error("another response_type than that of the pushed request")]
    OtherResponseType,
    /// The client must push its requests (RFC 9126 section 5: `require_pushed_authorization_requests`).
    #[error("not a pushed request, which the client must send")]
    NotPushed,
    /// `dpop_jkt` is another key than that of the proof beside it (RFC 9449 section 10.1).
    #[error("dpop_jkt is not the key of the proof")]
    OtherProofKey,
}

/// What is wrong with a request object (RFC 9101 section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ObjectFault {
    /// No signed or plain JWT that could be read.
    #[error("not a JWT")]
    Unreadable,
    /// Another algorithm than the client's, or one that does not sign.
    #[error("another algorithm than the client's")]
    OtherAlgorithm,
    /// Not signed by the client.
    #[error("not signed by the client")]
    BadSignature,
    /// Its `client_id` or `iss` is another client.
    #[error("of another client")]
    OtherClient,
    /// Its `aud` is somebody else.
    #[error("for another audience")]
    OtherAudience,
    /// Before its `nbf`, or from its `exp` on.
    #[error("out of its time")]
    OutOfTime,
    /// Its `jti` was used before.
    #[error("used before")]
    Used,
    /// RFC 9101 section 4: "MUST NOT be included in Request Objects".
    #[error("a request_uri within it")]
    RequestUriInside,
    /// It, or the pushed request, was used by another browser.
    #[error("used by another browser")]
    OtherBrowser,
    /// A `request_uri` that the client has not registered.
    #[error("a request_uri that the client has not registered")]
    NotRegistered,
    /// Nothing could be had from the `request_uri`.
    #[error("nothing could be had from the request_uri")]
    Unreachable,
    /// No such pushed request is there for this client.
    #[error("no such pushed request")]
    NotPushed,
    /// The query beside it cannot be read.
    #[error("the parameters beside it cannot be read")]
    BesideUnreadable,
}
