//! Keys of callers: what they sign, and how they are published.

use base64_simd::URL_SAFE_NO_PAD;
use openssl::asn1::Asn1Time;
use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey};
use openssl::ecdsa::EcdsaSig;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::{X509Builder, X509NameBuilder};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A P-256 key.
pub(super) struct CallersKey(EcKey<Private>);

pub(super) fn encode(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode_to_string(value.to_string())
}

impl CallersKey {
    pub(super) fn new() -> Self {
        Self(EcKey::generate(&EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap()).unwrap())
    }

    pub(super) fn jwk(&self, kid: &str) -> Value {
        let (mut x, mut y) = (BigNum::new().unwrap(), BigNum::new().unwrap());
        let mut context = BigNumContext::new().unwrap();
        self.0.public_key().affine_coordinates(self.0.group(), &mut x, &mut y, &mut context).unwrap();
        let member = |number: &BigNum| URL_SAFE_NO_PAD.encode_to_string(number.to_vec_padded(32).unwrap());
        json!({"kty": "EC", "crv": "P-256", "use": "sig", "kid": kid, "x": member(&x), "y": member(&y)})
    }

    /// A compact JWS, ES256 in truth, whatever `header` says.
    pub(super) fn sign(&self, header: &Value, claims: &Value) -> String {
        let input = format!("{}.{}", encode(header), encode(claims));
        let signature = EcdsaSig::sign(&Sha256::digest(&input), &self.0).unwrap();
        let mut raw = signature.r().to_vec_padded(32).unwrap();
        raw.extend(signature.s().to_vec_padded(32).unwrap());
        format!("{input}.{}", URL_SAFE_NO_PAD.encode_to_string(raw))
    }

    /// A certificate of this key, in DER, by itself, for C=DE, O=Acme, CN=`name`.
    pub(super) fn certificate(&self, name: &str) -> Vec<u8> {
        let mut subject = X509NameBuilder::new().unwrap();
        for (kind, value) in [("C", "DE"), ("O", "Acme, Inc."), ("CN", name)] {
            subject.append_entry_by_text(kind, value).unwrap();
        }
        let subject = subject.build();
        let key = PKey::from_ec_key(self.0.clone()).unwrap();
        let mut builder = X509Builder::new().unwrap();
        builder.set_version(2).unwrap();
        builder.set_subject_name(&subject).unwrap();
        builder.set_issuer_name(&subject).unwrap();
        builder.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
        builder.set_not_after(&Asn1Time::days_from_now(1).unwrap()).unwrap();
        builder.set_pubkey(&key).unwrap();
        builder.sign(&key, MessageDigest::sha256()).unwrap();
        builder.build().to_der().unwrap()
    }
}
