use ambient::Timestamp;
use base64_simd::URL_SAFE_NO_PAD;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::{ClaimFault, ProofRequest, uri};

/// Seconds that `iat` may be past. Keycloak: measured on 26.7.4.
pub const OLD_SECS: i64 = 24;
/// Seconds that `iat` may be ahead. Keycloak: measured on 26.7.4.
pub const AHEAD_SECS: i64 = 15;

/// The claims of a proof (RFC 9449 section 4.2). Keycloak: neither `exp` nor `nbf` is looked at (recording dpop/iat).
#[derive(Deserialize)]
pub(crate) struct ProofClaims {
    #[serde(default)]
    jti: Option<String>,
    #[serde(default)]
    htm: Option<String>,
    #[serde(default)]
    htu: Option<String>,
    #[serde(default)]
    iat: Option<i64>,
    #[serde(default)]
    ath: Option<String>,
}

/// The claims of a proof that fit the request: what is left to do is to spend it.
pub(crate) struct FittingClaims {
    pub(crate) id: String,
    /// From then on it is too old to be shown again.
    pub(crate) worthless_from: Timestamp,
}

impl ProofClaims {
    /// Judges the claims in Keycloak's order (wire.md section 1.12).
    pub(crate) fn judge(self, request: &ProofRequest<'_>) -> Result<FittingClaims, ClaimFault> {
        let text = |claim: Option<String>| claim.filter(|text| !text.is_empty()).ok_or(ClaimFault::Missing);
        let (id, method, shown) = (text(self.jti)?, text(self.htm)?, text(self.htu)?);
        let issued = self.iat.ok_or(ClaimFault::Missing)?;
        refuse_other_uri(&shown, request.uris)?;
        if method != request.method {
            return Err(ClaimFault::OtherMethod);
        }
        refuse_inactive(issued, request.now)?;
        if let Some(token) = request.access_token {
            refuse_other_token(self.ath.as_deref(), token)?;
        }
        Ok(FittingClaims { id, worthless_from: Timestamp::from_secs(issued).plus_secs(OLD_SECS + 1) })
    }
}

fn refuse_other_uri(shown: &str, expected: &[String]) -> Result<(), ClaimFault> {
    let shown = uri::parse(shown).ok_or(ClaimFault::MalformedUri)?;
    let fits = expected.iter().any(|uri| uri::parse(uri).is_some_and(|uri| uri.is(&shown)));
    if fits { Ok(()) } else { Err(ClaimFault::OtherUri) }
}

fn refuse_inactive(issued: i64, now: Timestamp) -> Result<(), ClaimFault> {
    let now = now.secs();
    let window = now.saturating_sub(OLD_SECS)..=now.saturating_add(AHEAD_SECS);
    if window.contains(&issued) { Ok(()) } else { Err(ClaimFault::NotActive) }
}

/// RFC 9449 section 4.3: "ensure that the value of the `ath` claim equals the hash of that access token".
fn refuse_other_token(ath: Option<&str>, token: &str) -> Result<(), ClaimFault> {
    let expected = URL_SAFE_NO_PAD.encode_to_string(Sha256::digest(token));
    if ath == Some(expected.as_str()) { Ok(()) } else { Err(ClaimFault::OtherToken) }
}
