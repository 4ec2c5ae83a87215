//! Which components there can be, and what their configuration may not say. Keycloak: recording
//! admin-components-keys/component-create-refused.

use realm_model::document::Body;
use realm_model::lint::COMPONENTS;
use serde_json::Value;

use crate::error::AdminError;

/// Whether there is such a provider of that type.
pub(crate) fn is_known(kind: &str, provider: &str) -> bool {
    COMPONENTS.iter().any(|(known, providers)| *known == kind && providers.contains(&provider))
}

/// Refuses what a key provider's configuration may not say.
pub(crate) fn refuse_invalid(provider: &str, config: Option<&Body>) -> Result<(), AdminError> {
    let value = |name: &str| {
        let first = config.and_then(|config| config.get(name)).and_then(|values| values.get(0)).and_then(Value::as_str);
        first.filter(|value| !value.is_empty())
    };
    let refused = |text: &str| Err(AdminError::message(400, text));
    if value("priority").is_some_and(|priority| priority.parse::<i64>().is_err()) {
        return refused("'Priority' should be a number");
    }
    let sized = matches!(provider, "rsa-generated" | "rsa-enc-generated");
    if sized && value("keySize").is_some_and(|size| !matches!(size, "1024" | "2048" | "3072" | "4096")) {
        return refused("'Key size' should be 1024, 2048, 3072 or 4096");
    }
    if matches!(provider, "rsa" | "rsa-enc") {
        match value("privateKey") {
            None => return refused("'Private RSA Key' is required"),
            Some(key) if !is_pem(key) => return refused("Failed to decode private key"),
            Some(_) => {}
        }
    }
    Ok(())
}

/// Base64, with or without the lines of PEM around it.
fn is_pem(key: &str) -> bool {
    let base64: String =
        key.lines().filter(|line| !line.starts_with("-----")).flat_map(str::chars).filter(|c| !c.is_whitespace()).collect();
    base64.len() > 100 && base64_simd::STANDARD.decode_to_vec(base64.as_bytes()).is_ok()
}
