use std::fmt;

use serde_json::Value;

use super::Body;

/// A user as the store keeps it: Keycloak's `UserRepresentation` as an export has it (credentials, `realmRoles`, `clientRoles`,
/// `groups` as paths, `federatedIdentities`, `clientConsents` …), with `id`; username and e-mail in lower case.
#[derive(Clone, PartialEq)]
pub struct UserRecord(pub Body);

impl UserRecord {
    /// A text member; empty counts as absent.
    pub fn text(&self, member: &str) -> Option<&str> {
        self.0.get(member)?.as_str().filter(|text| !text.is_empty())
    }

    /// `id`
    pub fn id(&self) -> &str {
        self.text("id").unwrap_or_default()
    }

    /// `username`
    pub fn username(&self) -> &str {
        self.text("username").unwrap_or_default()
    }

    /// A member that is a switch; absent is off.
    pub fn is_on(&self, member: &str) -> bool {
        self.0.get(member).and_then(Value::as_bool).unwrap_or_default()
    }

    /// The texts of a member that is a list: `realmRoles`, `groups`, `requiredActions`.
    pub fn texts<'a>(&'a self, member: &str) -> impl Iterator<Item = &'a str> {
        self.0.get(member).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    }

    /// `attributes`: each name with its values.
    pub fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        let attributes = self.0.get("attributes").and_then(Value::as_object).into_iter().flatten();
        attributes.flat_map(|(name, values)| {
            let values = values.as_array().into_iter().flatten().filter_map(Value::as_str);
            values.map(move |value| (name.as_str(), value))
        })
    }

    /// `clientRoles`: each client id with the names of its roles.
    pub fn client_roles(&self) -> impl Iterator<Item = (&str, &str)> {
        let roles = self.0.get("clientRoles").and_then(Value::as_object).into_iter().flatten();
        roles.flat_map(|(client, names)| {
            let names = names.as_array().into_iter().flatten().filter_map(Value::as_str);
            names.map(move |name| (client.as_str(), name))
        })
    }
}

/// Prints no values: credentials are among them.
impl fmt::Debug for UserRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserRecord").field("id", &self.id()).finish_non_exhaustive()
    }
}
