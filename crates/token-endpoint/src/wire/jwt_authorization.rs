//! Keycloak's texts for the JWT authorization grant (recordings jwt-authorization-grant).

use oidc_types::ErrorCode::{InvalidGrant, InvalidScope};
use oidc_types::OAuthError;

use crate::error::{AssertedUserError, AssertionError, JwtAuthorizationError};

pub(super) fn oauth_error(error: &JwtAuthorizationError) -> OAuthError {
    use JwtAuthorizationError as Fact;
    let text = match error {
        Fact::AssertionMissing => "Missing parameter:assertion",
        Fact::Unreadable => "The provided assertion is not a valid JWT",
        Fact::PublicClient => "Public client not allowed to use authorization grant",
        Fact::NotEnabled => "JWT Authorization Grant is not supported for the requested client",
        Fact::ClaimMissing(name) => {
            return OAuthError { status: 400, code: InvalidGrant, description: format!("Missing claim: {name}").into() };
        }
        Fact::UnknownIssuer => "No Identity Provider for provided issuer",
        Fact::IssuerNotAllowed(_) => "Identity Provider is not allowed for the client",
        Fact::Algorithm => "Invalid signature algorithm",
        Fact::Signature => "Invalid signature",
        Fact::Assertion(error) => assertion(*error),
        Fact::Reused => "Token reuse detected",
        Fact::User(AssertedUserError::NotFound) => "User not found",
        Fact::User(AssertedUserError::Disabled(_)) => "User is not enabled",
        Fact::User(AssertedUserError::NotFullySetUp(_)) => "Account is not fully set up",
        Fact::ConsentMissing(client) => {
            let description = format!("Missing consents for the client {client}").into();
            return OAuthError { status: 400, code: InvalidScope, description };
        }
    };
    OAuthError::new(400, InvalidGrant, text)
}

fn assertion(error: AssertionError) -> &'static str {
    match error {
        AssertionError::ExpiryMissing => "Token exp claim is required",
        AssertionError::NotActive => "Token is not active",
        AssertionError::ExpiryTooFar => "Token expiration is too far in the future and iat claim not present in token",
        AssertionError::IssuedInFuture => "Token was issued in the future",
        AssertionError::TooOld => "Token was issued too far in the past to be used now",
        AssertionError::IdMissing => "Token jti claim is required",
        AssertionError::OtherAudience => "Invalid token audience",
        AssertionError::SeveralAudiences => "Multiple audiences not allowed",
    }
}
