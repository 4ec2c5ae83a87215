//! The user profile of a realm: which attributes its users have, and who may see and change them.

pub(crate) mod check;
pub(crate) mod config;
pub(crate) mod metadata;

use realm_model::document::{Body, Document, Documents, Kind};
use realm_model::{ProfileAttribute, UserProfileConfig};
use serde_json::Value;
pub(crate) use user_profile::OWN_MEMBERS;

use crate::body::{object, text, texts};

/// The provider type of the component that holds it.
pub(crate) const PROVIDER: &str = "org.keycloak.userprofile.UserProfileProvider";
/// The entry of its configuration: a JSON text.
pub(crate) const CONFIG: &str = "kc.user.profile.config";

/// What may be done with attributes that the profile does not name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unmanaged {
    /// They are neither shown nor changed.
    Hidden,
    /// `ADMIN_VIEW`: they are shown.
    Shown,
    /// `ADMIN_EDIT`, `ENABLED`
    Editable,
}

/// The profile of a realm.
#[derive(Debug)]
pub(crate) struct Profile {
    body: Body,
    checks: UserProfileConfig,
}

/// The component that holds the profile.
pub(crate) fn component(documents: &Documents) -> Option<&Document> {
    let mut all = documents.of_kind(Kind::Component).map(|entry| &entry.document);
    all.find(|component| component.key.owner == PROVIDER)
}

impl Profile {
    /// The profile in force; where none is written, that of a new realm.
    pub(crate) fn of(documents: &Documents) -> Self {
        let config = component(documents).and_then(|component| object(&component.body, "config"));
        let written = config.and_then(|config| texts(config, CONFIG).next()).and_then(|text| serde_json::from_str(text).ok());
        Self::new(written.unwrap_or_else(default_body))
    }

    pub(crate) fn new(body: Body) -> Self {
        Self { checks: UserProfileConfig::of(&body), body }
    }

    /// What the values of an attribute are checked by.
    pub(crate) fn checks_of(&self, name: &str) -> Option<&ProfileAttribute> {
        self.checks.attribute(name)
    }

    /// As it was written.
    pub(crate) fn body(&self) -> &Body {
        &self.body
    }

    /// Its attributes.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = Attribute<'_>> {
        let all = self.body.get("attributes").and_then(Value::as_array).into_iter().flatten();
        all.filter_map(Value::as_object).map(Attribute)
    }

    /// The attribute of this name.
    pub(crate) fn attribute(&self, name: &str) -> Option<Attribute<'_>> {
        self.attributes().find(|attribute| attribute.name() == name)
    }

    pub(crate) fn unmanaged(&self) -> Unmanaged {
        match text(&self.body, "unmanagedAttributePolicy") {
            Some("ENABLED" | "ADMIN_EDIT") => Unmanaged::Editable,
            Some("ADMIN_VIEW") => Unmanaged::Shown,
            _ => Unmanaged::Hidden,
        }
    }

    /// Whether an administrator sees this attribute.
    pub(crate) fn shows(&self, name: &str) -> bool {
        match self.attribute(name) {
            Some(attribute) => attribute.is_visible(),
            None => self.unmanaged() != Unmanaged::Hidden,
        }
    }
}

/// The profile of a new realm.
pub(crate) fn default_body() -> Body {
    serde_json::from_str(realm_model::UserProfileConfig::DEFAULT_JSON).unwrap_or_default()
}

/// An attribute of a profile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attribute<'p>(pub(crate) &'p Body);

impl<'p> Attribute<'p> {
    pub(crate) fn name(self) -> &'p str {
        text(self.0, "name").unwrap_or_default()
    }

    fn permits(self, what: &str) -> bool {
        match object(self.0, "permissions") {
            Some(permissions) => texts(permissions, what).any(|role| role == "admin"),
            None => matches!(self.name(), "username" | "email"),
        }
    }

    /// Whether administrators may change it.
    pub(crate) fn is_editable(self) -> bool {
        self.permits("edit")
    }

    /// Whether administrators see it.
    pub(crate) fn is_visible(self) -> bool {
        self.permits("view") || self.permits("edit")
    }

    /// Whether administrators must give it.
    pub(crate) fn is_required(self) -> bool {
        let Some(required) = object(self.0, "required") else { return false };
        let mut roles = texts(required, "roles").peekable();
        let by_role = roles.peek().is_none() || roles.any(|role| role == "admin");
        by_role && texts(required, "scopes").next().is_none()
    }

    pub(crate) fn is_multivalued(self) -> bool {
        crate::body::is_on(self.0, "multivalued")
    }

    /// The validators, with their configuration.
    pub(crate) fn validations(self) -> impl DoubleEndedIterator<Item = (&'p str, &'p Body)> {
        let all = object(self.0, "validations").into_iter().flatten();
        all.filter_map(|(name, config)| Some((name.as_str(), config.as_object()?)))
    }
}
