use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use oidc_types::{ClientId, RoleName};

/// Which role: a realm role, or a role of a client.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleKey {
    /// The client whose role it is; `None` for a realm role.
    pub client: Option<ClientId>,
    /// The role's name.
    pub name: RoleName,
}

impl RoleKey {
    /// A realm role.
    pub fn realm(name: impl Into<RoleName>) -> Self {
        Self { client: None, name: name.into() }
    }

    /// A role of `client`.
    pub fn client(client: impl Into<ClientId>, name: impl Into<RoleName>) -> Self {
        Self { client: Some(client.into()), name: name.into() }
    }
}

/// `name` or `client/name`.
impl fmt::Debug for RoleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.client {
            None => write!(f, "{}", self.name),
            Some(client) => write!(f, "{client}/{}", self.name),
        }
    }
}

/// Roles, sorted: realm roles first, then by client.
pub type RoleSet = BTreeSet<RoleKey>;

/// A role.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Role {
    /// Which role it is.
    pub key: RoleKey,
    /// The roles it directly contains.
    pub composites: Vec<RoleKey>,
    /// Itself and all it contains, however deep. Made once per snapshot.
    pub closure: RoleSet,
    /// `description`
    pub description: Option<String>,
    /// `attributes`
    pub attributes: BTreeMap<String, Vec<String>>,
}
