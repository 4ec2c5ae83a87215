//! From documents to what requests see: the typed snapshot of a realm and its users.
//!
//! The documents are complete: an entity that is not among them does not exist. What cannot be compiled is left out, and what
//! refers to nothing is ignored; both are reported. A realm is served in any case.

mod built_in;
mod change;
mod documents;
mod user;

use crate::Realm;
use crate::document::Documents;
use crate::file::build::{self, Shared};
use crate::file::problem::Problems;
use crate::placeholder::Placeholders;

use self::documents::Reading;

pub use self::change::change;
pub use self::user::{credential, credential_body, user};

/// A snapshot, and what of the documents has no effect in it.
#[derive(Debug)]
pub struct Compiled {
    /// The realm; its generation is 0.
    pub realm: Realm,
    /// One sentence each, without secrets.
    pub problems: Vec<String>,
}

/// The snapshot of a realm. Placeholders in what is not built in are replaced first.
pub fn realm(documents: &Documents, placeholders: &dyn Placeholders) -> Compiled {
    let mut reading = Reading::new(documents, placeholders);
    let mut shared = Shared { scopes: reading.scopes(), roles: reading.every_realms_roles(), ..Shared::default() };
    reading.every_realms_logins(&mut shared);
    let representation = reading.realm(&shared);
    let mut found = Problems::default();
    let realm = build::stored(representation, shared, &mut found);
    reading.remember_every_realms_roles(&realm);
    Compiled { realm, problems: reading.problems(&found) }
}

#[cfg(test)]
mod tests;
