use std::sync::Arc;

use base64_simd::URL_SAFE_NO_PAD;
use openssl::ec::EcKey;
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::md::Md;
use openssl::md::MdRef;
use openssl::pkey::{PKey, Private};
use openssl::pkey_ctx::PkeyCtxRef;
use openssl::rsa::Padding;
use openssl::sign::RsaPssSaltlen;
use sha2::{Digest, Sha256, Sha384, Sha512};
use thiserror::Error;

use super::hmac::HmacKey;
use super::material::Curve;
use super::pool::ContextPool;
use super::{CryptoError, Material, failed};
use crate::Algorithm;
use crate::algorithm::{Family, Hash};

/// Nothing was signed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the key {kid} cannot sign: {source}")]
pub struct SignError {
    /// The key.
    pub kid: Arc<str>,
    /// Why.
    pub source: CryptoError,
}

/// A key that signs: parsed, checked and bound to one algorithm.
pub trait Signer: Send + Sync {
    /// `alg`
    fn algorithm(&self) -> Algorithm;

    /// `kid`
    fn kid(&self) -> &str;

    /// Appends the signature over `input` to `out`, as RFC 7515 wants it (`ES*`: R and S side by side).
    ///
    /// # Errors
    /// [`SignError`] where OpenSSL refuses, e.g. an RSA key too short for its `PS*` algorithm; `out` is then of no use.
    fn sign(&self, input: &[u8], out: &mut Vec<u8>) -> Result<(), SignError>;

    /// Bytes of a signature, so that who builds a token allocates once.
    fn signature_len(&self) -> usize;

    /// The base64url of the JOSE header of a token of this `typ`.
    fn header(&self, typ: &str) -> Arc<str>;
}

/// The `typ` values that tokens have; their headers are made once per key.
const TYPES: [&str; 3] = ["JWT", "at+jwt", "logout+jwt"];

/// The members of [`Signer`] that are alike for every algorithm.
struct Named {
    algorithm: Algorithm,
    kid: Arc<str>,
    headers: [Arc<str>; TYPES.len()],
}

impl Named {
    fn new(algorithm: Algorithm, kid: &Arc<str>) -> Self {
        Self { algorithm, kid: Arc::clone(kid), headers: TYPES.map(|typ| encode_header(algorithm, typ, kid)) }
    }

    fn header(&self, typ: &str) -> Arc<str> {
        let ready = TYPES.iter().zip(&self.headers).find(|(t, _)| **t == typ).map(|(_, header)| Arc::clone(header));
        ready.unwrap_or_else(|| encode_header(self.algorithm, typ, &self.kid))
    }

    fn refused(&self, source: CryptoError) -> SignError {
        SignError { kid: Arc::clone(&self.kid), source }
    }
}

// Keycloak: the second and third member have spaces around their colons, to the byte; every recorded token begins so.
fn encode_header(algorithm: Algorithm, typ: &str, kid: &str) -> Arc<str> {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let header = format!(r#"{{"alg":"{algorithm}","typ" : {},"kid" : {}}}"#, quoted(typ), quoted(kid));
    URL_SAFE_NO_PAD.encode_to_string(header).into()
}

/// The signer of `algorithm` made of `material`; `None` for algorithms that do not sign, and for material of another kind.
pub(crate) fn signer_of(algorithm: Algorithm, kid: &Arc<str>, material: &Material) -> Option<Arc<dyn Signer>> {
    if !material.fits(algorithm) {
        return None;
    }
    let named = Named::new(algorithm, kid);
    match (algorithm.family(), material) {
        (Family::Rsa | Family::RsaPss, Material::Pair(pair)) => {
            let hash = algorithm.hash()?;
            Some(Arc::new(RsaSigner { named, hash, len: pair.size(), pool: rsa_pool(algorithm, pair.clone())? }))
        }
        (Family::Ec, Material::Pair(pair)) => {
            Some(Arc::new(EcSigner { named, hash: algorithm.hash()?, curve: Curve::of_key(pair)?, key: pair.ec_key().ok()? }))
        }
        (Family::Ed, Material::Pair(pair)) => Some(Arc::new(EdSigner { named, key: pair.clone() })),
        (Family::Hmac, Material::Secret(secret)) => {
            let mut signature = Vec::new();
            let key = HmacKey::new(algorithm.hash()?, secret)?;
            key.sign(b"", &mut signature);
            Some(Arc::new(HmacSigner { named, key, len: signature.len() }))
        }
        _ => None,
    }
}

/// Does `work` with the digest of `input`. Not by OpenSSL 3: there each digest fetches its algorithm anew.
pub(super) fn digest<R>(hash: Hash, input: &[u8], work: impl FnOnce(&[u8]) -> R) -> R {
    match hash {
        Hash::Sha256 => work(&Sha256::digest(input)),
        Hash::Sha384 => work(&Sha384::digest(input)),
        Hash::Sha512 => work(&Sha512::digest(input)),
    }
}

fn md_of(hash: Hash) -> &'static MdRef {
    match hash {
        Hash::Sha256 => Md::sha256(),
        Hash::Sha384 => Md::sha384(),
        Hash::Sha512 => Md::sha512(),
    }
}

/// Sets the padding of `RS*` (RFC 7518 section 3.3) and `PS*` (section 3.5: MGF1 with the same hash, salt as long as the hash).
pub(super) fn set_rsa<T>(context: &mut PkeyCtxRef<T>, algorithm: Algorithm, hash: Hash) -> Result<(), ErrorStack> {
    if algorithm.family() == Family::RsaPss {
        context.set_rsa_padding(Padding::PKCS1_PSS)?;
        context.set_signature_md(md_of(hash))?;
        context.set_rsa_mgf1_md(md_of(hash))?;
        context.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)
    } else {
        context.set_rsa_padding(Padding::PKCS1)?;
        context.set_signature_md(md_of(hash))
    }
}

fn rsa_pool(algorithm: Algorithm, pair: PKey<Private>) -> Option<ContextPool<Private>> {
    let hash = algorithm.hash()?;
    Some(ContextPool::new(
        pair,
        Box::new(move |context| {
            context.sign_init()?;
            set_rsa(context, algorithm, hash)
        }),
    ))
}

struct RsaSigner {
    named: Named,
    hash: Hash,
    len: usize,
    pool: ContextPool<Private>,
}

struct EcSigner {
    named: Named,
    hash: Hash,
    curve: Curve,
    key: EcKey<Private>,
}

struct EdSigner {
    named: Named,
    key: PKey<Private>,
}

struct HmacSigner {
    named: Named,
    key: HmacKey,
    len: usize,
}

macro_rules! named {
    () => {
        fn algorithm(&self) -> Algorithm {
            self.named.algorithm
        }

        fn kid(&self) -> &str {
            &self.named.kid
        }

        fn header(&self, typ: &str) -> Arc<str> {
            self.named.header(typ)
        }
    };
}

impl Signer for RsaSigner {
    named!();

    fn sign(&self, input: &[u8], out: &mut Vec<u8>) -> Result<(), SignError> {
        // The size is known: no second call to ask OpenSSL for it.
        let from = out.len();
        out.resize(from + self.len, 0);
        let signed = self.pool.with(|context| {
            digest(self.hash, input, |digest| {
                let room = out.get_mut(from..);
                Ok(context.sign(digest, room)? == self.len)
            })
        });
        match signed {
            Ok(true) => Ok(()),
            Ok(false) => Err(self.named.refused(CryptoError { operation: "sign", reason: "the signature is cut short" })),
            Err(stack) => Err(self.named.refused(failed("sign")(stack))),
        }
    }

    fn signature_len(&self) -> usize {
        self.len
    }
}

impl Signer for EcSigner {
    named!();

    fn sign(&self, input: &[u8], out: &mut Vec<u8>) -> Result<(), SignError> {
        // R and S at first hand: the ways through a context write them as DER, which would have to be read again.
        let signed = digest(self.hash, input, |digest| EcdsaSig::sign(digest, &self.key)).and_then(|pair| {
            let width = i32::try_from(self.curve.coordinate()).unwrap_or(i32::MAX);
            out.extend_from_slice(&pair.r().to_vec_padded(width)?);
            out.extend_from_slice(&pair.s().to_vec_padded(width)?);
            Ok(())
        });
        signed.map_err(|stack| self.named.refused(failed("sign")(stack)))
    }

    fn signature_len(&self) -> usize {
        2 * self.curve.coordinate()
    }
}

impl Signer for EdSigner {
    named!();

    fn sign(&self, input: &[u8], out: &mut Vec<u8>) -> Result<(), SignError> {
        openssl::sign::Signer::new_without_digest(&self.key)
            .and_then(|mut signer| signer.sign_oneshot_to_vec(input))
            .map(|signature| out.extend_from_slice(&signature))
            .map_err(|stack| self.named.refused(failed("sign")(stack)))
    }

    fn signature_len(&self) -> usize {
        self.key.size()
    }
}

impl Signer for HmacSigner {
    named!();

    fn sign(&self, input: &[u8], out: &mut Vec<u8>) -> Result<(), SignError> {
        self.key.sign(input, out);
        Ok(())
    }

    fn signature_len(&self) -> usize {
        self.len
    }
}
