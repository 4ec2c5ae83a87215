use serde_json::json;

use super::keys::SoftKey;
use super::{Soft, VERIFIED, challenge, encode, party, policy};
use crate::{Asserted, Assertion, Challenge, CredentialRecord, WebAuthnError, browser_error};

struct Sent {
    client_data: String,
    data: String,
    signature: String,
    id: String,
    handle: String,
}

impl Sent {
    fn by(soft: &Soft) -> Self {
        let data = soft.asserted_data();
        Self {
            client_data: encode(soft.client_data()),
            signature: encode(soft.key.sign(&soft.signed(&data))),
            data: encode(data),
            id: encode(&soft.id),
            handle: encode("u-1"),
        }
    }

    fn verify(&self, record: &CredentialRecord) -> Result<Asserted, WebAuthnError> {
        let sent = Assertion {
            client_data_json: &self.client_data,
            authenticator_data: &self.data,
            signature: &self.signature,
            credential_id: &self.id,
            user_handle: Some(&self.handle),
        };
        party(policy()).verify(&challenge(), &sent, (record, "u-1"))
    }
}

fn soft() -> Soft {
    Soft::new(SoftKey::es256(), "webauthn.get")
}

#[test]
fn a_signature_by_the_registered_key_signs_in_with_every_kind_of_key() {
    for key in [SoftKey::es256(), SoftKey::es384(), SoftKey::rs256(2048), SoftKey::ed25519()] {
        let soft = Soft::new(key, "webauthn.get");
        assert_eq!(Sent::by(&soft).verify(&soft.record(0)), Ok(Asserted { counter: 1, user_verified: true }));
        let another = Soft::new(soft.key.clone(), "webauthn.get");
        let other_key = CredentialRecord { credential_public_key: soft_with_other_key(&soft), ..another.record(0) };
        assert!(Sent::by(&soft).verify(&other_key).is_err());
    }
}

fn soft_with_other_key(soft: &Soft) -> String {
    let key = match soft.key.algorithm {
        -7 => SoftKey::es256(),
        -35 => SoftKey::es384(),
        -257 => SoftKey::rs256(2048),
        _ => SoftKey::ed25519(),
    };
    Soft::new(key, "webauthn.get").record(0).credential_public_key
}

#[test]
fn an_answer_to_something_else_is_refused() {
    type Change = fn(&mut Soft);
    let cases: [(Change, WebAuthnError); 7] = [
        (|soft| soft.client_data["type"] = json!("webauthn.create"), WebAuthnError::OtherCeremony),
        (|soft| soft.client_data["challenge"] = json!("AAAA"), WebAuthnError::OtherChallenge),
        (|soft| soft.client_data["origin"] = json!("https://evil.example"), WebAuthnError::OtherOrigin),
        (|soft| soft.party_id = "evil.example".to_owned(), WebAuthnError::OtherRelyingParty),
        (|soft| soft.flags = VERIFIED, WebAuthnError::UserAbsent),
        (|soft| soft.tail = vec![0], WebAuthnError::AuthenticatorData),
        (|soft| soft.counter = 0, WebAuthnError::CounterNotAdvanced),
    ];
    for (at, (change, expected)) in cases.into_iter().enumerate() {
        let mut soft = soft();
        change(&mut soft);
        let record = soft.record(if expected == WebAuthnError::CounterNotAdvanced { 1 } else { 0 });
        assert_eq!(Sent::by(&soft).verify(&record), Err(expected), "case {at}");
    }
}

#[test]
fn a_counter_that_does_not_advance_shows_a_copy_and_one_that_is_not_kept_shows_nothing() {
    let mut soft = soft();
    for (stored, sent, expected) in [
        (5, 6, Ok(6)),
        (5, 5, Err(WebAuthnError::CounterNotAdvanced)),
        (5, 4, Err(WebAuthnError::CounterNotAdvanced)),
        (0, 0, Ok(0)),
        (0, 9, Ok(9)),
    ] {
        soft.counter = sent;
        assert_eq!(Sent::by(&soft).verify(&soft.record(stored)).map(|asserted| asserted.counter), expected, "{stored} {sent}");
    }
}

#[test]
fn a_changed_byte_anywhere_is_refused() {
    let soft = soft();
    let record = soft.record(0);
    for field in 0..3 {
        let mut sent = Sent::by(&soft);
        let text = [&mut sent.client_data, &mut sent.data, &mut sent.signature].into_iter().nth(field).unwrap();
        let mut bytes = crate::client_data::base64url(text).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        *text = encode(bytes);
        assert!(sent.verify(&record).is_err(), "field {field}");
    }
}

#[test]
fn a_credential_or_user_other_than_the_one_named_is_refused() {
    let soft = soft();
    let record = soft.record(0);
    let other_id = Sent { id: "AAAA".to_owned(), ..Sent::by(&soft) };
    assert_eq!(other_id.verify(&record), Err(WebAuthnError::OtherCredential));
    let other_user = Sent { handle: encode("u-2"), ..Sent::by(&soft) };
    assert_eq!(other_user.verify(&record), Err(WebAuthnError::OtherCredential));
    let no_handle = Sent { handle: String::new(), ..Sent::by(&soft) };
    no_handle.verify(&record).unwrap();
    let nothing = CredentialRecord { credential_id: String::new(), ..record };
    assert_eq!(Sent { id: String::new(), ..Sent::by(&soft) }.verify(&nothing), Err(WebAuthnError::OtherCredential));
}

#[test]
fn a_credential_of_an_export_goes_on_working() {
    let soft = soft();
    let key = encode(super::cbor(&soft.key.cose()));
    let id = base64_simd::STANDARD.encode_to_string(&soft.id);
    let data = json!({"aaguid": "07070707-0707-0707-0707-070707070707", "credentialId": id, "counter": 0, "attestationStatement": "o2A",
                      "credentialPublicKey": key, "attestationStatementFormat": "none", "transports": ["internal"]});
    let stored = soft.record(0).to_credential("webauthn", ("c".to_owned(), None, 0));
    let stored = realm_model::Credential { credential_data: data.to_string(), ..stored };
    let record = CredentialRecord::read(&stored).unwrap();
    Sent::by(&soft).verify(&record).unwrap();
}

#[test]
fn a_challenge_that_was_never_kept_is_matched_by_nothing() {
    let mut soft = soft();
    soft.client_data["challenge"] = json!("");
    let sent = Sent::by(&soft);
    let assertion = Assertion {
        client_data_json: &sent.client_data,
        authenticator_data: &sent.data,
        signature: &sent.signature,
        credential_id: &sent.id,
        user_handle: None,
    };
    let verified = party(policy()).verify(&Challenge::kept(String::new()), &assertion, (&soft.record(0), "u-1"));
    assert_eq!(verified, Err(WebAuthnError::OtherChallenge));
}

/// CVE-2023-6484.
#[test]
fn nothing_of_what_a_browser_says_went_wrong_is_said_again() {
    assert_eq!(browser_error("NotAllowedError: timed out"), "NotAllowedError");
    assert_eq!(browser_error("\r\n2026-11-22 ERROR admin logged in"), "UnknownError");
}
