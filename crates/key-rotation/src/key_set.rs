use serde::Deserialize;
use thiserror::Error;

use crate::keys::{PublicMembers, VerificationKey, base64_of_pem, import_public, key_of_certificate};
use crate::{Algorithm, KeyUse, Recipient, VerifyError};

/// A set of more keys is not looked at to its end.
const MOST_KEYS: usize = 100;

/// The public keys of somebody: a client's `jwks`, an identity provider's `certs`, our own as others see them.
pub struct PublicKeySet {
    keys: Vec<PublicKey>,
    encryption: Vec<EncryptionKey>,
}

/// A key of `use` `enc`.
struct EncryptionKey {
    algorithm: Algorithm,
    kid: Option<String>,
    /// `SubjectPublicKeyInfo`
    der: Vec<u8>,
}

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
    /// Reads `{"keys":[…]}`. Keys that are of no use here are passed over (RFC 7517 section 5): unknown kinds, shared secrets,
    /// broken ones.
    ///
    /// # Errors
    /// [`NoKeySet`] where the whole is not of that form.
    pub fn parse(json: &[u8]) -> Result<Self, NoKeySet> {
        let set: Set = serde_json::from_slice(json).map_err(|_| NoKeySet)?;
        let mut all = Self { keys: Vec::new(), encryption: Vec::new() };
        for jwk in set.keys.into_iter().take(MOST_KEYS).filter_map(|jwk| serde_json::from_value::<Jwk>(jwk).ok()) {
            match jwk.key_use.as_deref() {
                None | Some("sig") => all.keys.extend(PublicKey::read(jwk)),
                Some("enc") => all.encryption.extend(EncryptionKey::read(jwk)),
                Some(_) => {}
            }
        }
        Ok(all)
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
        let key = PublicKey::of(None, der.to_vec(), |_| true).ok_or(NoKeySet)?;
        Ok(Self { keys: vec![key], encryption: Vec::new() })
    }

    /// Whether `key`, a DER `SubjectPublicKeyInfo`, is one of them.
    pub fn holds(&self, key: &[u8]) -> bool {
        self.keys.iter().any(|known| known.der == key)
    }

    /// Whether no key in it can verify anything here.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Whether there is a key with this `kid`.
    pub fn has(&self, kid: &str) -> bool {
        self.keys.iter().any(|key| key.kid.as_deref() == Some(kid))
    }

    /// To whom something is encrypted with `algorithm`. Keycloak: the first key that says itself that it is for encryption, and
    /// with this algorithm (measured on 26.7.4).
    pub fn recipient(&self, algorithm: Algorithm) -> Option<Recipient<'_>> {
        let key = self.encryption.iter().find(|key| key.algorithm == algorithm)?;
        Some(Recipient::Public { algorithm, kid: key.kid.as_deref(), der: &key.der })
    }

    /// Whether `signature` over `input` is one under a key of this set: the one with this `kid`, or any of the algorithm where
    /// the token or the key names none.
    ///
    /// # Errors
    /// [`VerifyError`]; [`VerifyError::UnknownKey`] is a reason to fetch the set again.
    pub fn verify(&self, kid: Option<&str>, algorithm: Algorithm, input: &[u8], signature: &[u8]) -> Result<(), VerifyError> {
        let named = |key: &&PublicKey| kid.is_none() || key.kid.is_none() || key.kid.as_deref() == kid;
        let mut verdict = Err(VerifyError::UnknownKey);
        for key in self.keys.iter().filter(named) {
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

impl Jwk {
    /// `SubjectPublicKeyInfo`; `None` where the members are no public key.
    fn der(&self) -> Option<Vec<u8>> {
        let text = |member: &Option<String>| member.clone();
        let members = match self.kty.as_str() {
            "RSA" => PublicMembers::Rsa { n: text(&self.n)?, e: text(&self.e)? },
            "EC" => PublicMembers::Ec { curve: text(&self.crv)?.into(), x: text(&self.x)?, y: text(&self.y)? },
            "OKP" => PublicMembers::Okp { curve: text(&self.crv)?.into(), x: text(&self.x)? },
            _ => return None,
        };
        import_public(&members).ok()
    }
}

impl EncryptionKey {
    fn read(jwk: Jwk) -> Option<Self> {
        let algorithm = jwk.alg.as_deref().and_then(Algorithm::parse)?;
        let der = jwk.der().filter(|_| algorithm.key_use() == KeyUse::Encryption)?;
        Some(Self { algorithm, kid: jwk.kid, der })
    }
}

impl PublicKey {
    fn read(jwk: Jwk) -> Option<Self> {
        let der = jwk.der()?;
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
    fn a_recipient_is_a_key_that_says_what_it_is_for() {
        let plain = r#"{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}"#;
        let with = |members: &str| plain.replace('{', &format!("{{{members},"));
        let fit = with(r#""use":"enc","alg":"ECDH-ES","kid":"e""#);
        let other = with(r#""use":"enc","alg":"ECDH-ES+A128KW""#);
        let unfit =
            [plain.to_owned(), with(r#""use":"enc""#), with(r#""alg":"ECDH-ES""#), with(r#""use":"sig","alg":"ECDH-ES""#)];
        for odd in unfit.iter().chain([&other]) {
            assert!(set(&[odd]).recipient(Algorithm::EcdhEs).is_none(), "{odd}");
            let keys = set(&[odd, &fit]);
            assert!(matches!(keys.recipient(Algorithm::EcdhEs), Some(Recipient::Public { kid: Some("e"), .. })), "{odd}");
        }
    }

    #[test]
    fn what_is_no_set_is_an_error() {
        for text in ["", "[]", "{}", r#"{"keys":7}"#] {
            assert_eq!(PublicKeySet::parse(text.as_bytes()).err(), Some(NoKeySet), "{text}");
        }
    }
}
