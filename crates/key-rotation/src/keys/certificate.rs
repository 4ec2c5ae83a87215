use ambient::Timestamp;
use base64_simd::{STANDARD, URL_SAFE_NO_PAD};
use openssl::asn1::{Asn1Integer, Asn1Time};
use openssl::bn::BigNum;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::{X509Builder, X509NameBuilder};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::{CryptoError, Material, failed};

/// Ten years, with their leap days.
const VALIDITY_SECS: i64 = 3652 * 24 * 60 * 60;

/// Begins earlier than now, for clients whose clock is behind.
const BACKDATED_SECS: i64 = 100;

/// A self-signed certificate, CN = the realm, as `x5c` wants one: DER. `None` for a secret.
///
/// Keycloak: X.509 version 1, the serial number is the time of making in milliseconds, valid for ten years (`certs-acme`).
pub(crate) fn self_signed(realm: &str, material: &Material, now: Timestamp) -> Result<Option<Vec<u8>>, CryptoError> {
    let Material::Pair(pair) = material else { return Ok(None) };
    build(realm, pair, now).map(Some).map_err(failed("make a certificate"))
}

fn build(realm: &str, pair: &PKey<Private>, now: Timestamp) -> Result<Vec<u8>, ErrorStack> {
    let mut name = X509NameBuilder::new()?;
    // A common name holds 64 characters; a longer realm name would be refused.
    let short: String = realm.chars().take(64).collect();
    name.append_entry_by_nid(Nid::COMMONNAME, &short)?;
    let name = name.build();
    let serial = BigNum::from_slice(&now.millis().to_be_bytes())?;
    let mut builder = X509Builder::new()?;
    builder.set_serial_number(&*Asn1Integer::from_bn(&serial)?)?;
    builder.set_issuer_name(&name)?;
    builder.set_subject_name(&name)?;
    builder.set_not_before(&*Asn1Time::from_unix(now.secs().saturating_sub(BACKDATED_SECS))?)?;
    builder.set_not_after(&*Asn1Time::from_unix(now.secs().saturating_add(VALIDITY_SECS))?)?;
    builder.set_pubkey(pair)?;
    builder.sign(pair, MessageDigest::sha256())?;
    builder.build().to_der()
}

/// `x5c`, `x5t` and `x5t#S256` of a DER certificate (RFC 7517 sections 4.7–4.9).
pub(crate) fn thumbprints(certificate: &[u8]) -> [String; 3] {
    [
        STANDARD.encode_to_string(certificate),
        URL_SAFE_NO_PAD.encode_to_string(Sha1::digest(certificate)),
        URL_SAFE_NO_PAD.encode_to_string(Sha256::digest(certificate)),
    ]
}
