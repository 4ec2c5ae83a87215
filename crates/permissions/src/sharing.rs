use serde::{Deserialize, Serialize};

use crate::Identity;
use crate::policy::{Strategy, is_in_groups, role_key};

/// With whom the owner of a resource shares it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sharing {
    /// Permission tickets: who asked for which scope.
    #[serde(default)]
    pub tickets: Vec<Ticket>,
    /// The owner's policies; a granted ticket has one.
    #[serde(default)]
    pub policies: Vec<UmaPolicy>,
}

impl Sharing {
    /// Whether a permission ticket of this user was granted.
    pub fn grants_to(&self, user: &str) -> bool {
        self.tickets.iter().any(|ticket| ticket.requester == user && ticket.granted_by.is_some())
    }
}

/// That somebody asked for a scope of a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// `id`
    pub id: String,
    /// The user who asked, by id.
    pub requester: String,
    /// The scope; none for a resource without scopes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The policy by which it is granted, by id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granted_by: Option<String>,
}

/// `UmaPermissionRepresentation`: to whom the owner gives which scopes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UmaPolicy {
    /// `id`
    pub id: String,
    /// `name`
    pub name: String,
    /// `description`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `scopes`
    #[serde(default)]
    pub scopes: Vec<String>,
    /// `users`, by id.
    #[serde(default)]
    pub users: Vec<String>,
    /// `groups`, by path.
    #[serde(default)]
    pub groups: Vec<String>,
    /// `roles`: `name` or `client/name`.
    #[serde(default)]
    pub roles: Vec<String>,
    /// `clients`, by clientId.
    #[serde(default)]
    pub clients: Vec<String>,
    /// `logic`: kept, without effect (measured on 26.7.4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logic: Option<String>,
    /// `decisionStrategy`: between users, groups, roles and clients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strategy: Option<String>,
}

impl UmaPolicy {
    /// Whether it is for `identity`. One that names nobody is for nobody.
    pub(crate) fn is_for(&self, identity: &Identity<'_>) -> bool {
        let mut decisions = Vec::new();
        if !self.users.is_empty() {
            decisions.push(self.users.iter().any(|id| id == identity.user.id.as_str()));
        }
        if !self.roles.is_empty() {
            let held = identity.token_roles();
            decisions.push(self.roles.iter().any(|role| held.contains(&role_key(role))));
        }
        if !self.groups.is_empty() {
            decisions.push(is_in_groups(identity, &self.groups));
        }
        if !self.clients.is_empty() {
            decisions.push(self.clients.contains(&identity.client_id));
        }
        Strategy::parse(self.strategy.as_deref()).decide(decisions.into_iter())
    }
}
