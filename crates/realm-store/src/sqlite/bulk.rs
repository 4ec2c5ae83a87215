//! New users, many at once.

use std::collections::HashSet;

use realm_model::document::UserRecord;

use super::batch::Scope;
use super::index::{self, Term, Value};
use crate::user_index::UserIndex;
use crate::{NewUser, StoreError};

/// A user as it will be written.
pub(super) struct Prepared {
    pub(super) index: UserIndex,
    pub(super) body: String,
    /// As it is kept.
    pub(super) id: Value,
}

impl From<NewUser> for Prepared {
    fn from(NewUser { index, body }: NewUser) -> Self {
        Self { id: index::packed(&index.id), index, body }
    }
}

impl Prepared {
    pub(super) fn of(record: &UserRecord) -> Result<Self, StoreError> {
        NewUser::of(record).map(Self::from)
    }
}

/// What of adding users can be done by a thread other than the one that writes; each id and username is left once.
pub(super) fn prepare(users: Vec<NewUser>) -> Vec<Prepared> {
    let mut users: Vec<Prepared> = users.into_iter().map(Prepared::from).collect();
    users.sort_by(|one, other| one.index.username.cmp(&other.index.username));
    users.dedup_by(|one, other| one.index.username == other.index.username);
    let mut ids = HashSet::with_capacity(users.len());
    users.retain(|user| ids.insert(user.id.clone()));
    users
}

/// Adds those whose id and username are not there; tells how many.
pub(super) fn add(scope: &mut Scope<'_>, mut users: Vec<Prepared>) -> Result<u64, StoreError> {
    let known = known_names(scope, &users)?;
    users.retain(|user| !known.contains(&user.index.username));
    let known = known_ids(scope, &users)?;
    users.retain(|user| !known.contains(&user.id));
    insert(scope, &users)?;
    Ok(u64::try_from(users.len()).unwrap_or_default())
}

fn known_names(scope: &Scope<'_>, users: &[Prepared]) -> rusqlite::Result<HashSet<String>> {
    let mut known = HashSet::new();
    let mut find = scope.connection.prepare_cached("SELECT 1 FROM user_name WHERE realm = ?1 AND username = ?2")?;
    for user in users {
        if find.exists((scope.pk, &user.index.username))? {
            known.insert(user.index.username.clone());
        }
    }
    Ok(known)
}

/// Era by era and in order, which reads each page once.
fn known_ids(scope: &Scope<'_>, users: &[Prepared]) -> rusqlite::Result<HashSet<Value>> {
    let mut known = HashSet::new();
    let Some(term) = Term::field("id").find(scope.connection, scope.pk)? else { return Ok(known) };
    let mut ids: Vec<&Value> = users.iter().map(|user| &user.id).collect();
    ids.sort_unstable();
    let mut eras = scope.connection.prepare_cached("SELECT era FROM era")?;
    let mut find = scope.connection.prepare_cached("SELECT 1 FROM user_by WHERE term = ?1 AND era = ?2 AND value = ?3")?;
    for era in eras.query_map([], |row| row.get::<_, i64>(0))? {
        let era = era?;
        for id in &ids {
            if find.exists((term, era, *id))? {
                known.insert((*id).clone());
            }
        }
    }
    Ok(known)
}

/// Writes users whose ids and usernames are not there, best in the order of their usernames.
pub(super) fn insert(scope: &mut Scope<'_>, new: &[Prepared]) -> Result<(), StoreError> {
    let connection = scope.connection;
    let mut places = Vec::with_capacity(new.len());
    let mut insert_record = connection.prepare_cached("INSERT INTO user_record (user, body) VALUES (?1, ?2)")?;
    let mut insert_user = connection.prepare_cached(
        "INSERT INTO user (realm, id, username, email, first_name, last_name, enabled, email_verified, service_account, version) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 1)",
    )?;
    for user in new {
        let index = &user.index;
        let names = (&index.username, &index.email, &index.first_name, &index.last_name);
        let (flags, account) = ((index.enabled, index.email_verified), &index.service_account);
        let values = rusqlite::params![scope.pk, user.id, names.0, names.1, names.2, names.3, flags.0, flags.1, account];
        let pk = insert_user.insert(values)?;
        insert_record.execute((pk, &user.body))?;
        places.push(pk);
    }
    let mut adding = index::Adding::new(connection)?;
    for (user, pk) in new.iter().zip(&places) {
        adding.add(scope, *pk, user)?;
    }
    let mut insert_name = connection.prepare_cached(NAME)?;
    for (Prepared { index, .. }, pk) in new.iter().zip(&places) {
        insert_name.execute((scope.pk, &index.username, pk, index.service_account.is_some()))?;
    }
    Ok(index::insert(connection, adding.entries)?)
}

const NAME: &str = "INSERT INTO user_name (realm, username, user, service) VALUES (?1, ?2, ?3, ?4)";

pub(super) fn insert_name(scope: &Scope<'_>, pk: i64, index: &UserIndex) -> rusqlite::Result<()> {
    let mut insert = scope.connection.prepare_cached(NAME)?;
    insert.execute((scope.pk, &index.username, pk, index.service_account.is_some())).map(|_| ())
}
