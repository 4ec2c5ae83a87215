use openssl::bn::BigNum;
use openssl::ec::EcKey;
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Public};
use openssl::pkey_ctx::PkeyCtxRef;
use openssl::x509::X509;
use zeroize::Zeroizing;

use super::hmac::HmacKey;
use super::import::key_of;
use super::material::{Curve, pair_fits, public_key};
use super::pool::ContextPool;
use super::signing::{digest, set_rsa};
use super::{CryptoError, Material, PublicMembers, base64_of_pem, failed};
use crate::Algorithm;
use crate::algorithm::{Family, Hash};

/// A key that verifies one algorithm and no other.
pub struct VerificationKey {
    algorithm: Algorithm,
    kind: Kind,
}

enum Kind {
    Rsa { hash: Hash, length: usize, pool: ContextPool<Public> },
    Ec { hash: Hash, curve: Curve, key: EcKey<Public> },
    Ed(PKey<Public>),
    Hmac(Box<HmacKey>),
}

impl VerificationKey {
    /// From a DER `SubjectPublicKeyInfo`; `None` where `algorithm` has no public keys or asks for another kind.
    ///
    /// # Errors
    /// [`CryptoError`] where the bytes are no public key.
    pub fn from_public_der(algorithm: Algorithm, der: &[u8]) -> Result<Option<Self>, CryptoError> {
        if algorithm.is_symmetric() {
            return Ok(None);
        }
        Ok(public_key(algorithm, der)?.and_then(|key| Self::of_key(algorithm, key)))
    }

    /// From the public members of a JWK; `None` where `algorithm` asks for another kind of key.
    ///
    /// # Errors
    /// [`CryptoError`] where the members are no key.
    pub(crate) fn from_members(algorithm: Algorithm, members: &PublicMembers) -> Result<Option<Self>, CryptoError> {
        let key = key_of(members)?;
        Ok(if pair_fits(&key, algorithm) { Self::of_key(algorithm, key) } else { None })
    }

    /// From an X.509 certificate as Keycloak keeps those of clients (`jwt.credential.certificate`): PEM, or the base64 within
    /// it. Nothing but its key is looked at, as in Keycloak: not its dates, not who issued it.
    ///
    /// # Errors
    /// [`CryptoError`] where the text is no certificate.
    pub fn from_certificate(algorithm: Algorithm, text: &str) -> Result<Option<Self>, CryptoError> {
        Self::from_public_der(algorithm, &key_of_certificate(text)?)
    }

    /// From a public key as Keycloak keeps those of identity providers (`publicKeySignatureVerifier`): PEM, or the base64
    /// within it.
    ///
    /// # Errors
    /// [`CryptoError`] where the text is no public key.
    pub fn from_public_text(algorithm: Algorithm, text: &str) -> Result<Option<Self>, CryptoError> {
        let der = base64_of_pem(text).ok_or(CryptoError { operation: "read a public key", reason: "it is not base64" })?;
        Self::from_public_der(algorithm, &der)
    }

    /// From a shared secret (`HS*`); `None` for other algorithms and for a secret below 16 bytes.
    pub fn from_secret(algorithm: Algorithm, secret: &[u8]) -> Option<Self> {
        let fits = Material::Secret(Zeroizing::new(secret.to_vec())).fits(algorithm) && algorithm.family() == Family::Hmac;
        fits.then(|| HmacKey::new(algorithm.hash()?, secret))
            .flatten()
            .map(|key| Self { algorithm, kind: Kind::Hmac(Box::new(key)) })
    }

    /// The one that verifies what `material` signs; `None` for algorithms that do not sign.
    pub(crate) fn of(algorithm: Algorithm, material: &Material) -> Result<Option<Self>, CryptoError> {
        match material {
            Material::Secret(secret) => Ok(Self::from_secret(algorithm, secret)),
            Material::Pair(_) => match material.public_der()? {
                Some(der) => Self::from_public_der(algorithm, &der),
                None => Ok(None),
            },
        }
    }

    fn of_key(algorithm: Algorithm, key: PKey<Public>) -> Option<Self> {
        let kind = match algorithm.family() {
            Family::Rsa | Family::RsaPss => {
                let (hash, length) = (algorithm.hash()?, key.size());
                let pool = ContextPool::new(
                    key,
                    Box::new(move |context| {
                        context.verify_init()?;
                        set_rsa(context, algorithm, hash)
                    }),
                );
                Kind::Rsa { hash, length, pool }
            }
            Family::Ec => Kind::Ec { hash: algorithm.hash()?, curve: Curve::of_key(&key)?, key: key.ec_key().ok()? },
            Family::Ed => Kind::Ed(key),
            Family::Hmac | Family::RsaEncryption | Family::EcEncryption | Family::Aes => return None,
        };
        Some(Self { algorithm, kind })
    }

    /// The one algorithm this key verifies.
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Whether `signature` is one over `input` under this key and its algorithm.
    pub fn verifies(&self, input: &[u8], signature: &[u8]) -> bool {
        let verified = match &self.kind {
            // RFC 8017 section 8.1.2, step 1: without its first zeros it would be a second form of the same signature.
            Kind::Rsa { length, .. } if signature.len() != *length => Ok(false),
            Kind::Rsa { hash, pool, .. } => pool.with(|context| digest(*hash, input, |digest| fits(context, digest, signature))),
            Kind::Ec { hash, curve, key } => halves(*curve, signature).and_then(|pair| {
                let Some(pair) = pair else { return Ok(false) };
                let verified = digest(*hash, input, |digest| pair.verify(digest, key))?;
                if verified { Ok(true) } else { Err(ErrorStack::get()) }
            }),
            Kind::Ed(key) => openssl::sign::Verifier::new_without_digest(key)
                .and_then(|mut verifier| verifier.verify_oneshot(signature, input)),
            Kind::Hmac(key) => Ok(key.verifies(input, signature)),
        };
        // An error is a signature that cannot even be read.
        verified.unwrap_or(false)
    }
}

/// DER `SubjectPublicKeyInfo` of an X.509 certificate: PEM, or the base64 within it.
pub(crate) fn key_of_certificate(text: &str) -> Result<Vec<u8>, CryptoError> {
    let operation = "read a certificate";
    let der = base64_of_pem(text).ok_or(CryptoError { operation, reason: "it is not base64" })?;
    let key = X509::from_der(&der).and_then(|certificate| certificate.public_key()?.public_key_to_der());
    key.map_err(failed(operation))
}

/// Only what fits is `Ok`, so that a context that has refused is not used again: one for PSS would refuse good signatures too.
fn fits(context: &mut PkeyCtxRef<Public>, digest: &[u8], signature: &[u8]) -> Result<bool, ErrorStack> {
    if context.verify(digest, signature)? { Ok(true) } else { Err(ErrorStack::get()) }
}

/// R and S; `None` where the length is not exactly theirs (RFC 7518 section 3.4).
fn halves(curve: Curve, signature: &[u8]) -> Result<Option<EcdsaSig>, ErrorStack> {
    let Some((r, s)) = signature.split_at_checked(curve.coordinate()) else { return Ok(None) };
    if r.len() != s.len() {
        return Ok(None);
    }
    EcdsaSig::from_private_components(BigNum::from_slice(r)?, BigNum::from_slice(s)?).map(Some)
}
