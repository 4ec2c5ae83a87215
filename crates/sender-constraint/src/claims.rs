use ambient::Timestamp;
use base64_simd::URL_SAFE_NO_PAD;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{ClaimFault, ProofRequest, uri};

/// Seconds that `iat` may be past. Keycloak: measured on 26.7.4.
pub const OLD_SECS: i64 = 24;
/// Seconds that `iat` may be ahead. Keycloak: measured on 26.7.4.
pub const AHEAD_SECS: i64 = 15;

/// The claims of a proof (RFC 9449 section 4.2). Keycloak: neither `exp` nor `nbf` is looked at (recording dpop/iat); numbers pass
/// for texts, and texts for numbers (measured on 26.7.4).
#[derive(Deserialize)]
pub(crate) struct ProofClaims {
    #[serde(default, deserialize_with = "text")]
    jti: Option<String>,
    #[serde(default, deserialize_with = "text")]
    htm: Option<String>,
    #[serde(default, deserialize_with = "text")]
    htu: Option<String>,
    #[serde(default, deserialize_with = "seconds")]
    iat: Option<i64>,
    #[serde(default, deserialize_with = "text")]
    ath: Option<String>,
}

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        scalar @ (Value::Bool(_) | Value::Number(_)) => Ok(Some(scalar.to_string())),
        Value::Array(_) | Value::Object(_) => Err(D::Error::custom("not a text")),
    }
}

#[allow(clippy::cast_possible_truncation)] // what is left of a fraction is the second it lies in
fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let whole = match &value {
        Value::Null => return Ok(None),
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().map(|seconds| seconds as i64)),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    whole.map(Some).ok_or_else(|| D::Error::custom("not a number of seconds"))
}

/// The claims of a proof that fit the request: what is left to do is to spend it.
pub(crate) struct FittingClaims {
    /// `jti` at its `htu`: the same id may be used at another place (RFC 9449 section 11.1).
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
        Ok(FittingClaims { id: format!("{id}\n{shown}"), worthless_from: Timestamp::from_secs(issued).plus_secs(OLD_SECS + 1) })
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
