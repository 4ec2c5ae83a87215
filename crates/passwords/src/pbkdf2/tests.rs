use hmac::Hmac;
use proptest::prelude::*;

use super::*;

fn theirs(prf: Prf, password: &[u8], salt: &[u8], iterations: u32, out: &mut [u8]) {
    match prf {
        Prf::Sha1 => ::pbkdf2::pbkdf2::<Hmac<Sha1>>(password, salt, iterations, out).unwrap(),
        Prf::Sha256 => ::pbkdf2::pbkdf2::<Hmac<Sha256>>(password, salt, iterations, out).unwrap(),
        Prf::Sha512 => ::pbkdf2::pbkdf2::<Hmac<Sha512>>(password, salt, iterations, out).unwrap(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn rfc_6070_vectors() {
    for (iterations, expected) in [
        (1, "0c60c80f961f0e71f3a9b524af6012062fe037a6"),
        (2, "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957"),
        (4096, "4b007901b765489abead49d926f721d065a429c1"),
    ] {
        let mut out = vec![0; expected.len() / 2];
        Prf::Sha1.derive(b"password", b"salt", iterations, &mut out);
        assert_eq!(hex(&out), expected);
    }
}

#[test]
fn a_verified_value_may_be_shorter_or_longer_than_one_block() {
    for prf in [Prf::Sha1, Prf::Sha256, Prf::Sha512] {
        for length in [4, 16, 20, 32, 33, 64, 100] {
            let mut value = vec![0; length];
            theirs(prf, b"secret", b"pepper and salt", 3, &mut value);
            let stored = Pbkdf2Hash::stored(prf, 3, b"pepper and salt".to_vec(), value).unwrap();
            assert!(stored.verify(b"secret"), "{prf:?} {length}");
            assert!(!stored.verify(b"Secret"), "{prf:?} {length}");
        }
    }
}

proptest! {
    #[test]
    fn equal_to_the_pbkdf2_crate(
        password in prop::collection::vec(any::<u8>(), 0..300),
        salt in prop::collection::vec(any::<u8>(), 1..200),
        iterations in 1..20_u32,
        length in 1..200_usize,
    ) {
        for prf in [Prf::Sha1, Prf::Sha256, Prf::Sha512] {
            let (mut ours, mut expected) = (vec![0; length], vec![0; length]);
            prf.derive(&password, &salt, iterations, &mut ours);
            theirs(prf, &password, &salt, iterations, &mut expected);
            prop_assert_eq!(ours, expected);
        }
    }
}
