use oidc_types::{ErrorCode, OAuthError};
use realm_model::{BruteForce, User};
use serde::Serialize;
use user_authentication::Refusal;

use crate::dialect::spms::Tokens;
use crate::error::{ContactlessError, GrantError, PasswordError, Trouble};

/// The answer of a granted request: these members, no other.
#[derive(Serialize)]
pub(crate) struct Success<'a> {
    access_token: &'a str,
    token_type: &'static str,
    refresh_token: &'a str,
    expires_in: String,
    scope: &'static str,
    organization: &'a str,
    jti: &'a str,
}

impl<'a> Success<'a> {
    pub(crate) fn of(tokens: &'a Tokens, user: &'a User) -> Self {
        Self {
            access_token: &tokens.access_token,
            token_type: "bearer",
            refresh_token: &tokens.refresh_token,
            expires_in: tokens.expires_in.to_string(),
            scope: "All",
            organization: user.attribute("organization").unwrap_or_default(),
            jti: &tokens.access_token_id,
        }
    }
}

/// The body of a 401.
#[derive(Serialize)]
pub(crate) struct Problem {
    r#type: &'static str,
    title: &'static str,
    detail: &'static str,
}

/// What a device without a live cookie is told.
pub(crate) const fn problem() -> Problem {
    Problem {
        r#type: "HTTP://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html#sec10.4.2",
        title: "Unauthorized",
        detail: "Valid token is required to access this resource",
    }
}

/// How a failure is worded; `None` is the [`problem`]. Whoever is refused learns no more than "Bad credentials", but for the
/// lock, which the page promises to tell.
pub(crate) fn refused(error: &GrantError, policy: &BruteForce) -> Option<OAuthError> {
    Some(match error {
        GrantError::Contactless(ContactlessError::UntrustedDevice) => return None,
        GrantError::Password(PasswordError::User(Refusal::Locked(_)))
        | GrantError::Contactless(ContactlessError::DeviceLocked) => {
            let minutes = policy.wait_increment.min(policy.max_failure_wait).max(60) / 60;
            let text = format!("The user has been locked out for {minutes} mins");
            OAuthError { status: 403, code: ErrorCode::AccessDenied, description: text.into() }
        }
        GrantError::Request(error) => {
            OAuthError { status: 400, code: ErrorCode::InvalidRequest, description: error.to_string().into() }
        }
        GrantError::Client(_) => OAuthError::new(400, ErrorCode::InvalidClient, "Bad client credentials"),
        GrantError::Code(_)
        | GrantError::Policy(_)
        | GrantError::Scope(_)
        | GrantError::OfflineAccessNotGranted
        | GrantError::Password(_)
        | GrantError::Refresh(_)
        | GrantError::ClientCredentials(_)
        | GrantError::TokenExchange(_)
        | GrantError::JwtAuthorization(_)
        | GrantError::UmaTicket(_)
        | GrantError::Contactless(_)
        | GrantError::Waiting { .. } => OAuthError::new(400, ErrorCode::InvalidGrant, "Bad credentials"),
        GrantError::Trouble(Trouble::Busy(_) | Trouble::Store(_) | Trouble::Users(_) | Trouble::Registry(_)) => {
            OAuthError::new(503, ErrorCode::TemporarilyUnavailable, "Service Unavailable")
        }
        GrantError::Trouble(Trouble::Keys(_) | Trouble::Mint(_)) => {
            OAuthError::new(500, ErrorCode::ServerError, "Internal Server Error")
        }
    })
}
