//! Keycloak's texts for token exchange (recordings token-exchange).

use oidc_types::ErrorCode::{AccessDenied, InvalidClient, InvalidRequest, InvalidScope};
use oidc_types::OAuthError;

use crate::error::{AudienceError, TokenExchangeError};

pub(super) fn oauth_error(error: &TokenExchangeError) -> OAuthError {
    use TokenExchangeError as Fact;
    let invalid_request = |text: &'static str| OAuthError::new(400, InvalidRequest, text);
    match error {
        Fact::LegacyParameter(name) => OAuthError {
            status: 400,
            code: InvalidRequest,
            description: format!("Parameter '{name}' is not supported for standard token exchange").into(),
        },
        Fact::NotEnabled => invalid_request("Standard token exchange is not enabled for the requested client"),
        Fact::ParameterMissing(name) => OAuthError {
            status: 400,
            code: InvalidRequest,
            description: format!("Parameter '{name}' required for standard token exchange").into(),
        },
        Fact::OtherSubjectTokenType => invalid_request("Parameter 'subject_token' supports access tokens only"),
        Fact::SubjectToken(_) | Fact::Fallen(_) => invalid_request("Invalid token"),
        Fact::RequestedTokenType => invalid_request("requested_token_type unsupported"),
        Fact::Audience(error) => audience(error),
        Fact::PublicClient => OAuthError::new(400, InvalidClient, "Public client is not allowed to exchange token"),
        Fact::NotInAudience(_) => OAuthError::new(403, AccessDenied, "Client is not within the token audience"),
        Fact::BoundToAnotherClient(_) => {
            invalid_request("Sender-constrained token exchange rejected as the token was not issued for the requesting client")
        }
        // Keycloak: the text as at a refresh, another word (recording token-exchange/dpop-own).
        Fact::Bound(error) => OAuthError { status: 400, code: InvalidRequest, ..error.into() },
        Fact::NewSession => {
            invalid_request("Refresh token not valid as requested_token_type because creating a new session is needed")
        }
        Fact::OfflineAccess => invalid_request("Scope offline_access not allowed for token exchange"),
        Fact::ConsentMissing(client) => OAuthError {
            status: 400,
            code: InvalidScope,
            description: format!("Missing consents for Token Exchange in client {client}").into(),
        },
    }
}

fn audience(error: &AudienceError) -> OAuthError {
    match error {
        AudienceError::NotFound => OAuthError::new(400, InvalidClient, "Audience not found"),
        AudienceError::Disabled(_) => OAuthError::new(400, InvalidClient, "Client disabled"),
        AudienceError::Unavailable(missing) => {
            let missing: Vec<_> = missing.iter().map(|client| client.as_str()).collect();
            let description = format!("Requested audience not available: {}", missing.join(", ")).into();
            OAuthError { status: 400, code: InvalidRequest, description }
        }
    }
}
