use std::sync::OnceLock;

use base64_simd::URL_SAFE_NO_PAD;
use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcGroupRef, EcKey, EcPoint};
use openssl::error::ErrorStack;
use openssl::pkey::{Id, PKey, Public};
use openssl::rsa::Rsa;

use super::material::Curve;
use super::{CryptoError, PublicMembers, failed};

const OPERATION: &str = "read a JWK";

/// DER `SubjectPublicKeyInfo` of the public members of a JWK. OpenSSL checks that a point is on its curve.
pub(crate) fn public_der(members: &PublicMembers) -> Result<Vec<u8>, CryptoError> {
    key_of(members)?.public_key_to_der().map_err(failed(OPERATION))
}

pub(super) fn key_of(members: &PublicMembers) -> Result<PKey<Public>, CryptoError> {
    match members {
        PublicMembers::Rsa { n, e } => {
            let (n, e) = (number(n)?, number(e)?);
            Rsa::from_public_components(n, e).and_then(PKey::from_rsa).map_err(failed(OPERATION))
        }
        PublicMembers::Ec { curve, x, y } => {
            let curve = Curve::parse(curve).ok_or_else(unknown_curve)?;
            ec(curve, &number(x)?, &number(y)?).map_err(failed(OPERATION))
        }
        PublicMembers::Okp { curve, x } => {
            let id = match curve.as_ref() {
                "Ed25519" => Id::ED25519,
                "Ed448" => Id::ED448,
                _ => return Err(unknown_curve()),
            };
            PKey::public_key_from_raw_bytes(&bytes(x)?, id).map_err(failed(OPERATION))
        }
    }
}

/// The curves have cofactor 1: a point that is on one of them, which is checked here, and is not at infinity, which has no
/// coordinates, is a public key of it (NIST SP 800-56A section 5.6.2.3.4).
fn ec(curve: Curve, x: &BigNum, y: &BigNum) -> Result<PKey<Public>, ErrorStack> {
    let width = i32::try_from(curve.coordinate()).unwrap_or(i32::MAX);
    let uncompressed = [&[4], &*x.to_vec_padded(width)?, &*y.to_vec_padded(width)?].concat();
    with_group(curve, |group| {
        let point = EcPoint::from_bytes(group, &uncompressed, &mut *BigNumContext::new()?)?;
        EcKey::from_public_key(group, &point).and_then(PKey::from_ec_key)
    })
}

/// Does `work` with the group of a curve, which is made once: that costs as much as half a signature.
fn with_group<R>(curve: Curve, work: impl FnOnce(&EcGroupRef) -> Result<R, ErrorStack>) -> Result<R, ErrorStack> {
    static GROUPS: [OnceLock<EcGroup>; 3] = [const { OnceLock::new() }; 3];
    let [p256, p384, p521] = &GROUPS;
    let place = match curve {
        Curve::P256 => p256,
        Curve::P384 => p384,
        Curve::P521 => p521,
    };
    match place.get() {
        Some(group) => work(group),
        None => work(place.get_or_init({
            let fresh = EcGroup::from_curve_name(curve.nid())?;
            || fresh
        })),
    }
}

const fn unknown_curve() -> CryptoError {
    CryptoError { operation: OPERATION, reason: "it is on no curve of JWA" }
}

fn number(text: &str) -> Result<BigNum, CryptoError> {
    BigNum::from_slice(&bytes(text)?).map_err(failed(OPERATION))
}

fn bytes(text: &str) -> Result<Vec<u8>, CryptoError> {
    // Longer than any key that is worth the time: RSA of 16,384 bits.
    if text.len() > 2_800 {
        return Err(CryptoError { operation: OPERATION, reason: "a member is too long" });
    }
    URL_SAFE_NO_PAD
        .decode_to_vec(text.as_bytes())
        .map_err(|_| CryptoError { operation: OPERATION, reason: "a member is not base64url" })
}
