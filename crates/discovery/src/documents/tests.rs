use std::path::{Path, PathBuf};

use realm_model::file::{SourceFile, read};
use serde_json::Value;

use super::*;

fn keycloak(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/keycloak").join(path)
}

pub(crate) fn realm(name: &str) -> Realm {
    realm_of(format!(r#"{{"realm":"{name}","enabled":true}}"#).into_bytes())
}

fn realm_of(bytes: Vec<u8>) -> Realm {
    let file = SourceFile { name: "test-realm.json".to_owned(), bytes };
    read(&[file], &|_| None).realms.remove(0).realm
}

/// A recorded document, and ours of the same realm.
fn pair(recording: &str, realm: &str, kind: Kind, base: &str) -> (Value, Value) {
    let text = std::fs::read(keycloak(&format!("recordings/discovery-and-keys/{recording}.json"))).unwrap();
    let recorded: Value = serde_json::from_slice(&text).unwrap();
    let recorded = recorded["steps"][0]["response"]["body"].to_string().replace("{{base}}", base);
    let realm = realm_of(std::fs::read(keycloak(&format!("realms/{realm}.json"))).unwrap());
    let base = realm.frontend_url.as_deref().unwrap_or(base);
    let url = format!("{base}/realms/{}", realm.name);
    let ours = write(kind, &realm, &RealmUrls { front: url.clone(), back: url });
    (sorted(serde_json::from_str(&recorded).unwrap()), sorted(serde_json::from_slice(&ours).unwrap()))
}

/// Recordings have their lists and members sorted.
fn sorted(value: Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<Value> = items.into_iter().map(sorted).collect();
            items.sort_by_key(Value::to_string);
            Value::Array(items)
        }
        Value::Object(map) => Value::Object(map.into_iter().map(|(k, v)| (k, sorted(v))).collect()),
        other => other,
    }
}

#[test]
fn says_what_keycloak_was_recorded_to_say() {
    for (recording, realm, kind) in [
        ("openid-configuration-acme", "acme", Kind::OpenidConfiguration),
        ("openid-configuration-legacy", "legacy", Kind::OpenidConfiguration),
        ("openid-configuration-minimal", "minimal", Kind::OpenidConfiguration),
        ("openid-configuration-disabled-realm", "closed", Kind::OpenidConfiguration),
        ("openid-configuration-frontend-url", "front", Kind::OpenidConfiguration),
        ("oauth-authorization-server", "minimal", Kind::OpenidConfiguration),
        ("uma2-configuration", "acme", Kind::Uma2Configuration),
    ] {
        let (recorded, ours) = pair(recording, realm, kind, "http://localhost:8080");
        assert_eq!(ours, recorded, "{recording}");
    }
}

#[test]
fn members_stand_in_keycloaks_order() {
    let urls = RealmUrls { front: "http://h/realms/a".to_owned(), back: "http://h/realms/a".to_owned() };
    let text = write(Kind::OpenidConfiguration, &realm("a"), &urls);
    let document: serde_json::Map<String, Value> = serde_json::from_slice(&text).unwrap();
    let names: Vec<&str> = document.keys().map(String::as_str).collect();
    assert_eq!(&names[..4], ["issuer", "authorization_endpoint", "token_endpoint", "introspection_endpoint"]);
    assert_eq!(names.last(), Some(&"authorization_response_iss_parameter_supported"));
    assert_eq!(names.len(), 56);
    assert_eq!(document["scopes_supported"][0], "openid");
}

#[test]
fn services_are_sent_to_the_back_channel_and_browsers_to_the_front() {
    let urls = RealmUrls { front: "https://f/realms/a".to_owned(), back: "http://b/realms/a".to_owned() };
    let document: Value = serde_json::from_slice(&write(Kind::OpenidConfiguration, &realm("a"), &urls)).unwrap();
    for name in ["issuer", "authorization_endpoint", "end_session_endpoint", "check_session_iframe"] {
        assert!(document[name].as_str().unwrap().starts_with("https://f/"), "{name}");
    }
    for name in ["token_endpoint", "jwks_uri", "userinfo_endpoint", "introspection_endpoint", "registration_endpoint"] {
        assert!(document[name].as_str().unwrap().starts_with("http://b/"), "{name}");
    }
}

#[test]
fn the_realm_decides_prompts_and_acr_values() {
    let mut a = realm("a");
    a.registration_allowed = true;
    a.attributes.insert("acr.loa.map".to_owned(), r#"{"silver":"1","gold":"2"}"#.to_owned());
    let urls = RealmUrls { front: String::new(), back: String::new() };
    let document: Value = serde_json::from_slice(&write(Kind::OpenidConfiguration, &a, &urls)).unwrap();
    assert_eq!(document["prompt_values_supported"], serde_json::json!(["none", "login", "consent", "create"]));
    assert_eq!(document["acr_values_supported"], serde_json::json!(["silver", "gold"]));
}
