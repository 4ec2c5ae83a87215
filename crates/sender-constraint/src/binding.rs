use oidc_types::{ErrorCode, OAuthError};
use thiserror::Error;

use crate::DpopProof;

/// What Keycloak tells of a token that is bound to another certificate, refresh token or not.
pub const OTHER_CERTIFICATE: &str = "Client certificate missing, or its thumbprint and one in the refresh token did NOT match";

/// Why whoever shows a token may not: it is bound to a key or certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BindingError {
    /// There is no DPoP proof beside it.
    #[error("the token is bound to a key, and there is no DPoP proof")]
    ProofMissing,
    /// The proof is of another key.
    #[error("the token is bound to another key")]
    OtherKey,
    /// The client's tokens must be bound to its certificate, and it showed none.
    #[error("the client's tokens must be bound to a certificate, and there is none")]
    CertificateMissing,
    /// The token is bound to a certificate by which the client did not come.
    #[error("the token is bound to another certificate")]
    OtherCertificate,
}

/// Refuses a token whose `cnf` names the key `jkt` unless the proof beside it is of that key. A token that is bound to no key
/// needs none.
///
/// # Errors
/// [`BindingError`]
pub fn refuse_other_key(jkt: Option<&str>, proof: Option<&DpopProof>) -> Result<(), BindingError> {
    match (jkt, proof) {
        (None, _) => Ok(()),
        (Some(_), None) => Err(BindingError::ProofMissing),
        (Some(jkt), Some(proof)) if proof.thumbprint() == jkt => Ok(()),
        (Some(_), Some(_)) => Err(BindingError::OtherKey),
    }
}

/// Keycloak: recordings dpop/{refresh-public,revoke-and-logout}; wire.md section 1.8.
impl From<&BindingError> for OAuthError {
    fn from(error: &BindingError) -> Self {
        use ErrorCode::{InvalidGrant, InvalidRequest, UnauthorizedClient};
        match error {
            BindingError::ProofMissing => Self::new(400, InvalidGrant, "DPoP proof is missing"),
            BindingError::OtherKey => Self::new(400, InvalidGrant, "DPoP confirmation doesn't match DPoP proof"),
            BindingError::CertificateMissing => {
                Self::new(400, InvalidRequest, "Client Certification missing for MTLS HoK Token Binding")
            }
            BindingError::OtherCertificate => Self::new(401, UnauthorizedClient, OTHER_CERTIFICATE),
        }
    }
}
