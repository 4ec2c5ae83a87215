//! Users: found by a key, written, taken away.

use realm_model::document::{Body, Key, UserRecord};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension};

use super::batch::Scope;
use super::index::{self, Term, packed};
use crate::user_index::{self, UserIndex};
use crate::{CommitError, Expected, StoreError, Taken, UserKey, UserRow};

/// So many holders of a role or group are read at once.
const PAGE: usize = 500;

/// A question for one user.
pub(super) struct Lookup {
    sql: &'static str,
    values: Vec<Value>,
}

/// `realm`, then the user, then its record: each found by the one before. A second one tells that there are several.
macro_rules! lookup {
    ($condition:literal) => {
        concat!(
            "SELECT u.version, r.body FROM realm CROSS JOIN user u CROSS JOIN user_record r \
             WHERE realm.id = ?1 AND u.realm = realm.pk AND r.user = u.pk AND ",
            $condition,
            " LIMIT 2"
        )
    };
}

/// By something that is a term.
macro_rules! lookup_by_term {
    ($kind:literal, $name:literal, $value:literal) => {
        concat!(
            "SELECT u.version, r.body FROM realm CROSS JOIN term t CROSS JOIN user_term ut CROSS JOIN user u CROSS JOIN user_record r \
             WHERE realm.id = ?1 AND t.realm = realm.pk AND t.owner = '' AND t.kind = '",
            $kind,
            "' AND t.name = ",
            $name,
            " AND ut.term = t.pk AND ut.value = ",
            $value,
            " AND u.pk = ut.user AND r.user = u.pk LIMIT 2"
        )
    };
}

impl Lookup {
    pub(super) fn new(realm_id: &str, key: UserKey<'_>) -> Self {
        let text = |text: &str| Value::Text(text.to_owned());
        let (sql, of_user) = match key {
            UserKey::Id(id) => (lookup!("u.id = ?2"), vec![packed(id)]),
            UserKey::Username(username) => (lookup!("u.username = ?2"), vec![text(username)]),
            UserKey::Email(email) => (lookup!("u.email = ?2"), vec![text(email)]),
            UserKey::ServiceAccount(client) => (lookup!("u.service_account = ?2"), vec![text(client)]),
            UserKey::Card(hash) => (lookup_by_term!("card", "''", "?2"), vec![text(hash)]),
            UserKey::Federated(alias, subject) => {
                (lookup_by_term!("identity provider", "?2", "?3"), vec![text(alias), text(subject)])
            }
        };
        Self { sql, values: std::iter::once(text(realm_id)).chain(of_user).collect() }
    }

    pub(super) fn find(self, connection: &Connection) -> Result<Option<UserRow>, StoreError> {
        let mut statement = connection.prepare_cached(self.sql)?;
        let mut rows = statement.query(rusqlite::params_from_iter(self.values))?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let found = UserRow { version: row.get(0)?, record: read(row.get_ref(1)?.as_str().unwrap_or_default())? };
        Ok(if rows.next()?.is_some() { None } else { Some(found) })
    }
}

/// A record as it is kept. What is wrong with one is not told: it would be part of it.
pub(super) fn read(body: &str) -> Result<UserRecord, StoreError> {
    let damaged = |_| StoreError::Unavailable("the record of a user is damaged".to_owned());
    serde_json::from_str::<Body>(body).map(UserRecord).map_err(damaged)
}

fn written(record: &UserRecord) -> Result<String, StoreError> {
    serde_json::to_string(&record.0).map_err(|_| StoreError::Unavailable("the record of a user cannot be written".to_owned()))
}

fn indexed(record: &UserRecord) -> Result<UserIndex, StoreError> {
    let index = UserIndex::of(record);
    if index.id.is_empty() || index.username.is_empty() {
        return Err(StoreError::Unavailable("a user without id or username cannot be stored".to_owned()));
    }
    Ok(index)
}

fn find(scope: &Scope<'_>, id: &str) -> rusqlite::Result<Option<(i64, i64)>> {
    let mut statement = scope.connection.prepare_cached("SELECT pk, version FROM user WHERE realm = ?1 AND id = ?2")?;
    statement.query_row((scope.pk, packed(id)), |row| Ok((row.get(0)?, row.get(1)?))).optional()
}

fn check_version(found: Option<i64>, expected: Expected, id: &str) -> Result<(), CommitError> {
    match expected {
        Expected::Version(version) if found != Some(version) => Err(CommitError::Conflict(format!("user {id}"))),
        _ => Ok(()),
    }
}

/// Adds a user unless its id or username is there already; tells whether it did.
pub(super) fn add(scope: &mut Scope<'_>, record: &UserRecord) -> Result<bool, StoreError> {
    let index = indexed(record)?;
    let sql = "INSERT OR IGNORE INTO user (realm, id, username, email, first_name, last_name, enabled, email_verified, \
               service_account, version) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 1)";
    let mut statement = scope.connection.prepare_cached(sql)?;
    let names = (&index.username, &index.email, &index.first_name, &index.last_name);
    let values = rusqlite::params![
        scope.pk,
        packed(&index.id),
        names.0,
        names.1,
        names.2,
        names.3,
        index.enabled,
        index.email_verified,
        index.service_account
    ];
    if statement.execute(values)? == 0 {
        return Ok(false);
    }
    let pk = scope.connection.last_insert_rowid();
    let mut insert = scope.connection.prepare_cached("INSERT INTO user_record (user, body) VALUES (?1, ?2)")?;
    insert.execute((pk, written(record)?))?;
    index::insert(scope, pk, &index)?;
    Ok(true)
}

pub(super) fn put(scope: &mut Scope<'_>, record: &UserRecord, expected: Expected) -> Result<(), CommitError> {
    let found = find(scope, record.id())?;
    check_version(found.map(|(_, version)| version), expected, record.id())?;
    let username = || CommitError::Exists(Taken::Username(record.username().to_lowercase()));
    scope.touched.user(record.id());
    match found {
        None if add(scope, record)? => Ok(()),
        None => Err(username()),
        Some(_) if expected == Expected::Absent => Err(CommitError::Exists(Taken::Id(record.id().to_owned()))),
        Some((pk, _)) => {
            if is_taken(scope, pk, &record.username().to_lowercase())? {
                return Err(username());
            }
            Ok(write(scope, pk, record)?)
        }
    }
}

fn is_taken(scope: &Scope<'_>, pk: i64, username: &str) -> rusqlite::Result<bool> {
    let sql = "SELECT 1 FROM user WHERE realm = ?1 AND username = ?2 AND pk <> ?3";
    scope.connection.prepare_cached(sql)?.exists((scope.pk, username, pk))
}

/// Writes a user anew. Columns that stay are not written: each has an index.
fn write(scope: &mut Scope<'_>, pk: i64, record: &UserRecord) -> Result<(), StoreError> {
    let index = indexed(record)?;
    let columns = rusqlite::params![
        pk,
        index.username,
        index.email,
        index.first_name,
        index.last_name,
        index.enabled,
        index.email_verified,
        index.service_account
    ];
    let same = "SELECT 1 FROM user WHERE pk = ?1 AND username = ?2 AND email IS ?3 AND first_name IS ?4 AND last_name IS ?5 \
                AND enabled = ?6 AND email_verified = ?7 AND service_account IS ?8";
    if !scope.connection.prepare_cached(same)?.exists(columns)? {
        let sql = "UPDATE user SET username = ?2, email = ?3, first_name = ?4, last_name = ?5, enabled = ?6, email_verified = ?7, \
                   service_account = ?8 WHERE pk = ?1";
        scope.connection.prepare_cached(sql)?.execute(columns)?;
    }
    scope.connection.prepare_cached("UPDATE user SET version = version + 1 WHERE pk = ?1")?.execute([pk])?;
    let mut update = scope.connection.prepare_cached("UPDATE user_record SET body = ?2 WHERE user = ?1")?;
    update.execute((pk, written(record)?))?;
    Ok(index::replace(scope, pk, &index)?)
}

pub(super) fn claim_email(scope: &Scope<'_>, id: &str, email: &str) -> Result<(), CommitError> {
    let email = email.to_lowercase();
    let sql = "SELECT 1 FROM user WHERE realm = ?1 AND email = ?2 AND id <> ?3";
    match scope.connection.prepare_cached(sql)?.exists((scope.pk, &email, packed(id)))? {
        true => Err(CommitError::Exists(Taken::Email(email))),
        false => Ok(()),
    }
}

pub(super) fn delete(scope: &mut Scope<'_>, id: &str, expected: Expected) -> Result<(), CommitError> {
    let found = find(scope, id)?;
    check_version(found.map(|(_, version)| version), expected, id)?;
    let Some((pk, _)) = found else { return Ok(()) };
    if expected == Expected::Absent {
        return Err(CommitError::Conflict(format!("user {id}")));
    }
    for sql in
        ["DELETE FROM user_term WHERE user = ?1", "DELETE FROM user_record WHERE user = ?1", "DELETE FROM user WHERE pk = ?1"]
    {
        scope.connection.prepare_cached(sql)?.execute([pk])?;
    }
    scope.touched.user(id);
    Ok(())
}

/// Renames a role or group in the records of all that have it, or takes it away from them.
pub(super) fn change_membership(scope: &mut Scope<'_>, from: &Key, to: Option<&Key>) -> Result<(), CommitError> {
    let Some(term) = Term::membership(from).find(scope.connection, scope.pk)? else { return Ok(()) };
    let mut after = 0;
    loop {
        let holders = holders(scope.connection, term, after)?;
        for (pk, body) in &holders {
            let mut record = read(body)?;
            user_index::change_membership(&mut record, from, to);
            write(scope, *pk, &record)?;
            scope.touched.user(record.id());
            after = *pk;
        }
        if holders.len() < PAGE {
            return Ok(());
        }
    }
}

fn holders(connection: &Connection, term: i64, after: i64) -> rusqlite::Result<Vec<(i64, String)>> {
    let sql = "SELECT ut.user, r.body FROM user_term ut CROSS JOIN user_record r \
               WHERE ut.term = ?1 AND ut.value = '' AND ut.user > ?2 AND r.user = ut.user ORDER BY ut.user LIMIT ?3";
    let mut statement = connection.prepare_cached(sql)?;
    let found =
        statement.query_map((term, after, i64::try_from(PAGE).unwrap_or(i64::MAX)), |row| Ok((row.get(0)?, row.get(1)?)))?;
    found.collect()
}
