use oidc_types::ErrorCode::{InvalidGrant, InvalidRequest};
use oidc_types::OAuthError;
use single_sign_on::RedeemError;

use crate::error::CodeError;

/// Keycloak: recordings authorization-code/*.
pub(super) fn oauth_error(error: &CodeError) -> OAuthError {
    let (code, text) = match error {
        CodeError::Missing => (InvalidRequest, "Missing parameter: code"),
        CodeError::Unknown | CodeError::UsedBefore => (InvalidGrant, "Code not valid"),
        CodeError::Redeem(error) => (InvalidGrant, redeem(error)),
        CodeError::SessionNotActive => (InvalidGrant, "Session not active"),
        CodeError::UserNotFound => (InvalidGrant, "User not found"),
        CodeError::UserDisabled(_) => (InvalidGrant, "User disabled"),
        CodeError::OtherProofKey => (InvalidRequest, "DPoP Proof missing"),
    };
    OAuthError::new(400, code, text)
}

const fn redeem(error: &RedeemError) -> &'static str {
    match error {
        RedeemError::Expired => "Code is expired",
        RedeemError::OtherRedirectUri => "Incorrect redirect_uri",
        RedeemError::OtherClient => "Auth error: Found different client_id in clientSession",
        RedeemError::FlowOff => "Client not allowed to exchange code",
        RedeemError::Verifier(error) => error.description(),
    }
}
