//! A realm as the durable store keeps it: one document per entity, each in Keycloak's own JSON.
//!
//! A *document* is what stands in a realm file for one client, one role, one flow … without its `id`, placeholders as they were
//! written. Everything a Keycloak export says is in some document, so that an export gives back what was imported. Users are not
//! documents of a realm: there can be a million of them ([`UserRecord`]).

mod documents;
mod join;
mod kind_members;
mod order;
mod split;
mod stable_ids;
mod user_record;

use std::fmt;

use serde_json::{Map, Value};

pub(crate) use self::documents::View;
pub use self::documents::{Documents, Entry};
pub use self::join::{REGISTRATION_TOKEN, exported_user, join, parent_group, representation, settings_representation};
pub use self::order::FLOW_BINDINGS;
pub use self::split::{Split, split};
pub use self::user_record::UserRecord;

/// A JSON object.
pub type Body = Map<String, Value>;

/// What kind of entity a document describes. The order is that in which entities may refer to earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The realm's own settings; one per realm.
    Realm,
    /// An entry of `clientScopes`.
    ClientScope,
    /// An entry of `clients`.
    Client,
    /// An entry of `roles.realm`.
    RealmRole,
    /// An entry of `roles.client`; the owner is the `clientId`.
    ClientRole,
    /// A group, sub-groups apart; the name is its path.
    Group,
    /// An entry of `scopeMappings`: realm roles in the scope of a client (owner `client`) or client scope (owner `clientScope`).
    ScopeMapping,
    /// An entry of `clientScopeMappings`: roles of a client (the owner) in the scope of `client:<clientId>` or `clientScope:<name>`.
    ClientScopeMapping,
    /// An entry of `authenticationFlows`.
    Flow,
    /// An entry of `authenticatorConfig`.
    AuthenticatorConfig,
    /// An entry of `requiredActions`.
    RequiredAction,
    /// An entry of `components`, sub-components within it; the owner is the provider type.
    Component,
    /// An entry of `identityProviders`.
    IdentityProvider,
    /// An entry of `identityProviderMappers`; the owner is the provider's alias.
    IdentityProviderMapper,
    /// An entry of `organizations`.
    Organization,
}

impl Kind {
    /// All kinds, in order.
    pub const ALL: [Self; 15] = [
        Self::Realm,
        Self::ClientScope,
        Self::Client,
        Self::RealmRole,
        Self::ClientRole,
        Self::Group,
        Self::ScopeMapping,
        Self::ClientScopeMapping,
        Self::Flow,
        Self::AuthenticatorConfig,
        Self::RequiredAction,
        Self::Component,
        Self::IdentityProvider,
        Self::IdentityProviderMapper,
        Self::Organization,
    ];

    /// The word by which the store and people call it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Realm => "realm",
            Self::ClientScope => "client scope",
            Self::Client => "client",
            Self::RealmRole => "realm role",
            Self::ClientRole => "client role",
            Self::Group => "group",
            Self::ScopeMapping => "scope mapping",
            Self::ClientScopeMapping => "client scope mapping",
            Self::Flow => "flow",
            Self::AuthenticatorConfig => "authenticator config",
            Self::RequiredAction => "required action",
            Self::Component => "component",
            Self::IdentityProvider => "identity provider",
            Self::IdentityProviderMapper => "identity provider mapper",
            Self::Organization => "organization",
        }
    }

    /// The kind of a [`Kind::word`].
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// Which entity of a realm: what people call it, not its id.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// What it is.
    pub kind: Kind,
    /// What it belongs to, as [`Kind`] says; else empty.
    pub owner: String,
    /// `clientId`, `name`, `alias`, path …; empty for the realm. Placeholders are resolved in it.
    pub name: String,
}

impl Key {
    /// The realm's own document.
    pub fn realm() -> Self {
        Self { kind: Kind::Realm, owner: String::new(), name: String::new() }
    }

    /// An entity that belongs to none.
    pub fn of(kind: Kind, name: impl Into<String>) -> Self {
        Self { kind, owner: String::new(), name: name.into() }
    }

    /// An entity of `owner`.
    pub fn owned(kind: Kind, owner: impl Into<String>, name: impl Into<String>) -> Self {
        Self { kind, owner: owner.into(), name: name.into() }
    }
}

/// `client "app"`, `client role "app/admin"`.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.kind, self.owner.as_str()) {
            (Kind::Realm, _) => f.write_str("realm settings"),
            (kind, "") => write!(f, "{} \"{}\"", kind.word(), self.name),
            (kind, owner) => write!(f, "{} \"{owner}/{}\"", kind.word(), self.name),
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// One entity of a realm.
#[derive(Clone, PartialEq)]
pub struct Document {
    /// Which it is.
    pub key: Key,
    /// Its id; empty where a file gives none (it gets one that depends on realm id and key alone).
    pub id: String,
    /// What Keycloak's representation says of it, without `id`.
    pub body: Body,
}

/// Prints no values: secrets are among them.
impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document").field("key", &self.key).field("id", &self.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
