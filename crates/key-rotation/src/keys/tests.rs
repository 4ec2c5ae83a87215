use std::sync::Arc;

use ambient::{SeededEntropy, Timestamp};
use openssl::x509::X509;

use super::*;
use crate::Algorithm;
use crate::algorithm::Family;

fn material_for(algorithm: Algorithm) -> Material {
    let shape = match algorithm.family() {
        Family::Rsa | Family::RsaPss | Family::RsaEncryption => Shape::Rsa { bits: 2048 },
        Family::Ec => match algorithm {
            Algorithm::Es256 => Shape::Ec(Curve::P256),
            Algorithm::Es384 => Shape::Ec(Curve::P384),
            _ => Shape::Ec(Curve::P521),
        },
        Family::EcEncryption => Shape::Ec(Curve::P256),
        Family::Ed => Shape::Ed(EdCurve::Ed25519),
        Family::Hmac | Family::Aes => Shape::Secret { bytes: 64 },
    };
    Material::generate(shape, &SeededEntropy::new(1)).unwrap()
}

fn signing() -> impl Iterator<Item = Algorithm> {
    Algorithm::ALL.into_iter().filter(|a| a.key_use() == crate::KeyUse::Signature)
}

fn sign(signer: &dyn Signer, input: &[u8]) -> Vec<u8> {
    let mut signature = b"before".to_vec();
    signer.sign(input, &mut signature).unwrap();
    assert!(signature.starts_with(b"before"));
    signature.split_off(6)
}

fn check_round_trip(algorithm: Algorithm, material: &Material) {
    let kid: Arc<str> = "k".into();
    let signer = signer_of(algorithm, &kid, material).unwrap();
    let verifier = VerificationKey::of(algorithm, material).unwrap().unwrap();
    for input in [&b""[..], b"a.b", &[7; 5000]] {
        let signature = sign(&*signer, input);
        assert_eq!(signature.len(), signer.signature_len(), "{algorithm}");
        assert!(verifier.verifies(input, &signature), "{algorithm}");
        assert!(!verifier.verifies(b"other", &signature), "{algorithm}");
        for at in [0, signature.len() / 2, signature.len() - 1] {
            let mut wrong = signature.clone();
            wrong[at] ^= 1;
            assert!(!verifier.verifies(input, &wrong), "{algorithm} {at}");
        }
        assert!(!verifier.verifies(input, &signature[1..]), "{algorithm}");
        assert!(!verifier.verifies(input, &[]), "{algorithm}");
        assert!(!verifier.verifies(input, &[&signature[..], &[0]].concat()), "{algorithm}");
        assert!(verifier.verifies(input, &signature), "a failure leaves nothing behind");
    }
}

#[test]
fn what_each_algorithm_signs_it_verifies_and_nothing_else() {
    for algorithm in signing() {
        check_round_trip(algorithm, &material_for(algorithm));
    }
    check_round_trip(Algorithm::EdDsa, &Material::generate(Shape::Ed(EdCurve::Ed448), &SeededEntropy::new(1)).unwrap());
}

/// One signature in 256 begins with a zero, which says nothing of the number that it is.
#[test]
fn a_signature_without_its_first_zero_is_refused() {
    for algorithm in [Algorithm::Rs256, Algorithm::Ps256] {
        let material = material_for(algorithm);
        let signer = signer_of(algorithm, &"k".into(), &material).unwrap();
        let verifier = VerificationKey::of(algorithm, &material).unwrap().unwrap();
        let inputs = (0_u32..20_000).map(|n| n.to_be_bytes());
        let found = inputs.map(|input| (input, sign(&*signer, &input))).find(|(_, signature)| signature[0] == 0);
        let (input, signature) = found.unwrap();
        assert!(verifier.verifies(&input, &signature), "{algorithm}");
        assert!(!verifier.verifies(&input, &signature[1..]), "{algorithm}");
        assert!(!verifier.verifies(&input, &[&[0], &signature[..]].concat()), "{algorithm}");
    }
}

#[test]
fn a_key_serves_no_algorithm_of_another_kind() {
    let kid: Arc<str> = "k".into();
    for of in signing() {
        let material = material_for(of);
        for algorithm in Algorithm::ALL {
            let same_kind = match (of.family(), algorithm.family()) {
                (Family::Rsa | Family::RsaPss, Family::Rsa | Family::RsaPss) => true,
                (Family::Hmac, Family::Hmac) => true,
                (Family::Ec, Family::Ec) | (Family::Ed, Family::Ed) => of == algorithm,
                _ => false,
            };
            assert_eq!(signer_of(algorithm, &kid, &material).is_some(), same_kind, "{of} as {algorithm}");
            assert_eq!(VerificationKey::of(algorithm, &material).unwrap().is_some(), same_kind, "{of} as {algorithm}");
        }
    }
}

#[test]
fn a_public_key_is_never_the_secret_of_an_hmac() {
    let der = material_for(Algorithm::Rs256).public_der().unwrap().unwrap();
    assert!(VerificationKey::from_public_der(Algorithm::Hs256, &der).unwrap().is_none());
}

#[test]
fn an_all_zero_ecdsa_signature_is_refused() {
    let verifier = VerificationKey::of(Algorithm::Es256, &material_for(Algorithm::Es256)).unwrap().unwrap();
    assert!(!verifier.verifies(b"a.b", &[0; 64]));
}

#[test]
fn a_key_too_short_for_its_algorithm_is_a_sign_error() {
    let short = Material::generate(Shape::Rsa { bits: 1024 }, &SeededEntropy::new(1)).unwrap();
    let signer = signer_of(Algorithm::Ps512, &"k".into(), &short).unwrap();
    let error = signer.sign(b"a.b", &mut Vec::new()).unwrap_err();
    assert_eq!(&*error.kid, "k");
}

#[test]
fn what_the_vault_keeps_reads_back_as_the_same_key() {
    for algorithm in signing() {
        let material = material_for(algorithm);
        let again = Material::from_stored(algorithm, &material.to_stored().unwrap()).unwrap();
        let signature = sign(&*signer_of(algorithm, &"k".into(), &again).unwrap(), b"a.b");
        assert!(VerificationKey::of(algorithm, &material).unwrap().unwrap().verifies(b"a.b", &signature), "{algorithm}");
    }
}

#[test]
fn private_keys_read_as_pem_pkcs8_and_pkcs1() {
    let Material::Pair(pair) = material_for(Algorithm::Rs256) else { panic!() };
    let rsa = pair.rsa().unwrap();
    let pems = [pair.private_key_to_pem_pkcs8().unwrap(), rsa.private_key_to_pem().unwrap()];
    let bare = [pair.private_key_to_pkcs8().unwrap(), rsa.private_key_to_der().unwrap()];
    let texts = pems.into_iter().map(|pem| String::from_utf8(pem).unwrap());
    for text in texts.chain(bare.iter().map(|der| base64_simd::STANDARD.encode_to_string(der))) {
        let Material::Pair(read) = Material::from_text(&text).unwrap() else { panic!() };
        assert!(read.public_eq(&pair));
    }
}

#[test]
fn rubbish_is_no_private_key_and_is_not_repeated_in_the_error() {
    for text in ["", "secret!", "c2VjcmV0", "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----"] {
        let error = Material::from_text(text).err().unwrap();
        assert!(!error.to_string().contains("c2VjcmV0"), "{error}");
    }
}

#[test]
fn certificates_are_self_signed_for_about_ten_years() {
    let now = Timestamp::from_secs(1_763_769_600);
    for algorithm in [Algorithm::Rs256, Algorithm::Es384] {
        let der = self_signed("acme", &material_for(algorithm), now).unwrap().unwrap();
        let certificate = X509::from_der(&der).unwrap();
        assert!(certificate.verify(&certificate.public_key().unwrap()).unwrap());
        let name = certificate.subject_name().entries().next().unwrap().data().to_string().unwrap();
        assert_eq!(name, "acme");
        let days = certificate.not_before().diff(certificate.not_after()).unwrap().days;
        assert_eq!(days, 3652);
    }
    assert!(self_signed("acme", &material_for(Algorithm::Hs256), now).unwrap().is_none());
}

#[test]
fn the_key_of_a_certificate_verifies() {
    let material = material_for(Algorithm::Ps256);
    let der = self_signed("client", &material, Timestamp::from_secs(0)).unwrap().unwrap();
    let signature = sign(&*signer_of(Algorithm::Ps256, &"k".into(), &material).unwrap(), b"a.b");
    let bare = base64_simd::STANDARD.encode_to_string(&der);
    for text in [bare.clone(), format!("-----BEGIN CERTIFICATE-----\n{bare}\n-----END CERTIFICATE-----\n")] {
        let key = VerificationKey::from_certificate(Algorithm::Ps256, &text).unwrap().unwrap();
        assert!(key.verifies(b"a.b", &signature));
        assert!(VerificationKey::from_certificate(Algorithm::Es256, &text).unwrap().is_none());
    }
    assert!(VerificationKey::from_certificate(Algorithm::Rs256, "AAAA").is_err());
}
