//! What a client is told of each fact. Keycloak's texts (recordings logout/post-*).

use oidc_types::ErrorCode::{InvalidGrant, ServerError, TemporarilyUnavailable};
use oidc_types::OAuthError;
use token_issuer::{KeyError, RefusedToken};

use crate::logout::LogoutError;

/// What a client is told, by a realm whose issuer is `issuer` as asked.
pub(crate) fn oauth_error(error: &LogoutError, issuer: &str) -> OAuthError {
    match error {
        LogoutError::Client(error) => error.into(),
        LogoutError::Policy(error) => error.into(),
        LogoutError::Token(RefusedToken::OtherIssuer) => {
            let text = format!("Invalid token issuer. Expected '{issuer}'");
            OAuthError { status: 400, code: InvalidGrant, description: text.into() }
        }
        LogoutError::Token(_) | LogoutError::OtherType => OAuthError::new(400, InvalidGrant, "Invalid refresh token"),
        LogoutError::Bound(error) => error.into(),
        LogoutError::OtherClient => {
            OAuthError::new(400, InvalidGrant, "Invalid refresh token. Token client and authorized client don't match")
        }
        LogoutError::BeforeSession => OAuthError::new(400, InvalidGrant, "Refresh token issued before the user session started"),
        LogoutError::Store(_) | LogoutError::Keys(KeyError::Unavailable(_)) => {
            OAuthError::new(503, TemporarilyUnavailable, "The server cannot answer right now, try again shortly")
        }
        LogoutError::Keys(_) => OAuthError::new(500, ServerError, "For more on this error consult the server log."),
    }
}
