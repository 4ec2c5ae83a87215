//! Changes of users.

use std::collections::{BTreeSet, HashMap};

use deadpool_postgres::tokio_postgres::types::ToSql;
use futures_util::future::try_join4;
use realm_model::document::{Key, UserRecord};

use super::commit::Changing;
use super::read::get;
use super::statement::{changed, optional, rows};
use super::{Failure, memberships};
use crate::user_index::UserIndex;
use crate::{CommitError, Expected, StoreError, Taken};

/// So many users go to the database in one statement.
const TOGETHER: usize = 1_000;

/// A record as the store keeps it.
pub(super) fn body(record: &UserRecord) -> String {
    serde_json::to_string(&record.0).unwrap_or_default()
}

/// See [`crate::Repository::add_users`].
pub(super) async fn add(changing: &Changing<'_>, records: &[UserRecord]) -> Result<u64, StoreError> {
    let mut added = 0;
    for some in records.chunks(TOGETHER) {
        some.iter().try_for_each(require_names)?;
        let indexes: Vec<_> = some.iter().map(UserIndex::of).collect();
        let bodies: Vec<_> = some.iter().map(body).collect();
        let users = insert(changing, &indexes, &bodies).await?;
        added += users.len() as u64;
        insert_parts(changing, &users).await?;
    }
    Ok(added)
}

/// Adds the users of whom neither id nor username is there. Gives those that were added their numbers.
async fn insert<'i>(
    changing: &Changing<'_>,
    indexes: &'i [UserIndex],
    bodies: &[String],
) -> Result<Vec<(i64, &'i UserIndex)>, Failure> {
    let sql = "INSERT INTO latchkey_user (realm, id, username, email, first_name, last_name, enabled, email_verified, service_account, \
               body, version) SELECT $1, t.*, 1 FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[], \
               $8::boolean[], $9::text[], $10::text[]) AS t ON CONFLICT DO NOTHING RETURNING no, id, username";
    let column = |of: fn(&UserIndex) -> Option<&str>| indexes.iter().map(of).collect::<Vec<_>>();
    let switches = |of: fn(&UserIndex) -> bool| indexes.iter().map(of).collect::<Vec<_>>();
    let texts = [
        column(|user| Some(&user.id)),
        column(|user| Some(&user.username)),
        column(|user| user.email.as_deref()),
        column(|user| user.first_name.as_deref()),
        column(|user| user.last_name.as_deref()),
        column(|user| user.service_account.as_deref()),
    ];
    let [id, username, email, first_name, last_name, service_account] = &texts;
    let (enabled, verified) = (switches(|user| user.enabled), switches(|user| user.email_verified));
    let parameters: [&(dyn ToSql + Sync); 10] =
        [&changing.realm, id, username, email, first_name, last_name, &enabled, &verified, service_account, &bodies];
    let added = rows(&changing.tx, sql, &parameters).await?;
    let mut by_name: HashMap<(&str, &str), &UserIndex> = HashMap::with_capacity(indexes.len());
    for user in indexes {
        // Of several of the same names the first is the one that was added.
        by_name.entry((&user.id, &user.username)).or_insert(user);
    }
    let mut users = Vec::with_capacity(added.len());
    for row in &added {
        if let Some(user) = by_name.get(&(get(row, 1)?, get(row, 2)?)) {
            users.push((get(row, 0)?, *user));
        }
    }
    Ok(users)
}

/// Adds what users are found by beside their columns.
async fn insert_parts(changing: &Changing<'_>, users: &[(i64, &UserIndex)]) -> Result<(), Failure> {
    let keys: BTreeSet<&Key> = users.iter().flat_map(|(_, user)| &user.memberships).collect();
    let numbers = memberships::numbers(changing, &keys).await?;
    let of_users = users.iter().flat_map(|(no, user)| user.memberships.iter().map(move |key| (no, key)));
    let members: Vec<_> = of_users.filter_map(|(no, key)| Some((*no, *numbers.get(key)?))).collect();
    let attributes =
        users.iter().flat_map(|(no, user)| user.attributes.iter().map(|(name, value)| (*no, name.as_str(), value.as_str())));
    let identities =
        users.iter().flat_map(|(no, user)| user.identities.iter().map(|(alias, id)| (*no, alias.as_str(), id.as_str())));
    let cards = users.iter().flat_map(|(no, user)| user.cards.iter().map(|hash| (*no, hash.as_str())));
    try_join4(
        insert_members(changing, &members),
        insert_pairs(changing, "latchkey_attribute (name, value, user_no, realm)", attributes.collect()),
        insert_pairs(changing, "latchkey_identity (provider, provider_user, user_no, realm)", identities.collect()),
        insert_cards(changing, cards.collect()),
    )
    .await?;
    Ok(())
}

async fn insert_members(changing: &Changing<'_>, members: &[(i64, i64)]) -> Result<(), Failure> {
    if members.is_empty() {
        return Ok(());
    }
    let (users, numbers): (Vec<_>, Vec<_>) = members.iter().copied().unzip();
    let sql = "INSERT INTO latchkey_member (user_no, membership) SELECT * FROM unnest($1::bigint[], $2::bigint[])";
    changed(&changing.tx, sql, &[&users, &numbers]).await.map(|_| ())
}

async fn insert_pairs(changing: &Changing<'_>, into: &str, all: Vec<(i64, &str, &str)>) -> Result<(), Failure> {
    if all.is_empty() {
        return Ok(());
    }
    let users: Vec<_> = all.iter().map(|(no, ..)| *no).collect();
    let (names, values): (Vec<_>, Vec<_>) = all.iter().map(|(_, name, value)| (*name, *value)).unzip();
    let sql = format!("INSERT INTO {into} SELECT t.*, $1 FROM unnest($2::text[], $3::text[], $4::bigint[]) AS t");
    changed(&changing.tx, &sql, &[&changing.realm, &names, &values, &users]).await.map(|_| ())
}

async fn insert_cards(changing: &Changing<'_>, all: Vec<(i64, &str)>) -> Result<(), Failure> {
    if all.is_empty() {
        return Ok(());
    }
    let (users, hashes): (Vec<_>, Vec<_>) = all.into_iter().unzip();
    let sql = "INSERT INTO latchkey_card (user_no, hash, realm) SELECT t.*, $1 FROM unnest($2::bigint[], $3::text[]) AS t";
    changed(&changing.tx, sql, &[&changing.realm, &users, &hashes]).await.map(|_| ())
}

/// No user is found by nothing.
fn require_names(record: &UserRecord) -> Result<(), StoreError> {
    if record.id().is_empty() || record.username().is_empty() {
        return Err(StoreError::Unavailable("a user without id or username cannot be stored".to_owned()));
    }
    Ok(())
}

/// See [`crate::Write::PutUser`].
pub(super) async fn put(changing: &Changing<'_>, record: &UserRecord, expected: Expected) -> Result<(), CommitError> {
    require_names(record)?;
    let index = UserIndex::of(record);
    let replaced = match expected {
        Expected::Absent => None,
        Expected::Version(version) => {
            let no = update(changing, &index, &body(record), Some(version)).await?;
            Some(no.ok_or_else(|| conflict(&index.id))?)
        }
        Expected::Anything => update(changing, &index, &body(record), None).await?,
    };
    let no = match replaced {
        Some(no) => {
            delete_parts(changing, no).await?;
            no
        }
        None => insert_one(changing, &index, body(record)).await?,
    };
    Ok(insert_parts(changing, &[(no, &index)]).await?)
}

fn conflict(id: &str) -> CommitError {
    CommitError::Conflict(format!("user {id}"))
}

async fn insert_one(changing: &Changing<'_>, index: &UserIndex, body: String) -> Result<i64, CommitError> {
    let added = insert(changing, std::slice::from_ref(index), &[body]).await?;
    if let Some((no, _)) = added.first() {
        return Ok(*no);
    }
    let sql = "SELECT 1 FROM latchkey_user WHERE realm = $1 AND id = $2";
    let taken = match optional(&changing.tx, sql, &[&changing.realm, &index.id]).await? {
        Some(_) => Taken::Id(index.id.clone()),
        None => Taken::Username(index.username.clone()),
    };
    Err(CommitError::Exists(taken))
}

/// Writes the user anew, if it is there (in this version); gives its number.
async fn update(changing: &Changing<'_>, user: &UserIndex, body: &str, version: Option<i64>) -> Result<Option<i64>, CommitError> {
    let sql = "UPDATE latchkey_user SET version = version + 1, username = $3, email = $4, first_name = $5, last_name = $6, \
               enabled = $7, email_verified = $8, service_account = $9, body = $10 \
               WHERE realm = $1 AND id = $2 AND ($11::bigint IS NULL OR version = $11) RETURNING no";
    let parameters: [&(dyn ToSql + Sync); 11] = [
        &changing.realm,
        &user.id,
        &user.username,
        &user.email,
        &user.first_name,
        &user.last_name,
        &user.enabled,
        &user.email_verified,
        &user.service_account,
        &body,
        &version,
    ];
    match optional(&changing.tx, sql, &parameters).await {
        Ok(row) => Ok(row.map(|row| get(&row, 0)).transpose()?),
        Err(failure) if failure.violated().is_some() => Err(CommitError::Exists(Taken::Username(user.username.clone()))),
        Err(failure) => Err(failure.into()),
    }
}

async fn delete_parts(changing: &Changing<'_>, no: i64) -> Result<(), Failure> {
    let sql = "WITH members AS (DELETE FROM latchkey_member WHERE user_no = $1), \
               attributes AS (DELETE FROM latchkey_attribute WHERE user_no = $1), \
               cards AS (DELETE FROM latchkey_card WHERE user_no = $1) \
               DELETE FROM latchkey_identity WHERE user_no = $1";
    changed(&changing.tx, sql, &[&no]).await.map(|_| ())
}

/// See [`crate::Write::ClaimEmail`].
pub(super) async fn claim_email(changing: &Changing<'_>, id: &str, email: &str) -> Result<(), CommitError> {
    // Those who claim the same address queue here: each sees what the one before has written.
    let lock = "SELECT pg_advisory_xact_lock(hashtextextended($2, $1::integer::bigint))";
    let _ = optional(&changing.tx, lock, &[&changing.realm, &email]).await?;
    let sql = "SELECT 1 FROM latchkey_user WHERE realm = $1 AND email = $2 AND id <> $3 LIMIT 1";
    match optional(&changing.tx, sql, &[&changing.realm, &email, &id]).await? {
        Some(_) => Err(CommitError::Exists(Taken::Email(email.to_owned()))),
        None => Ok(()),
    }
}

/// See [`crate::Write::DeleteUser`]; tells whether there was such a user.
pub(super) async fn delete(changing: &Changing<'_>, id: &str, expected: Expected) -> Result<bool, CommitError> {
    let version = match expected {
        Expected::Version(version) => Some(version),
        Expected::Absent | Expected::Anything => None,
    };
    let sql = "DELETE FROM latchkey_user WHERE realm = $1 AND id = $2 AND ($3::bigint IS NULL OR version = $3) RETURNING no";
    match optional(&changing.tx, sql, &[&changing.realm, &id, &version]).await? {
        Some(row) => {
            delete_parts(changing, get(&row, 0)?).await?;
            Ok(true)
        }
        None if version.is_some() => Err(conflict(id)),
        None => Ok(false),
    }
}
