use std::borrow::Cow;

use ambient::Entropy;
use base64_simd::URL_SAFE_NO_PAD;
use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey};
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Private, Public};
use openssl::rsa::Rsa;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{CryptoError, base64_of_pem, failed};
use crate::Algorithm;
use crate::algorithm::Family;

/// `crv` of an elliptic curve (RFC 7518 section 6.2.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Curve {
    P256,
    P384,
    P521,
}

impl Curve {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "P-256" => Some(Self::P256),
            "P-384" => Some(Self::P384),
            "P-521" => Some(Self::P521),
            _ => None,
        }
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }

    /// The signature algorithm that goes with the curve (RFC 7518 section 3.4).
    pub(crate) const fn signature_algorithm(self) -> Algorithm {
        match self {
            Self::P256 => Algorithm::Es256,
            Self::P384 => Algorithm::Es384,
            Self::P521 => Algorithm::Es512,
        }
    }

    /// Bytes of a coordinate.
    pub(crate) const fn coordinate(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    pub(super) const fn nid(self) -> Nid {
        match self {
            Self::P256 => Nid::X9_62_PRIME256V1,
            Self::P384 => Nid::SECP384R1,
            Self::P521 => Nid::SECP521R1,
        }
    }

    fn of_nid(nid: Nid) -> Option<Self> {
        [Self::P256, Self::P384, Self::P521].into_iter().find(|c| c.nid() == nid)
    }

    /// The curve of a key, if it is one of these three.
    pub(super) fn of_key<T: openssl::pkey::HasPublic>(key: &PKey<T>) -> Option<Self> {
        Self::of_nid(key.ec_key().ok()?.group().curve_name()?)
    }
}

/// `crv` of an Edwards curve (RFC 8037).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EdCurve {
    Ed25519,
    Ed448,
}

impl EdCurve {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "Ed25519" => Some(Self::Ed25519),
            "Ed448" => Some(Self::Ed448),
            _ => None,
        }
    }
}

/// What a key is to be made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Rsa { bits: u32 },
    Ec(Curve),
    Ed(EdCurve),
    Secret { bytes: usize },
}

/// The private part of a key: parsed once, here. No `Debug`: nothing of it is for anybody's eyes.
#[derive(Clone)]
pub(crate) enum Material {
    Pair(PKey<Private>),
    Secret(Zeroizing<Vec<u8>>),
}

/// The public members of a JWK, base64url where they are bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PublicMembers {
    Rsa { n: String, e: String },
    Ec { curve: Cow<'static, str>, x: String, y: String },
    Okp { curve: Cow<'static, str>, x: String },
}

impl Material {
    /// Makes a new key. Key pairs come out of OpenSSL's own random generator, secrets out of `entropy`. An RSA key takes
    /// 50–300 ms: not on a thread that serves requests.
    pub(crate) fn generate(shape: Shape, entropy: &dyn Entropy) -> Result<Self, CryptoError> {
        let pair = match shape {
            Shape::Rsa { bits } => Rsa::generate(bits).and_then(PKey::from_rsa),
            Shape::Ec(curve) => {
                EcGroup::from_curve_name(curve.nid()).and_then(|g| EcKey::generate(&g)).and_then(PKey::from_ec_key)
            }
            Shape::Ed(EdCurve::Ed25519) => PKey::generate_ed25519(),
            Shape::Ed(EdCurve::Ed448) => PKey::generate_ed448(),
            Shape::Secret { bytes } => {
                let mut secret = Zeroizing::new(vec![0; bytes]);
                entropy.fill(&mut secret);
                return Ok(Self::Secret(secret));
            }
        };
        pair.map(Self::Pair).map_err(failed("generate a key"))
    }

    /// Reads a private key as realm files hold it: PEM with its armour, or the base64 of a PKCS#8, PKCS#1 or SEC 1 DER.
    pub(crate) fn from_text(text: &str) -> Result<Self, CryptoError> {
        let not_base64 = CryptoError { operation: "read a private key", reason: "it is not base64" };
        Self::from_der(&base64_of_pem(text).ok_or(not_base64)?)
    }

    /// Reads PKCS#8, PKCS#1 or SEC 1 DER.
    pub(crate) fn from_der(der: &[u8]) -> Result<Self, CryptoError> {
        PKey::private_key_from_pkcs8(der)
            .or_else(|_| PKey::private_key_from_der(der))
            .map(Self::Pair)
            .map_err(failed("read a private key"))
    }

    /// A secret of a symmetric algorithm.
    pub(crate) fn from_secret(secret: Vec<u8>) -> Self {
        Self::Secret(Zeroizing::new(secret))
    }

    /// What the vault keeps: PKCS#8 DER, or the bytes of the secret.
    pub(crate) fn to_stored(&self) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        match self {
            Self::Pair(pair) => pair.private_key_to_pkcs8().map(Zeroizing::new).map_err(failed("write a private key")),
            Self::Secret(secret) => Ok(secret.clone()),
        }
    }

    /// The opposite of [`Self::to_stored`], for a key of `algorithm`.
    pub(crate) fn from_stored(algorithm: Algorithm, stored: &[u8]) -> Result<Self, CryptoError> {
        if algorithm.is_symmetric() { Ok(Self::from_secret(stored.to_vec())) } else { Self::from_der(stored) }
    }

    /// DER `SubjectPublicKeyInfo`; a secret has none.
    pub(crate) fn public_der(&self) -> Result<Option<Vec<u8>>, CryptoError> {
        match self {
            Self::Pair(pair) => pair.public_key_to_der().map(Some).map_err(failed("write a public key")),
            Self::Secret(_) => Ok(None),
        }
    }

    /// What a successor of the same strength is to be made of.
    pub(crate) fn shape(&self) -> Option<Shape> {
        match self {
            Self::Pair(pair) => match pair.id() {
                Id::RSA => Some(Shape::Rsa { bits: pair.bits() }),
                Id::ED25519 => Some(Shape::Ed(EdCurve::Ed25519)),
                Id::ED448 => Some(Shape::Ed(EdCurve::Ed448)),
                _ => Curve::of_key(pair).map(Shape::Ec),
            },
            Self::Secret(secret) => Some(Shape::Secret { bytes: secret.len() }),
        }
    }

    /// Whether a key of `algorithm` can be made of this: RFC 7518 binds each algorithm to a kind of key, the `ES` ones to a curve.
    pub(crate) fn fits(&self, algorithm: Algorithm) -> bool {
        match self {
            Self::Pair(pair) => pair_fits(pair, algorithm),
            // Keycloak's smallest `secretSize`
            Self::Secret(secret) => algorithm.is_symmetric() && secret.len() >= 16,
        }
    }
}

pub(super) fn pair_fits<T: openssl::pkey::HasPublic>(pair: &PKey<T>, algorithm: Algorithm) -> bool {
    match algorithm.family() {
        Family::Rsa | Family::RsaPss | Family::RsaEncryption => pair.id() == Id::RSA && pair.bits() >= 1024,
        Family::Ec => Curve::of_key(pair).is_some_and(|c| c.signature_algorithm() == algorithm),
        Family::EcEncryption => Curve::of_key(pair).is_some(),
        Family::Ed => matches!(pair.id(), Id::ED25519 | Id::ED448),
        Family::Hmac | Family::Aes => false,
    }
}

/// Reads the public key that verifies `algorithm` out of a DER `SubjectPublicKeyInfo`; `None` where it is of another kind.
pub(super) fn public_key(algorithm: Algorithm, der: &[u8]) -> Result<Option<PKey<Public>>, CryptoError> {
    let key = PKey::public_key_from_der(der).map_err(failed("read a public key"))?;
    Ok(pair_fits(&key, algorithm).then_some(key))
}

/// `kid` as Keycloak computes it: base64url of the SHA-256 of the DER `SubjectPublicKeyInfo`.
pub(crate) fn kid_of(public_der: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode_to_string(Sha256::digest(public_der))
}

impl PublicMembers {
    /// The members of the public key in a DER `SubjectPublicKeyInfo`.
    pub(crate) fn of(public_der: &[u8]) -> Result<Self, CryptoError> {
        let key = PKey::public_key_from_der(public_der).map_err(failed("read a public key"))?;
        Self::of_key(&key)
            .map_err(failed("take a public key apart"))?
            .ok_or(CryptoError { operation: "take a public key apart", reason: "it is on no curve of JWA" })
    }

    fn of_key(key: &PKey<Public>) -> Result<Option<Self>, openssl::error::ErrorStack> {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode_to_string(bytes);
        Ok(Some(match key.id() {
            Id::RSA => {
                let rsa = key.rsa()?;
                Self::Rsa { n: text(&rsa.n().to_vec()), e: text(&rsa.e().to_vec()) }
            }
            Id::ED25519 => Self::Okp { curve: "Ed25519".into(), x: text(&key.raw_public_key()?) },
            Id::ED448 => Self::Okp { curve: "Ed448".into(), x: text(&key.raw_public_key()?) },
            _ => {
                let Some(curve) = Curve::of_key(key) else { return Ok(None) };
                let ec = key.ec_key()?;
                let (mut x, mut y) = (BigNum::new()?, BigNum::new()?);
                ec.public_key().affine_coordinates(ec.group(), &mut x, &mut y, &mut *BigNumContext::new()?)?;
                let width = i32::try_from(curve.coordinate()).unwrap_or(i32::MAX);
                Self::Ec { curve: curve.as_str().into(), x: text(&x.to_vec_padded(width)?), y: text(&y.to_vec_padded(width)?) }
            }
        }))
    }
}
