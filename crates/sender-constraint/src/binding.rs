use oidc_types::{ErrorCode, OAuthError};
use thiserror::Error;

use crate::DpopProof;

/// Why whoever shows a token may not: it is bound to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BindingError {
    /// There is no DPoP proof beside it.
    #[error("the token is bound to a key, and there is no DPoP proof")]
    ProofMissing,
    /// The proof is of another key.
    #[error("the token is bound to another key")]
    OtherKey,
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

/// Keycloak: recordings dpop/{refresh-public,revoke-and-logout}.
impl From<BindingError> for OAuthError {
    fn from(error: BindingError) -> Self {
        let text = match error {
            BindingError::ProofMissing => "DPoP proof is missing",
            BindingError::OtherKey => "DPoP confirmation doesn't match DPoP proof",
        };
        Self::new(400, ErrorCode::InvalidGrant, text)
    }
}
