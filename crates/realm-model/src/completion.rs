//! What Keycloak makes of a representation: what it adds where something is left out.
//!
//! Measured on Keycloak 26.7.4 (imports and the Admin API); a realm made by `POST /admin/realms` and one made of a file are alike.

mod client;
mod draft;
mod entities;
mod entity;
mod master;
mod members;
mod realm;
mod roles;
mod scopes;
mod secret;
mod settings;
#[cfg(test)]
mod tests;
mod users;

use ambient::{Entropy, Timestamp};

use crate::document::{Document, Key, UserRecord};

pub use self::client::MASKED;
pub use self::entity::entity;
pub use self::master::{administer, administration, master};
pub use self::realm::new_realm;
pub use self::secret::client_secret;
pub use self::users::{service_account, user};

/// Where an entity comes from: Keycloak completes what it imports a little more than what is made through its Admin API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A file, or the representation of a whole realm. Ids that are not given depend on realm and name alone.
    Import,
    /// The Admin API. Ids that are not given are random.
    Api,
}

/// With what ids, secrets and times are made.
pub struct Minting<'m> {
    /// The present: when users and secrets were made.
    pub now: Timestamp,
    /// Where secrets come from.
    pub entropy: &'m dyn Entropy,
    /// Where the entity comes from.
    pub origin: Origin,
}

/// A realm that is about to be written into the store.
#[derive(Clone, Debug)]
pub struct MadeRealm {
    /// Its id.
    pub realm_id: String,
    /// Its name.
    pub name: String,
    /// The built-in entities that it has beside `documents`; empty: none.
    pub template: &'static str,
    /// What differs from the template, complete, with ids. The realm's settings, the first where they are there, hold what
    /// differs only.
    pub documents: Vec<Document>,
    /// Built-in entities that it does not have.
    pub removed: Vec<Key>,
    /// Its users, service accounts last. A password that was given in plain is still in it.
    pub users: Vec<UserRecord>,
}
