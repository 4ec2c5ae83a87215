use oidc_types::{ErrorCode, OAuthError};
use realm_model::SecretTransport;

use crate::ClientAuthError;

const GENERIC: &str = "Invalid client or Invalid client credentials";
const USE_BASIC: &str = "Invalid method used to get client secret. Client requires method 'client_secret_basic' to obtain client secret from the request";
const USE_POST: &str = "Invalid method used to get client secret. Client requires method 'client_secret_post' to obtain client secret from the request";

/// What a client sees of each failure at the token endpoint: Keycloak's texts (wire.md section 1.3).
impl From<&ClientAuthError> for OAuthError {
    fn from(fact: &ClientAuthError) -> Self {
        use ClientAuthError as Fact;
        use ErrorCode::{InvalidClient, UnauthorizedClient};
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
            Fact::AssertionMissing(_) => Self::new(400, InvalidClient, "Parameter client_assertion_type is missing"),
            Fact::OtherProtocol(_) => Self::new(400, InvalidClient, "Wrong client protocol."),
            Fact::BearerOnly(_) => Self::new(400, InvalidClient, "Bearer-only not allowed"),
        }
    }
}
