//! Members that had another name or shape in old versions. Keycloak still reads them.

pub(super) mod applications;
pub(super) mod credentials;
pub(super) mod default_roles;
pub(super) mod social;
pub(super) mod templates;

use super::parts;
use crate::document::Body;

/// Gives a member another name; whether there was one. What already has that name stays.
fn rename(body: &mut Body, old: &str, new: &str) -> bool {
    let Some(value) = body.shift_remove(old) else { return false };
    if !body.contains_key(new) {
        body.insert(new.to_owned(), value);
    }
    true
}
