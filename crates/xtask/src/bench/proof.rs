use ambient::{Clock, Entropy, SystemClock, SystemEntropy};
use base64_simd::URL_SAFE_NO_PAD;
use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey};
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::pkey::Private;
use openssl::sha::sha256;

/// Bytes of a coordinate on P-256.
const COORDINATE: i32 = 32;

/// The key of a client that proves to hold it (RFC 9449).
pub(super) struct ProofKey {
    key: EcKey<Private>,
    /// The header of every proof, encoded.
    header: String,
    uri: String,
}

impl ProofKey {
    /// A new key for requests to `uri`.
    pub(super) fn new(uri: String) -> Result<Self, ErrorStack> {
        let key = EcKey::generate(&*EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?)?;
        let (mut x, mut y) = (BigNum::new()?, BigNum::new()?);
        key.public_key().affine_coordinates(key.group(), &mut x, &mut y, &mut *BigNumContext::new()?)?;
        let (x, y) = (encoded(&x.to_vec_padded(COORDINATE)?), encoded(&y.to_vec_padded(COORDINATE)?));
        let jwk = format!(r#"{{"kty":"EC","crv":"P-256","x":"{x}","y":"{y}"}}"#);
        let header = encoded(format!(r#"{{"typ":"dpop+jwt","alg":"ES256","jwk":{jwk}}}"#).as_bytes());
        Ok(Self { key, header, uri })
    }

    /// A proof for a `POST`, good now and once.
    pub(super) fn proof(&self) -> Result<String, ErrorStack> {
        let (id, now) = (SystemEntropy.uuid(), SystemClock.now().secs());
        let claims = format!(r#"{{"jti":"{id}","htm":"POST","htu":"{}","iat":{now}}}"#, self.uri);
        let input = format!("{}.{}", self.header, encoded(claims.as_bytes()));
        let signature = EcdsaSig::sign(&sha256(input.as_bytes()), &self.key)?;
        let parts = [signature.r().to_vec_padded(COORDINATE)?, signature.s().to_vec_padded(COORDINATE)?];
        Ok(format!("{input}.{}", encoded(&parts.concat())))
    }
}

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}
