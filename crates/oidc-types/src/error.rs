/// `error` of RFC 6749 section 5.2, with what OpenID Connect, later RFCs and Keycloak add.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorCode {
    /// `invalid_request`
    InvalidRequest,
    /// `invalid_request_object` (RFC 9101)
    InvalidRequestObject,
    /// `invalid_client`
    InvalidClient,
    /// `invalid_grant`
    InvalidGrant,
    /// `unauthorized_client`
    UnauthorizedClient,
    /// `unsupported_grant_type`
    UnsupportedGrantType,
    /// `invalid_scope`
    InvalidScope,
    /// `access_denied`
    AccessDenied,
    /// `not_allowed` (Keycloak)
    NotAllowed,
    /// `invalid_token` (RFC 6750)
    InvalidToken,
    /// `insufficient_scope` (RFC 6750)
    InsufficientScope,
    /// `unsupported_token_type` (RFC 7009)
    UnsupportedTokenType,
    /// `authorization_pending` (RFC 8628)
    AuthorizationPending,
    /// `slow_down` (RFC 8628)
    SlowDown,
    /// `expired_token` (RFC 8628)
    ExpiredToken,
    /// `invalid_binding_message` (CIBA)
    InvalidBindingMessage,
    /// `invalid_ticket` (UMA 2.0)
    InvalidTicket,
    /// `invalid_rpt` (UMA 2.0)
    InvalidRpt,
    /// `invalid_resource` (UMA 2.0)
    InvalidResource,
    /// `invalid_client_metadata` (RFC 7591)
    InvalidClientMetadata,
    /// `invalid_registration` (Keycloak)
    InvalidRegistration,
    /// `invalid_dpop_proof` (RFC 9449)
    InvalidDpopProof,
    /// `server_error`
    ServerError,
    /// `temporarily_unavailable`
    TemporarilyUnavailable,
    /// `unknown_error` (Keycloak)
    UnknownError,
}

impl ErrorCode {
    /// The word as it stands in a response.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidRequestObject => "invalid_request_object",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::AccessDenied => "access_denied",
            Self::NotAllowed => "not_allowed",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope => "insufficient_scope",
            Self::UnsupportedTokenType => "unsupported_token_type",
            Self::AuthorizationPending => "authorization_pending",
            Self::SlowDown => "slow_down",
            Self::ExpiredToken => "expired_token",
            Self::InvalidBindingMessage => "invalid_binding_message",
            Self::InvalidTicket => "invalid_ticket",
            Self::InvalidRpt => "invalid_rpt",
            Self::InvalidResource => "invalid_resource",
            Self::InvalidClientMetadata => "invalid_client_metadata",
            Self::InvalidRegistration => "invalid_registration",
            Self::InvalidDpopProof => "invalid_dpop_proof",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::UnknownError => "unknown_error",
        }
    }
}

/// An error as a client sees it: RFC 6749 section 5.2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuthError {
    /// The HTTP status.
    pub status: u16,
    /// `error`.
    pub code: ErrorCode,
    /// `error_description`, Keycloak's text.
    pub description: std::borrow::Cow<'static, str>,
}

impl OAuthError {
    /// An error with a fixed text.
    pub const fn new(status: u16, code: ErrorCode, description: &'static str) -> Self {
        Self { status, code, description: std::borrow::Cow::Borrowed(description) }
    }
}
