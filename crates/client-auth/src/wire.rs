use oidc_types::{ErrorCode, OAuthError};
use realm_model::SecretTransport;

use crate::assertion::JWT_BEARER;
use crate::{AssertionError, ClientAuthError, LifetimeError, SignedBy};

const GENERIC: &str = "Invalid client or Invalid client credentials";
const USE_BASIC: &str = "Invalid method used to get client secret. Client requires method 'client_secret_basic' to obtain client secret from the request";
const USE_POST: &str = "Invalid method used to get client secret. Client requires method 'client_secret_post' to obtain client secret from the request";

const UNREADABLE_BY_KEY: &str = "Client authentication with signed JWT failed: java.lang.IllegalArgumentException: Parsing error";
const UNREADABLE_BY_SECRET: &str =
    "Client authentication with client secret signed JWT failed: java.lang.IllegalArgumentException: Parsing error";
const WRONG_BY_KEY: &str = "Client authentication with signed JWT failed: Signature on JWT token failed validation";
const WRONG_BY_SECRET: &str =
    "Client authentication with client secret signed JWT failed: Signature on JWT token by client secret  failed validation";
const KEY_FOR_SECRET: &str =
    "Client authentication with client secret signed JWT failed: Signature on JWT token by client secret failed validation";

/// What a client sees of each failure at the token endpoint: Keycloak's texts (wire.md section 1.3).
impl From<&ClientAuthError> for OAuthError {
    fn from(fact: &ClientAuthError) -> Self {
        use ClientAuthError as Fact;
        use ErrorCode::{InvalidClient, TemporarilyUnavailable, UnauthorizedClient};
        match fact {
            // Keycloak: a client of X.509 or federated JWT that shows neither is not found at all (measured on 26.7.4).
            Fact::NoClient | Fact::Unknown | Fact::Disabled(_) | Fact::MethodNotServed(_) => {
                Self::new(401, InvalidClient, GENERIC)
            }
            Fact::SecretMissing(_) | Fact::SecretMismatch(_) => Self::new(401, UnauthorizedClient, GENERIC),
            Fact::TransportNotAllowed { allowed: SecretTransport::Basic, .. } => Self::new(401, UnauthorizedClient, USE_BASIC),
            Fact::TransportNotAllowed { allowed: SecretTransport::Post, .. } => Self::new(401, UnauthorizedClient, USE_POST),
            Fact::BasicEncoding | Fact::MediaType => {
                Self::new(400, UnauthorizedClient, "Unexpected error when authenticating client")
            }
            // Keycloak: whatever is wrong with a certificate, the client is not found (measured on 26.7.4).
            Fact::Certificate(..) => Self::new(401, InvalidClient, GENERIC),
            Fact::Assertion(_, error) => error.into(),
            Fact::OtherProtocol(_) => Self::new(400, InvalidClient, "Wrong client protocol."),
            Fact::BearerOnly(_) => Self::new(400, InvalidClient, "Bearer-only not allowed"),
            Fact::Unavailable(_) => {
                Self::new(503, TemporarilyUnavailable, "The server cannot answer right now, try again shortly")
            }
        }
    }
}

/// Keycloak: wire.md section 1.3, the second table; measured on 26.7.4.
impl From<&AssertionError> for OAuthError {
    fn from(error: &AssertionError) -> Self {
        use AssertionError as Fault;
        use ErrorCode::{InvalidClient, UnauthorizedClient};
        let refused = |text| Self::new(400, InvalidClient, text);
        match error {
            Fault::TypeMissing => refused("Parameter client_assertion_type is missing"),
            Fault::OtherType(sent) => Self {
                description: format!("Parameter client_assertion_type has value '{sent}' but expected is '{JWT_BEARER}'").into(),
                ..refused("")
            },
            Fault::Missing => refused("client_assertion parameter missing"),
            Fault::Unreadable(SignedBy::Secret) => Self::new(400, UnauthorizedClient, UNREADABLE_BY_SECRET),
            Fault::Unreadable(_) => refused(UNREADABLE_BY_KEY),
            Fault::OtherClient => refused("client_id parameter does not match authenticated client"),
            Fault::Algorithm => refused("Invalid signature algorithm"),
            Fault::NoKey(_) => refused("Unable to load public key"),
            Fault::Signature(SignedBy::Key) => refused(WRONG_BY_KEY),
            Fault::Signature(SignedBy::Secret) => Self::new(400, UnauthorizedClient, WRONG_BY_SECRET),
            Fault::Signature(SignedBy::Provider) => Self::new(401, InvalidClient, GENERIC),
            Fault::KeyForSecret => Self::new(400, UnauthorizedClient, KEY_FOR_SECRET),
            Fault::Audience => refused("Invalid token audience"),
            Fault::ManyAudiences => refused("Multiple audiences not allowed"),
            Fault::Lifetime(LifetimeError::ExpiryMissing) => refused("Token exp claim is required"),
            Fault::Lifetime(LifetimeError::NotActive) => refused("Token is not active"),
            Fault::Lifetime(LifetimeError::TooLong) => {
                refused("Token expiration is too far in the future and iat claim not present in token")
            }
            Fault::Lifetime(LifetimeError::Future) => refused("Token was issued in the future"),
            Fault::Lifetime(LifetimeError::TooOld) => refused("Token was issued too far in the past to be used now"),
            Fault::IdMissing => refused("Token jti claim is required"),
            Fault::Replayed => refused("Token reuse detected"),
        }
    }
}
