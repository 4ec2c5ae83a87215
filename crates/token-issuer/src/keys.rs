use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use key_rotation::{Algorithm, Keyrings, parse_compact, sign_compact};
use oidc_types::ClientId;
use realm_model::Realm;
use thiserror::Error;

/// Why a realm's keys did not do their work.
#[derive(Debug, Error)]
pub enum KeyError {
    /// Nothing is signed with this algorithm.
    #[error("nothing is signed with {0}")]
    NoSigner(String),
    /// The client wants something encrypted, and it cannot be: no key of it, an unknown algorithm.
    #[error("nothing can be encrypted to client {0}: {1}")]
    NoRecipient(ClientId, String),
    /// The keys are out of reach for now; a 503 for the client.
    #[error("the keys are out of reach")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// The keys are there but do not work.
    #[error("the keys do not work")]
    Broken(#[source] Box<dyn Error + Send + Sync>),
}

/// A token whose signature holds.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedToken {
    /// `alg` of its header, which is that of the key.
    pub algorithm: String,
    /// Its claims: JSON, not yet read.
    pub claims: Vec<u8>,
}

/// The keys of all realms, as token-issuer uses them.
#[async_trait]
pub trait RealmKeys: Send + Sync {
    /// Signs `claims` with the active key of `realm` for `algorithm`; the compact form, with `typ` in its header.
    ///
    /// # Errors
    /// See [`KeyError`].
    async fn sign(&self, realm: &Arc<Realm>, algorithm: &str, typ: &str, claims: &[u8]) -> Result<String, KeyError>;

    /// Checks the signature of a compact token: the key by its `kid`, the algorithm by the key. `None` for anything that
    /// was not signed by this realm.
    ///
    /// # Errors
    /// See [`KeyError`]; an error says nothing about the token.
    async fn verify(&self, realm: &Arc<Realm>, token: &str) -> Result<Option<SignedToken>, KeyError>;
}

#[async_trait]
impl RealmKeys for Keyrings {
    async fn sign(&self, realm: &Arc<Realm>, algorithm: &str, typ: &str, claims: &[u8]) -> Result<String, KeyError> {
        let known = Algorithm::parse(algorithm).ok_or_else(|| KeyError::NoSigner(algorithm.to_owned()))?;
        let signer = self.signer(realm, known).await?;
        sign_compact(&*signer, typ, claims).map_err(|fault| KeyError::Broken(fault.into()))
    }

    async fn verify(&self, realm: &Arc<Realm>, token: &str) -> Result<Option<SignedToken>, KeyError> {
        let Ok(parsed) = parse_compact(token) else { return Ok(None) };
        let verdict = Keyrings::verify(self, realm, &parsed).await?;
        let algorithm = parsed.algorithm.as_str().to_owned();
        Ok(verdict.ok().map(|()| SignedToken { algorithm, claims: parsed.payload }))
    }
}

impl From<key_rotation::KeyError> for KeyError {
    fn from(fault: key_rotation::KeyError) -> Self {
        use key_rotation::KeyError as Fault;
        match fault {
            Fault::NoSigner(algorithm) => Self::NoSigner(algorithm.to_string()),
            Fault::Store(_) | Fault::Contended { .. } | Fault::Interrupted => Self::Unavailable(fault.into()),
            Fault::Vault { .. } | Fault::NewerVault { .. } | Fault::Crypto(_) | Fault::Sign(_) | Fault::State(_) => {
                Self::Broken(fault.into())
            }
        }
    }
}
