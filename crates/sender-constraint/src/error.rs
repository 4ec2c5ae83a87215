use key_rotation::{Algorithm, ShownKeyFault, SignatureFault};
use sessions::StoreError;
use thiserror::Error;

/// Why a DPoP proof is not accepted.
#[derive(Debug, Error)]
pub enum ProofError {
    /// None is there, or an empty one.
    #[error("no DPoP proof")]
    Missing,
    /// Its header.
    #[error("the header of the DPoP proof: {0}")]
    Header(#[from] HeaderFault),
    /// Its signature is not that of the key in its header.
    #[error("the signature of the DPoP proof, {algorithm} of a key of type {key_type}: {fault}")]
    Signature {
        /// `alg`
        algorithm: Algorithm,
        /// `kty`
        key_type: &'static str,
        /// What is wrong.
        fault: SignatureFault,
    },
    /// Its claims.
    #[error("the claims of the DPoP proof: {0}")]
    Claims(#[from] ClaimFault),
    /// Its `jti` was seen before.
    #[error("the DPoP proof was used before")]
    Used,
    /// Nothing is known of it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is wrong with the header of a proof (RFC 9449 section 4.2).
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HeaderFault {
    /// The proof is no JWT.
    #[error("not a JWT")]
    Unreadable,
    /// `typ` is not `dpop+jwt`; harmless characters of what it is.
    #[error("another typ")]
    OtherType(Option<String>),
    /// No `alg`.
    #[error("no alg")]
    NoAlgorithm,
    /// `alg` is `none` or symmetric.
    #[error("algorithm {0} is not for proofs")]
    UnsupportedAlgorithm(&'static str),
    /// No `jwk`.
    #[error("no jwk")]
    NoKey,
    /// `jwk` is no public key.
    #[error(transparent)]
    Key(#[from] ShownKeyFault),
}

/// What is wrong with the claims of a proof (RFC 9449 section 4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ClaimFault {
    /// `jti`, `htm`, `htu` or `iat` is absent or empty.
    #[error("a mandatory one is missing")]
    Missing,
    /// `htu` is no URI.
    #[error("htu is no URI")]
    MalformedUri,
    /// `htu` is another URI.
    #[error("htu is another URI")]
    OtherUri,
    /// `htm` is another method.
    #[error("htm is another method")]
    OtherMethod,
    /// `iat` is too far from now.
    #[error("iat is too far from now")]
    NotActive,
    /// `ath` is not the hash of the access token beside it.
    #[error("ath is absent or of another access token")]
    OtherToken,
}
