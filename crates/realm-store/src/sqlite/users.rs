//! Users: found by a key, written, taken away.

use realm_model::document::{Body, Key, UserRecord};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension};

use super::batch::Scope;
use super::bulk::{self, Prepared};
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

/// Each table is found by the one before. A second row tells that there are several.
macro_rules! lookup {
    ($tables:literal, $condition:literal) => {
        concat!(
            "SELECT u.version, r.body FROM realm CROSS JOIN ",
            $tables,
            " CROSS JOIN user u CROSS JOIN user_record r WHERE realm.id = ?1 AND ",
            $condition,
            " AND r.user = u.pk LIMIT 2"
        )
    };
    (field $name:literal) => {
        lookup!(term "field", concat!("'", $name, "'"), "?2")
    };
    (term $kind:literal, $name:expr, $value:literal) => {
        concat!(
            "SELECT u.version, r.body FROM realm CROSS JOIN term t CROSS JOIN user_by b CROSS JOIN user u CROSS JOIN user_record r \
             WHERE realm.id = ?1 AND t.realm = realm.pk AND t.owner = '' AND t.kind = '",
            $kind,
            "' AND t.name = ",
            $name,
            " AND b.term = t.pk AND b.era IN (SELECT era FROM era) AND b.value = ",
            $value,
            " AND u.pk = b.user AND r.user = u.pk LIMIT 2"
        )
    };
}

impl Lookup {
    pub(super) fn new(realm_id: &str, key: UserKey<'_>) -> Self {
        let text = |text: &str| Value::Text(text.to_owned());
        let (sql, of_user) = match key {
            UserKey::Id(id) => (lookup!(field "id"), vec![packed(id).into()]),
            UserKey::Username(username) => {
                (lookup!("user_name n", "n.realm = realm.pk AND n.username = ?2 AND u.pk = n.user"), vec![text(username)])
            }
            UserKey::Email(email) => (lookup!(field "email"), vec![text(email)]),
            UserKey::ServiceAccount(client) => (lookup!(field "service_account"), vec![text(client)]),
            UserKey::Card(hash) => (lookup!(term "card", "''", "?2"), vec![text(hash)]),
            UserKey::Federated(alias, subject) => {
                (lookup!(term "identity provider", "?2", "?3"), vec![text(alias), text(subject)])
            }
        };
        Self { sql, values: std::iter::once(text(realm_id)).chain(of_user).collect() }
    }

    #[cfg(test)]
    pub(super) fn sql(&self) -> &'static str {
        self.sql
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

/// Where a user is, and its version.
pub(super) fn find(scope: &Scope<'_>, id: &str) -> rusqlite::Result<Option<(i64, i64)>> {
    let sql = "SELECT u.pk, u.version FROM term t CROSS JOIN user_by b CROSS JOIN user u WHERE t.realm = ?1 AND t.kind = 'field' \
               AND t.owner = '' AND t.name = 'id' AND b.term = t.pk AND b.era IN (SELECT era FROM era) AND b.value = ?2 AND u.pk = b.user";
    let mut statement = scope.connection.prepare_cached(sql)?;
    statement.query_row((scope.pk, packed(id)), |row| Ok((row.get(0)?, row.get(1)?))).optional()
}

/// Where the user of a username is.
pub(super) fn of_name(scope: &Scope<'_>, username: &str) -> rusqlite::Result<Option<i64>> {
    let mut statement = scope.connection.prepare_cached("SELECT user FROM user_name WHERE realm = ?1 AND username = ?2")?;
    statement.query_row((scope.pk, username), |row| row.get(0)).optional()
}

fn check_version(found: Option<i64>, expected: Expected, id: &str) -> Result<(), CommitError> {
    match expected {
        Expected::Version(version) if found != Some(version) => Err(CommitError::Conflict(format!("user {id}"))),
        _ => Ok(()),
    }
}

pub(super) fn put(scope: &mut Scope<'_>, record: &UserRecord, expected: Expected) -> Result<(), CommitError> {
    let found = find(scope, record.id())?;
    check_version(found.map(|(_, version)| version), expected, record.id())?;
    if found.is_some() && expected == Expected::Absent {
        return Err(CommitError::Exists(Taken::Id(record.id().to_owned())));
    }
    let user = Prepared::of(record)?;
    let (pk, of_name) = (found.map(|(pk, _)| pk), of_name(scope, &user.index.username)?);
    if of_name.is_some() && of_name != pk {
        return Err(CommitError::Exists(Taken::Username(user.index.username)));
    }
    scope.touched.user(record.id());
    match pk {
        None => Ok(bulk::insert(scope, &[user])?),
        Some(pk) => Ok(write(scope, pk, &user)?),
    }
}

/// Writes a user anew.
fn write(scope: &mut Scope<'_>, pk: i64, user: &Prepared) -> Result<(), StoreError> {
    let (old, new) = (columns(scope.connection, pk, &user.index.id)?, &user.index);
    let sql = "UPDATE user SET username = ?2, email = ?3, first_name = ?4, last_name = ?5, enabled = ?6, email_verified = ?7, \
               service_account = ?8, version = version + 1 WHERE pk = ?1";
    let names = (&new.username, &new.email, &new.first_name, &new.last_name);
    let (flags, account) = ((new.enabled, new.email_verified), &new.service_account);
    let values = rusqlite::params![pk, names.0, names.1, names.2, names.3, flags.0, flags.1, account];
    scope.connection.prepare_cached(sql)?.execute(values)?;
    let mut update = scope.connection.prepare_cached("UPDATE user_record SET body = ?2 WHERE user = ?1")?;
    update.execute((pk, &user.body))?;
    if old.username != new.username || old.service_account.is_some() != new.service_account.is_some() {
        forget_name(scope, &old.username)?;
        bulk::insert_name(scope, pk, new)?;
    }
    Ok(index::replace(scope, pk, &old, new)?)
}

fn forget_name(scope: &Scope<'_>, username: &str) -> rusqlite::Result<()> {
    let sql = "DELETE FROM user_name WHERE realm = ?1 AND username = ?2";
    scope.connection.prepare_cached(sql)?.execute((scope.pk, username)).map(|_| ())
}

/// What stands in the columns of a user.
fn columns(connection: &Connection, pk: i64, id: &str) -> rusqlite::Result<UserIndex> {
    let sql = "SELECT username, email, first_name, last_name, service_account FROM user WHERE pk = ?1";
    connection.prepare_cached(sql)?.query_row([pk], |row| {
        Ok(UserIndex {
            id: id.to_owned(),
            username: row.get(0)?,
            email: row.get(1)?,
            first_name: row.get(2)?,
            last_name: row.get(3)?,
            service_account: row.get(4)?,
            ..UserIndex::default()
        })
    })
}

pub(super) fn claim_email(scope: &Scope<'_>, id: &str, email: &str) -> Result<(), CommitError> {
    let email = email.to_lowercase();
    let sql = "SELECT 1 FROM term t CROSS JOIN user_by b CROSS JOIN user u WHERE t.realm = ?1 AND t.kind = 'field' AND t.owner = '' \
               AND t.name = 'email' AND b.term = t.pk AND b.era IN (SELECT era FROM era) AND b.value = ?2 AND u.pk = b.user AND u.id <> ?3";
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
    let columns = columns(scope.connection, pk, id)?;
    forget_name(scope, &columns.username)?;
    index::replace(scope, pk, &columns, &UserIndex::default())?;
    for sql in ["DELETE FROM user_record WHERE user = ?1", "DELETE FROM user WHERE pk = ?1"] {
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
            write(scope, *pk, &Prepared::of(&record)?)?;
            scope.touched.user(record.id());
            after = *pk;
        }
        if holders.len() < PAGE {
            return Ok(());
        }
    }
}

fn holders(connection: &Connection, term: i64, after: i64) -> rusqlite::Result<Vec<(i64, String)>> {
    let sql = "SELECT b.user, r.body FROM user_by b CROSS JOIN user_record r \
               WHERE b.term = ?1 AND b.era = 0 AND b.value = '' AND b.user > ?2 AND r.user = b.user ORDER BY b.user LIMIT ?3";
    let mut statement = connection.prepare_cached(sql)?;
    let found =
        statement.query_map((term, after, i64::try_from(PAGE).unwrap_or(i64::MAX)), |row| Ok((row.get(0)?, row.get(1)?)))?;
    found.collect()
}
