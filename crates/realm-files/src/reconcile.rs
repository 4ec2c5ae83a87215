//! What is to be done so that a realm is as its file says: pure, from what the file said before, says now, and what is in force.
//!
//! The rules, entity by entity and member by member:
//!
//! - The file wins where it changed since it was last applied. What it did not change keeps what is in force: that is *drift*.
//! - A member that left the file goes back to what it would be without it. A secret stays.
//! - An entity that left the file is deleted where a file brought it; one that is built in goes back to what it was.
//!   An entity that no file declared is never touched. A user is deleted only where [`Options::delete_users`] says so.
//! - An entity that was deleted at run time stays so, until the file says something new of it.
//! - The same `id` under another name is a rename.
//! - A realm that is there but was never declared is adopted: the file wins for what it says, the rest stays.
//! - Credentials of a user count when the user is made; keys are deleted only where [`Options::allow_deletes`] says so.
//! - More than a tenth of a kind of entity, if it is more than one, is not deleted without [`Options::allow_deletes`].

mod bases;
mod deletion;
mod derived;
mod entities;
mod guard;
mod merge;
mod rename;
mod said;
mod same;
mod service_accounts;
mod users;
mod whole;

use realm_model::completion::Minting;
use realm_model::document::{Documents, Key, Kind};
use realm_model::template::Template;
use realm_store::{Declared, Expected, Leaving, RealmRow, StoredRealm, Write};

use crate::making;
use crate::plan::Plan;
use crate::sources::FileRealm;

pub use self::bases::{Applied, applied};
pub(crate) use self::said::Said;
pub use self::users::LiveUsers;
pub(crate) use self::users::username_of;

/// What is compared.
pub struct Comparison<'c> {
    /// The realm as its file says it; `None`: it is in no file any more.
    pub file: Option<&'c FileRealm>,
    /// What files said of it when they were last applied.
    pub declared: &'c [Declared],
    /// What is in force; `None`: there is no such realm.
    pub live: Option<Live>,
    /// The realm as it would be had `file` just been imported under the id in force; looked at where there is a realm in force.
    pub imported: Documents,
    /// The users in force, as far as the file speaks of them anew.
    pub users: &'c LiveUsers,
}

/// A realm in force.
#[derive(Clone, Debug)]
pub struct Live {
    /// The realm.
    pub realm: RealmRow,
    /// Its entities, placeholders as they were written.
    pub documents: Documents,
}

/// What is allowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Many entities, keys and whole realms may be deleted (`--allow-deletes`).
    pub allow_deletes: bool,
    /// Users that left their file are deleted (`--delete-users`).
    pub delete_users: bool,
}

/// Works out what is to be done.
pub fn plan(comparison: Comparison<'_>, options: Options, minting: &Minting<'_>) -> Plan {
    let Comparison { file, declared, live, imported, users } = comparison;
    match (file, live) {
        (Some(file), Some(live)) => entities::reconcile((file, declared), (live, imported), users, options, minting),
        (Some(file), None) => whole::create(file, minting),
        (None, Some(live)) => whole::delete(&live, declared, options),
        (None, None) => Plan::nothing("", ""),
    }
}

/// What making a realm of its file does, its changes without their members, and the realm's entities as they will be in force.
pub(crate) fn creation(file: &FileRealm, minting: &Minting<'_>) -> (Plan, Documents) {
    whole::create_with_documents(file, minting)
}

impl Live {
    /// As it is stored.
    pub(crate) fn of(stored: &StoredRealm) -> Self {
        Self { realm: stored.realm.clone(), documents: making::effective(stored) }
    }

    /// Whether an entity of this key is built in.
    fn is_built_in(&self, key: &Key) -> bool {
        let realm = &self.realm;
        Template::of(&realm.template).is_some_and(|template| template.document(&realm.id, &realm.name, key).is_some())
    }

    /// What is expected to be there when an entity is written.
    fn expected(&self, key: &Key) -> Expected {
        match self.documents.get(key) {
            Some(entry) if entry.version > 0 => Expected::Version(entry.version),
            Some(_) => Expected::Absent,
            // There may be a mark that a built-in entity was taken away.
            None if key.kind == Kind::Realm || self.is_built_in(key) => Expected::Anything,
            None => Expected::Absent,
        }
    }

    /// Takes an entity away.
    fn deletion(&self, key: &Key) -> Write {
        let leaving = if self.is_built_in(key) { Leaving::Mark } else { Leaving::Nothing };
        let expected = match self.documents.get(key) {
            Some(entry) if entry.version > 0 => Expected::Version(entry.version),
            _ => Expected::Anything,
        };
        Write::Delete { key: key.clone(), expected, leaving }
    }
}

#[cfg(test)]
mod tests;
