use super::*;

fn policy(parts: &[(&str, Option<&str>)]) -> Result<HashPolicy, PolicyError> {
    HashPolicy::from_password_policy(parts.iter().copied())
}

#[test]
fn a_realm_without_a_policy_gets_keycloaks_default() {
    let default = policy(&[("length", Some("8")), ("notUsername", None)]).unwrap();
    assert_eq!(default, HashPolicy { algorithm: HashAlgorithm::Argon2, iterations: None });
    assert_eq!(default.effective_iterations(), 5);
}

#[test]
fn algorithm_and_iterations_come_from_the_policy() {
    let legacy = policy(&[("hashAlgorithm", Some("pbkdf2-sha256")), ("hashIterations", Some("27500"))]).unwrap();
    assert_eq!(legacy, HashPolicy { algorithm: HashAlgorithm::Pbkdf2Sha256, iterations: Some(27_500) });
}

#[test]
fn what_the_console_writes_for_no_value_is_no_value() {
    let policy = policy(&[("hashIterations", Some("undefined")), ("hashAlgorithm", Some(""))]).unwrap();
    assert_eq!(policy, HashPolicy::default());
}

#[test]
fn unknown_algorithms_and_iterations_that_are_no_number_are_errors() {
    assert_eq!(policy(&[("hashAlgorithm", Some("md5"))]), Err(PolicyError::UnknownAlgorithm("md5".to_owned())));
    for wrong in ["0", "-1", "many", "99999999999"] {
        assert_eq!(policy(&[("hashIterations", Some(wrong))]), Err(PolicyError::Iterations(wrong.to_owned())));
    }
}

#[test]
fn iterations_meant_for_pbkdf2_leave_argon2_and_bcrypt_at_their_defaults() {
    for (algorithm, expected) in [(HashAlgorithm::Argon2, 5), (HashAlgorithm::Bcrypt, 10), (HashAlgorithm::Pbkdf2Sha512, 210_000)]
    {
        assert_eq!(HashPolicy { algorithm, iterations: Some(210_000) }.effective_iterations(), expected);
    }
}
