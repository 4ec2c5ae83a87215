use std::fmt;
use std::sync::Arc;

use oidc_types::ClientId;
use realm_model::{GroupPath, RoleKey};

/// An entity of a realm, by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// A user, by username.
    User(String),
    /// A group.
    Group(GroupPath),
    /// A role.
    Role(RoleKey),
    /// A client.
    Client(ClientId),
    /// A client scope.
    ClientScope(Arc<str>),
}

/// `client scope profile`
impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(name) => write!(f, "user {name}"),
            Self::Group(path) => write!(f, "group {path}"),
            Self::Role(key) => write!(f, "role {key:?}"),
            Self::Client(client) => write!(f, "client {client}"),
            Self::ClientScope(name) => write!(f, "client scope {name}"),
        }
    }
}

/// Something in an entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Member {
    /// A protocol mapper, by name.
    Mapper(String),
    /// An attribute.
    Attribute(String),
    /// A member of its representation, such as `email`.
    Field(&'static str),
}

/// An entity, or something in it: what has a place in a realm file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    /// The entity.
    pub holder: Holder,
    /// What of it; all where none.
    pub member: Option<Member>,
}

impl Entity {
    pub(crate) fn attribute(holder: Holder, name: &str) -> Self {
        Self { holder, member: Some(Member::Attribute(name.to_owned())) }
    }

    pub(crate) fn field(holder: Holder, name: &'static str) -> Self {
        Self { holder, member: Some(Member::Field(name)) }
    }
}

impl From<Holder> for Entity {
    fn from(holder: Holder) -> Self {
        Self { holder, member: None }
    }
}

/// `attribute department of group /eng`
impl fmt::Display for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.member {
            None => self.holder.fmt(f),
            Some(Member::Mapper(name)) => write!(f, "mapper \"{name}\" of {}", self.holder),
            Some(Member::Attribute(name)) => write!(f, "attribute {name} of {}", self.holder),
            Some(Member::Field(name)) => write!(f, "{name} of {}", self.holder),
        }
    }
}
