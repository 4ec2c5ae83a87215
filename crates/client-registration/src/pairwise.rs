//! Pairwise subjects (OpenID Connect Core section 8.1): the mapper that makes them, and which clients may have them.

use ambient::Entropy;
use realm_editing::body::{text, texts};
use realm_editing::uri::Uri;
use realm_model::document::Body;
use serde_json::{Value, json};

use crate::error::RegistrationError;

const MAPPER: &str = "oidc-sha256-pairwise-sub-mapper";

/// Whether the client has the mapper.
pub(crate) fn is_pairwise(client: &Body) -> bool {
    mappers(client).any(|mapper| mapper.get("protocolMapper").and_then(Value::as_str) == Some(MAPPER))
}

fn mappers(client: &Body) -> impl Iterator<Item = &Value> {
    client.get("protocolMappers").and_then(Value::as_array).into_iter().flatten()
}

/// Gives the client the mapper, unless it has one.
pub(crate) fn add(client: &mut Body, entropy: &dyn Entropy) {
    if is_pairwise(client) {
        return;
    }
    let mapper = json!({
        "id": entropy.uuid().to_string(),
        "name": "pairwise subject identifier",
        "protocol": "openid-connect",
        "protocolMapper": MAPPER,
        "consentRequired": false,
        "config": { "pairwiseSubAlgorithmSalt": entropy.uuid().to_string() },
    });
    if let Value::Array(all) = client.entry("protocolMappers").or_insert_with(|| json!([])) {
        all.push(mapper);
    }
}

/// Takes the mapper away: an update that does not ask for it has public subjects. Keycloak: measured on 26.7.4.
pub(crate) fn remove(client: &mut Body) {
    if let Some(Value::Array(all)) = client.get_mut("protocolMappers") {
        all.retain(|mapper| mapper.get("protocolMapper").and_then(Value::as_str) != Some(MAPPER));
    }
}

/// Refuses redirect URIs of several hosts. A sector identifier could say that they belong together; it is not fetched, because whoever
/// registers would choose whom this server asks.
///
/// # Errors
/// `invalid_client_metadata`, in Keycloak's words.
pub(crate) fn refuse_other_sectors(client: &Body, sector: Option<&str>) -> Result<(), RegistrationError> {
    if let Some(sector) = sector {
        let is_url = Uri::parse(sector).is_some_and(|uri| uri.scheme.is_some() && uri.host.is_some());
        return Err(RegistrationError::metadata(match is_url {
            true => "Failed to get redirect URIs from the Sector Identifier URI.",
            false => "Invalid Sector Identifier URI.",
        }));
    }
    let root = text(client, "rootUrl").unwrap_or_default();
    let resolved = texts(client, "redirectUris").map(|uri| if uri.starts_with('/') { root } else { uri });
    let mut hosts: Vec<Option<&str>> = resolved.map(|uri| Uri::parse(uri).and_then(|uri| uri.host)).collect();
    hosts.sort_unstable();
    hosts.dedup();
    match hosts.len() {
        0 => Err(RegistrationError::metadata("Client redirect URIs must contain a valid host component.")),
        1 => Ok(()),
        _ => {
            let text =
                "Without a configured Sector Identifier URI, client redirect URIs must not contain multiple host components.";
            Err(RegistrationError::metadata(text))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sector_identifier_is_refused_without_asking_its_host() {
        let client = json!({"redirectUris": ["https://a.example/cb"]});
        for (sector, said) in [
            (None, None),
            (Some("http://169.254.169.254/latest"), Some("Failed to get redirect URIs from the Sector Identifier URI.")),
            (Some("nonsense"), Some("Invalid Sector Identifier URI.")),
        ] {
            let outcome = refuse_other_sectors(client.as_object().unwrap(), sector);
            assert_eq!(outcome.err().map(|error| error.to_string()).as_deref(), said);
        }
    }
}
