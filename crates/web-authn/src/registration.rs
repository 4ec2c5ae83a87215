//! Registering an authenticator (section 7.1).

use uuid::Uuid;

use crate::attestation;
use crate::challenge::Challenge;
use crate::client_data::{self, Ceremony, base64url};
use crate::error::WebAuthnError;
use crate::keys::VerifyingKey;
use crate::record::CredentialRecord;
use crate::relying_party::RelyingParty;

/// What a browser sends of a new authenticator: the fields of Keycloak's form.
#[derive(Clone, Copy, Debug, Default)]
pub struct Registration<'a> {
    /// `clientDataJSON`, base64url.
    pub client_data_json: &'a str,
    /// `attestationObject`, base64url.
    pub attestation_object: &'a str,
    /// `publicKeyCredentialId`, base64url.
    pub credential_id: &'a str,
    /// `transports`, with commas between them.
    pub transports: &'a str,
    /// `authenticatorAttachment`: `platform`, `cross-platform`. Only the browser's word.
    pub attachment: &'a str,
}

const TRANSPORTS: [&str; 6] = ["usb", "nfc", "ble", "smart-card", "hybrid", "internal"];

impl RelyingParty {
    /// Checks a new authenticator against the policy: what is to be stored of it. `known`: those the user has already.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn register(
        &self,
        challenge: &Challenge,
        sent: &Registration<'_>,
        known: &[CredentialRecord],
    ) -> Result<CredentialRecord, WebAuthnError> {
        let hash = client_data::check(sent.client_data_json, Ceremony::Create, (self, challenge))?;
        let object = base64url(sent.attestation_object).ok_or(WebAuthnError::AuthenticatorData)?;
        let attestation = attestation::verify(&object, &hash, self)?;
        attestation.data.check(self)?;
        let attested = &attestation.attested;
        if !self.takes(attested.key.algorithm) {
            return Err(WebAuthnError::PublicKey);
        }
        VerifyingKey::of(&attested.key)?;
        let aaguid = Uuid::from_bytes(attested.aaguid).to_string();
        self.refuse_other_authenticator(&aaguid, sent.attachment)?;
        let record = CredentialRecord {
            aaguid,
            credential_id: base64_simd::STANDARD.encode_to_string(&attested.id),
            counter: attestation.data.counter,
            credential_public_key: base64_simd::URL_SAFE_NO_PAD.encode_to_string(&attested.key_cbor),
            attestation_statement_format: Some(attestation.format),
            transports: TRANSPORTS
                .iter()
                .filter(|known| sent.transports.split(',').any(|sent| sent.trim() == **known))
                .map(|known| (*known).to_owned())
                .collect(),
        };
        if !record.has_id(sent.credential_id) {
            return Err(WebAuthnError::OtherCredential);
        }
        // The same credential twice is refused whatever the policy says: two records of one key would count apart.
        let is_same = |other: &CredentialRecord| other.has_id(&record.id_for_browsers());
        if known.iter().any(is_same) { Err(WebAuthnError::Registered) } else { Ok(record) }
    }

    /// The ids that a browser is told not to register again: those of the user, where the policy avoids the same authenticator.
    pub fn excluded(&self, known: &[CredentialRecord]) -> Vec<String> {
        let all = if self.policy().avoid_same_authenticator { known } else { &[] };
        all.iter().map(CredentialRecord::id_for_browsers).filter(|id| !id.is_empty()).collect()
    }

    fn refuse_other_authenticator(&self, aaguid: &str, attachment: &str) -> Result<(), WebAuthnError> {
        let acceptable = &self.policy().acceptable_aaguids;
        let listed = acceptable.is_empty() || acceptable.iter().any(|listed| listed.trim().eq_ignore_ascii_case(aaguid));
        // A browser that says nothing of it does not say what is asked for.
        let attached = self.policy().authenticator_attachment.as_deref().is_none_or(|wanted| wanted == attachment);
        if listed && attached { Ok(()) } else { Err(WebAuthnError::Authenticator) }
    }
}
