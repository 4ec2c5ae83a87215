//! What only the realm itself shall read again: handed out, and taken back.

use std::sync::Arc;

use realm_model::Realm;
use zeroize::Zeroizing;

use crate::keys::{ContentEncryption, Recipient, decrypt_compact, encrypt_compact};
use crate::{Algorithm, KeyError, Keyrings, Signer};

const ENC: ContentEncryption = ContentEncryption::A256CbcHs512;

impl Keyrings {
    /// A JWE, `dir` with `A256CBC-HS512`, that [`Self::open`] reads back on every node, as long as the realm keeps the key; for
    /// this `purpose` alone.
    ///
    /// # Errors
    /// [`KeyError`] where the keys are out of reach.
    pub async fn seal(&self, realm: &Arc<Realm>, purpose: &str, content: &[u8]) -> Result<String, KeyError> {
        let signer = self.signer(realm, Algorithm::Hs512).await?;
        let key = content_key(&*signer, purpose)?;
        Ok(encrypt_compact(Recipient::Shared(&key), ENC, None, content)?)
    }

    /// What was sealed for this `purpose`; `None` for anything else.
    ///
    /// # Errors
    /// [`KeyError`]; an error says nothing about `sealed`.
    pub async fn open(&self, realm: &Arc<Realm>, purpose: &str, sealed: &str) -> Result<Option<Vec<u8>>, KeyError> {
        for signer in self.of(realm).await?.signers_ever(Algorithm::Hs512) {
            if let Some(content) = decrypt_compact(&content_key(&**signer, purpose)?, ENC, sealed) {
                return Ok(Some(content));
            }
        }
        Ok(None)
    }
}

/// HMAC-SHA512 as a key derivation (NIST SP 800-108): 64 bytes of the realm's secret for one purpose. The signing input of a
/// token has no `:`, so none is ever signed by accident.
fn content_key(signer: &dyn Signer, purpose: &str) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let mut key = Zeroizing::new(Vec::with_capacity(64));
    signer.sign(format!("latchkey:seal:{purpose}").as_bytes(), &mut key)?;
    Ok(key)
}
