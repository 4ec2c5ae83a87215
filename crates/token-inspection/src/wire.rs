//! What a caller is told of each fact. Keycloak's texts (wire.md sections 7.1 to 7.3; the recordings of userinfo, introspection
//! and revocation).

use client_auth::ClientAuthError;
use oidc_types::ErrorCode::{
    InsufficientScope, InvalidClient, InvalidRequest, InvalidToken, ServerError, TemporarilyUnavailable, UnsupportedTokenType,
};
use oidc_types::{ErrorCode, OAuthError};
use sender_constraint::{BindingError, OTHER_CERTIFICATE, ProofError};
use token_issuer::{Fallen, KeyError, MintError};

use crate::error::{IntrospectionError, RevocationError, Unavailable, UserInfoError};

/// What userinfo says no with.
pub(crate) enum Challenge {
    /// `WWW-Authenticate` with nothing but the realm.
    Bare(u16),
    /// `WWW-Authenticate` with an error (RFC 6750 section 3).
    Error(u16, ErrorCode, &'static str),
    /// The same with another body of words.
    Refused(OAuthError),
    /// 401 as JSON without a challenge.
    Unauthorized,
    /// Another kind of answer: the server's own trouble.
    Trouble(OAuthError),
}

/// Sessions, users or keys are out of reach.
const BUSY: OAuthError = OAuthError::new(503, TemporarilyUnavailable, "The server cannot answer right now, try again shortly");

const VERIFICATION_FAILED: Challenge = Challenge::Error(401, InvalidToken, "Token verification failed");

impl From<&UserInfoError> for Challenge {
    fn from(error: &UserInfoError) -> Self {
        match error {
            UserInfoError::NoToken => Self::Bare(401),
            UserInfoError::TwoHeaders => Self::Unauthorized,
            UserInfoError::TwoMethods => {
                Self::Error(400, InvalidRequest, "More than one method used for including an access token")
            }
            UserInfoError::Repeated => Self::Error(400, InvalidRequest, "Duplicate parameter"),
            UserInfoError::Proof(error @ ProofError::Store(_)) => Self::Trouble(error.into()),
            UserInfoError::Bound(BindingError::OtherCertificate) => Self::Error(401, InvalidToken, OTHER_CERTIFICATE),
            UserInfoError::Proof(_) | UserInfoError::Bound(_) => VERIFICATION_FAILED,
            UserInfoError::RealmClosed | UserInfoError::Token(_) | UserInfoError::OtherType => VERIFICATION_FAILED,
            UserInfoError::Policy(error) => Self::Refused(error.into()),
            UserInfoError::OpenidMissing => Self::Error(403, InsufficientScope, "Missing openid scope"),
            UserInfoError::Lightweight => {
                Self::Error(401, InvalidToken, "Lightweight access token not allowed for userinfo endpoint")
            }
            UserInfoError::Fallen(fallen) => fallen.into(),
            // Keycloak: measured on 26.7.4, where the client has no key for what it wants.
            UserInfoError::Unavailable(Unavailable::Mint(MintError::Key(KeyError::NoRecipient(..)))) => Self::Bare(500),
            UserInfoError::Unavailable(error) => Self::Trouble(error.into()),
        }
    }
}

impl From<&Fallen> for Challenge {
    fn from(fallen: &Fallen) -> Self {
        match fallen {
            Fallen::UnknownClient | Fallen::BeforeClient(_) | Fallen::Revoked => VERIFICATION_FAILED,
            Fallen::ClientDisabled(_) => Self::Error(401, InvalidToken, "Client disabled"),
            Fallen::NoSession => Self::Error(401, InvalidToken, "user_session_not_found"),
            Fallen::UserDisabled(_) => Self::Error(401, InvalidToken, "User disabled"),
            Fallen::BeforeUser(_) => Self::Error(401, InvalidToken, "User not valid"),
            Fallen::Unavailable(_) => Self::Trouble(BUSY),
        }
    }
}

impl From<&Unavailable> for OAuthError {
    fn from(error: &Unavailable) -> Self {
        match error {
            Unavailable::Sessions(_)
            | Unavailable::Users(_)
            | Unavailable::Keys(KeyError::Unavailable(_))
            | Unavailable::Mint(MintError::Key(KeyError::Unavailable(_))) => BUSY,
            Unavailable::Keys(_) | Unavailable::Mint(_) => {
                Self::new(500, ServerError, "For more on this error consult the server log.")
            }
        }
    }
}

impl From<&IntrospectionError> for OAuthError {
    fn from(error: &IntrospectionError) -> Self {
        match error {
            // Keycloak: words of its own for a known client (recording introspection/wrong-secret).
            IntrospectionError::Client(
                ClientAuthError::SecretMissing(_)
                | ClientAuthError::SecretMismatch(_)
                | ClientAuthError::TransportNotAllowed { .. },
            ) => Self::new(401, InvalidClient, "Client authentication failed."),
            IntrospectionError::Client(error) => error.into(),
            IntrospectionError::Policy(error) => error.into(),
            IntrospectionError::PublicClient => Self::new(403, InvalidRequest, "Client not allowed."),
            IntrospectionError::Repeated => Self::new(400, InvalidRequest, "duplicated parameter"),
            IntrospectionError::NoToken => Self::new(400, InvalidRequest, "Token not provided."),
            IntrospectionError::UnknownHint => Self::new(400, InvalidRequest, "Unsupported token type."),
            IntrospectionError::Unavailable(error) => error.into(),
        }
    }
}

impl From<&RevocationError> for OAuthError {
    fn from(error: &RevocationError) -> Self {
        match error {
            RevocationError::Client(error) => error.into(),
            RevocationError::Policy(error) => error.into(),
            RevocationError::Repeated => Self::new(400, InvalidRequest, "duplicated parameter"),
            RevocationError::NoToken => Self::new(400, InvalidRequest, "Token not provided"),
            // RFC 7009 section 2.2: "invalid tokens do not cause an error response". Keycloak: an error in a 200
            // (recordings revocation/{garbage,expired,twice}).
            RevocationError::NothingToRevoke => Self::new(200, InvalidToken, "Invalid token"),
            RevocationError::OtherType => Self::new(400, UnsupportedTokenType, "Unsupported token type"),
            RevocationError::OtherClient => Self::new(400, InvalidRequest, "Unmatching clients"),
            RevocationError::Unavailable(error) => error.into(),
        }
    }
}
