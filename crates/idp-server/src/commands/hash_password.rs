//! `latchkey hash-password`: a password from standard input, a credential for a realm file to standard output.

use std::io::Read;

use ambient::SystemEntropy;
use passwords::{HashPolicy, PolicyError};
use serde_json::json;
use thiserror::Error;

/// Why there is no credential.
#[derive(Debug, Error)]
pub(super) enum HashPasswordError {
    #[error("standard input: {0}")]
    Input(#[from] std::io::Error),
    #[error("no password on standard input")]
    Empty,
    #[error("--policy: {0}")]
    Policy(#[from] PolicyError),
    #[error("--policy: `{0}` is not name(value), several joined by ` and `")]
    PolicyForm(String),
}

/// Reads the first line of standard input, prints the credential.
pub(super) fn hash_password(policy: Option<&str>) -> Result<(), HashPasswordError> {
    let policy = read_policy(policy.unwrap_or_default())?;
    let mut input = String::new();
    std::io::stdin().take(64 * 1024).read_to_string(&mut input)?;
    let password = input.lines().next().unwrap_or_default();
    if password.is_empty() {
        return Err(HashPasswordError::Empty);
    }
    let (secret_data, credential_data) = passwords::hash(password, &policy, &SystemEntropy).to_keycloak();
    let credential = json!({ "type": "password", "secretData": secret_data, "credentialData": credential_data });
    say!("{credential:#}");
    Ok(())
}

/// `hashAlgorithm(pbkdf2-sha512) and hashIterations(210000)`, as a realm's `passwordPolicy`; other parts do not matter here.
fn read_policy(text: &str) -> Result<HashPolicy, HashPasswordError> {
    let mut parts = Vec::new();
    for part in text.split(" and ").map(str::trim).filter(|part| !part.is_empty()) {
        let wrong = || HashPasswordError::PolicyForm(part.to_owned());
        let (name, value) = part.strip_suffix(')').and_then(|part| part.split_once('(')).ok_or_else(wrong)?;
        parts.push((name, Some(value)));
    }
    Ok(HashPolicy::from_password_policy(parts)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_policy_of_a_realm_file() {
        let policy = read_policy("hashAlgorithm(pbkdf2-sha256) and hashIterations(27500) and length(8)").unwrap();
        assert_eq!(policy.effective_iterations(), 27_500);
        assert!(read_policy("pbkdf2").is_err());
    }
}
