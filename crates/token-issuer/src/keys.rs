use thiserror::Error;

/// Why a realm's keys did not do their work.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum KeyError {
    /// The realm has no key for this algorithm.
    #[error("the realm has no active key for {0}")]
    NoKey(String),
    /// The signature could not be made.
    #[error("signing with {0} failed")]
    Signing(String),
}

/// A token whose signature holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedToken {
    /// `alg` of its header: that of the key.
    pub algorithm: String,
    /// Its claims: JSON, not yet read.
    pub claims: Vec<u8>,
}

/// The keys of a realm, as token-issuer uses them.
pub trait RealmKeys: Send + Sync {
    /// Signs `claims` with the active key for `algorithm` and writes the compact form, `typ` in the header.
    ///
    /// # Errors
    /// See [`KeyError`].
    fn sign(&self, algorithm: &str, typ: &str, claims: &[u8]) -> Result<String, KeyError>;

    /// Checks the signature of a compact token: the key by its `kid`, the algorithm by the key. `None` for anything that
    /// was not signed by this realm.
    fn verify(&self, token: &str) -> Option<SignedToken>;
}
