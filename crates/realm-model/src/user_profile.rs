//! The declarative user profile of a realm: which attributes its users have, and who sees and changes them.

use std::sync::{Arc, LazyLock};

use serde_json::Value;

use crate::document::Body;

/// What may be done with attributes that the profile does not name (`unmanagedAttributePolicy`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnmanagedAttributes {
    /// They are neither shown nor changed.
    #[default]
    Disabled,
    /// `ADMIN_VIEW`: administrators see them.
    AdminView,
    /// `ADMIN_EDIT`: administrators change them.
    AdminEdit,
    /// `ENABLED`: users do, too.
    Enabled,
}

/// A user profile. Equal ones are there once in a process.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UserProfileConfig {
    /// `attributes`, in the order in which a form shows them.
    pub attributes: Vec<ProfileAttribute>,
    /// `groups` of attributes.
    pub groups: Vec<ProfileGroup>,
    /// `unmanagedAttributePolicy`
    pub unmanaged: UnmanagedAttributes,
}

/// An attribute of a user profile.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProfileAttribute {
    /// `name`
    pub name: String,
    /// `displayName`, may be `${key}` of a message.
    pub display_name: Option<String>,
    /// `group`
    pub group: Option<String>,
    /// `multivalued`
    pub multivalued: bool,
    /// `defaultValue`
    pub default_value: Option<String>,
    /// `required`
    pub required: Option<ProfileRequired>,
    /// `permissions`
    pub permissions: Option<ProfilePermissions>,
    /// `selector.scopes`: it is there only where one of them is asked for; empty: always.
    pub selector_scopes: Vec<String>,
    /// `validations`: validators with their configuration, in their order.
    pub validations: Vec<(String, Body)>,
    /// `annotations`
    pub annotations: Body,
}

/// Who must give an attribute. Both lists empty: everybody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileRequired {
    /// `roles`: `user`, `admin`
    pub roles: Vec<String>,
    /// `scopes`: only where one of them is asked for.
    pub scopes: Vec<String>,
}

/// Who may do what with an attribute: `user`, `admin`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfilePermissions {
    /// `view`
    pub view: Vec<String>,
    /// `edit`
    pub edit: Vec<String>,
}

/// A group of attributes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProfileGroup {
    /// `name`
    pub name: String,
    /// `displayHeader`
    pub display_header: Option<String>,
    /// `displayDescription`
    pub display_description: Option<String>,
    /// `annotations`
    pub annotations: Body,
}

impl UserProfileConfig {
    /// The profile of a new realm of Keycloak 26.7, as JSON.
    pub const DEFAULT_JSON: &'static str = include_str!("user_profile/default-26.7.json");

    /// That of a realm which writes none. Keycloak: in realm `master` no attribute is required.
    pub(crate) fn built_in(realm: &str) -> Arc<Self> {
        static DEFAULT: LazyLock<Arc<UserProfileConfig>> = LazyLock::new(|| {
            let body: Body = serde_json::from_str(UserProfileConfig::DEFAULT_JSON).unwrap_or_default();
            Arc::new(UserProfileConfig::of(&body))
        });
        static MASTER: LazyLock<Arc<UserProfileConfig>> = LazyLock::new(|| {
            let mut profile = UserProfileConfig::clone(&DEFAULT);
            profile.attributes.iter_mut().for_each(|attribute| attribute.required = None);
            Arc::new(profile)
        });
        Arc::clone(if realm == "master" { &MASTER } else { &DEFAULT })
    }

    /// The profile that `body` describes; what is of a wrong type counts as absent.
    pub fn of(body: &Body) -> Self {
        Self {
            attributes: objects(body, "attributes").map(ProfileAttribute::of).collect(),
            groups: objects(body, "groups").map(ProfileGroup::of).collect(),
            unmanaged: match body.get("unmanagedAttributePolicy").and_then(Value::as_str) {
                Some("ENABLED") => UnmanagedAttributes::Enabled,
                Some("ADMIN_EDIT") => UnmanagedAttributes::AdminEdit,
                Some("ADMIN_VIEW") => UnmanagedAttributes::AdminView,
                _ => UnmanagedAttributes::Disabled,
            },
        }
    }

    /// The attribute of this name.
    pub fn attribute(&self, name: &str) -> Option<&ProfileAttribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }
}

impl ProfileAttribute {
    fn of(body: &Body) -> Self {
        let object = |name: &str| body.get(name).and_then(Value::as_object);
        let validations = object("validations").into_iter().flatten();
        Self {
            name: text(body, "name").unwrap_or_default(),
            display_name: text(body, "displayName"),
            group: text(body, "group"),
            multivalued: body.get("multivalued").and_then(Value::as_bool).unwrap_or_default(),
            default_value: text(body, "defaultValue"),
            required: object("required").map(|of| ProfileRequired { roles: texts(of, "roles"), scopes: texts(of, "scopes") }),
            permissions: object("permissions").map(|of| ProfilePermissions { view: texts(of, "view"), edit: texts(of, "edit") }),
            selector_scopes: object("selector").map(|of| texts(of, "scopes")).unwrap_or_default(),
            validations: validations.filter_map(|(id, config)| Some((id.clone(), config.as_object()?.clone()))).collect(),
            annotations: object("annotations").cloned().unwrap_or_default(),
        }
    }

    /// Whether every user must have it: `required` without conditions, or for role `user`. What only some scopes ask for is not
    /// asked for of everybody.
    pub fn is_required_of_users(&self) -> bool {
        let of_users = |required: &ProfileRequired| {
            required.roles.iter().any(|role| role == "user") || required.roles.is_empty() && required.scopes.is_empty()
        };
        self.selector_scopes.is_empty() && self.required.as_ref().is_some_and(of_users)
    }
}

impl ProfileGroup {
    fn of(body: &Body) -> Self {
        Self {
            name: text(body, "name").unwrap_or_default(),
            display_header: text(body, "displayHeader"),
            display_description: text(body, "displayDescription"),
            annotations: body.get("annotations").and_then(Value::as_object).cloned().unwrap_or_default(),
        }
    }
}

fn objects<'b>(body: &'b Body, member: &str) -> impl Iterator<Item = &'b Body> {
    body.get(member).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

fn text(body: &Body, member: &str) -> Option<String> {
    body.get(member).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn texts(body: &Body, member: &str) -> Vec<String> {
    let all = body.get(member).and_then(Value::as_array).into_iter().flatten();
    all.filter_map(Value::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests;
