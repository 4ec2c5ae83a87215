use std::sync::LazyLock;

use ambient::SeededEntropy;
use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::hash;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Exported {
    user: String,
    password: String,
    secret_data: String,
    credential_data: String,
}

/// Password credentials out of realm exports of Keycloak 26.7.4.
static EXPORTED: LazyLock<Vec<Exported>> = LazyLock::new(|| serde_json::from_str(include_str!("tests/exported.json")).unwrap());

fn read(credential: &Exported) -> PasswordCredential {
    PasswordCredential::from_keycloak(&credential.secret_data, &credential.credential_data).unwrap()
}

fn argon2_data(parameters: &str) -> String {
    format!(r#"{{"hashIterations":2,"algorithm":"argon2","additionalParameters":{{{parameters}}}}}"#)
}

fn base64(hex: &str) -> String {
    let bytes: Vec<u8> = (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
    base64_simd::STANDARD.encode_to_string(bytes)
}

fn bcrypt(text: &str) -> Result<PasswordCredential, CredentialError> {
    let secret_data = json!({"value": text, "salt": "", "additionalParameters": {}}).to_string();
    PasswordCredential::from_keycloak(&secret_data, r#"{"hashIterations":-1,"algorithm":"bcrypt","additionalParameters":{}}"#)
}

fn policies() -> Vec<HashPolicy> {
    [
        (HashAlgorithm::Argon2, 1),
        (HashAlgorithm::Pbkdf2, 3),
        (HashAlgorithm::Pbkdf2Sha256, 1),
        (HashAlgorithm::Pbkdf2Sha512, 2),
        (HashAlgorithm::Bcrypt, 4),
    ]
    .map(|(algorithm, iterations)| HashPolicy { algorithm, iterations: Some(iterations) })
    .to_vec()
}

#[test]
fn every_user_of_the_exports_has_the_password_of_the_table() {
    for credential in EXPORTED.iter() {
        assert!(read(credential).verify(&credential.password), "{}", credential.user);
    }
}

#[test]
fn a_wrong_password_is_wrong_with_every_algorithm() {
    let users = ["alice", "otto", "sha1", "sha256-64", "sha512", "judy"];
    for credential in EXPORTED.iter().filter(|credential| users.contains(&credential.user.as_str())) {
        let stored = read(credential);
        for wrong in ["", "Wonderland-1", &format!("{} ", credential.password), &credential.password[..4]] {
            assert!(!stored.verify(wrong), "{} {wrong:?}", credential.user);
        }
    }
}

#[test]
fn what_an_export_says_is_written_back_word_for_word() {
    for credential in EXPORTED.iter() {
        let (secret_data, credential_data) = read(credential).to_keycloak();
        let without_spaces = |text: &str| text.replace(' ', "");
        assert_eq!(secret_data, without_spaces(&credential.secret_data));
        assert_eq!(credential_data, without_spaces(&credential.credential_data));
    }
}

#[test]
fn a_new_hash_of_every_algorithm_survives_writing_and_reading() {
    for policy in policies() {
        let made = hash("correct horse", &policy, &SeededEntropy::new(1));
        let (secret_data, credential_data) = made.to_keycloak();
        let read = PasswordCredential::from_keycloak(&secret_data, &credential_data).unwrap();
        assert!(read.verify("correct horse"), "{policy:?}");
        assert!(!read.verify("correct horsE"), "{policy:?}");
        assert_eq!(read.to_keycloak(), made.to_keycloak());
        assert!(!read.needs_upgrade(&policy), "{policy:?}");
    }
}

#[test]
fn two_hashes_of_one_password_have_different_salts() {
    let entropy = SeededEntropy::new(1);
    for policy in policies() {
        assert_ne!(hash("same", &policy, &entropy).to_keycloak().0, hash("same", &policy, &entropy).to_keycloak().0);
    }
}

#[test]
fn argon2_of_every_variant_and_version_matches_the_reference_implementation() {
    // password "password", salt "somesalt", 256 KiB, 2 iterations, 32 bytes
    let vectors = [
        ("id", "1.3", 1, "9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe"),
        ("id", "1.3", 2, "6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037"),
        ("i", "1.3", 1, "89e9029f4637b295beb027056a7336c414fadd43f6b208645281cb214a56452f"),
        ("i", "1.0", 1, "fd4dd83d762c49bdeaf57c47bdcd0c2f1babf863fdeb490df63ede9975fccf06"),
    ];
    for (variant, version, parallelism, value) in vectors {
        let data = argon2_data(&format!(
            r#""hashLength":["32"],"memory":["256"],"type":["{variant}"],"version":["{version}"],"parallelism":["{parallelism}"]"#
        ));
        let secret = json!({"value": base64(value), "salt": base64_simd::STANDARD.encode_to_string("somesalt")}).to_string();
        let stored = PasswordCredential::from_keycloak(&secret, &data).unwrap();
        assert!(stored.verify("password"), "{variant} {version} {parallelism}");
        assert!(!stored.verify("Password"));
    }
}

#[test]
fn bcrypt_strings_of_libxcrypt_verify() {
    let vectors = [
        ("", "$2a$04$abcdefghijklmnopqrstuubyCG3zY1GIXMyxfivm.ClDiInHzxjiq"),
        ("wonderland", "$2y$05$KvT0bPjcUEIrxGPsqF0z3eGwEzzhAXmjN/EvdS2RrrqFR7gGT3f2S"),
        ("pässwörd-字", "$2b$04$......................KFWneFfgAsCNKWAtUyWBJz.uYsIR0WS"),
    ];
    for (password, text) in vectors {
        let stored = bcrypt(text).unwrap();
        assert!(stored.verify(password), "{text}");
        assert!(!stored.verify("something else"), "{text}");
        assert!(stored.to_keycloak().0.contains(text), "{text}");
    }
}

#[test]
fn bcrypt_takes_the_cost_from_the_string_and_writes_it_as_hash_iterations() {
    let stored = bcrypt("$2y$05$KvT0bPjcUEIrxGPsqF0z3eaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa").unwrap();
    assert_eq!(stored.iterations(), 5);
    assert_eq!(stored.to_keycloak().1, r#"{"hashIterations":5,"algorithm":"bcrypt","additionalParameters":{}}"#);
}

#[test]
fn a_password_that_bcrypt_would_cut_is_never_right() {
    let policy = HashPolicy { algorithm: HashAlgorithm::Bcrypt, iterations: Some(4) };
    let longest = "x".repeat(71);
    let stored = hash(&longest, &policy, &SeededEntropy::new(1));
    assert_eq!(stored.algorithm(), HashAlgorithm::Bcrypt);
    assert!(stored.verify(&longest));
    assert!(!stored.verify(&format!("{longest}x")));
}

#[test]
fn a_password_too_long_for_bcrypt_is_hashed_with_argon2_and_verifies() {
    let policy = HashPolicy { algorithm: HashAlgorithm::Bcrypt, iterations: Some(4) };
    let long = "x".repeat(72);
    let stored = hash(&long, &policy, &SeededEntropy::new(1));
    assert_eq!(stored.algorithm(), HashAlgorithm::Argon2);
    assert!(stored.verify(&long));
    assert!(!stored.verify(&"x".repeat(71)));
}

#[test]
fn passwords_are_hashed_whole_whatever_their_length() {
    for policy in policies().into_iter().filter(|policy| policy.algorithm != HashAlgorithm::Bcrypt) {
        let long = "ü".repeat(65_536);
        let stored = hash(&long, &policy, &SeededEntropy::new(1));
        assert!(stored.verify(&long), "{policy:?}");
        assert!(!stored.verify(&long[2..]), "{policy:?}");
    }
}

#[test]
fn other_algorithms_iterations_and_lengths_need_an_upgrade() {
    let of = |user: &str| read(EXPORTED.iter().find(|credential| credential.user == user).unwrap());
    let policy = |algorithm, iterations| HashPolicy { algorithm, iterations };
    let sha256 = policy(HashAlgorithm::Pbkdf2Sha256, Some(27_500));
    assert!(!of("otto").needs_upgrade(&sha256));
    assert!(of("otto").needs_upgrade(&policy(HashAlgorithm::Pbkdf2Sha256, None)));
    assert!(of("otto").needs_upgrade(&HashPolicy::default()));
    assert!(of("sha256-64").needs_upgrade(&sha256), "64 bytes where new values have 32");
    assert!(!of("operator").needs_upgrade(&policy(HashAlgorithm::Pbkdf2Sha512, None)));
    assert!(!of("alice").needs_upgrade(&HashPolicy::default()));
    assert!(!of("alice").needs_upgrade(&policy(HashAlgorithm::Argon2, Some(7))), "of Argon2 only for new passwords");
}

#[test]
fn debug_shows_algorithm_and_iterations_only() {
    let otto = EXPORTED.iter().find(|credential| credential.user == "otto").unwrap();
    assert_eq!(format!("{:?}", read(otto)), "PasswordCredential(pbkdf2-sha256, 27500 iterations)");
}

#[test]
fn hand_written_parameters_may_be_plain_values() {
    let data = argon2_data(r#""hashLength":32,"memory":256,"type":"id","version":"1.3","parallelism":"1""#);
    let value = base64("9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe");
    let secret = json!({"value": value, "salt": base64_simd::STANDARD.encode_to_string("somesalt")}).to_string();
    assert!(PasswordCredential::from_keycloak(&secret, &data).unwrap().verify("password"));
}

#[test]
fn costs_that_would_stall_the_server_are_refused_with_a_clear_text() {
    let argon2 = |memory: i64, iterations: i64, parallelism: i64, length: i64| {
        let data = json!({"hashIterations": iterations, "algorithm": "argon2", "additionalParameters": {
            "hashLength": [length.to_string()], "memory": [memory.to_string()], "type": ["id"], "version": ["1.3"],
            "parallelism": [parallelism.to_string()]}});
        let value = base64_simd::STANDARD.encode_to_string([0; 32]);
        let secret = json!({"value": value, "salt": "oNXpjrm6V3Zu9tLmV43iuQ=="});
        PasswordCredential::from_keycloak(&secret.to_string(), &data.to_string()).map(drop).map_err(|error| error.to_string())
    };
    assert_eq!(argon2(7168, 5, 1, 32), Ok(()));
    for (memory, iterations, parallelism, length, text) in [
        (1 << 31, 5, 1, 32, "memory (KiB) is 2147483648, accepted are 8 to 262144"),
        (15, 5, 2, 32, "memory (KiB) is 15, accepted are 16 to 262144"),
        (7168, 0, 1, 32, "hashIterations is 0, accepted are 1 to 4194304"),
        (7168, 600, 1, 32, "memory (KiB) times hashIterations is 4300800, accepted are 8 to 4194304"),
        (7168, 5, 0, 32, "parallelism is 0, accepted are 1 to 255"),
        (7168, 5, 1 << 24, 32, "parallelism is 16777216, accepted are 1 to 255"),
        (7168, 5, 1, 0, "hashLength (bytes) is 0, accepted are 4 to 1024"),
        (7168, 5, 1, i64::MAX, "hashLength (bytes) is 9223372036854775807, accepted are 4 to 1024"),
        (7168, 5, 1, 64, "secretData.value has 32 bytes where hashLength says 64"),
    ] {
        assert_eq!(argon2(memory, iterations, parallelism, length), Err(text.to_owned()));
    }
    for iterations in [i64::MIN, -1, 0, 10_000_001, i64::MAX] {
        let data = json!({"hashIterations": iterations, "algorithm": "pbkdf2-sha512"}).to_string();
        let error = PasswordCredential::from_keycloak(r#"{"value":"AAAAAAAA","salt":"AAAA"}"#, &data).unwrap_err();
        assert!(error.to_string().starts_with("hashIterations is "), "{error}");
    }
    for cost in ["03", "17", "31", "99"] {
        let error = bcrypt(&format!("$2a${cost}$KvT0bPjcUEIrxGPsqF0z3eaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")).unwrap_err();
        assert!(error.to_string().starts_with("bcrypt cost is "), "{error}");
    }
}

#[test]
fn an_empty_value_or_salt_is_refused() {
    let data = r#"{"hashIterations":1,"algorithm":"pbkdf2-sha256"}"#;
    for secret in [r#"{"value":"","salt":"AAAA"}"#, r#"{"value":"AAAAAAAA","salt":""}"#, r#"{"value":"AAAAAAAA"}"#, "{}"] {
        assert!(PasswordCredential::from_keycloak(secret, data).is_err(), "{secret}");
    }
}

#[test]
fn other_bcrypt_versions_and_broken_strings_are_refused() {
    let digits = "KvT0bPjcUEIrxGPsqF0z3eaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    for text in [
        format!("$2x$05${digits}"),
        format!("$2$05${digits}"),
        format!("$2y$5${digits}"),
        format!("$2y$05${digits}a"),
        format!("$2y$05$é{}", &digits[2..]),
        format!("$2y$05${digits}$"),
        String::new(),
    ] {
        assert!(bcrypt(&text).is_err(), "{text}");
    }
}

#[test]
fn an_error_never_quotes_the_stored_value() {
    let data = r#"{"hashIterations":1,"algorithm":"pbkdf2-sha256"}"#;
    for secret in [r#"{"value":["hunter2"]}"#, r#"{"value":"hunter2!","salt":"AAAA"}"#, r#""hunter2""#] {
        let error = PasswordCredential::from_keycloak(secret, data).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }
}

/// One edit of a text: the bytes from one place on, for some length, replaced.
fn edit() -> impl Strategy<Value = (usize, usize, String)> {
    (any::<prop::sample::Index>(), 0..6_usize, "([\\[\\]{}\",:$.0-9a-zA-Z\\\\-]|\\PC){0,8}")
        .prop_map(|(at, cut, new)| (at.index(400), cut, new))
}

fn apply(text: &str, edits: &[(usize, usize, String)]) -> String {
    edits.iter().fold(text.to_owned(), |text, (at, cut, new)| {
        let chars: Vec<char> = text.chars().collect();
        let at = at % (chars.len() + 1);
        chars[..at].iter().copied().chain(new.chars()).chain(chars.iter().skip(at + cut).copied()).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn mutated_credentials_are_read_or_refused_and_never_panic(
        which in any::<prop::sample::Index>(),
        secret_edits in prop::collection::vec(edit(), 0..3),
        data_edits in prop::collection::vec(edit(), 0..3),
    ) {
        let bcrypt = (
            r#"{"value":"$2y$05$KvT0bPjcUEIrxGPsqF0z3eaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","salt":""}"#,
            r#"{"hashIterations":5,"algorithm":"bcrypt"}"#,
        );
        let exported = EXPORTED.iter().map(|credential| (credential.secret_data.as_str(), credential.credential_data.as_str()));
        let originals: Vec<_> = exported.step_by(4).chain([bcrypt, bcrypt]).collect();
        let (secret_data, credential_data) = *which.get(&originals);
        let read = PasswordCredential::from_keycloak(&apply(secret_data, &secret_edits), &apply(credential_data, &data_edits));
        if let Ok(read) = read {
            let (secret_data, credential_data) = read.to_keycloak();
            prop_assert!(PasswordCredential::from_keycloak(&secret_data, &credential_data).is_ok());
        }
    }

    #[test]
    fn whatever_a_policy_asks_for_can_be_read_back(algorithm in 0..5_usize, iterations in proptest::option::of(0..=64_u32)) {
        let policy = HashPolicy { iterations, ..policies()[algorithm] };
        let wanted = policy.effective_iterations();
        let decoy = PasswordCredential::decoy(&policy);
        prop_assert_eq!((decoy.algorithm(), decoy.iterations()), (policy.algorithm, wanted));
        let (secret_data, credential_data) = decoy.to_keycloak();
        prop_assert!(PasswordCredential::from_keycloak(&secret_data, &credential_data).is_ok());
    }
}
