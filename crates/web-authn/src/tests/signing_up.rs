use ciborium::Value;
use realm_model::WebAuthnPolicy;
use serde_json::json;

use super::keys::SoftKey;
use super::{Soft, VERIFIED, cbor, challenge, encode, map, party, policy};
use crate::{CredentialRecord, PASSWORDLESS, Registration, WebAuthnError};

fn soft() -> Soft {
    Soft::new(SoftKey::es256(), "webauthn.create")
}

/// Sends an attestation object with this statement.
fn send(soft: &Soft, policy: WebAuthnPolicy, (format, statement): (&str, Value)) -> Result<CredentialRecord, WebAuthnError> {
    let data = Value::Bytes(soft.attested_data());
    let object = cbor(&map(vec![("fmt", format.into()), ("attStmt", statement), ("authData", data)]));
    let (client_data_json, attestation_object, id) = (encode(soft.client_data()), encode(object), encode(&soft.id));
    let sent = Registration {
        client_data_json: &client_data_json,
        attestation_object: &attestation_object,
        credential_id: &id,
        transports: "usb,internal,<script>",
        attachment: "platform",
    };
    party(policy).register(&challenge(), &sent, &[])
}

fn none() -> (&'static str, Value) {
    ("none", map(vec![]))
}

fn registered(soft: &Soft) -> Result<CredentialRecord, WebAuthnError> {
    send(soft, policy(), none())
}

/// A statement by the new key itself.
fn own(soft: &Soft) -> (&'static str, Value) {
    let signature = soft.key.sign(&soft.signed(&soft.attested_data()));
    ("packed", map(vec![("alg", soft.key.algorithm.into()), ("sig", Value::Bytes(signature))]))
}

/// A statement by the maker.
fn makers(soft: &Soft, unit: &str) -> (&'static str, Value) {
    let maker = SoftKey::es256();
    let signature = maker.sign(&soft.signed(&soft.attested_data()));
    let chain = Value::Array(vec![Value::Bytes(maker.certificate(unit))]);
    ("packed", map(vec![("alg", (-7).into()), ("sig", Value::Bytes(signature)), ("x5c", chain)]))
}

#[test]
fn a_new_authenticator_is_stored_as_keycloak_stores_it() {
    let soft = soft();
    let record = registered(&soft).unwrap();
    assert_eq!(record, CredentialRecord { transports: vec!["usb".to_owned(), "internal".to_owned()], ..soft.record(1) });
    let stored = record.to_credential(PASSWORDLESS, ("c-1".to_owned(), Some("laptop".to_owned()), 1));
    let data: serde_json::Value = serde_json::from_str(&stored.credential_data).unwrap();
    let members: Vec<_> = data.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, ["aaguid", "credentialId", "counter", "credentialPublicKey", "attestationStatementFormat", "transports"]);
    assert_eq!(CredentialRecord::read(&stored), Some(record));
}

#[test]
fn every_algorithm_of_the_policy_is_taken_and_no_other() {
    for key in [SoftKey::es256(), SoftKey::rs256(2048), SoftKey::ed25519()] {
        registered(&Soft::new(key, "webauthn.create")).unwrap();
    }
    let refused = registered(&Soft::new(SoftKey::es384(), "webauthn.create"));
    assert_eq!(refused, Err(WebAuthnError::PublicKey), "CVE-2026-8830");
    let es384 = WebAuthnPolicy { signature_algorithms: vec!["ES384".to_owned()], ..policy() };
    let soft = Soft::new(SoftKey::es384(), "webauthn.create");
    send(&soft, es384, none()).unwrap();
    assert_eq!(registered(&Soft::new(SoftKey::rs256(1024), "webauthn.create")), Err(WebAuthnError::PublicKey));
}

#[test]
fn an_answer_to_something_else_is_refused() {
    type Change = fn(&mut Soft);
    let cases: [(Change, WebAuthnError); 13] = [
        (|soft| soft.client_data["type"] = json!("webauthn.get"), WebAuthnError::OtherCeremony),
        (|soft| soft.client_data["challenge"] = json!("AAAA"), WebAuthnError::OtherChallenge),
        (|soft| soft.client_data["challenge"] = json!(""), WebAuthnError::OtherChallenge),
        (|soft| soft.client_data["origin"] = json!("http://id.example.org"), WebAuthnError::OtherOrigin),
        (|soft| soft.client_data["origin"] = json!("https://id.example.org:8443"), WebAuthnError::OtherOrigin),
        (|soft| soft.client_data["origin"] = json!("https://id.example.org.evil.example"), WebAuthnError::OtherOrigin),
        (|soft| soft.client_data["crossOrigin"] = json!(true), WebAuthnError::OtherOrigin),
        (|soft| soft.client_data["topOrigin"] = json!("https://evil.example"), WebAuthnError::OtherOrigin),
        (|soft| soft.client_data = json!([]), WebAuthnError::ClientData),
        (|soft| soft.party_id = "example.org".to_owned(), WebAuthnError::OtherRelyingParty),
        (|soft| soft.flags = VERIFIED, WebAuthnError::UserAbsent),
        (|soft| soft.flags |= 0x10, WebAuthnError::AuthenticatorData),
        (|soft| soft.tail = vec![0], WebAuthnError::AuthenticatorData),
    ];
    for (at, (change, expected)) in cases.into_iter().enumerate() {
        let mut soft = soft();
        change(&mut soft);
        assert_eq!(registered(&soft), Err(expected), "case {at}");
    }
}

#[test]
fn a_policy_that_demands_verification_is_not_content_with_presence() {
    let mut soft = soft();
    soft.flags = 0x01;
    let demanding = WebAuthnPolicy { user_verification: Some("required".to_owned()), ..policy() };
    assert_eq!(send(&soft, demanding, none()), Err(WebAuthnError::UserNotVerified));
    let content = WebAuthnPolicy { user_verification: Some("preferred".to_owned()), ..policy() };
    send(&soft, content, none()).unwrap();
}

/// CVE-2025-12150.
#[test]
fn a_policy_that_asks_for_attestation_does_not_take_none() {
    for preference in ["direct", "indirect"] {
        let asking = || WebAuthnPolicy { attestation_conveyance_preference: Some(preference.to_owned()), ..policy() };
        let soft = soft();
        assert_eq!(send(&soft, asking(), none()), Err(WebAuthnError::Attestation));
        assert_eq!(send(&soft, asking(), own(&soft)).unwrap().attestation_statement_format.as_deref(), Some("packed"));
        send(&soft, asking(), makers(&soft, "Authenticator Attestation")).unwrap();
    }
    let modest = WebAuthnPolicy { attestation_conveyance_preference: Some("none".to_owned()), ..policy() };
    send(&soft(), modest, none()).unwrap();
}

#[test]
fn only_acceptable_authenticators_are_taken_and_their_own_key_does_not_prove_which_they_are() {
    let listing = |aaguid: &str| WebAuthnPolicy { acceptable_aaguids: vec![aaguid.to_owned()], ..policy() };
    let (soft, listed) = (soft(), "07070707-0707-0707-0707-070707070707");
    assert_eq!(send(&soft, listing("08070707-0707-0707-0707-070707070707"), none()), Err(WebAuthnError::Authenticator));
    send(&soft, listing(listed), none()).unwrap();
    assert_eq!(send(&soft, listing(listed), own(&soft)), Err(WebAuthnError::Attestation));
    send(&soft, listing(listed), makers(&soft, "Authenticator Attestation")).unwrap();
}

/// CVE-2026-8830 and the hole that its mend left: a field that is not sent.
#[test]
fn an_attachment_that_the_policy_asks_for_must_be_said() {
    let wanting = |attachment: &str| WebAuthnPolicy { authenticator_attachment: Some(attachment.to_owned()), ..policy() };
    send(&soft(), wanting("platform"), none()).unwrap();
    assert_eq!(send(&soft(), wanting("cross-platform"), none()), Err(WebAuthnError::Authenticator));
}

#[test]
fn a_statement_that_does_not_hold_is_refused() {
    let soft = soft();
    let mut bad: Vec<(&str, Value)> = vec![
        ("none", map(vec![("x", 1.into())])),
        ("tpm", map(vec![])),
        ("packed", map(vec![])),
        makers(&soft, "Marketing"),
        ("fido-u2f", own(&soft).1),
    ];
    let other = Soft::new(SoftKey::es256(), "webauthn.create");
    bad.push(own(&other));
    let mut other_algorithm = own(&soft).1;
    other_algorithm.as_map_mut().unwrap()[0].1 = (-257).into();
    bad.push(("packed", other_algorithm));
    for (at, statement) in bad.into_iter().enumerate() {
        assert_eq!(send(&soft, policy(), statement), Err(WebAuthnError::Attestation), "case {at}");
    }
}

#[test]
fn a_u2f_key_attests_in_its_own_way() {
    let mut soft = soft();
    soft.aaguid = [0; 16];
    let maker = SoftKey::es256();
    let data = soft.attested_data();
    let hash = soft.signed(&[]);
    let message = [vec![0], data[..32].to_vec(), hash, soft.id.clone(), soft.key.uncompressed()].concat();
    let chain = Value::Array(vec![Value::Bytes(maker.certificate("Any"))]);
    let statement = map(vec![("sig", Value::Bytes(maker.sign(&message))), ("x5c", chain)]);
    send(&soft, policy(), ("fido-u2f", statement.clone())).unwrap();
    soft.aaguid = [1; 16];
    assert_eq!(send(&soft, policy(), ("fido-u2f", statement)), Err(WebAuthnError::Attestation));
}

#[test]
fn what_the_user_has_already_is_not_registered_again() {
    let soft = soft();
    let data = Value::Bytes(soft.attested_data());
    let object = encode(cbor(&map(vec![("fmt", "none".into()), ("attStmt", map(vec![])), ("authData", data)])));
    let (client_data, id) = (encode(soft.client_data()), encode(&soft.id));
    let sent = Registration {
        client_data_json: &client_data,
        attestation_object: &object,
        credential_id: &id,
        ..Registration::default()
    };
    let known = [soft.record(1)];
    let avoiding = party(WebAuthnPolicy { avoid_same_authenticator: true, ..policy() });
    assert_eq!(avoiding.register(&challenge(), &sent, &known), Err(WebAuthnError::Registered));
    assert_eq!(avoiding.excluded(&known), std::slice::from_ref(&id));
    assert!(party(policy()).excluded(&known).is_empty());
    let other = Registration { credential_id: "AAAA", ..sent };
    assert_eq!(avoiding.register(&challenge(), &other, &[]), Err(WebAuthnError::OtherCredential));
}

#[test]
fn extra_origins_and_another_id_are_taken_from_the_policy() {
    let mut soft = soft();
    soft.client_data["origin"] = json!("android:apk-key-hash:abc");
    soft.party_id = "example.org".to_owned();
    let wide = WebAuthnPolicy {
        rp_id: Some("example.org".to_owned()),
        extra_origins: vec!["android:apk-key-hash:abc".to_owned()],
        ..policy()
    };
    send(&soft, wide, none()).unwrap();
}
