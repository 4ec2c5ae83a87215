//! From paths to realms: which files make up a realm, what they say, and what is wrong with them.

mod compose;
mod digest;
mod discover;
mod places;
mod read;
pub(crate) mod scan;

use std::path::PathBuf;

use realm_model::document::{Key, Split};

pub use self::digest::Digest;
pub(crate) use self::discover::unreadable;
pub use self::discover::{Found, find};
pub(crate) use self::places::Places;
pub use self::places::{Inward, SourcePlace};
pub(crate) use self::read::name_of;
pub use self::read::{Content, Reading};

/// Files that are read together: a realm file with its users files, or a folder of parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// What people are told: the realm file or the folder.
    pub path: PathBuf,
    /// Its files and what is in each.
    pub files: Vec<(PathBuf, Part)>,
}

impl Source {
    /// Whether it is a folder of parts.
    pub fn is_in_parts(&self) -> bool {
        self.files.iter().any(|(_, part)| *part == Part::Settings)
    }
}

/// What is in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A realm, or a list of them.
    Realm,
    /// Users of the realm, as Keycloak's export names such files (federated ones, too: they are told to have no effect).
    Users,
    /// `realm.json` of a folder of parts.
    Settings,
    /// One entity or several of a folder of parts: the member of the realm they belong to, and its key there where it is an object
    /// (`components`).
    Entities(&'static str, Option<String>),
}

/// A realm as its files say it, placeholders as they were written.
#[derive(Clone, Debug, Default)]
pub struct FileRealm {
    /// `realm`, placeholders resolved.
    pub name: String,
    /// `id`; empty where the file gives none.
    pub id: String,
    /// What people are told: the realm file or the folder.
    pub source: String,
    /// Of all the files it came from; empty where that is not known.
    pub digest: Digest,
    /// What was added because the file is of an older version of Keycloak, in sentences.
    pub upgraded: Vec<String>,
    /// What it says: entities and users.
    pub split: Split,
    /// Where they stand.
    pub(crate) places: Places,
}

impl FileRealm {
    /// Where an entity stands.
    pub fn place_of(&self, key: &Key) -> Option<&SourcePlace> {
        self.places.of(key)
    }

    /// Where a user stands, by username in lower case.
    pub fn place_of_user(&self, username: &str) -> Option<&SourcePlace> {
        self.places.of_user(username)
    }
}
