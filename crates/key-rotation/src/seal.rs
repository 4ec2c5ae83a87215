//! What only the realm itself shall read again: handed out, and taken back.

use std::sync::Arc;

use realm_model::Realm;
use zeroize::Zeroizing;

use crate::keys::{ContentEncryption, Recipient, decrypt_compact, encrypt_compact};
use crate::{Algorithm, KeyError, Keyrings, Signer};

const ENC: ContentEncryption = ContentEncryption::A256CbcHs512;

/// What a seal is for: what is sealed for one purpose opens for no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealPurpose {
    /// `auth_req_id` of CIBA.
    AuthReqId,
    /// The cookie `KC_RESTART`.
    Restart,
    /// The cookie `KC_STATE_CHECKER`.
    ToldError,
}

impl SealPurpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::AuthReqId => "auth_req_id",
            Self::Restart => "restart",
            Self::ToldError => "told_error",
        }
    }
}

impl Keyrings {
    /// A JWE, `dir` with `A256CBC-HS512`, that [`Self::open`] reads back on every node, as long as the realm keeps the key; for
    /// this `purpose` alone.
    ///
    /// # Errors
    /// [`KeyError`] where the keys are out of reach.
    pub async fn seal(&self, realm: &Arc<Realm>, purpose: SealPurpose, content: &[u8]) -> Result<String, KeyError> {
        let signer = self.signer(realm, Algorithm::Hs512).await?;
        let key = content_key(&*signer, purpose)?;
        Ok(encrypt_compact(Recipient::Shared(&key), ENC, None, content)?)
    }

    /// What was sealed for this `purpose`; `None` for anything else.
    ///
    /// # Errors
    /// [`KeyError`]; an error says nothing about `sealed`.
    pub async fn open(&self, realm: &Arc<Realm>, purpose: SealPurpose, sealed: &str) -> Result<Option<Vec<u8>>, KeyError> {
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
fn content_key(signer: &dyn Signer, purpose: SealPurpose) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let mut key = Zeroizing::new(Vec::with_capacity(64));
    signer.sign(format!("latchkey:seal:{}", purpose.as_str()).as_bytes(), &mut key)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use ambient::{ManualClock, SeededEntropy, Timestamp};
    use sessions::Memory;

    use super::*;
    use crate::Takeover;
    use crate::test_realm::realm;

    #[tokio::test]
    async fn what_is_sealed_opens_for_its_realm_alone_and_after_a_rotation() {
        let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_800_000_000)));
        let keyrings = Keyrings::new(Arc::new(Memory::new()), clock, Arc::new(SeededEntropy::new(1)));
        let (ours, other) = (Arc::new(realm("ours", Vec::new())), Arc::new(realm("other", Vec::new())));
        let sealed = keyrings.seal(&ours, SealPurpose::AuthReqId, b"content").await.unwrap();
        assert_eq!(keyrings.open(&ours, SealPurpose::AuthReqId, &sealed).await.unwrap().as_deref(), Some(b"content".as_slice()));
        assert_eq!(keyrings.open(&other, SealPurpose::AuthReqId, &sealed).await.unwrap(), None);
        assert_eq!(keyrings.open(&ours, SealPurpose::AuthReqId, "garbage").await.unwrap(), None);
        keyrings.rotate(&ours, Takeover::Immediate).await.unwrap();
        assert_eq!(keyrings.open(&ours, SealPurpose::AuthReqId, &sealed).await.unwrap().as_deref(), Some(b"content".as_slice()));
    }
}
