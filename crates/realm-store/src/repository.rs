//! The durable store, as the rest of the server sees it: rows of one realm, users, one atomic commit.

use std::fmt;

use async_trait::async_trait;
use realm_model::completion::MadeRealm;
use realm_model::document::{Body, Document, Documents, Key, UserRecord};
use realm_model::template;
use thiserror::Error;

use crate::{DeclaredUsers, EventLog, NewUser, StoreError, UserQuery};

/// A realm in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RealmRow {
    /// The realm's id: never changes.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The built-in entities it began with (`"26.7"`), empty where it brought all its own.
    pub template: String,
    /// Rises by one with every commit that changes the realm itself or entities; when it is made, greater than any that a realm of its
    /// id had before. Users and what files declared do not count.
    pub version: i64,
}

/// An entity in the store.
#[derive(Clone, PartialEq)]
pub struct Row {
    /// Which it is.
    pub key: Key,
    /// Its id.
    pub id: String,
    /// Rises by one with every change.
    pub version: i64,
    /// The document as JSON text, placeholders as they were written; `None`: a built-in entity that was taken away.
    pub body: Option<String>,
}

/// Prints no values: secrets are among them.
impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Row").field("key", &self.key).field("version", &self.version).finish_non_exhaustive()
    }
}

/// A realm with all its rows.
#[derive(Clone, Debug)]
pub struct StoredRealm {
    /// The realm.
    pub realm: RealmRow,
    /// Its entities.
    pub rows: Vec<Row>,
}

impl StoredRealm {
    /// All entities in force, the built-in ones among them; `read` makes a body of a row's text. What it cannot read is left out, and
    /// told to `unreadable`.
    pub fn documents(&self, read: &dyn Fn(&str) -> Option<Body>, unreadable: &dyn Fn(&Row)) -> Documents {
        let realm = &self.realm;
        let rows = self.rows.iter().filter_map(|row| {
            let body = match row.body.as_deref().map(read) {
                Some(None) => {
                    unreadable(row);
                    return None;
                }
                body => body.flatten(),
            };
            Some((row.key.clone(), row.id.clone(), row.version, body))
        });
        template::overlay((&realm.id, &realm.name), &realm.template, rows, realm.version)
    }
}

/// What a realm file said of an entity when it was last applied: the base of the next comparison.
#[derive(Clone, PartialEq)]
pub struct Declared {
    /// What was said.
    pub of: DeclaredKey,
    /// As the file wrote it, `id` included: JSON text.
    pub base: String,
    /// The file.
    pub file: String,
}

/// Of what a file speaks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeclaredKey {
    /// An entity.
    Entity(Key),
    /// A user, by username.
    User(String),
}

/// A user in the store.
#[derive(Clone, Debug, PartialEq)]
pub struct UserRow {
    /// Rises by one with every change.
    pub version: i64,
    /// The user.
    pub record: UserRecord,
}

/// By what a user is found. Usernames and e-mail addresses in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserKey<'k> {
    /// `id`
    Id(&'k str),
    /// `username`
    Username(&'k str),
    /// `email`; nobody where several have it.
    Email(&'k str),
    /// `serviceAccountClientId`, a `clientId`; nobody where several have it.
    ServiceAccount(&'k str),
    /// The hash of a contactless card ([`realm_model::hash_card`]); nobody where several have it.
    Card(&'k str),
    /// A federated identity: provider alias and user id there; nobody where several have it.
    Federated(&'k str, &'k str),
}

/// The state in which a change expects what it changes: a lost race is told, never overwritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// There is no row, or the mark of a built-in entity taken away. A row that is there is [`CommitError::Exists`].
    Absent,
    /// There is a row of this version; another or none is [`CommitError::Conflict`].
    Version(i64),
    /// Whatever is there.
    Anything,
}

/// One change.
#[derive(Clone)]
pub enum Write {
    /// Writes an entity. Its id stays where there is a row already that is no mark. Ids are unique among entities of one kind.
    Put {
        /// Which.
        key: Key,
        /// Its id.
        id: String,
        /// As in [`Row::body`]; the key stands beside it, so nothing is read out of it.
        body: String,
        /// What is expected to be there.
        expected: Expected,
    },
    /// Takes an entity away; none being there is no fault unless a version is expected. A mark has no id.
    Delete {
        /// Which.
        key: Key,
        /// What is expected to be there.
        expected: Expected,
        /// What is left of it.
        leaving: Leaving,
    },
    /// Gives an entity another key (a client its `clientId`, a role its name, a group its path); id and body stay. Roles and groups are
    /// renamed in the records of the users that have them. What the entity owns (a client its roles, a group its sub-groups) is renamed
    /// by further writes. No row `from`: [`CommitError::Conflict`]; a row `to` that is no mark: [`CommitError::Exists`].
    Rename {
        /// From.
        from: Key,
        /// To.
        to: Key,
    },
    /// Takes a role ([`realm_model::document::Kind::RealmRole`], `ClientRole`) or group away from every user that has it.
    ForgetMembership(Key),
    /// Makes a user, or writes one anew; found by `id`, which it must have, as well as a username.
    PutUser {
        /// The user.
        record: UserRecord,
        /// What is expected to be there.
        expected: Expected,
    },
    /// Requires that no user but `id` has this e-mail address: realms that do not allow duplicates ask for it beside
    /// [`Write::PutUser`]. Holds against every commit that asks for it at the same time.
    ClaimEmail {
        /// Whose it may be.
        id: String,
        /// In lower case.
        email: String,
    },
    /// Takes a user away; none being there is no fault unless a version is expected.
    DeleteUser {
        /// Its `id`.
        id: String,
        /// What is expected to be there.
        expected: Expected,
    },
    /// Remembers what a file said, or (`base: None`) that no file says anything any more.
    Declare {
        /// Of what.
        of: DeclaredKey,
        /// As in [`Declared::base`], with the file.
        base: Option<(String, String)>,
    },
}

/// Prints no values: secrets are among them.
impl fmt::Debug for Write {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Put { key, expected, .. } => write!(f, "put {key} ({expected:?})"),
            Self::Delete { key, expected, leaving } => write!(f, "delete {key} ({expected:?}, leaving {leaving:?})"),
            Self::Rename { from, to } => write!(f, "rename {from} to {to}"),
            Self::ForgetMembership(key) => write!(f, "forget members of {key}"),
            Self::PutUser { record, expected } => write!(f, "put {record:?} ({expected:?})"),
            Self::ClaimEmail { id, .. } => write!(f, "claim an e-mail address for {id}"),
            Self::DeleteUser { id, expected } => write!(f, "delete user {id} ({expected:?})"),
            Self::Declare { of, base } => write!(f, "declare {of:?} ({})", if base.is_some() { "said" } else { "not said" }),
        }
    }
}

/// What a deletion leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaving {
    /// Nothing: no built-in entity has this key.
    Nothing,
    /// A mark that the built-in entity of this key is not there.
    Mark,
}

/// What happens to the realm itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RealmWrite {
    /// It is made.
    Create {
        /// Its name.
        name: String,
        /// As in [`RealmRow::template`].
        template: String,
    },
    /// It is there and stays.
    Keep,
    /// It gets another name.
    Rename(String),
    /// It goes, with its users and all.
    Delete,
}

/// Changes of one realm that take effect together or not at all.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The realm's id.
    pub realm_id: String,
    /// What happens to the realm itself.
    pub realm: RealmWrite,
    /// The version of the realm ([`RealmRow::version`]) from which this was worked out, if that matters as a whole.
    pub based_on: Option<i64>,
    /// The changes, in order.
    pub writes: Vec<Write>,
}

impl Batch {
    /// Changes within a realm that is there.
    pub fn within(realm_id: impl Into<String>) -> Self {
        Self { realm_id: realm_id.into(), realm: RealmWrite::Keep, based_on: None, writes: Vec::new() }
    }

    /// All that makes a realm, at once.
    pub fn creation(made: MadeRealm) -> Self {
        Self::creation_with_documents(made).0
    }

    /// All that makes a realm, at once, and its entities as they will be in force.
    pub fn creation_with_documents(made: MadeRealm) -> (Self, Documents) {
        let MadeRealm { realm_id, name, template, documents, removed, users } = made;
        let put = |document: &Document| Write::Put {
            key: document.key.clone(),
            id: document.id.clone(),
            body: serde_json::to_string(&document.body).unwrap_or_default(),
            expected: Expected::Absent,
        };
        let mark = |key: &Key| Write::Delete { key: key.clone(), expected: Expected::Absent, leaving: Leaving::Mark };
        let mut writes: Vec<Write> = documents.iter().map(put).chain(removed.iter().map(mark)).collect();
        writes.extend(users.into_iter().map(|record| Write::PutUser { record, expected: Expected::Absent }));
        let rows = documents.into_iter().map(|document| (document.key, document.id, 1, Some(document.body)));
        let marks = removed.into_iter().map(|key| (key, String::new(), 1, None));
        let documents = template::overlay((&realm_id, &name), template, rows.chain(marks), 1);
        let realm = RealmWrite::Create { name, template: template.to_owned() };
        (Self { realm_id, realm, based_on: None, writes }, documents)
    }
}

/// Why a batch had no effect at all.
#[derive(Debug, Error)]
pub enum CommitError {
    /// Somebody else was faster: what was expected is not there any more.
    #[error("{0} was changed by somebody else in the meantime")]
    Conflict(String),
    /// It exists already.
    #[error("{0} exists already")]
    Exists(Taken),
    /// The realm is not there.
    #[error("the realm is not in the store")]
    UnknownRealm,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What exists already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// A realm of this name.
    Realm(String),
    /// An entity of this key.
    Entity(Key),
    /// A realm, an entity or a user of this id.
    Id(String),
    /// A user of this username.
    Username(String),
    /// A user of this e-mail address.
    Email(String),
}

/// `user "ann"`.
impl fmt::Display for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Realm(name) => write!(f, "realm \"{name}\""),
            Self::Entity(key) => write!(f, "{key}"),
            Self::Id(id) => write!(f, "id \"{id}\""),
            Self::Username(username) => write!(f, "user \"{username}\""),
            Self::Email(email) => write!(f, "e-mail address \"{email}\""),
        }
    }
}

/// What changed, told to those who hold copies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Entities of this realm, or the realm itself (made, renamed, gone).
    Realm(String),
    /// This user (id) of this realm (id).
    User(String, String),
    /// Many users of this realm: whatever is held of them is old.
    Users(String),
}

/// News since some point.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// Where to ask from the next time.
    pub until: i64,
    /// What changed, oldest first; `None` where that is not known (any more): everything may have.
    pub changes: Option<Vec<Change>>,
}

/// The durable store of realms and users. Every method is one consistent read or one atomic change; nothing costs more with more
/// realms or users beside what it asks for.
#[async_trait]
pub trait Repository: EventLog {
    /// Up to `limit` realms with their rows whose name comes after `after`, by name.
    async fn realms(&self, after: Option<&str>, limit: usize) -> Result<Vec<StoredRealm>, StoreError>;

    /// Every realm's name and id, by name.
    async fn names(&self) -> Result<Vec<(String, String)>, StoreError>;

    /// One realm with its rows, by id.
    async fn realm(&self, id: &str) -> Result<Option<StoredRealm>, StoreError>;

    /// What files said of a realm, entities before users; without users where `users` is [`DeclaredUsers::Leave`].
    async fn declared(&self, realm_id: &str, users: DeclaredUsers) -> Result<Vec<Declared>, StoreError>;

    /// Makes all changes, durably, or none. Where several fail, the first is told. Returns [`RealmRow::version`] as it is now; of a realm
    /// that was deleted, the last.
    ///
    /// # Errors
    /// See [`CommitError`]; after any of them nothing has changed.
    async fn commit(&self, batch: Batch) -> Result<i64, CommitError>;

    /// Adds many users at once, all or none; tells how many: those whose id or username is there already are skipped.
    /// Some 8,000 in one call cost least; of two calls at once, the second is prepared while the first is written.
    async fn add_users(&self, realm_id: &str, users: Vec<NewUser>) -> Result<u64, StoreError>;

    /// One user.
    async fn user(&self, realm_id: &str, key: UserKey<'_>) -> Result<Option<UserRow>, StoreError>;

    /// Users by username, those that `query` asks for.
    async fn users(&self, realm_id: &str, query: &UserQuery) -> Result<Vec<UserRow>, StoreError>;

    /// How many users `query` asks for, its bounds aside.
    async fn count_users(&self, realm_id: &str, query: &UserQuery) -> Result<u64, StoreError>;

    /// What has changed after `since`, by this process or another. `since: 0` knows of nothing: [`News::changes`] is `None` then,
    /// unless nothing has ever changed.
    async fn news(&self, since: i64) -> Result<News, StoreError>;

    /// Returns when there may be news that no [`Repository::news`] has told yet: at once after a commit of this process, within a
    /// second after one of another, or after a while. May return early.
    async fn wait_for_news(&self);

    /// Whether the store answers.
    async fn ping(&self) -> Result<(), StoreError>;
}
