//! What OpenSSL does with public keys. Nothing beside this module knows OpenSSL.

use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey, EcPoint};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Public};
use openssl::rsa::Rsa;
use openssl::sign::Verifier;
use openssl::x509::X509;

use crate::cose::{Algorithm, CoseKey, KeyMembers};
use crate::error::WebAuthnError;

/// A key that signatures are held against.
pub(crate) struct VerifyingKey {
    key: PKey<Public>,
    algorithm: Algorithm,
}

impl VerifyingKey {
    /// Of a credential. A point beside its curve, or an RSA key below 2048 bits, is none.
    pub(crate) fn of(key: &CoseKey) -> Result<Self, WebAuthnError> {
        let made = match &key.members {
            KeyMembers::Ec { x, y } => ec(key.algorithm, x, y),
            KeyMembers::Rsa { n, e } => rsa(n, e),
            KeyMembers::Ed25519 { x } => PKey::public_key_from_raw_bytes(x, Id::ED25519),
        };
        let usable = made.ok().filter(|made| made.id() != Id::RSA || made.bits() >= 2048);
        usable.map(|made| Self { key: made, algorithm: key.algorithm }).ok_or(WebAuthnError::PublicKey)
    }

    /// Of the certificate (DER) by which an authenticator's maker attests, to be used with this algorithm.
    pub(crate) fn of_certificate(der: &[u8], algorithm: Algorithm) -> Option<Self> {
        let key = X509::from_der(der).ok()?.public_key().ok()?;
        let fits = match algorithm {
            Algorithm::Es256 | Algorithm::Es384 | Algorithm::Es512 => key.id() == Id::EC,
            Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512 => key.id() == Id::RSA && key.bits() >= 2048,
            Algorithm::EdDsa => key.id() == Id::ED25519,
        };
        fits.then_some(Self { key, algorithm })
    }

    /// Whether `signature` is of `signed` and by this key.
    pub(crate) fn has_signed(&self, signed: &[u8], signature: &[u8]) -> bool {
        let digest = match self.algorithm {
            Algorithm::Es256 | Algorithm::Rs256 => Some(MessageDigest::sha256()),
            Algorithm::Es384 | Algorithm::Rs384 => Some(MessageDigest::sha384()),
            Algorithm::Es512 | Algorithm::Rs512 => Some(MessageDigest::sha512()),
            Algorithm::EdDsa => None,
        };
        let verifier = match digest {
            Some(digest) => Verifier::new(digest, &self.key),
            None => Verifier::new_without_digest(&self.key),
        };
        verifier.is_ok_and(|mut verifier| verifier.verify_oneshot(signature, signed).unwrap_or(false))
    }
}

fn ec(algorithm: Algorithm, x: &[u8], y: &[u8]) -> Result<PKey<Public>, ErrorStack> {
    let curve = match algorithm {
        Algorithm::Es384 => Nid::SECP384R1,
        Algorithm::Es512 => Nid::SECP521R1,
        _ => Nid::X9_62_PRIME256V1,
    };
    let group = EcGroup::from_curve_name(curve)?;
    let (mut context, mut point) = (BigNumContext::new()?, EcPoint::new(&group)?);
    // It refuses a point that is not on the curve.
    point.set_affine_coordinates_gfp(&group, BigNum::from_slice(x)?.as_ref(), BigNum::from_slice(y)?.as_ref(), &mut context)?;
    PKey::from_ec_key(EcKey::from_public_key(&group, &point)?)
}

fn rsa(n: &[u8], e: &[u8]) -> Result<PKey<Public>, ErrorStack> {
    PKey::from_rsa(Rsa::from_public_components(BigNum::from_slice(n)?, BigNum::from_slice(e)?)?)
}

/// An attestation certificate, as far as section 8.2.1 asks for it.
pub(crate) struct AttestationCertificate {
    certificate: X509,
}

impl AttestationCertificate {
    /// Of DER.
    pub(crate) fn read(der: &[u8]) -> Option<Self> {
        X509::from_der(der).ok().map(|certificate| Self { certificate })
    }

    /// Version 3, and the unit of its subject is `Authenticator Attestation`; it has a country, an organization and a name.
    pub(crate) fn is_of_authenticator(&self) -> bool {
        let subject = self.certificate.subject_name();
        let text = |nid| subject.entries_by_nid(nid).next().and_then(|entry| entry.data().to_string().ok());
        let named = [Nid::COUNTRYNAME, Nid::ORGANIZATIONNAME, Nid::COMMONNAME].into_iter().all(|nid| text(nid).is_some());
        self.certificate.version() == 2
            && named
            && text(Nid::ORGANIZATIONALUNITNAME).as_deref() == Some("Authenticator Attestation")
    }

    /// Its P-256 key, which FIDO U2F demands (section 8.6).
    pub(crate) fn has_p256_key(&self) -> bool {
        let key = self.certificate.public_key().ok().and_then(|key| key.ec_key().ok());
        key.is_some_and(|key| key.group().curve_name() == Some(Nid::X9_62_PRIME256V1))
    }
}
