//! New users, many at once.

use std::collections::HashSet;

use realm_model::document::UserRecord;
use rusqlite::Connection;

use super::batch::Scope;
use super::{index, users};
use crate::StoreError;
use crate::user_index::UserIndex;

/// A user that is not there yet.
pub(super) struct New<'r> {
    pub(super) record: &'r UserRecord,
    pub(super) index: UserIndex,
}

impl<'r> New<'r> {
    pub(super) fn of(record: &'r UserRecord) -> Result<Self, StoreError> {
        Ok(Self { record, index: users::indexed(record)? })
    }
}

/// Adds those whose id and username are not there; tells how many.
pub(super) fn add(scope: &mut Scope<'_>, records: &[UserRecord]) -> Result<u64, StoreError> {
    let mut new = records.iter().map(New::of).collect::<Result<Vec<_>, _>>()?;
    // In order: each page of an index is read once.
    new.sort_by(|one, other| one.index.id.cmp(&other.index.id));
    let mut there = HashSet::new();
    for user in &new {
        if users::find(scope, &user.index.id)?.is_some() {
            there.insert(user.index.id.clone());
        }
    }
    new.retain(|user| !there.contains(&user.index.id));
    new.dedup_by(|one, other| one.index.id == other.index.id);
    new.sort_by(|one, other| one.index.username.cmp(&other.index.username));
    new.dedup_by(|one, other| one.index.username == other.index.username);
    let mut free = Vec::with_capacity(new.len());
    for user in new {
        if users::of_name(scope, &user.index.username)?.is_none() {
            free.push(user);
        }
    }
    insert(scope, &free)?;
    Ok(u64::try_from(free.len()).unwrap_or_default())
}

/// Writes users whose ids and usernames are not there, best in the order of their usernames.
pub(super) fn insert(scope: &mut Scope<'_>, new: &[New<'_>]) -> Result<(), StoreError> {
    let connection = scope.connection;
    let mut entries = Vec::with_capacity(new.len() * 6);
    let mut names = Vec::with_capacity(new.len());
    for user in new {
        let pk = insert_user(connection, scope.pk, &user.index)?;
        let mut record = connection.prepare_cached("INSERT INTO user_record (user, body) VALUES (?1, ?2)")?;
        record.execute((pk, users::written(user.record)?))?;
        index::add(scope, pk, &user.index, &mut entries)?;
        names.push((&user.index, pk));
    }
    names.iter().try_for_each(|(index, pk)| insert_name(scope, *pk, index))?;
    Ok(index::insert(connection, entries)?)
}

fn insert_user(connection: &Connection, realm: i64, index: &UserIndex) -> rusqlite::Result<i64> {
    let sql = "INSERT INTO user (realm, id, username, email, first_name, last_name, enabled, email_verified, service_account, version) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 1)";
    let id = index::packed(&index.id);
    let names = (&index.username, &index.email, &index.first_name, &index.last_name);
    let (flags, account) = ((index.enabled, index.email_verified), &index.service_account);
    let values = rusqlite::params![realm, id, names.0, names.1, names.2, names.3, flags.0, flags.1, account];
    connection.prepare_cached(sql)?.insert(values)
}

pub(super) fn insert_name(scope: &Scope<'_>, pk: i64, index: &UserIndex) -> rusqlite::Result<()> {
    let sql = "INSERT INTO user_name (realm, username, user, service) VALUES (?1, ?2, ?3, ?4)";
    let mut insert = scope.connection.prepare_cached(sql)?;
    insert.execute((scope.pk, &index.username, pk, index.service_account.is_some())).map(|_| ())
}
