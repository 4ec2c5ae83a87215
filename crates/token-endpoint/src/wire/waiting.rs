//! The grants whose user answers elsewhere (wire.md section 1.11; recordings device/*, ciba/*).

use oidc_types::ErrorCode::{self, AccessDenied, AuthorizationPending, ExpiredToken, InvalidGrant, InvalidRequest, SlowDown};
use oidc_types::OAuthError;
use sessions::Decoupled::{self, Backchannel, Device};

use crate::error::WaitingError as Fact;

pub(super) fn oauth_error(by: Decoupled, error: &Fact) -> OAuthError {
    let (code, text) = row(by, error);
    OAuthError::new(400, code, text)
}

const fn row(by: Decoupled, error: &Fact) -> (ErrorCode, &'static str) {
    match (error, by) {
        (Fact::FlowOff, Device) => (InvalidGrant, "Client not allowed OAuth 2.0 Device Authorization Grant"),
        (Fact::FlowOff, Backchannel) => (InvalidGrant, "Client not allowed OIDC CIBA Grant"),
        (Fact::CodeMissing, Device) => (InvalidRequest, "Missing parameter: device_code"),
        (Fact::CodeMissing, Backchannel) => (InvalidRequest, "Missing parameter: auth_req_id"),
        (Fact::CodeUnreadable | Fact::CodeUnknown, Device) => (InvalidGrant, "Device code not valid"),
        (Fact::CodeUnreadable, Backchannel) => (InvalidGrant, "Invalid Auth Req ID"),
        (Fact::CodeUnknown, Backchannel) => (InvalidGrant, "Invalid auth_req_id"),
        (Fact::OtherClient, _) => (InvalidGrant, "unauthorized client"),
        (Fact::Expired, Device) => (ExpiredToken, "Device code is expired"),
        (Fact::Expired, Backchannel) => (ExpiredToken, "authentication timed out"),
        (Fact::TooEarly, Device) => (SlowDown, "Slow down"),
        (Fact::TooEarly, Backchannel) => (SlowDown, "too early to access"),
        (Fact::Denied, Device) => (AccessDenied, "The end user denied the authorization request"),
        (Fact::Denied, Backchannel) => (AccessDenied, "not authorized"),
        (Fact::Pending, Device) => (AuthorizationPending, "The authorization request is still pending"),
        (Fact::Pending, Backchannel) => {
            (AuthorizationPending, "The authorization request is still pending as the end-user hasn't yet been authenticated.")
        }
        (Fact::SessionAbsent, _) => {
            (AuthorizationPending, "The authorization request is verified but can not lookup the user session yet")
        }
        (Fact::SessionNotActive, _) => (InvalidGrant, "Session not active"),
        (Fact::Verifier(error), _) => (InvalidGrant, error.description()),
        (Fact::UserNotFound, Device) => (InvalidGrant, "User not found"),
        (Fact::UserNotFound, Backchannel) => (InvalidGrant, "Could not identify user"),
        // One answer for both: a client does not learn who is locked.
        (Fact::UserDisabled(_), _) => (InvalidGrant, "User disabled"),
        (Fact::NotFullySetUp(_), _) => (InvalidGrant, "Account is not fully set up"),
    }
}
