//! The user profile: which attributes a user must have.

use serde::Deserialize;

use super::super::representation::RealmRepresentation;
use super::Draft;
use crate::RequiredActions;

const PROVIDER: &str = "org.keycloak.userprofile.UserProfileProvider";
const CONFIG: &str = "kc.user.profile.config";

#[derive(Deserialize)]
struct Profile {
    #[serde(default)]
    attributes: Vec<Attribute>,
}

#[derive(Deserialize)]
struct Attribute {
    name: String,
    required: Option<Required>,
    selector: Option<Selector>,
}

#[derive(Deserialize)]
struct Required {
    #[serde(default)]
    roles: Vec<String>,
    #[serde(default)]
    scopes: Vec<String>,
}

#[derive(Deserialize)]
struct Selector {
    #[serde(default)]
    scopes: Vec<String>,
}

impl Attribute {
    /// Whether every user must have it: `required` without conditions, or for role `user`. What only some scopes ask for is
    /// not asked for here.
    fn is_required_of_users(&self) -> bool {
        let always = self.selector.as_ref().is_none_or(|selector| selector.scopes.is_empty());
        let of_users = |required: &Required| {
            required.roles.iter().any(|role| role == "user") || required.roles.is_empty() && required.scopes.is_empty()
        };
        always && self.required.as_ref().is_some_and(of_users)
    }
}

/// Attributes that a user must have, by the realm's user profile or Keycloak's default one.
pub(super) fn required_attributes(
    draft: &mut Draft<'_>,
    representation: &RealmRepresentation,
    actions: &RequiredActions,
) -> Vec<String> {
    if !actions.has_enabled("VERIFY_PROFILE") {
        return Vec::new();
    }
    let components = representation.components.get(PROVIDER).map(Vec::as_slice).unwrap_or_default();
    let configured = components.iter().enumerate().find_map(|(index, component)| {
        let config = component.config.0.get(CONFIG)?.first()?;
        (!config.trim().is_empty()).then_some((index, config))
    });
    let Some((index, config)) = configured else {
        let of_master = draft.name.as_str() == "master";
        return if of_master { Vec::new() } else { ["email", "firstName", "lastName"].map(str::to_owned).to_vec() };
    };
    match serde_json::from_str::<Profile>(config) {
        Ok(profile) => {
            let required = profile.attributes.into_iter().filter(Attribute::is_required_of_users);
            required.map(|attribute| attribute.name).filter(|name| name != "username").collect()
        }
        Err(error) => {
            let place = draft.place.then("components").then(PROVIDER).then(index).then("config").then(CONFIG);
            draft.problems.error(place, format!("this user profile is no JSON text of one: {error}"), None);
            Vec::new()
        }
    }
}
