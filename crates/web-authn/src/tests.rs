mod hostile;
mod keys;
mod signing_in;
mod signing_up;

use std::sync::Arc;

use ciborium::Value;
use realm_model::WebAuthnPolicy;
use sha2::{Digest, Sha256};

use self::keys::SoftKey;
use crate::{Challenge, CredentialRecord, RelyingParty};

pub(super) const CHALLENGE: &str = "5m0gB2K2T9jVxqk3RzC6tCqsmHgtY7O0v9mQy9u3w1A";

pub(super) fn challenge() -> Challenge {
    Challenge::kept(CHALLENGE.to_owned())
}

pub(super) fn policy() -> WebAuthnPolicy {
    WebAuthnPolicy {
        signature_algorithms: vec!["ES256".to_owned(), "RS256".to_owned(), "EdDSA".to_owned()],
        ..WebAuthnPolicy::default()
    }
}

pub(super) fn party(policy: WebAuthnPolicy) -> RelyingParty {
    RelyingParty::new(Arc::new(policy), "https://id.example.org/auth").unwrap()
}

pub(super) fn encode(bytes: impl AsRef<[u8]>) -> String {
    base64_simd::URL_SAFE_NO_PAD.encode_to_string(bytes.as_ref())
}

pub(super) fn cbor(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

pub(super) fn map(members: Vec<(&str, Value)>) -> Value {
    Value::Map(members.into_iter().map(|(name, value)| (Value::Text(name.to_owned()), value)).collect())
}

/// A software authenticator, and all that it and its browser say. Tests change one thing.
pub(super) struct Soft {
    pub(super) key: SoftKey,
    pub(super) client_data: serde_json::Value,
    pub(super) party_id: String,
    pub(super) flags: u8,
    pub(super) counter: u32,
    pub(super) aaguid: [u8; 16],
    pub(super) id: Vec<u8>,
    /// Behind everything else in the authenticator data.
    pub(super) tail: Vec<u8>,
}

/// The first line of defence of a client: user present, user verified.
pub(super) const PRESENT: u8 = 0x01;
pub(super) const VERIFIED: u8 = 0x04;
const ATTESTED: u8 = 0x40;

impl Soft {
    pub(super) fn new(key: SoftKey, ceremony: &str) -> Self {
        Self {
            key,
            client_data: serde_json::json!({"type": ceremony, "challenge": CHALLENGE, "origin": "https://id.example.org"}),
            party_id: "id.example.org".to_owned(),
            flags: PRESENT | VERIFIED,
            counter: 1,
            aaguid: [7; 16],
            id: vec![0xfb; 32],
            tail: Vec::new(),
        }
    }

    pub(super) fn client_data(&self) -> Vec<u8> {
        self.client_data.to_string().into_bytes()
    }

    fn head(&self, flags: u8) -> Vec<u8> {
        let mut data = Sha256::digest(self.party_id.as_bytes()).to_vec();
        data.push(self.flags | flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// Of a registration.
    pub(super) fn attested_data(&self) -> Vec<u8> {
        let mut data = self.head(ATTESTED);
        data.extend(self.aaguid);
        data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend(&self.id);
        data.extend(cbor(&self.key.cose()));
        data.extend(&self.tail);
        data
    }

    /// Of a signature.
    pub(super) fn asserted_data(&self) -> Vec<u8> {
        [self.head(0), self.tail.clone()].concat()
    }

    /// What is signed of `data`.
    pub(super) fn signed(&self, data: &[u8]) -> Vec<u8> {
        [data, &Sha256::digest(self.client_data())].concat()
    }

    pub(super) fn record(&self, counter: u32) -> CredentialRecord {
        CredentialRecord {
            aaguid: "07070707-0707-0707-0707-070707070707".to_owned(),
            credential_id: base64_simd::STANDARD.encode_to_string(&self.id),
            counter,
            credential_public_key: encode(cbor(&self.key.cose())),
            attestation_statement_format: Some("none".to_owned()),
            transports: Vec::new(),
        }
    }
}
