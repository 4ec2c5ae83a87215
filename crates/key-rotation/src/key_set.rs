use serde::Deserialize;
use thiserror::Error;

use crate::keys::{PublicMembers, VerificationKey, base64_of_pem, import_public, key_of_certificate};
use crate::{Algorithm, VerifyError};

/// A set of more keys is not looked at to its end.
const MOST_KEYS: usize = 100;

/// The public keys of somebody: a client's `jwks`, an identity provider's `certs`, our own as others see them.
pub struct PublicKeySet(Vec<PublicKey>);

struct PublicKey {
    kid: Option<String>,
    /// `SubjectPublicKeyInfo`
    der: Vec<u8>,
    /// One for each algorithm that the key serves.
    verifiers: Vec<VerificationKey>,
}

/// A text that is no JWK set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("this is no JWK set")]
pub struct NoKeySet;

#[derive(Deserialize)]
struct Set {
    keys: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    key_use: Option<String>,
    n: Option<String>,
    e: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl PublicKeySet {
    /// Reads `{"keys":[…]}`. Keys that cannot verify here are passed over (RFC 7517 section 5): unknown kinds, keys for
    /// encryption, shared secrets, broken ones.
    ///
    /// # Errors
    /// [`NoKeySet`] where the whole is not of that form.
    pub fn parse(json: &[u8]) -> Result<Self, NoKeySet> {
        let set: Set = serde_json::from_slice(json).map_err(|_| NoKeySet)?;
        Ok(Self(set.keys.into_iter().take(MOST_KEYS).filter_map(PublicKey::read).collect()))
    }

    /// The one key of an X.509 certificate: PEM, or the base64 within it. Nothing but its key is looked at.
    ///
    /// # Errors
    /// [`NoKeySet`] where the text is no certificate of a key that verifies.
    pub fn of_certificate(text: &str) -> Result<Self, NoKeySet> {
        Self::of_der(&key_of_certificate(text).map_err(|_| NoKeySet)?)
    }

    /// The one key of a `SubjectPublicKeyInfo`: PEM, or the base64 within it.
    ///
    /// # Errors
    /// [`NoKeySet`] where the text is no key that verifies.
    pub fn of_public_key(text: &str) -> Result<Self, NoKeySet> {
        Self::of_der(&base64_of_pem(text).ok_or(NoKeySet)?)
    }

    fn of_der(der: &[u8]) -> Result<Self, NoKeySet> {
        PublicKey::of(None, der.to_vec(), |_| true).map(|key| Self(vec![key])).ok_or(NoKeySet)
    }

    /// Whether `key`, a DER `SubjectPublicKeyInfo`, is one of them.
    pub fn holds(&self, key: &[u8]) -> bool {
        self.0.iter().any(|known| known.der == key)
    }

    /// Whether no key in it can verify anything here.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether there is a key with this `kid`.
    pub fn has(&self, kid: &str) -> bool {
        self.0.iter().any(|key| key.kid.as_deref() == Some(kid))
    }

    /// Whether `signature` over `input` is one under a key of this set: the one with this `kid`, or any of the algorithm where
    /// the token or the key names none.
    ///
    /// # Errors
    /// [`VerifyError`]; [`VerifyError::UnknownKey`] is a reason to fetch the set again.
    pub fn verify(&self, kid: Option<&str>, algorithm: Algorithm, input: &[u8], signature: &[u8]) -> Result<(), VerifyError> {
        let named = |key: &&PublicKey| kid.is_none() || key.kid.is_none() || key.kid.as_deref() == kid;
        let mut verdict = Err(VerifyError::UnknownKey);
        for key in self.0.iter().filter(named) {
            verdict = match key.verifiers.iter().find(|v| v.algorithm() == algorithm) {
                Some(verifier) if verifier.verifies(input, signature) => return Ok(()),
                Some(_) => Err(VerifyError::BadSignature),
                None if verdict == Err(VerifyError::UnknownKey) => Err(VerifyError::OtherAlgorithm),
                None => verdict,
            };
        }
        verdict
    }
}

impl PublicKey {
    fn read(jwk: serde_json::Value) -> Option<Self> {
        let jwk: Jwk = serde_json::from_value(jwk).ok()?;
        if jwk.key_use.as_deref().is_some_and(|key_use| key_use != "sig") {
            return None;
        }
        let members = match jwk.kty.as_str() {
            "RSA" => PublicMembers::Rsa { n: jwk.n?, e: jwk.e? },
            "EC" => PublicMembers::Ec { curve: jwk.crv?.into(), x: jwk.x?, y: jwk.y? },
            "OKP" => PublicMembers::Okp { curve: jwk.crv?.into(), x: jwk.x? },
            _ => return None,
        };
        let der = import_public(&members).ok()?;
        let serves = |algorithm: &Algorithm| jwk.alg.as_deref().is_none_or(|alg| alg == algorithm.as_str());
        Self::of(jwk.kid, der, serves)
    }

    fn of(kid: Option<String>, der: Vec<u8>, serves: impl Fn(&Algorithm) -> bool) -> Option<Self> {
        let verifier = |algorithm| VerificationKey::from_public_der(algorithm, &der).ok().flatten();
        let verifiers: Vec<_> = Algorithm::ALL.into_iter().filter(serves).filter_map(verifier).collect();
        (!verifiers.is_empty()).then_some(Self { kid, der, verifiers })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 8037 appendix A.2 and A.4.
    const ED: &str = r#"{"kty":"OKP","crv":"Ed25519","kid":"ed","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    const INPUT: &[u8] = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    const SIGNATURE: &str = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

    fn set(keys: &[&str]) -> PublicKeySet {
        PublicKeySet::parse(format!(r#"{{"keys":[{}]}}"#, keys.join(",")).as_bytes()).unwrap()
    }

    fn verify(set: &PublicKeySet, kid: Option<&str>, algorithm: Algorithm) -> Result<(), VerifyError> {
        set.verify(kid, algorithm, INPUT, &base64_simd::URL_SAFE_NO_PAD.decode_to_vec(SIGNATURE).unwrap())
    }

    #[test]
    fn the_example_of_rfc_8037_verifies() {
        let keys = set(&[ED]);
        assert_eq!(verify(&keys, Some("ed"), Algorithm::EdDsa), Ok(()));
        assert_eq!(verify(&keys, None, Algorithm::EdDsa), Ok(()));
        assert_eq!(verify(&keys, Some("other"), Algorithm::EdDsa), Err(VerifyError::UnknownKey));
        assert_eq!(verify(&keys, Some("ed"), Algorithm::Es256), Err(VerifyError::OtherAlgorithm));
        assert!(keys.has("ed") && !keys.has("other"));
    }

    #[test]
    fn keys_that_cannot_verify_are_passed_over() {
        let secret = r#"{"kty":"oct","k":"AAAA","kid":"ed"}"#;
        let encryption = ED.replace('{', r#"{"use":"enc","#);
        let other = ED.replace('{', r#"{"alg":"ES256","#);
        let off_curve = r#"{"kty":"EC","crv":"P-256","x":"AQ","y":"AQ"}"#;
        for odd in [secret, &encryption, &other, off_curve, "7", "{}", r#"{"kty":"RSA","n":"","e":""}"#] {
            assert_eq!(verify(&set(&[odd]), Some("ed"), Algorithm::EdDsa), Err(VerifyError::UnknownKey), "{odd}");
            assert_eq!(verify(&set(&[odd, ED]), Some("ed"), Algorithm::EdDsa), Ok(()), "{odd}");
        }
    }

    #[test]
    fn what_is_no_set_is_an_error() {
        for text in ["", "[]", "{}", r#"{"keys":7}"#] {
            assert_eq!(PublicKeySet::parse(text.as_bytes()).err(), Some(NoKeySet), "{text}");
        }
    }
}
