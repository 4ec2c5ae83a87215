//! What an authenticator shows of itself when it is registered (sections 6.5 and 8): `none`, `packed` and `fido-u2f`. Certificates are
//! checked for themselves and for their signature; there are no trust anchors to hold them against, as in Keycloak without a truststore.

use ciborium::Value;

use crate::authenticator_data::{Attested, AuthenticatorData};
use crate::cose::{Algorithm, KeyMembers, named, whole_item};
use crate::error::WebAuthnError;
use crate::keys::{AttestationCertificate, VerifyingKey};
use crate::relying_party::RelyingParty;

/// An attestation object, its authenticator data read and its statement verified.
pub(crate) struct Attestation {
    pub(crate) format: String,
    pub(crate) data: AuthenticatorData,
    pub(crate) attested: Attested,
}

/// How much a statement says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Strength {
    /// `none`
    Nothing,
    /// Signed by the new key itself.
    OwnKey,
    /// Signed by the maker.
    Certificate,
}

/// What is signed: the bytes of the authenticator data and the hash of the client data.
struct Signed<'a> {
    data: &'a [u8],
    client_data_hash: &'a [u8; 32],
}

impl Signed<'_> {
    fn bytes(&self) -> Vec<u8> {
        [self.data, self.client_data_hash].concat()
    }
}

/// Reads an attestation object (CBOR) and verifies its statement by its format, as far as the policy asks for one.
pub(crate) fn verify(object: &[u8], client_data_hash: &[u8; 32], party: &RelyingParty) -> Result<Attestation, WebAuthnError> {
    let malformed = || WebAuthnError::AuthenticatorData;
    let object = whole_item(object).ok_or_else(malformed)?;
    let format = named(&object, "fmt").and_then(Value::as_text).ok_or_else(malformed)?;
    let statement = named(&object, "attStmt").filter(|statement| statement.is_map()).ok_or_else(malformed)?;
    let bytes = named(&object, "authData").and_then(Value::as_bytes).ok_or_else(malformed)?;
    let mut data = AuthenticatorData::read(bytes)?;
    let attested = data.attested.take().ok_or_else(malformed)?;
    let signed = Signed { data: bytes, client_data_hash };
    let strength = match format {
        "none" => statement.as_map().is_some_and(Vec::is_empty).then_some(Strength::Nothing),
        "packed" => packed(statement, &signed, &attested),
        "fido-u2f" => fido_u2f(statement, &signed, &attested),
        _ => None,
    };
    let strength = strength.ok_or(WebAuthnError::Attestation)?;
    refuse_weak(strength, party)?;
    Ok(Attestation { format: format.to_owned(), data, attested })
}

/// CVE-2025-12150: what the policy asks for is demanded. Keycloak: the own key does not prove which authenticator it is, so that it
/// does where only some are acceptable.
fn refuse_weak(strength: Strength, party: &RelyingParty) -> Result<(), WebAuthnError> {
    let enough = match strength {
        Strength::Nothing => !party.demands_attestation(),
        Strength::OwnKey => party.policy().acceptable_aaguids.is_empty(),
        Strength::Certificate => true,
    };
    if enough { Ok(()) } else { Err(WebAuthnError::Attestation) }
}

/// Section 8.2.
fn packed(statement: &Value, signed: &Signed<'_>, attested: &Attested) -> Option<Strength> {
    let algorithm = named(statement, "alg")?.as_integer().and_then(|number| Algorithm::of_number(number.into()))?;
    let signature = named(statement, "sig")?.as_bytes()?;
    let Some(chain) = named(statement, "x5c") else {
        let key = VerifyingKey::of(&attested.key).ok()?;
        let own = algorithm == attested.key.algorithm && key.has_signed(&signed.bytes(), signature);
        return own.then_some(Strength::OwnKey);
    };
    let leaf = chain.as_array()?.first()?.as_bytes()?;
    let is_of_authenticator = AttestationCertificate::read(leaf)?.is_of_authenticator();
    let key = VerifyingKey::of_certificate(leaf, algorithm)?;
    (is_of_authenticator && key.has_signed(&signed.bytes(), signature)).then_some(Strength::Certificate)
}

/// Section 8.6.
fn fido_u2f(statement: &Value, signed: &Signed<'_>, attested: &Attested) -> Option<Strength> {
    let signature = named(statement, "sig")?.as_bytes()?;
    let [leaf] = named(statement, "x5c")?.as_array()?.as_slice() else { return None };
    let leaf = leaf.as_bytes()?;
    let certificate = AttestationCertificate::read(leaf).filter(AttestationCertificate::has_p256_key)?;
    let KeyMembers::Ec { x, y } = &attested.key.members else { return None };
    if attested.key.algorithm != Algorithm::Es256 || attested.aaguid != [0; 16] {
        return None;
    }
    drop(certificate);
    let party = signed.data.get(..32)?;
    let message = [&[0][..], party, signed.client_data_hash, &attested.id, &[4], x, y].concat();
    let key = VerifyingKey::of_certificate(leaf, Algorithm::Es256)?;
    key.has_signed(&message, signature).then_some(Strength::Certificate)
}
