use super::*;
use crate::test_realm::{exported, provider};

fn read(provider_id: &str, config: &[(&str, &str)]) -> Result<Declared, ProviderFault> {
    Declared::read(&provider("p", provider_id, config))
}

#[test]
fn the_algorithm_without_an_entry_is_keycloaks() {
    for (provider_id, algorithm) in [
        ("rsa-generated", Algorithm::Rs256),
        ("rsa-enc-generated", Algorithm::RsaOaep),
        ("ecdsa-generated", Algorithm::Es256),
        ("ecdh-generated", Algorithm::EcdhEs),
        ("eddsa-generated", Algorithm::EdDsa),
        ("hmac-generated", Algorithm::Hs256),
        ("aes-generated", Algorithm::Aes),
    ] {
        let declared = read(provider_id, &[]).unwrap();
        assert_eq!((declared.spec.algorithm, declared.spec.priority), (algorithm, 0), "{provider_id}");
        assert!(declared.own.is_none());
    }
}

#[test]
fn the_curve_decides_the_algorithm() {
    for (curve, algorithm) in [("P-256", "ES256"), ("P-384", "ES384"), ("P-521", "ES512")] {
        let declared = read("ecdsa-generated", &[("ecdsaEllipticCurveKey", curve)]).unwrap();
        assert_eq!(declared.spec.algorithm.as_str(), algorithm);
    }
}

#[test]
fn enabled_and_active_bound_what_a_key_may_be() {
    for (config, at_best) in [
        (&[][..], KeyState::Active),
        (&[("active", "false")], KeyState::Retired),
        (&[("enabled", "false")], KeyState::Gone),
        (&[("enabled", "false"), ("active", "false")], KeyState::Gone),
    ] {
        let declared = read("ecdsa-generated", config).unwrap();
        assert_eq!(declared.at_best, at_best);
        assert_eq!(declared.limit(KeyState::Next), if at_best.signs() { KeyState::Next } else { at_best });
    }
}

#[test]
fn faults_name_the_entry() {
    let fault = |provider_id, config: &[(&str, &str)]| read(provider_id, config).err().unwrap().to_string();
    assert_eq!(fault("rsa-generated", &[("algorithm", "ES256")]), r#"algorithm cannot be "ES256""#);
    assert_eq!(fault("rsa-generated", &[("keySize", "512")]), r#"keySize cannot be "512""#);
    assert_eq!(fault("ecdsa-generated", &[("ecdsaEllipticCurveKey", "P-192")]), r#"ecdsaEllipticCurveKey cannot be "P-192""#);
    assert_eq!(fault("hmac-generated", &[("secretSize", "4")]), r#"secretSize cannot be "4""#);
    assert_eq!(fault("rsa-generated", &[("priority", "high")]), r#"priority cannot be "high""#);
    assert_eq!(fault("rsa", &[]), "privateKey is missing");
    assert_eq!(fault("hmac-generated", &[("secret", "c2hvcnQ")]), "the key does not fit HS256");
    assert_eq!(fault("quantum", &[]), r#"there is no key provider "quantum""#);
}

#[test]
fn a_key_on_another_curve_than_its_component_says_is_a_misfit() {
    let acme = exported("acme");
    let mut component = acme.key_providers.iter().find(|p| p.provider_id == "ecdsa-generated").unwrap().clone();
    component.config.insert("ecdsaEllipticCurveKey".to_owned(), vec!["P-384".to_owned()]);
    assert_eq!(check_provider(&component), Err(ProviderFault::Misfit(Algorithm::Es384)));
}

#[test]
fn every_component_of_the_exports_is_read() {
    for name in ["acme", "bench", "legacy", "sbc"] {
        for component in &exported(name).key_providers {
            assert_eq!(check_provider(component), Ok(()), "{name} {}", component.name);
        }
    }
}

#[test]
fn a_successor_of_a_key_in_the_file_is_as_strong_as_it() {
    let acme = exported("acme");
    let hmac = acme.key_providers.iter().find(|p| p.provider_id == "hmac-generated").unwrap();
    assert_eq!(Declared::read(hmac).unwrap().spec.shape, Shape::Secret { bytes: 128 });
}

#[test]
fn a_secret_without_a_kid_goes_by_its_component() {
    let declared = read("hmac-generated", &[("secret", "WiXYjl4AyCvRoGKCTRJhUkk7ic7eb2j8tfTyj-ns")]).unwrap();
    assert_eq!(&*declared.own.unwrap().kid, "id-of-p");
}
