//! Profiles that every realm has. They were asked of Keycloak 26.7.4 (`GET …/client-policies/profiles`).

use std::sync::LazyLock;

use serde_json::Value;

static PROFILES: LazyLock<Vec<Value>> =
    LazyLock::new(|| serde_json::from_str(include_str!("global-profiles.json")).unwrap_or_default());

/// All of them, as the Admin API shows them.
pub fn global_profiles() -> &'static [Value] {
    &PROFILES
}

/// Whether a profile of this name is one of them.
pub fn is_global_profile(name: &str) -> bool {
    find(name).is_some()
}

pub(crate) fn find(name: &str) -> Option<&'static Value> {
    PROFILES.iter().find(|profile| profile.get("name").and_then(Value::as_str) == Some(name))
}
