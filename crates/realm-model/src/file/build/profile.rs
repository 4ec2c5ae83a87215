//! The user profile, and which attributes a user must have by it.

use std::hash::Hash as _;
use std::sync::{Arc, LazyLock};

use super::super::representation::RealmRepresentation;
use super::Draft;
use crate::document::Body;
use crate::sharing::Pool;
use crate::{RequiredActions, UserProfileConfig};

const PROVIDER: &str = "org.keycloak.userprofile.UserProfileProvider";
const CONFIG: &str = "kc.user.profile.config";

/// The realm's user profile, or Keycloak's default one.
pub(super) fn read(draft: &mut Draft<'_>, representation: &RealmRepresentation) -> Arc<UserProfileConfig> {
    static PROFILES: LazyLock<Pool<UserProfileConfig>> = LazyLock::new(Pool::default);
    let components = representation.components.get(PROVIDER).map(Vec::as_slice).unwrap_or_default();
    let configured = components.iter().enumerate().find_map(|(index, component)| {
        let config = component.config.0.get(CONFIG)?.first()?;
        (!config.trim().is_empty()).then_some((index, config))
    });
    let Some((index, config)) = configured else { return UserProfileConfig::built_in(draft.name.as_str()) };
    match serde_json::from_str::<Body>(config) {
        Ok(body) => {
            let profile = Arc::new(UserProfileConfig::of(&body));
            let hash = PROFILES.hash(|mut hasher| config.hash(&mut hasher));
            PROFILES.get_or(hash, |known| *known == *profile, || Arc::clone(&profile))
        }
        Err(error) => {
            let place = draft.place.then("components").then(PROVIDER).then(index).then("config").then(CONFIG);
            draft.problems.error(place, format!("this user profile is no JSON text of one: {error}"), None);
            Arc::default()
        }
    }
}

/// Attributes that a user must have, where the realm looks at that at all.
pub(super) fn required_attributes(profile: &UserProfileConfig, actions: &RequiredActions) -> Vec<String> {
    if !actions.has_enabled("VERIFY_PROFILE") {
        return Vec::new();
    }
    let required = profile.attributes.iter().filter(|attribute| attribute.is_required_of_users());
    required.map(|attribute| attribute.name.clone()).filter(|name| name != "username").collect()
}
