//! Keys of clients.

use base64_simd::URL_SAFE_NO_PAD;
use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey};
use openssl::ecdsa::EcdsaSig;
use openssl::nid::Nid;
use openssl::pkey::Private;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub(super) fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes.as_ref())
}

/// A key on P-256.
pub(super) struct TestKey(EcKey<Private>);

impl TestKey {
    pub(super) fn new() -> Self {
        Self(EcKey::generate(&EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap()).unwrap())
    }

    pub(super) fn jwk(&self) -> Value {
        let (mut x, mut y, mut context) = (BigNum::new().unwrap(), BigNum::new().unwrap(), BigNumContext::new().unwrap());
        self.0.public_key().affine_coordinates(self.0.group(), &mut x, &mut y, &mut context).unwrap();
        let text = |number: &BigNum| encoded(number.to_vec_padded(32).unwrap());
        json!({ "kty": "EC", "crv": "P-256", "x": text(&x), "y": text(&y) })
    }

    pub(super) fn sign(&self, header: &Value, claims: &Value) -> String {
        let input = format!("{}.{}", encoded(header.to_string()), encoded(claims.to_string()));
        let signature = EcdsaSig::sign(&Sha256::digest(&input), &self.0).unwrap();
        let part = |number: &openssl::bn::BigNumRef| number.to_vec_padded(32).unwrap();
        format!("{input}.{}", encoded([part(signature.r()), part(signature.s())].concat()))
    }
}
