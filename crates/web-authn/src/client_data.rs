//! `clientDataJSON`: what the browser says of the ceremony (section 5.8.1).

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::challenge::Challenge;
use crate::error::WebAuthnError;
use crate::relying_party::RelyingParty;

/// Bytes of it at the most; browsers write some two hundred.
const LONGEST: usize = 8 * 1024;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    r#type: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
    top_origin: Option<String>,
}

/// Which ceremony an answer is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ceremony {
    Create,
    Get,
}

impl Ceremony {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "webauthn.create",
            Self::Get => "webauthn.get",
        }
    }
}

/// base64url; padding is forgiven.
pub(crate) fn base64url(text: &str) -> Option<Vec<u8>> {
    base64_simd::URL_SAFE_NO_PAD.decode_to_vec(text.trim_end_matches('=')).ok()
}

/// The SHA-256 of `clientDataJSON`, once it says this ceremony, our challenge and our origin.
pub(crate) fn check(
    sent: &str,
    ceremony: Ceremony,
    (party, challenge): (&RelyingParty, &Challenge),
) -> Result<[u8; 32], WebAuthnError> {
    let json = base64url(sent).filter(|json| json.len() <= LONGEST).ok_or(WebAuthnError::ClientData)?;
    let data: ClientData = serde_json::from_slice(&json).map_err(|_| WebAuthnError::ClientData)?;
    if data.r#type != ceremony.as_str() {
        return Err(WebAuthnError::OtherCeremony);
    }
    if !challenge.matches(&data.challenge) {
        return Err(WebAuthnError::OtherChallenge);
    }
    // Our pages let nobody frame them.
    if data.cross_origin || data.top_origin.is_some() {
        return Err(WebAuthnError::OtherOrigin);
    }
    party.refuse_other_origin(&data.origin)?;
    Ok(Sha256::digest(&json).into())
}
