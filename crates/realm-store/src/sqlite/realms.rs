//! Realms, their entities, and what files said of them.

use realm_model::document::{Key, Kind};
use rusqlite::{Connection, OptionalExtension, Row as SqlRow};

use crate::{Declared, DeclaredKey, DeclaredUsers, RealmRow, Row, StoreError, StoredRealm};

/// A realm with its place in the tables.
pub(super) struct Found {
    pub(super) pk: i64,
    pub(super) realm: RealmRow,
}

fn read_realm(row: &SqlRow<'_>) -> rusqlite::Result<Found> {
    let realm = RealmRow { id: row.get(1)?, name: row.get(2)?, template: row.get(3)?, version: row.get(4)? };
    Ok(Found { pk: row.get(0)?, realm })
}

pub(super) fn find(connection: &Connection, id: &str) -> rusqlite::Result<Option<Found>> {
    let sql = "SELECT pk, id, name, template, version FROM realm WHERE id = ?1";
    connection.prepare_cached(sql)?.query_row([id], read_realm).optional()
}

pub(super) fn names(connection: &Connection) -> rusqlite::Result<Vec<(String, String)>> {
    let mut statement = connection.prepare_cached("SELECT name, id FROM realm ORDER BY name")?;
    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

pub(super) fn one(connection: &Connection, id: &str) -> Result<Option<StoredRealm>, StoreError> {
    find(connection, id)?.map(|found| with_rows(connection, found)).transpose()
}

pub(super) fn page(connection: &Connection, after: Option<&str>, limit: usize) -> Result<Vec<StoredRealm>, StoreError> {
    let sql = "SELECT pk, id, name, template, version FROM realm WHERE ?1 IS NULL OR name > ?1 ORDER BY name LIMIT ?2";
    let sql = if after.is_some() { sql.replace("?1 IS NULL OR ", "") } else { sql.to_owned() };
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(&sql)?;
    let found = statement.query_map((after, limit), read_realm)?.collect::<Result<Vec<_>, _>>()?;
    found.into_iter().map(|found| with_rows(connection, found)).collect()
}

fn with_rows(connection: &Connection, found: Found) -> Result<StoredRealm, StoreError> {
    let sql = "SELECT kind, owner, name, id, version, body FROM entity WHERE realm = ?1 ORDER BY kind, owner, name";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([found.pk], |row| {
        let Some(key) = key(row)? else { return Ok(None) };
        Ok(Some(Row { key, id: row.get(3)?, version: row.get(4)?, body: row.get(5)? }))
    })?;
    Ok(StoredRealm { realm: found.realm, rows: rows.filter_map(Result::transpose).collect::<Result<_, _>>()? })
}

/// From kind, owner and name; none where only a newer program knows the kind.
fn key(row: &SqlRow<'_>) -> rusqlite::Result<Option<Key>> {
    let Some(kind) = row.get_ref(0)?.as_str().ok().and_then(Kind::of_word) else { return Ok(None) };
    Ok(Some(Key { kind, owner: row.get(1)?, name: row.get(2)? }))
}

pub(super) fn declared(connection: &Connection, realm_id: &str, users: DeclaredUsers) -> Result<Vec<Declared>, StoreError> {
    let Some(found) = find(connection, realm_id)? else { return Ok(Vec::new()) };
    let sql = "SELECT kind, owner, name, base, file FROM declared WHERE realm = ?1 ORDER BY kind, owner, name";
    let mut statement = connection.prepare_cached(sql)?;
    let entities = statement.query_map([found.pk], |row| {
        let Some(key) = key(row)? else { return Ok(None) };
        Ok(Some(Declared { of: DeclaredKey::Entity(key), base: row.get(3)?, file: row.get(4)? }))
    })?;
    let mut all = entities.filter_map(Result::transpose).collect::<Result<Vec<_>, _>>()?;
    if users == DeclaredUsers::Include {
        let sql = "SELECT username, base, file FROM declared_user WHERE realm = ?1 ORDER BY username";
        let mut statement = connection.prepare_cached(sql)?;
        let users = statement.query_map([found.pk], |row| {
            Ok(Declared { of: DeclaredKey::User(row.get(0)?), base: row.get(1)?, file: row.get(2)? })
        })?;
        for user in users {
            all.push(user?);
        }
    }
    Ok(all)
}
