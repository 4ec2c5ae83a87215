//! Ids of entities that bring none.

use super::{Key, Kind};
use crate::file::stable_id;

impl Key {
    /// The id of an entity that brings none: it depends on the realm's id and this key alone, so that it is the same on every
    /// start and on every replica.
    pub fn stable_id(&self, realm_id: &str) -> String {
        if self.kind == Kind::Realm {
            return realm_id.to_owned();
        }
        stable_id(realm_id, self.kind.word(), &format!("{}\n{}", self.owner, self.name))
    }

    /// The id of something within the entity of this key, such as a protocol mapper, that brings none.
    pub fn stable_id_within(&self, realm_id: &str, what: &str, name: &str) -> String {
        stable_id(realm_id, what, &format!("{}\n{}\n{}\n{name}", self.kind.word(), self.owner, self.name))
    }
}
