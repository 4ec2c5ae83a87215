//! Secrets are not shown.

use serde_json::Value;

/// What stands for a secret.
const MASK: &str = "***";

/// Names that sound like a secret and are none.
const PUBLIC: [&str; 8] = [
    "passwordpolicy",
    "resetpasswordallowed",
    "client.secret.creation.time",
    "client.secret.authentication.allowed.method",
    "secretsize",
    "passwordcredentialgranttimeout",
    "otppolicycodereusable",
    "allowpasswordauthentication",
];

/// Names of secrets, in lower case.
const SECRET: [&str; 10] = [
    "bindcredential",
    "salt",
    "registrationaccesstoken",
    "hashedsaltedvalue",
    "passphrase",
    "credentialdata",
    "token",
    "apikey",
    "api.key",
    "api-key",
];

/// Parts of names of secrets, in lower case.
const PARTS: [&str; 3] = ["secret", "password", "private"];

fn sounds_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    let name = name.replace("passwordless", "");
    let named = SECRET.contains(&name.as_str()) || PARTS.iter().any(|part| name.contains(part));
    named && !PUBLIC.contains(&name.as_str())
}

/// Whether the value at this path is nobody's business.
pub(crate) fn is_secret(path: &[impl AsRef<str>]) -> bool {
    let last = path.last().map(AsRef::as_ref).unwrap_or_default();
    let in_credentials = path.iter().any(|name| name.as_ref() == "credentials");
    // Names of entities in lists and of clients are names, not secrets: only what is named last and the objects above it count.
    in_credentials && matches!(last, "value" | "secretData") || sounds_secret(last)
}

/// The value at this path as it may be shown.
pub(crate) fn masked(path: &[impl AsRef<str>], value: &Value) -> Value {
    hide(&mut path.iter().map(AsRef::as_ref).collect(), value)
}

fn hide<'v>(path: &mut Vec<&'v str>, value: &'v Value) -> Value {
    match value {
        Value::Object(members) => {
            let shown = members.iter().map(|(name, value)| {
                path.push(name);
                let shown = hide(path, value);
                path.pop();
                (name.clone(), shown)
            });
            Value::Object(shown.collect())
        }
        Value::Array(list) if !is_secret(path) => Value::Array(list.iter().map(|element| hide(path, element)).collect()),
        Value::String(text) if !text.is_empty() && !is_flag(text) && is_secret(path) => Value::from(MASK),
        Value::Array(list) => Value::Array(list.iter().map(|_| Value::from(MASK)).collect()),
        other => other.clone(),
    }
}

/// Switches and numbers are no secrets, whatever they are called.
fn is_flag(text: &str) -> bool {
    matches!(text, "true" | "false")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_masked_at_any_depth_and_switches_are_not() {
        let shown = masked(
            &["x"; 0],
            &json!({
                "clientId": "app", "secret": "S", "attributes": {"client.secret.creation.time": "1", "x.password": "S"},
                "smtpServer": {"host": "h", "password": "S"}, "registrationAccessToken": "S", "passwordPolicy": "length(8)",
                "webAuthnPolicyPasswordlessRpEntityName": "keycloak",
                "config": {"privateKey": ["S"], "apiKey": "S", "priority": ["100"], "clientSecret": "S", "password": "true"},
                "credentials": [{"type": "password", "value": "S", "secretData": "S", "credentialData": "S"}],
            }),
        );
        let text = shown.to_string();
        assert!(!text.contains("\"S\""), "{text}");
        assert!(
            text.contains("length(8)") && text.contains("\"keycloak\"") && text.contains("\"100\"") && text.contains("\"true\""),
            "{text}"
        );
    }
}
