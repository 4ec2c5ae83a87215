use std::sync::Arc;

use ambient::Timestamp;
use realm_model::Realm;

use super::*;
use crate::change::Situation;
use crate::declaration::Declaration;
use crate::sign_compact;
use crate::test_realm::{exported, provider, realm};
use crate::vault::VaultRecord;

fn ring_of(realm: &Realm) -> Keyring {
    let situation = Situation::new(Arc::new(Declaration::read(realm)), VaultRecord::default(), Timestamp::from_secs(0));
    Keyring::build(&realm.name, &situation.entries, [0; 32])
}

fn jwks(ring: &Keyring) -> Vec<serde_json::Value> {
    let set: serde_json::Value = serde_json::from_slice(ring.jwks_json()).unwrap();
    set["keys"].as_array().unwrap().clone()
}

fn listed(ring: &Keyring) -> Vec<(String, String)> {
    let text = |key: &serde_json::Value, member: &str| key[member].as_str().unwrap().to_owned();
    jwks(ring).iter().map(|key| (text(key, "alg"), text(key, "kid"))).collect()
}

fn members(key: &serde_json::Value) -> Vec<&str> {
    key.as_object().unwrap().keys().map(String::as_str).collect()
}

// The kids that Keycloak 26.7.4 published for the same files.
const ACME: [(&str, &str); 5] = [
    ("RSA-OAEP", "pOXMjG1tafRWb05juycO0K5RtpcWXgzMsqd99qrzh5E"),
    ("RS256", "O2r2yGRt_HmoKzhglW35VGY2ZEsQtM0I2XUb0g5GQpc"),
    ("ES256", "5e4RthYB9KHUffvSEGMQ5SxPBq6vSO9dmXUJhnsijHs"),
    ("PS256", "rtEbfhtu3UGfufqOivLHErlbUL1AHlNhpiNm4yholYI"),
    ("RS256", "KaAk0jywZ7yAepfaT8-lcmxMv1AbyI_e_-oIAUa0wYo"),
];
const BENCH: [(&str, &str); 2] =
    [("RS256", "ZBgxp70U3gLeUmFdPGS8vRQXp-MmBt1PmDNavX-zLd0"), ("RSA-OAEP", "x5OLjW6xHGKXs9MtfK8c4b5ZhK4PE-JP71qcA6kfq2o")];

#[test]
fn exported_realms_publish_the_keys_that_keycloak_publishes_in_its_order() {
    for (name, expected) in [("acme", &ACME[..]), ("bench", &BENCH)] {
        let expected: Vec<_> = expected.iter().map(|(a, k)| ((*a).to_owned(), (*k).to_owned())).collect();
        assert_eq!(listed(&ring_of(&exported(name))), expected, "{name}");
    }
}

#[test]
fn every_exported_realm_signs_with_the_algorithms_of_its_keys() {
    for name in ["acme", "bench", "legacy", "sbc"] {
        let ring = ring_of(&exported(name));
        assert_eq!(ring.rows().count(), exported(name).key_providers.len(), "{name}");
        for algorithm in [Algorithm::Rs256, Algorithm::Hs512] {
            assert!(ring.signer(algorithm).is_some(), "{name} {algorithm}");
        }
    }
}

#[test]
fn the_active_key_of_the_highest_priority_signs_and_the_passive_one_only_verifies() {
    let ring = ring_of(&exported("acme"));
    assert_eq!(ring.signer(Algorithm::Rs256).unwrap().kid(), ACME[1].1);
    let passive = ring.rows().find(|row| *row.kid == *ACME[4].1).unwrap();
    assert_eq!(passive.state, KeyState::Retired);
    assert_eq!(passive.priority, 10);
}

#[test]
fn secrets_are_never_published() {
    let ring = ring_of(&exported("acme"));
    assert_eq!(ring.rows().filter(|row| row.key_type == "OCT").count(), 2);
    assert!(jwks(&ring).iter().all(|key| key["kty"] != "oct" && key["kty"] != "OCT"));
}

#[test]
fn members_stand_in_keycloaks_order() {
    let ring = ring_of(&exported("acme"));
    let keys = jwks(&ring);
    assert_eq!(members(&keys[1]), ["kid", "kty", "alg", "use", "x5c", "x5t", "x5t#S256", "n", "e"]);
    assert_eq!(members(&keys[2]), ["kid", "kty", "alg", "use", "crv", "x", "y"]);
    // As Keycloak 26.7.4 printed them.
    assert_eq!(keys[0]["x5t"], "j8jmLO5QHQTvGNvndBmb4ReBwiw");
    assert_eq!(keys[0]["x5t#S256"], "m0_BNOAx4ckXRgEcP1-of6P1ZQBGpP2pMwA2iBtDWFU");
    assert_eq!(keys[2]["x"], "z-L66hvVxeNGeDO0vlMbKjT0D3SlW6BWS9gs98JfclE");
    assert_eq!(keys[2]["y"], "d3Q_BslPgJ_pSvFQ9X2275qSghppY1nHQ7Ruxvm2H-I");
    assert_eq!(keys[0]["e"], "AQAB");
}

#[test]
fn the_realm_page_shows_the_active_rs256_key() {
    let ring = ring_of(&exported("bench"));
    let shown = ring.public_key_of_default().unwrap();
    assert!(shown.starts_with("MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAp0Z9lq1XE2puNAQ4tyQnmgza"));
}

#[test]
fn a_token_verifies_under_its_key_and_under_none_of_the_others() {
    let ring = ring_of(&exported("acme"));
    for algorithm in [Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es256, Algorithm::Hs512] {
        let signer = ring.signer(algorithm).unwrap();
        let token = sign_compact(&*signer, "JWT", b"{}").unwrap();
        let parsed = crate::parse_compact(&token).unwrap();
        for row in ring.rows() {
            let verdict = ring.verify(Some(&row.kid), algorithm, parsed.signing_input, &parsed.signature);
            assert_eq!(verdict.is_ok(), *row.kid == *signer.kid(), "{algorithm} under {}", row.kid);
        }
        assert_eq!(ring.verify(None, algorithm, parsed.signing_input, &parsed.signature), Ok(()));
    }
}

#[test]
fn a_header_cannot_choose_another_algorithm_for_a_key() {
    let ring = ring_of(&exported("acme"));
    let signer = ring.signer(Algorithm::Rs256).unwrap();
    let mut signature = Vec::new();
    signer.sign(b"a.b", &mut signature).unwrap();
    for algorithm in Algorithm::ALL.into_iter().filter(|a| *a != Algorithm::Rs256) {
        let verdict = ring.verify(Some(signer.kid()), algorithm, b"a.b", &signature);
        assert_eq!(verdict, Err(VerifyError::OtherAlgorithm), "{algorithm}");
    }
}

#[test]
fn a_public_key_used_as_an_hmac_secret_proves_nothing() {
    let ring = ring_of(&exported("acme"));
    let public = ring.public_key_of_default().unwrap();
    for secret in [base64_simd::STANDARD.decode_to_vec(public).unwrap(), public.as_bytes().to_vec()] {
        let forged = crate::keys::Material::from_secret(secret);
        let kid: Arc<str> = ACME[1].1.into();
        let signer = crate::keys::signer_of(Algorithm::Hs256, &kid, &forged).unwrap();
        let mut signature = Vec::new();
        signer.sign(b"a.b", &mut signature).unwrap();
        assert_eq!(ring.verify(Some(&kid), Algorithm::Hs256, b"a.b", &signature), Err(VerifyError::OtherAlgorithm));
        assert!(ring.verify(None, Algorithm::Hs256, b"a.b", &signature).is_err());
    }
}

#[test]
fn a_disabled_key_is_listed_for_the_admin_and_used_by_nobody() {
    let mut realm = Realm::clone(&exported("bench"));
    for provider in &mut realm.key_providers {
        provider.config.insert("enabled".to_owned(), vec!["false".to_owned()]);
    }
    let ring = ring_of(&realm);
    assert!(jwks(&ring).is_empty());
    assert!(ring.rows().all(|row| row.state == KeyState::Gone));
    assert!(ring.signer(Algorithm::Rs256).is_none());
    assert_eq!(ring.verify(Some(BENCH[0].1), Algorithm::Rs256, b"a.b", b"x"), Err(VerifyError::UnknownKey));
}

#[test]
fn a_broken_component_is_left_out_and_the_others_work() {
    let mut realm = Realm::clone(&exported("bench"));
    realm.key_providers.push(provider("keystore", "java-keystore", &[]));
    realm.key_providers.push(provider("odd", "rsa", &[("privateKey", "AAAA"), ("priority", "500")]));
    realm.key_providers.push(provider("what", "quantum", &[]));
    assert_eq!(listed(&ring_of(&realm)).len(), BENCH.len());
}

#[test]
fn a_certificate_member_appears_only_where_there_is_one() {
    let pem = "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g"; // RFC 8037 appendix A.1
    let ring = ring_of(&realm("r", vec![provider("ed", "eddsa-generated", &[("eddsaPrivateKey", pem)])]));
    let keys = jwks(&ring);
    assert_eq!(members(&keys[0]), ["kid", "kty", "alg", "use", "crv", "x"]);
    assert_eq!(keys[0]["x"], "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
    assert_eq!(keys[0]["crv"], "Ed25519");
}

#[test]
fn one_rsa_key_may_serve_two_algorithms_in_two_components() {
    let mut realm = Realm::clone(&exported("bench"));
    let mut twin = realm.key_providers.iter().find(|p| p.provider_id == "rsa-generated").unwrap().clone();
    (twin.id, twin.name) = ("twin".to_owned(), "twin".to_owned());
    twin.config.insert("algorithm".to_owned(), vec!["PS512".to_owned()]);
    realm.key_providers.push(twin);
    let ring = ring_of(&realm);
    for algorithm in [Algorithm::Rs256, Algorithm::Ps512] {
        let signer = ring.signer(algorithm).unwrap();
        assert_eq!(signer.kid(), BENCH[0].1);
        let mut signature = Vec::new();
        signer.sign(b"a.b", &mut signature).unwrap();
        assert_eq!(ring.verify(Some(signer.kid()), algorithm, b"a.b", &signature), Ok(()));
        let other = if algorithm == Algorithm::Rs256 { Algorithm::Ps512 } else { Algorithm::Rs256 };
        assert_eq!(ring.verify(Some(signer.kid()), other, b"a.b", &signature), Err(VerifyError::BadSignature));
    }
}
