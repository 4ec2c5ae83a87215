//! New users, many at once.

use std::collections::HashSet;

use realm_model::document::UserRecord;
use rusqlite::Connection;

use super::batch::Scope;
use super::{index, users};
use crate::StoreError;
use crate::user_index::UserIndex;

/// A user as it will be written.
pub(super) struct Prepared {
    pub(super) index: UserIndex,
    pub(super) body: String,
}

impl Prepared {
    pub(super) fn of(record: &UserRecord) -> Result<Self, StoreError> {
        let index = UserIndex::of(record);
        if index.id.is_empty() || index.username.is_empty() {
            return Err(StoreError::Unavailable("a user without id or username cannot be stored".to_owned()));
        }
        let damaged = |_| StoreError::Unavailable("the record of a user cannot be written".to_owned());
        Ok(Self { index, body: serde_json::to_string(&record.0).map_err(damaged)? })
    }
}

/// Half of the work of adding users, for a thread other than the one that writes; each id and username is left once.
pub(super) fn prepare(records: Vec<UserRecord>) -> Result<Vec<Prepared>, StoreError> {
    // One by one, so that there are never two of all.
    let mut users = records.into_iter().map(|record| Prepared::of(&record)).collect::<Result<Vec<_>, _>>()?;
    users.sort_by(|one, other| one.index.username.cmp(&other.index.username));
    users.dedup_by(|one, other| one.index.username == other.index.username);
    let mut ids = HashSet::with_capacity(users.len());
    users.retain(|user| ids.insert(index::packed(&user.index.id)));
    Ok(users)
}

/// Adds those whose id and username are not there; tells how many.
pub(super) fn add(scope: &mut Scope<'_>, users: Vec<Prepared>) -> Result<u64, StoreError> {
    let mut new = Vec::with_capacity(users.len());
    for user in users {
        if users::of_name(scope, &user.index.username)?.is_none() && users::find(scope, &user.index.id)?.is_none() {
            new.push(user);
        }
    }
    insert(scope, &new)?;
    Ok(u64::try_from(new.len()).unwrap_or_default())
}

/// Writes users whose ids and usernames are not there, best in the order of their usernames.
pub(super) fn insert(scope: &mut Scope<'_>, new: &[Prepared]) -> Result<(), StoreError> {
    let connection = scope.connection;
    let mut entries = Vec::with_capacity(new.len() * 6);
    let mut names = Vec::with_capacity(new.len());
    for user in new {
        let pk = insert_user(connection, scope.pk, &user.index)?;
        let mut record = connection.prepare_cached("INSERT INTO user_record (user, body) VALUES (?1, ?2)")?;
        record.execute((pk, &user.body))?;
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
