//! The user profile: an experiment up to Keycloak 23, a part of every realm since 24.

use serde_json::{Value, json};

use super::components::{components, first};
use super::parts;
use crate::document::Body;

const PROVIDER: &str = "org.keycloak.userprofile.UserProfileProvider";
const CONFIG: &str = "kc.user.profile.config";

/// Keycloak 23: the profile is no longer cut into pieces.
pub(super) fn pieces(realm: &mut Body, said: &mut Vec<String>) {
    if !is_enabled(realm) {
        return;
    }
    let Some(profiles) = components(realm).and_then(|components| parts::list(components, PROVIDER)) else { return };
    let Some(config) = profiles.first_mut().and_then(|profile| profile.get_mut("config")).and_then(Value::as_object_mut) else {
        return;
    };
    let Some(count) = config.shift_remove("config-pieces-count") else { return };
    let count: usize = count.get(0).and_then(Value::as_str).and_then(|count| count.parse().ok()).unwrap_or(0);
    if count == 0 {
        profiles.remove(0);
        return;
    }
    let mut whole = String::new();
    for piece in (0..count).map(|number| format!("config-piece-{number}")) {
        whole.push_str(first(config, &piece));
        config.shift_remove(&piece);
    }
    config.insert(CONFIG.to_owned(), json!([whole]));
    said.push("the pieces of the user profile were put together, as in Keycloak 23".to_owned());
}

/// Keycloak 24: all realms have a user profile; one that had none keeps all its users' attributes.
pub(super) fn unmanaged_attributes(realm: &mut Body, said: &mut Vec<String>) {
    let was_enabled = is_enabled(realm);
    if let Some(attributes) = realm.get_mut("attributes").and_then(Value::as_object_mut) {
        attributes.shift_remove("userProfileEnabled");
    }
    if was_enabled {
        return;
    }
    let Some(profiles) = parts::object_made(realm, "components").and_then(|components| parts::list_made(components, PROVIDER))
    else {
        return;
    };
    if profiles.is_empty() {
        profiles.push(json!({ "providerId": "declarative-user-profile", "subComponents": {}, "config": {} }));
    }
    let config = profiles.first_mut().and_then(Value::as_object_mut).and_then(|profile| parts::object_made(profile, "config"));
    let Some(config) = config else { return };
    let given: Option<Body> = serde_json::from_str(first(config, CONFIG)).ok();
    let newest = || serde_json::from_str(include_str!("user-profile.json")).unwrap_or_default();
    let mut profile = given.unwrap_or_else(newest);
    profile.insert("unmanagedAttributePolicy".to_owned(), "ENABLED".into());
    config.insert(CONFIG.to_owned(), json!([Value::Object(profile).to_string()]));
    said.push("the realm got the user profile of Keycloak 24, with all other attributes of users allowed as before".to_owned());
}

fn is_enabled(realm: &Body) -> bool {
    match realm.get("attributes").and_then(|attributes| attributes.get("userProfileEnabled")) {
        Some(Value::String(enabled)) => enabled.eq_ignore_ascii_case("true"),
        Some(Value::Bool(enabled)) => *enabled,
        _ => false,
    }
}
