//! Components that changed.

use serde_json::{Value, json};

use super::parts;
use crate::document::Body;

const KEY_PROVIDER: &str = "org.keycloak.keys.KeyProvider";
const USER_STORAGE: &str = "org.keycloak.storage.UserStorageProvider";
const LDAP_MAPPER: &str = "org.keycloak.storage.ldap.mappers.LDAPStorageMapper";

/// Keycloak 24: the truststore is for all of LDAP.
pub(super) fn ldaps_only(realm: &mut Body, said: &mut Vec<String>) {
    let Some(components) = components(realm) else { return };
    for provider in parts::objects(components, USER_STORAGE) {
        let Some(config) = parts::object_made(provider, "config") else { continue };
        if first(config, "useTruststoreSpi") == "ldapsOnly" {
            config.insert("useTruststoreSpi".to_owned(), json!(["always"]));
            said.push("useTruststoreSpi of a user storage became always: Keycloak 24 has no ldapsOnly".to_owned());
        }
    }
}

/// Keycloak 24: a key to sign by HS512. Where the file brings no keys at all, completion makes it.
pub(super) fn hs512(realm: &mut Body, said: &mut Vec<String>) {
    let newest = parts::newest("components").and_then(|components| components.get(KEY_PROVIDER)).and_then(Value::as_array);
    let newest = newest.and_then(|keys| keys.iter().find(|key| parts::text(key, "name") == "hmac-generated-hs512"));
    let keys = components(realm).and_then(|components| parts::list(components, KEY_PROVIDER));
    let (Some(newest), Some(keys)) = (newest, keys) else { return };
    let is_it = |key: &Value| {
        let algorithm = key.get("config").and_then(Value::as_object).map(|config| first(config, "algorithm"));
        parts::text(key, "providerId") == "hmac-generated" && algorithm == Some("HS512")
    };
    if keys.is_empty() || keys.iter().any(is_it) {
        return;
    }
    keys.push(newest.clone());
    said.push("the key provider hmac-generated-hs512 of Keycloak 24 was added".to_owned());
}

/// Keycloak 26.7: mappers of LDAP that say how bytes are read.
pub(super) fn ldap_mappers(realm: &mut Body, said: &mut Vec<String>) {
    let Some(components) = components(realm) else { return };
    let mut changed = 0;
    for provider in parts::objects(components, USER_STORAGE) {
        let Some(mappers) = provider.get_mut("subComponents").and_then(Value::as_object_mut) else { continue };
        for mapper in parts::objects(mappers, LDAP_MAPPER) {
            changed += usize::from(decoded(mapper));
        }
    }
    if changed > 0 {
        let mappers = parts::count(changed, "LDAP mapper");
        said.push(format!("{mappers} got the settings of Keycloak 26.7 for attributes of bytes"));
    }
}

fn decoded(mapper: &mut Body) -> bool {
    let provider = parts::text_of(mapper, "providerId").to_owned();
    let Some(config) = parts::object_made(mapper, "config") else { return false };
    let (member, value) = match provider.as_str() {
        "group-ldap-mapper" => ("decode.group.uuid.attribute", "false"),
        "user-attribute-ldap-mapper" if first(config, "is.binary.attribute") == "true" => ("binary.attribute.decoder", "base64"),
        _ => return false,
    };
    let is_new = !config.contains_key(member);
    if is_new {
        config.insert(member.to_owned(), json!([value]));
    }
    is_new
}

/// `components`, if the file has it.
pub(super) fn components(realm: &mut Body) -> Option<&mut Body> {
    realm.get_mut("components").and_then(Value::as_object_mut)
}

/// The first value of a component's setting.
pub(super) fn first<'c>(config: &'c Body, member: &str) -> &'c str {
    config.get(member).and_then(|values| values.get(0)).and_then(Value::as_str).unwrap_or_default()
}
