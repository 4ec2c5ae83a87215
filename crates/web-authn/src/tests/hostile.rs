//! Whatever is sent, it is refused, and nothing panics or takes long.

use ciborium::Value;
use proptest::prelude::*;

use super::keys::SoftKey;
use super::{Soft, cbor, challenge, encode, map, party, policy};
use crate::authenticator_data::AuthenticatorData;
use crate::client_data::base64url;
use crate::cose::{CoseKey, whole_item};
use crate::{Assertion, Registration};

fn register(object: &[u8], client_data: &[u8]) -> bool {
    let (object, client_data) = (encode(object), encode(client_data));
    let sent = Registration {
        client_data_json: &client_data,
        attestation_object: &object,
        credential_id: "-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s",
        transports: "",
        attachment: "",
    };
    party(policy()).register(&challenge(), &sent, &[]).is_ok()
}

fn object(soft: &Soft) -> Vec<u8> {
    cbor(&map(vec![("fmt", "none".into()), ("attStmt", map(vec![])), ("authData", Value::Bytes(soft.attested_data()))]))
}

proptest! {
    #[test]
    fn bytes_of_any_kind_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = AuthenticatorData::read(&bytes);
        let _ = whole_item(&bytes).map(|item| CoseKey::read(&item));
        let taken = register(&bytes, b"{}");
        prop_assert!(!taken);
    }

    #[test]
    fn texts_of_any_kind_are_refused(text in any::<String>()) {
        let sent = Assertion {
            client_data_json: &text, authenticator_data: &text, signature: &text, credential_id: &text, user_handle: Some(&text),
        };
        let record = Soft::new(SoftKey::ed25519(), "webauthn.get").record(0);
        prop_assert!(party(policy()).verify(&challenge(), &sent, (&record, "u-1")).is_err());
        let _ = sent.user();
    }

    /// Attestation `none` is not signed: what can be changed without notice is the key, its id, its kind and the counter, which the
    /// sender may choose anyway; everything else is refused.
    #[test]
    fn a_changed_or_shortened_registration_is_refused_or_still_well_formed(at in 0_usize..400, change in 1_u8..=255, cut in any::<bool>()) {
        let soft = Soft::new(SoftKey::ed25519(), "webauthn.create");
        let mut bytes = object(&soft);
        let at = at % bytes.len();
        if cut {
            bytes.truncate(at);
            let taken = register(&bytes, &soft.client_data());
            prop_assert!(!taken);
        } else {
            bytes[at] ^= change;
            let _ = register(&bytes, &soft.client_data());
        }
    }
}

#[test]
fn the_unchanged_one_is_taken() {
    let soft = Soft::new(SoftKey::ed25519(), "webauthn.create");
    assert!(register(&object(&soft), &soft.client_data()));
}

#[test]
fn cbor_that_promises_much_or_nests_deep_costs_nothing() {
    let promises: [&[u8]; 4] = [
        &[0x5b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        &[0x9b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        &[0xbb, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        &[0x5f],
    ];
    for bytes in promises {
        assert!(whole_item(bytes).is_none());
    }
    for nested in [0x81, 0xc1, 0xa1, 0x9f] {
        assert!(whole_item(&vec![nested; 100_000]).is_none());
    }
}

#[test]
fn a_member_that_stands_twice_counts_as_none() {
    let mut key = SoftKey::ed25519().cose();
    let twice = key.as_map().unwrap()[3].clone();
    key.as_map_mut().unwrap().push(twice);
    assert!(CoseKey::read(&key).is_err());
}

#[test]
fn keys_that_are_none_are_refused() {
    let ec = |x: Vec<u8>, y: Vec<u8>| {
        let members: Vec<(i64, Value)> =
            vec![(1, 2.into()), (3, (-7).into()), (-1, 1.into()), (-2, Value::Bytes(x)), (-3, Value::Bytes(y))];
        Value::Map(members.into_iter().map(|(name, value)| (name.into(), value)).collect())
    };
    for (x, y) in [(vec![1; 32], vec![2; 32]), (vec![0; 32], vec![0; 32]), (vec![0xff; 32], vec![0xff; 32])] {
        // Well-formed, but no point of the curve.
        let key = CoseKey::read(&ec(x, y)).unwrap();
        assert!(crate::keys::VerifyingKey::of(&key).is_err());
    }
    assert!(CoseKey::read(&ec(vec![1; 31], vec![2; 32])).is_err());
    assert!(base64url("!").is_none());
}
