//! What a client is told of each fault of its proof. Keycloak's texts (wire.md section 1.12, recordings dpop/*).

use key_rotation::{ShownKeyFault, SignatureFault};
use oidc_types::{ErrorCode, OAuthError};

use crate::{ClaimFault, HeaderFault, ProofError};

const UNREADABLE: &str = "DPoP header verification failure";

impl From<&ProofError> for OAuthError {
    fn from(error: &ProofError) -> Self {
        let text = match error {
            ProofError::Missing => "DPoP proof is missing".into(),
            ProofError::Header(fault) => header(fault),
            ProofError::Signature { algorithm, key_type, fault } => match fault {
                SignatureFault::OtherKeyType => {
                    format!("Key with algorithm {algorithm} and type {key_type} is incorrect for provider algorithm {algorithm}")
                        .into()
                }
                // Keycloak: 500 there (recording dpop/jwk-private); what a caller sends is the caller's mistake.
                SignatureFault::NoKey => UNREADABLE.into(),
                SignatureFault::Unreadable => {
                    "DPoP verification failure: org.keycloak.common.VerificationException: Signing failed".into()
                }
                SignatureFault::Wrong => {
                    "DPoP verification failure: org.keycloak.exceptions.TokenSignatureInvalidException: Invalid token signature"
                        .into()
                }
            },
            ProofError::Claims(fault) => claims(*fault).into(),
            ProofError::Used => "DPoP proof has already been used".into(),
            ProofError::Store(_) => {
                let text = "The server cannot answer right now, try again shortly";
                return Self::new(503, ErrorCode::TemporarilyUnavailable, text);
            }
        };
        Self { status: 400, code: ErrorCode::InvalidRequest, description: text }
    }
}

fn header(fault: &HeaderFault) -> std::borrow::Cow<'static, str> {
    match fault {
        HeaderFault::Unreadable | HeaderFault::Key(ShownKeyFault::Malformed) => UNREADABLE.into(),
        HeaderFault::OtherType(typ) => {
            format!("Invalid or missing type in DPoP header: {}", typ.as_deref().unwrap_or("null")).into()
        }
        HeaderFault::UnsupportedAlgorithm(name) => format!("Unsupported DPoP algorithm: {name}").into(),
        HeaderFault::NoAlgorithm => "No alg in DPoP header".into(),
        HeaderFault::NoKey => "No JWK in DPoP header".into(),
        HeaderFault::Key(ShownKeyFault::UnsupportedType) => "Unsupported key type in DPoP header".into(),
        HeaderFault::Key(ShownKeyFault::Private) => "Private key material must not be present in DPoP JWK".into(),
    }
}

const fn claims(fault: ClaimFault) -> &'static str {
    match fault {
        ClaimFault::Missing => "DPoP mandatory claims are missing",
        ClaimFault::MalformedUri => "Malformed HTTP URL in DPoP proof",
        ClaimFault::OtherUri => "DPoP HTTP URL mismatch",
        ClaimFault::OtherMethod => "DPoP HTTP method mismatch",
        ClaimFault::NotActive => "DPoP proof is not active",
        ClaimFault::OtherToken => "DPoP proof access token hash mismatch",
    }
}
