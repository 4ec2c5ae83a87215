mod keys;

use std::sync::Arc;

use ::web_authn::PASSWORDLESS;
use realm_model::WebAuthnPolicy;
use serde_json::json;
use sha2::{Digest, Sha256};

use self::keys::SoftKey;
use super::*;
use crate::test_world::World;

const CHALLENGE: &str = "5m0gB2K2T9jVxqk3RzC6tCqsmHgtY7O0v9mQy9u3w1A";

fn encode(bytes: impl AsRef<[u8]>) -> String {
    base64_simd::URL_SAFE_NO_PAD.encode_to_string(bytes.as_ref())
}

fn client_data(ceremony: &str) -> Vec<u8> {
    json!({"type": ceremony, "challenge": CHALLENGE, "origin": "https://id.example.org"}).to_string().into_bytes()
}

fn data(flags: u8, counter: u32) -> Vec<u8> {
    [&Sha256::digest(b"id.example.org")[..], &[flags], &counter.to_be_bytes()].concat()
}

struct Begun {
    party: RelyingParty,
    challenge: Challenge,
}

impl Begun {
    fn new() -> Self {
        let policy = WebAuthnPolicy { signature_algorithms: vec!["EdDSA".to_owned()], ..WebAuthnPolicy::default() };
        let party = RelyingParty::new(Arc::new(policy), "https://id.example.org").unwrap();
        Self { party, challenge: Challenge::kept(CHALLENGE.to_owned()) }
    }

    fn ceremony(&self) -> Ceremony<'_> {
        Ceremony { party: &self.party, challenge: &self.challenge, kind: PASSWORDLESS }
    }

    async fn register(&self, world: &World, (key, label): (&SoftKey, &str)) -> Result<String, WebAuthnSetupError> {
        let id = key.cose()[10..26].to_vec();
        let attested = [data(0x45, 0), vec![0; 16], vec![0, 16], id.clone(), key.cose()].concat();
        // `{"fmt": "none", "attStmt": {}, "authData": …}`
        let length = u8::try_from(attested.len()).unwrap();
        let object = [b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58", &[length][..], &attested].concat();
        let (client_data, object, id) = (encode(client_data("webauthn.create")), encode(object), encode(id));
        let sent = Registration {
            client_data_json: &client_data,
            attestation_object: &object,
            credential_id: &id,
            ..Registration::default()
        };
        world.authentication.add_authenticator(&world.at(0), &world.ann(), self.ceremony(), (&sent, label)).await
    }

    async fn sign_in(
        &self,
        world: &World,
        key: &SoftKey,
        (second, counter): (i64, u32),
    ) -> Result<SignedIn, AuthenticationError> {
        let said = client_data("webauthn.get");
        let data = data(0x05, counter);
        let signature = encode(key.sign(&[&data[..], &Sha256::digest(&said)].concat()));
        let (client_data, data, id) = (encode(said), encode(data), encode(&key.cose()[10..26]));
        let sent = Assertion {
            client_data_json: &client_data,
            authenticator_data: &data,
            signature: &signature,
            credential_id: &id,
            user_handle: None,
        };
        world.authentication.verify_authenticator(&world.at(second), &world.ann(), self.ceremony(), &sent).await
    }
}

fn refusal(result: Result<SignedIn, AuthenticationError>) -> Refusal {
    match result.unwrap_err() {
        AuthenticationError::Refused(refusal) => refusal,
        AuthenticationError::Trouble(trouble) => panic!("{trouble}"),
    }
}

fn counter_of(world: &World) -> u32 {
    authenticators(&world.ann(), PASSWORDLESS).next().unwrap().1.counter
}

#[tokio::test]
async fn a_registered_passkey_signs_in_and_its_counter_goes_on() {
    let (world, begun, key) = (World::new(json!({})), Begun::new(), SoftKey::new());
    let id = begun.register(&world, (&key, "laptop")).await.unwrap();
    let expected = SignedIn { credential: Some(id), user_verified: true };
    assert_eq!(begun.sign_in(&world, &key, (1, 0)).await.unwrap(), expected);
    assert_eq!(begun.sign_in(&world, &key, (2, 4)).await.unwrap(), expected);
    assert_eq!(counter_of(&world), 4);
    let again = refusal(begun.sign_in(&world, &key, (3, 4)).await);
    assert_eq!(again, Refusal::WrongSignature("u-1".into(), WebAuthnError::CounterNotAdvanced));
}

#[tokio::test]
async fn an_authenticator_is_registered_once_and_under_a_name_of_its_own() {
    let (world, begun, key) = (World::new(json!({})), Begun::new(), SoftKey::new());
    begun.register(&world, (&key, "laptop")).await.unwrap();
    let same = begun.register(&world, (&key, "other")).await;
    assert!(matches!(same, Err(WebAuthnSetupError::Refused(WebAuthnError::Registered))));
    let taken = begun.register(&world, (&SoftKey::new(), " Laptop")).await;
    assert!(matches!(taken, Err(WebAuthnSetupError::LabelTaken)));
    begun.register(&world, (&SoftKey::new(), "phone")).await.unwrap();
    assert_eq!(authenticators(&world.ann(), PASSWORDLESS).count(), 2);
    assert_eq!(authenticators(&world.ann(), ::web_authn::SECOND_FACTOR).count(), 0);
}

#[tokio::test]
async fn strange_keys_lock_as_wrong_passwords_do_and_who_is_disabled_stays_out() {
    let (world, begun, key) = (World::new(json!({})), Begun::new(), SoftKey::new());
    begun.register(&world, (&key, "laptop")).await.unwrap();
    for second in [0, 10, 20] {
        let refused = refusal(begun.sign_in(&world, &SoftKey::new(), (second, 1)).await);
        assert_eq!(refused, Refusal::WrongSignature("u-1".into(), WebAuthnError::OtherCredential));
    }
    assert_eq!(refusal(begun.sign_in(&world, &key, (21, 1)).await), Refusal::Locked("u-1".into()));
    world.set("enabled", json!(false));
    assert_eq!(refusal(begun.sign_in(&world, &key, (500, 1)).await), Refusal::UserDisabled("u-1".into()));
}

#[tokio::test]
async fn what_else_an_export_says_of_an_authenticator_stays() {
    let (world, begun, key) = (World::new(json!({})), Begun::new(), SoftKey::new());
    let data = json!({"aaguid": "00000000-0000-0000-0000-000000000000", "counter": 1, "attestationStatement": "o2A",
                      "credentialId": base64_simd::STANDARD.encode_to_string(&key.cose()[10..26]),
                      "credentialPublicKey": encode(key.cose()), "attestationStatementFormat": "tpm", "transports": ["usb"]});
    world.add(json!({"id": "c", "type": PASSWORDLESS, "secretData": "{}", "credentialData": data.to_string()}));
    begun.sign_in(&world, &key, (1, 2)).await.unwrap();
    let stored = world.ann().credentials[1].credential_data.clone();
    assert_eq!(stored, data.to_string().replace("\"counter\":1", "\"counter\":2"));
}
