//! What a client is told of each fact: status, `error`, `error_description`. Keycloak's texts (wire.md section 1; the recordings
//! of token-password, token-refresh, token-client-credentials, offline-tokens).

mod authorization_code;
mod jwt_authorization;
mod token_exchange;
mod uma_ticket;
mod waiting;

use oidc_types::ErrorCode::{
    AccessDenied, InvalidClient, InvalidGrant, InvalidRequest, InvalidScope, NotAllowed, TemporarilyUnavailable,
    UnauthorizedClient, UnknownError, UnsupportedGrantType,
};
use oidc_types::OAuthError;
use realm_model::Compat;
use token_issuer::{KeyError, MintError, RefusedToken};
use user_authentication::Refusal;

use crate::error::{ClientCredentialsError, ContactlessError, GrantError, PasswordError, RefreshError, RequestError, Trouble};

const BUSY: &str = "The server cannot answer right now, try again shortly";
const UNKNOWN: &str = "For more on this error consult the server log.";

/// What a client that asked under `issuer` is told, in the wire form `compat` keeps.
pub(crate) fn oauth_error(error: &GrantError, compat: Compat, issuer: &str) -> OAuthError {
    match error {
        GrantError::Request(error) => request(error),
        GrantError::Client(error) => error.into(),
        GrantError::Policy(error) => error.into(),
        GrantError::Scope(error) => OAuthError { status: 400, code: InvalidScope, description: error.description().into() },
        GrantError::OfflineAccessNotGranted => {
            OAuthError::new(400, NotAllowed, "Offline tokens not allowed for the user or client")
        }
        GrantError::Code(error) => authorization_code::oauth_error(error),
        GrantError::Password(error) => password(error, compat),
        GrantError::Refresh(error) => refresh(error, issuer),
        GrantError::ClientCredentials(error) => client_credentials(error),
        GrantError::UmaTicket(error) => uma_ticket::oauth_error(error),
        GrantError::Contactless(error) => contactless(error),
        GrantError::TokenExchange(error) => token_exchange::oauth_error(error),
        GrantError::JwtAuthorization(error) => jwt_authorization::oauth_error(error),
        GrantError::Waiting { by, error } => waiting::oauth_error(*by, error),
        GrantError::Trouble(error) => trouble(error),
    }
}

fn trouble(error: &Trouble) -> OAuthError {
    match error {
        Trouble::Busy(_) | Trouble::Store(_) | Trouble::Users(_) => OAuthError::new(503, TemporarilyUnavailable, BUSY),
        Trouble::Registry(error) => uma_ticket::registry(error),
        Trouble::Keys(error) | Trouble::Mint(MintError::Key(error)) => keys(error),
        Trouble::Mint(MintError::Json(_)) => OAuthError::new(500, UnknownError, UNKNOWN),
    }
}

fn keys(error: &KeyError) -> OAuthError {
    match error {
        KeyError::Unavailable(_) => OAuthError::new(503, TemporarilyUnavailable, BUSY),
        KeyError::NoSigner(_) | KeyError::NoRecipient(..) | KeyError::Broken(_) => OAuthError::new(500, UnknownError, UNKNOWN),
    }
}

fn request(error: &RequestError) -> OAuthError {
    match error {
        RequestError::GrantTypeMissing => OAuthError::new(400, InvalidRequest, "Missing form parameter: grant_type"),
        RequestError::GrantTypeUnknown => OAuthError::new(400, UnsupportedGrantType, "Unsupported grant_type"),
        RequestError::Repeated => OAuthError::new(400, InvalidRequest, "duplicated parameter"),
        RequestError::Proof(error) => error.into(),
        RequestError::Binding(error) => error.into(),
        RequestError::Field(name) => {
            OAuthError { status: 400, code: InvalidRequest, description: format!("Invalid or missing parameter: {name}").into() }
        }
    }
}

fn password(error: &PasswordError, compat: Compat) -> OAuthError {
    match error {
        PasswordError::GrantNotAllowed => OAuthError::new(400, UnauthorizedClient, "Client not allowed for direct access grants"),
        PasswordError::ConsentRequired => OAuthError::new(400, InvalidClient, "Client requires user consent"),
        PasswordError::UsernameMissing => OAuthError::new(401, InvalidRequest, "Missing parameter: username"),
        // One answer for all of them: a client learns neither who exists nor who is locked.
        PasswordError::User(
            Refusal::UnknownUser
            | Refusal::WrongPassword(_)
            | Refusal::WrongOtp(_)
            | Refusal::WrongRecoveryCode(_)
            | Refusal::WrongSignature(..)
            | Refusal::Locked(_),
        ) => {
            let status = if compat.bad_user_credentials_are_401 { 401 } else { 400 };
            OAuthError::new(status, InvalidGrant, "Invalid user credentials")
        }
        PasswordError::User(Refusal::UserDisabled(_)) => OAuthError::new(400, InvalidGrant, "Account disabled"),
        PasswordError::User(Refusal::NotFullySetUp(_)) => OAuthError::new(400, InvalidGrant, "Account is not fully set up"),
    }
}

fn refresh(error: &RefreshError, issuer: &str) -> OAuthError {
    let invalid_grant = |text: &'static str| OAuthError::new(400, InvalidGrant, text);
    match error {
        RefreshError::Missing => OAuthError::new(400, InvalidRequest, "No refresh token"),
        RefreshError::Token(refused) => refused_token(refused, issuer),
        RefreshError::Bound(error) => error.into(),
        RefreshError::OtherClient => invalid_grant("Invalid refresh token. Token client and authorized client don't match"),
        RefreshError::SessionNotActive => invalid_grant("Session not active"),
        RefreshError::OfflineSessionNotFound => invalid_grant("Offline user session not found"),
        RefreshError::OfflineSessionNotActive => invalid_grant("Offline session not active"),
        RefreshError::UserDisabled(_) => invalid_grant("User disabled"),
        RefreshError::BeforeSession => invalid_grant("Refresh token issued before the user session started"),
        RefreshError::BeforeClientSession => invalid_grant("refresh token issued before the client session started"),
        RefreshError::NoClientSession => invalid_grant("Session doesn't have required client"),
        RefreshError::ClientSessionNotActive => invalid_grant("Client session not active"),
        RefreshError::Stale => invalid_grant("Stale token"),
        RefreshError::OfflineAccessLost => invalid_grant("Offline session invalid because offline access not granted anymore"),
        RefreshError::ReuseExceeded => invalid_grant("Maximum allowed refresh token reuse exceeded"),
    }
}

fn refused_token(refused: &RefusedToken, issuer: &str) -> OAuthError {
    let text = match refused {
        RefusedToken::Keys(error) => return keys(error),
        RefusedToken::Invalid | RefusedToken::OtherType => "Invalid refresh token".into(),
        RefusedToken::OtherIssuer => format!("Invalid token issuer. Expected '{issuer}'").into(),
        RefusedToken::Stale => "Stale token".into(),
        RefusedToken::Expired => "Token is not active".into(),
    };
    OAuthError { status: 400, code: InvalidGrant, description: text }
}

fn client_credentials(error: &ClientCredentialsError) -> OAuthError {
    match error {
        ClientCredentialsError::PublicClient => {
            OAuthError::new(401, UnauthorizedClient, "Public client not allowed to retrieve service account")
        }
        ClientCredentialsError::ServiceAccountsOff => {
            OAuthError::new(401, UnauthorizedClient, "Client not enabled to retrieve service account")
        }
        ClientCredentialsError::NoServiceAccount => {
            OAuthError::new(401, InvalidRequest, "The associated service account for the client does not exist")
        }
        ClientCredentialsError::ServiceAccountDisabled(username) => {
            OAuthError { status: 401, code: InvalidRequest, description: format!("User '{username}' disabled").into() }
        }
    }
}

fn contactless(error: &ContactlessError) -> OAuthError {
    match error {
        ContactlessError::UntrustedDevice => {
            OAuthError::new(401, InvalidClient, "Valid token is required to access this resource")
        }
        ContactlessError::UnknownCard => OAuthError::new(400, InvalidGrant, "Bad credentials"),
        ContactlessError::DeviceLocked => OAuthError::new(403, AccessDenied, "The user has been locked out"),
    }
}
