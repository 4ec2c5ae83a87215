//! Short proofs that the realm itself has said something: what a browser is given in clear, and must bring back unchanged.

use std::sync::Arc;

use base64_simd::URL_SAFE_NO_PAD;
use realm_model::Realm;
use subtle::ConstantTimeEq;

use crate::{Algorithm, KeyError, Keyrings, Signer};

/// What a tag is for: a tag for one purpose holds for no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagPurpose {
    /// The cookie `AUTH_SESSION_ID`.
    AuthSessionId,
}

impl TagPurpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::AuthSessionId => "auth_session_id",
        }
    }
}

impl Keyrings {
    /// The tag of `text`, 86 characters: HMAC-SHA512 with the realm's secret, for this `purpose` alone.
    ///
    /// # Errors
    /// [`KeyError`] where the keys are out of reach.
    pub async fn tag(&self, realm: &Arc<Realm>, purpose: TagPurpose, text: &str) -> Result<String, KeyError> {
        tag_with(&*self.signer(realm, Algorithm::Hs512).await?, purpose, text)
    }

    /// Whether `tag` is one of `text`, made with any secret that the realm keeps.
    ///
    /// # Errors
    /// [`KeyError`]; an error says nothing about the tag.
    pub async fn holds(&self, realm: &Arc<Realm>, (purpose, text): (TagPurpose, &str), tag: &str) -> Result<bool, KeyError> {
        for signer in self.of(realm).await?.signers_ever(Algorithm::Hs512) {
            if tag_with(&**signer, purpose, text)?.as_bytes().ct_eq(tag.as_bytes()).into() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The signing input of a token has no `:`, so none is ever signed by accident.
fn tag_with(signer: &dyn Signer, purpose: TagPurpose, text: &str) -> Result<String, KeyError> {
    let mut tag = Vec::with_capacity(64);
    signer.sign(format!("latchkey:tag:{}:{text}", purpose.as_str()).as_bytes(), &mut tag)?;
    Ok(URL_SAFE_NO_PAD.encode_to_string(tag))
}
