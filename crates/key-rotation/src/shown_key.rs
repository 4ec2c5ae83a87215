use base64_simd::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::Algorithm;
use crate::algorithm::Family;
use crate::keys::{Curve, PublicMembers, VerificationKey};

/// Characters of a member at the most: an RSA key of 8,192 bits.
const LONGEST_MEMBER: usize = 1366;

/// Members of a JWK that are nobody's but its owner's (RFC 7518 section 6).
const PRIVATE: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "oth"];

/// A public key that somebody shows beside a signature: `jwk` of a JOSE header (RFC 7515 section 4.1.3). It proves nothing
/// beyond that the signature is its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownKey {
    members: PublicMembers,
}

/// Why a `jwk` is no key that could be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ShownKeyFault {
    /// `kty` is none of RSA, EC and OKP.
    #[error("a jwk of an unsupported type")]
    UnsupportedType,
    /// Its private part is there.
    #[error("a jwk with its private part")]
    Private,
    /// It lacks a member, or one is no base64url.
    #[error("a jwk that is no key")]
    Malformed,
}

/// Why a signature is not that of a shown key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SignatureFault {
    /// The algorithm is for another type of key.
    #[error("the key is for another algorithm")]
    OtherKeyType,
    /// The members are no key.
    #[error("the jwk is no key")]
    NoKey,
    /// It has not the length of a signature of this key and algorithm.
    #[error("the signature cannot be one of this key")]
    Unreadable,
    /// It is another key's, or over something else.
    #[error("the signature does not fit")]
    Wrong,
}

impl ShownKey {
    /// Reads a JWK.
    ///
    /// # Errors
    /// [`ShownKeyFault`]; whether the members make a key is told by [`Self::verify`].
    pub fn read(jwk: &Map<String, Value>) -> Result<Self, ShownKeyFault> {
        let text = |name: &str| {
            let value = jwk.get(name).and_then(Value::as_str).filter(|text| text.len() <= LONGEST_MEMBER);
            value.map(str::to_owned).ok_or(ShownKeyFault::Malformed)
        };
        let kind = jwk.get("kty").and_then(Value::as_str).unwrap_or_default();
        if !["RSA", "EC", "OKP"].contains(&kind) {
            return Err(ShownKeyFault::UnsupportedType);
        }
        if PRIVATE.iter().any(|name| jwk.contains_key(*name)) {
            return Err(ShownKeyFault::Private);
        }
        let members = match kind {
            "RSA" => PublicMembers::Rsa { n: text("n")?, e: text("e")? },
            "EC" => PublicMembers::Ec { curve: text("crv")?.into(), x: text("x")?, y: text("y")? },
            _ => PublicMembers::Okp { curve: text("crv")?.into(), x: text("x")? },
        };
        Ok(Self { members })
    }

    /// `kty`
    pub const fn key_type(&self) -> &'static str {
        match self.members {
            PublicMembers::Rsa { .. } => "RSA",
            PublicMembers::Ec { .. } => "EC",
            PublicMembers::Okp { .. } => "OKP",
        }
    }

    #[cfg(test)]
    pub(crate) fn members(&self) -> &PublicMembers {
        &self.members
    }

    /// SHA-256 over the required members in their order, base64url (RFC 7638 section 3).
    pub fn thumbprint(&self) -> String {
        let text = |value: &str| Value::from(value).to_string();
        let canonical = match &self.members {
            PublicMembers::Rsa { n, e } => format!(r#"{{"e":{},"kty":"RSA","n":{}}}"#, text(e), text(n)),
            PublicMembers::Ec { curve, x, y } => {
                format!(r#"{{"crv":{},"kty":"EC","x":{},"y":{}}}"#, text(curve), text(x), text(y))
            }
            PublicMembers::Okp { curve, x } => format!(r#"{{"crv":{},"kty":"OKP","x":{}}}"#, text(curve), text(x)),
        };
        URL_SAFE_NO_PAD.encode_to_string(Sha256::digest(canonical))
    }

    /// Whether `signature` over `input` is one of this key under `algorithm`.
    ///
    /// # Errors
    /// [`SignatureFault`]
    pub fn verify(&self, algorithm: Algorithm, input: &[u8], signature: &[u8]) -> Result<(), SignatureFault> {
        if !self.is_of(algorithm.family()) {
            return Err(SignatureFault::OtherKeyType);
        }
        let key = VerificationKey::from_members(algorithm, &self.members).map_err(|_| SignatureFault::NoKey)?;
        // An elliptic curve of another algorithm, an RSA key that is too short.
        let key = key.ok_or(SignatureFault::Unreadable)?;
        if self.signature_len() != Some(signature.len()) {
            return Err(SignatureFault::Unreadable);
        }
        if key.verifies(input, signature) { Ok(()) } else { Err(SignatureFault::Wrong) }
    }

    const fn is_of(&self, family: Family) -> bool {
        matches!(
            (&self.members, family),
            (PublicMembers::Rsa { .. }, Family::Rsa | Family::RsaPss)
                | (PublicMembers::Ec { .. }, Family::Ec)
                | (PublicMembers::Okp { .. }, Family::Ed)
        )
    }

    /// Bytes of a signature.
    fn signature_len(&self) -> Option<usize> {
        match &self.members {
            PublicMembers::Rsa { n, .. } => {
                let n = URL_SAFE_NO_PAD.decode_to_vec(n).ok()?;
                Some(n.iter().skip_while(|byte| **byte == 0).count())
            }
            PublicMembers::Ec { curve, .. } => Curve::parse(curve).map(|curve| 2 * curve.coordinate()),
            PublicMembers::Okp { curve, .. } => Some(if curve == "Ed448" { 114 } else { 64 }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 8037 appendix A.2, A.3 and A.4.
    const ED: &str = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    const INPUT: &[u8] = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    const SIGNATURE: &str = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

    fn read(json: &str) -> Result<ShownKey, ShownKeyFault> {
        ShownKey::read(&serde_json::from_str(json).unwrap())
    }

    #[test]
    fn the_examples_of_rfc_8037_and_7638_have_their_thumbprints() {
        assert_eq!(read(ED).unwrap().thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        let rsa = r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#;
        assert_eq!(read(rsa).unwrap().thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }

    #[test]
    fn a_signature_of_the_key_verifies_and_no_other() {
        let (key, signature) = (read(ED).unwrap(), URL_SAFE_NO_PAD.decode_to_vec(SIGNATURE).unwrap());
        assert_eq!(key.verify(Algorithm::EdDsa, INPUT, &signature), Ok(()));
        assert_eq!(key.verify(Algorithm::EdDsa, b"other", &signature), Err(SignatureFault::Wrong));
        assert_eq!(key.verify(Algorithm::EdDsa, INPUT, &signature[1..]), Err(SignatureFault::Unreadable));
        assert_eq!(key.verify(Algorithm::Es256, INPUT, &signature), Err(SignatureFault::OtherKeyType));
        assert_eq!(key.verify(Algorithm::Hs256, INPUT, &signature), Err(SignatureFault::OtherKeyType));
    }

    #[test]
    fn what_is_no_public_key_is_told_apart() {
        for (jwk, fault) in [
            ("{}", ShownKeyFault::UnsupportedType),
            (r#"{"kty":"oct","k":"AA"}"#, ShownKeyFault::UnsupportedType),
            (r#"{"kty":"EC","crv":"P-256","x":"AA","y":"AA","d":"AA"}"#, ShownKeyFault::Private),
            (r#"{"kty":"RSA","n":"AA","e":"AQAB","p":null}"#, ShownKeyFault::Private),
            (r#"{"kty":"EC","crv":"P-256","x":"AA"}"#, ShownKeyFault::Malformed),
            (r#"{"kty":"EC","crv":7,"x":"AA","y":"AA"}"#, ShownKeyFault::Malformed),
        ] {
            assert_eq!(read(jwk), Err(fault), "{jwk}");
        }
        let long = format!(r#"{{"kty":"RSA","e":"AQAB","n":"{}"}}"#, "A".repeat(1367));
        assert_eq!(read(&long), Err(ShownKeyFault::Malformed));
    }

    #[test]
    fn a_point_that_is_not_on_its_curve_is_no_key() {
        for jwk in [r#"{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}"#, r#"{"kty":"EC","crv":"P-256","x":"!","y":"AA"}"#] {
            assert_eq!(read(jwk).unwrap().verify(Algorithm::Es256, b"", &[0; 64]), Err(SignatureFault::NoKey), "{jwk}");
        }
    }
}
