//! Changes of entities.

use realm_model::document::Key;
use rusqlite::OptionalExtension;

use super::batch::Scope;
use crate::{CommitError, DeclaredKey, Expected, Leaving, Taken};

/// What is written of an entity.
pub(super) struct Content<'w> {
    pub(super) id: &'w str,
    pub(super) body: &'w str,
}

struct Found {
    pk: i64,
    version: i64,
    is_mark: bool,
}

fn find(scope: &Scope<'_>, key: &Key) -> rusqlite::Result<Option<Found>> {
    let sql = "SELECT pk, version, body IS NULL FROM entity WHERE realm = ?1 AND kind = ?2 AND owner = ?3 AND name = ?4";
    let mut statement = scope.connection.prepare_cached(sql)?;
    let read = |row: &rusqlite::Row<'_>| Ok(Found { pk: row.get(0)?, version: row.get(1)?, is_mark: row.get(2)? });
    statement.query_row((scope.pk, key.kind.word(), &key.owner, &key.name), read).optional()
}

/// A version other than the expected.
fn check_version(found: Option<i64>, expected: Expected, what: &dyn ToString) -> Result<(), CommitError> {
    match expected {
        Expected::Version(version) if found != Some(version) => Err(CommitError::Conflict(what.to_string())),
        _ => Ok(()),
    }
}

pub(super) fn put(scope: &mut Scope<'_>, key: &Key, content: &Content<'_>, expected: Expected) -> Result<(), CommitError> {
    scope.touched.entity();
    // In a realm that is being made it is there only if it is brought twice.
    if scope.new.is_some() && expected == Expected::Absent && insert(scope, key, content.id, Some(content.body)).is_ok() {
        return Ok(());
    }
    let found = find(scope, key)?;
    check_version(found.as_ref().map(|found| found.version), expected, key)?;
    match found {
        Some(found) if !found.is_mark => {
            if expected == Expected::Absent {
                return Err(CommitError::Exists(Taken::Entity(key.clone())));
            }
            let mut update =
                scope.connection.prepare_cached("UPDATE entity SET body = ?2, version = version + 1 WHERE pk = ?1")?;
            update.execute((found.pk, content.body))?;
        }
        Some(mark) => {
            require_free_id(scope, key, content.id)?;
            let sql = "UPDATE entity SET id = ?2, body = ?3, version = version + 1 WHERE pk = ?1";
            scope.connection.prepare_cached(sql)?.execute((mark.pk, content.id, content.body))?;
        }
        None => {
            require_free_id(scope, key, content.id)?;
            insert(scope, key, content.id, Some(content.body))?;
        }
    }
    Ok(())
}

fn insert(scope: &Scope<'_>, key: &Key, id: &str, body: Option<&str>) -> rusqlite::Result<()> {
    let sql = "INSERT INTO entity (realm, kind, owner, name, id, version, body) VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6)";
    let mut statement = scope.connection.prepare_cached(sql)?;
    statement.execute((scope.pk, key.kind.word(), &key.owner, &key.name, id, body)).map(|_| ())
}

fn require_free_id(scope: &Scope<'_>, key: &Key, id: &str) -> Result<(), CommitError> {
    let sql = "SELECT 1 FROM entity WHERE realm = ?1 AND kind = ?2 AND id = ?3 AND id <> ''";
    match scope.connection.prepare_cached(sql)?.exists((scope.pk, key.kind.word(), id))? {
        true => Err(CommitError::Exists(Taken::Id(id.to_owned()))),
        false => Ok(()),
    }
}

pub(super) fn delete(scope: &mut Scope<'_>, key: &Key, expected: Expected, leaving: Leaving) -> Result<(), CommitError> {
    let found = find(scope, key)?;
    check_version(found.as_ref().map(|found| found.version), expected, key)?;
    if expected == Expected::Absent && found.as_ref().is_some_and(|found| !found.is_mark) {
        return Err(CommitError::Conflict(key.to_string()));
    }
    let sql = match (&found, leaving) {
        (None, Leaving::Nothing) => return Ok(()),
        (None, Leaving::Mark) => {
            scope.touched.entity();
            return Ok(insert(scope, key, "", None)?);
        }
        (Some(_), Leaving::Nothing) => "DELETE FROM entity WHERE pk = ?1",
        (Some(found), Leaving::Mark) if found.is_mark => return Ok(()),
        (Some(_), Leaving::Mark) => "UPDATE entity SET id = '', body = NULL, version = version + 1 WHERE pk = ?1",
    };
    scope.touched.entity();
    scope.connection.prepare_cached(sql)?.execute([found.map(|found| found.pk)])?;
    Ok(())
}

pub(super) fn rename(scope: &mut Scope<'_>, from: &Key, to: &Key) -> Result<(), CommitError> {
    let lost = || CommitError::Conflict(from.to_string());
    let found = find(scope, from)?.filter(|found| !found.is_mark && from.kind == to.kind).ok_or_else(lost)?;
    match find(scope, to)?.filter(|other| other.pk != found.pk) {
        Some(other) if !other.is_mark => return Err(CommitError::Exists(Taken::Entity(to.clone()))),
        Some(mark) => {
            scope.connection.prepare_cached("DELETE FROM entity WHERE pk = ?1")?.execute([mark.pk])?;
        }
        None => {}
    }
    let sql = "UPDATE entity SET owner = ?2, name = ?3, version = version + 1 WHERE pk = ?1";
    scope.connection.prepare_cached(sql)?.execute((found.pk, &to.owner, &to.name))?;
    scope.touched.entity();
    Ok(())
}

/// What a file said is no entity: nobody has a copy of it.
pub(super) fn declare(scope: &Scope<'_>, of: &DeclaredKey, said: Option<&(String, String)>) -> Result<(), CommitError> {
    let connection = scope.connection;
    match (of, said) {
        (DeclaredKey::Entity(key), Some((base, file))) => {
            let sql = "INSERT INTO declared (realm, kind, owner, name, base, file) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
                       ON CONFLICT (realm, kind, owner, name) DO UPDATE SET base = excluded.base, file = excluded.file";
            connection.prepare_cached(sql)?.execute((scope.pk, key.kind.word(), &key.owner, &key.name, base, file))?;
        }
        (DeclaredKey::Entity(key), None) => {
            let sql = "DELETE FROM declared WHERE realm = ?1 AND kind = ?2 AND owner = ?3 AND name = ?4";
            connection.prepare_cached(sql)?.execute((scope.pk, key.kind.word(), &key.owner, &key.name))?;
        }
        (DeclaredKey::User(username), Some((base, file))) => {
            let sql = "INSERT INTO declared_user (realm, username, base, file) VALUES (?1, ?2, ?3, ?4) \
                       ON CONFLICT (realm, username) DO UPDATE SET base = excluded.base, file = excluded.file";
            connection.prepare_cached(sql)?.execute((scope.pk, username, base, file))?;
        }
        (DeclaredKey::User(username), None) => {
            let sql = "DELETE FROM declared_user WHERE realm = ?1 AND username = ?2";
            connection.prepare_cached(sql)?.execute((scope.pk, username))?;
        }
    }
    Ok(())
}
