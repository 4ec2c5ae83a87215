//! The keys of the software authenticator.

use ciborium::Value;
use openssl::asn1::Asn1Time;
use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Private};
use openssl::rsa::Rsa;
use openssl::sign::Signer;
use openssl::x509::{X509, X509Name};

#[derive(Clone)]
pub(crate) struct SoftKey {
    key: PKey<Private>,
    pub(crate) algorithm: i64,
}

impl SoftKey {
    pub(crate) fn es256() -> Self {
        Self::ec(Nid::X9_62_PRIME256V1, -7)
    }

    pub(crate) fn es384() -> Self {
        Self::ec(Nid::SECP384R1, -35)
    }

    fn ec(curve: Nid, algorithm: i64) -> Self {
        let key = EcKey::generate(&EcGroup::from_curve_name(curve).unwrap()).unwrap();
        Self { key: PKey::from_ec_key(key).unwrap(), algorithm }
    }

    pub(crate) fn rs256(bits: u32) -> Self {
        Self { key: PKey::from_rsa(Rsa::generate(bits).unwrap()).unwrap(), algorithm: -257 }
    }

    pub(crate) fn ed25519() -> Self {
        Self { key: PKey::generate_ed25519().unwrap(), algorithm: -8 }
    }

    pub(crate) fn sign(&self, data: &[u8]) -> Vec<u8> {
        let digest = if self.algorithm == -35 { MessageDigest::sha384() } else { MessageDigest::sha256() };
        let mut signer = match self.key.id() {
            Id::ED25519 => Signer::new_without_digest(&self.key).unwrap(),
            _ => Signer::new(digest, &self.key).unwrap(),
        };
        signer.sign_oneshot_to_vec(data).unwrap()
    }

    /// The COSE map, its members in the order of CTAP2.
    pub(crate) fn cose(&self) -> Value {
        let members: Vec<(i64, Value)> = match self.key.id() {
            Id::ED25519 => {
                vec![(1, 1.into()), (3, (-8).into()), (-1, 6.into()), (-2, Value::Bytes(self.key.raw_public_key().unwrap()))]
            }
            Id::RSA => {
                let rsa = self.key.rsa().unwrap();
                let (n, e) = (Value::Bytes(rsa.n().to_vec()), Value::Bytes(rsa.e().to_vec()));
                vec![(1, 3.into()), (3, self.algorithm.into()), (-1, n), (-2, e)]
            }
            _ => {
                let (x, y, length) = self.point();
                let bytes = |number: &BigNum| Value::Bytes(number.to_vec_padded(length).unwrap());
                let curve = if length == 32 { 1 } else { 2 };
                vec![(1, 2.into()), (3, self.algorithm.into()), (-1, curve.into()), (-2, bytes(&x)), (-3, bytes(&y))]
            }
        };
        Value::Map(members.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }

    fn point(&self) -> (BigNum, BigNum, i32) {
        let ec = self.key.ec_key().unwrap();
        let (mut x, mut y) = (BigNum::new().unwrap(), BigNum::new().unwrap());
        let mut context = BigNumContext::new().unwrap();
        ec.public_key().affine_coordinates_gfp(ec.group(), &mut x, &mut y, &mut context).unwrap();
        (x, y, i32::try_from(ec.group().degree().div_ceil(8)).unwrap())
    }

    /// `04 ‖ x ‖ y`, as FIDO U2F has it.
    pub(crate) fn uncompressed(&self) -> Vec<u8> {
        let (x, y, length) = self.point();
        [vec![4], x.to_vec_padded(length).unwrap(), y.to_vec_padded(length).unwrap()].concat()
    }

    /// A certificate of this key for a unit of its maker, DER.
    pub(crate) fn certificate(&self, unit: &str) -> Vec<u8> {
        let mut name = X509Name::builder().unwrap();
        for (entry, text) in [("C", "DE"), ("O", "Maker"), ("OU", unit), ("CN", "Batch 1")] {
            name.append_entry_by_text(entry, text).unwrap();
        }
        let name = name.build();
        let mut builder = X509::builder().unwrap();
        builder.set_version(2).unwrap();
        builder.set_subject_name(&name).unwrap();
        builder.set_issuer_name(&name).unwrap();
        builder.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
        builder.set_not_after(&Asn1Time::days_from_now(1).unwrap()).unwrap();
        builder.set_pubkey(&self.key).unwrap();
        builder.sign(&self.key, MessageDigest::sha256()).unwrap();
        builder.build().to_der().unwrap()
    }
}
