//! One atomic commit.

use std::collections::HashSet;

use realm_model::document::UserRecord;
use rusqlite::Connection;

use super::bulk::Prepared;
use super::index::{self, Terms};
use super::{bulk, entities, news, realms, users};
use crate::{Batch, Change, CommitError, Expected, RealmRow, RealmWrite, StoreError, Taken, Write};

/// So many changed users are told one by one.
const SINGLY: usize = 100;

/// A realm while it is being changed.
pub(super) struct Scope<'c> {
    pub(super) connection: &'c Connection,
    /// Of the realm.
    pub(super) pk: i64,
    /// Of the realm, before the change.
    version: i64,
    pub(super) terms: Terms,
    pub(super) touched: Touched,
    /// Of a realm that is being made: what this commit does not bring is not there.
    pub(super) new: Option<New>,
}

/// Users of a realm that is being made, written together.
#[derive(Default)]
pub(super) struct New {
    waiting: Vec<Prepared>,
    ids: HashSet<index::Value>,
    names: HashSet<String>,
}

impl New {
    /// Takes a user that nobody can have made before; tells whether it did.
    fn take(&mut self, record: &UserRecord) -> Result<bool, StoreError> {
        let user = Prepared::of(record)?;
        let is_first = self.ids.insert(index::packed(&user.index.id)) && self.names.insert(user.index.username.clone());
        if is_first {
            self.waiting.push(user);
        }
        Ok(is_first)
    }
}

/// What is to be told.
#[derive(Default)]
pub(super) struct Touched {
    entities: bool,
    users: Vec<String>,
}

impl Touched {
    pub(super) fn entity(&mut self) {
        self.entities = true;
    }

    pub(super) fn user(&mut self, id: &str) {
        if self.users.len() <= SINGLY && !self.users.iter().any(|user| user == id) {
            self.users.push(id.to_owned());
        }
    }

    fn changes(self, realm_id: &str) -> Vec<Change> {
        let realm = self.entities.then(|| Change::Realm(realm_id.to_owned()));
        if self.users.len() > SINGLY {
            return realm.into_iter().chain([Change::Users(realm_id.to_owned())]).collect();
        }
        realm.into_iter().chain(self.users.into_iter().map(|user| Change::User(realm_id.to_owned(), user))).collect()
    }
}

impl<'c> Scope<'c> {
    fn new(connection: &'c Connection, (pk, version): (i64, i64)) -> Self {
        Self { connection, pk, version, terms: Terms::default(), touched: Touched::default(), new: None }
    }
}

/// Returns the version of the realm.
pub(super) fn commit(connection: &Connection, batch: &Batch) -> Result<i64, CommitError> {
    let id = batch.realm_id.as_str();
    let mut scope = match &batch.realm {
        RealmWrite::Create { name, template } => {
            // Greater than any that a realm of this id had before: whoever holds that one sees that it is another.
            let version = news::latest(connection)? + 1;
            create(connection, &RealmRow { id: id.to_owned(), name: name.clone(), template: template.clone(), version })?
        }
        _ => existing(connection, batch)?,
    };
    match &batch.realm {
        RealmWrite::Create { .. } | RealmWrite::Keep => {}
        RealmWrite::Rename(name) => rename(&mut scope, name)?,
        RealmWrite::Delete => {
            delete(connection, scope.pk)?;
            news::write(connection, &[Change::Realm(id.to_owned()), Change::Users(id.to_owned())])?;
            return Ok(scope.version);
        }
    }
    for write in &batch.writes {
        apply(&mut scope, write)?;
    }
    write_new_users(&mut scope)?;
    let mut version = scope.version;
    if scope.touched.entities && !matches!(batch.realm, RealmWrite::Create { .. }) {
        connection.prepare_cached("UPDATE realm SET version = version + 1 WHERE pk = ?1")?.execute([scope.pk])?;
        version += 1;
    }
    news::write(connection, &scope.touched.changes(id))?;
    Ok(version)
}

pub(super) fn add_users(connection: &Connection, realm_id: &str, users: Vec<Prepared>) -> Result<u64, StoreError> {
    let unknown = || StoreError::Unavailable(CommitError::UnknownRealm.to_string());
    let realm = realms::find(connection, realm_id)?.ok_or_else(unknown)?;
    let mut scope = Scope::new(connection, (realm.pk, realm.realm.version));
    let added = bulk::add(&mut scope, users)?;
    if added > 0 {
        news::write(connection, &[Change::Users(realm_id.to_owned())])?;
    }
    Ok(added)
}

fn existing<'c>(connection: &'c Connection, batch: &Batch) -> Result<Scope<'c>, CommitError> {
    let found = realms::find(connection, &batch.realm_id)?.ok_or(CommitError::UnknownRealm)?;
    if batch.based_on.is_some_and(|version| version != found.realm.version) {
        return Err(CommitError::Conflict(Taken::Realm(found.realm.name).to_string()));
    }
    Ok(Scope::new(connection, (found.pk, found.realm.version)))
}

fn create<'c>(connection: &'c Connection, realm: &RealmRow) -> Result<Scope<'c>, CommitError> {
    require_free_name(connection, &realm.name)?;
    if realms::find(connection, &realm.id)?.is_some() {
        return Err(CommitError::Exists(Taken::Id(realm.id.clone())));
    }
    let mut insert = connection.prepare_cached("INSERT INTO realm (id, name, template, version) VALUES (?1, ?2, ?3, ?4)")?;
    let pk = insert.insert((&realm.id, &realm.name, &realm.template, realm.version))?;
    let mut scope = Scope::new(connection, (pk, realm.version));
    scope.touched.entity();
    scope.new = Some(New::default());
    Ok(scope)
}

fn rename(scope: &mut Scope<'_>, name: &str) -> Result<(), CommitError> {
    require_free_name(scope.connection, name)?;
    scope.connection.prepare_cached("UPDATE realm SET name = ?2 WHERE pk = ?1")?.execute((scope.pk, name))?;
    scope.touched.entity();
    Ok(())
}

fn require_free_name(connection: &Connection, name: &str) -> Result<(), CommitError> {
    match connection.prepare_cached("SELECT 1 FROM realm WHERE name = ?1")?.exists([name])? {
        true => Err(CommitError::Exists(Taken::Realm(name.to_owned()))),
        false => Ok(()),
    }
}

/// What refers to others goes before them.
fn delete(connection: &Connection, pk: i64) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM user_by WHERE term IN (SELECT pk FROM term WHERE realm = ?1)", [pk])?;
    for table in ["user_term", "user_record"] {
        let sql = format!("DELETE FROM {table} WHERE user IN (SELECT user FROM user_name WHERE realm = ?1)");
        connection.execute(&sql, [pk])?;
    }
    connection.execute("DELETE FROM user WHERE pk IN (SELECT user FROM user_name WHERE realm = ?1)", [pk])?;
    for table in ["user_name", "term", "declared_user", "declared", "entity"] {
        connection.execute(&format!("DELETE FROM {table} WHERE realm = ?1"), [pk])?;
    }
    for table in ["event", "event_cursor"] {
        connection.execute(&format!("DELETE FROM {table} WHERE realm = (SELECT id FROM realm WHERE pk = ?1)"), [pk])?;
    }
    connection.execute("DELETE FROM realm WHERE pk = ?1", [pk])?;
    Ok(())
}

fn put_user(scope: &mut Scope<'_>, record: &UserRecord, expected: Expected) -> Result<(), CommitError> {
    if let Some(new) = scope.new.as_mut().filter(|_| expected == Expected::Absent)
        && new.take(record)?
    {
        return Ok(());
    }
    write_new_users(scope)?;
    users::put(scope, record, expected)
}

/// Writes the users that wait for it. Nobody holds a copy of them: they are no news.
fn write_new_users(scope: &mut Scope<'_>) -> Result<(), StoreError> {
    let mut users = scope.new.as_mut().map(|new| std::mem::take(&mut new.waiting)).unwrap_or_default();
    users.sort_by(|one, other| one.index.username.cmp(&other.index.username));
    bulk::insert(scope, &users)
}

fn apply(scope: &mut Scope<'_>, write: &Write) -> Result<(), CommitError> {
    let looks_at_users =
        matches!(write, Write::Rename { .. } | Write::ForgetMembership(_) | Write::ClaimEmail { .. } | Write::DeleteUser { .. });
    if looks_at_users {
        write_new_users(scope)?;
    }
    match write {
        Write::Put { key, id, body, expected } => entities::put(scope, key, &entities::Content { id, body }, *expected),
        Write::Delete { key, expected, leaving } => entities::delete(scope, key, *expected, *leaving),
        Write::Rename { from, to } => {
            entities::rename(scope, from, to)?;
            users::change_membership(scope, from, Some(to))
        }
        Write::ForgetMembership(key) => users::change_membership(scope, key, None),
        Write::PutUser { record, expected } => put_user(scope, record, *expected),
        Write::ClaimEmail { id, email } => users::claim_email(scope, id, email),
        Write::DeleteUser { id, expected } => users::delete(scope, id, *expected),
        Write::Declare { of, base } => entities::declare(scope, of, base.as_ref()),
    }
}
