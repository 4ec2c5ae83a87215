//! Changes of users.

use std::collections::BTreeSet;

use deadpool_postgres::tokio_postgres::types::ToSql;
use futures_util::future::try_join4;
use realm_model::document::UserRecord;

use super::commit::Changing;
use super::read::get;
use super::statement::{changed, optional};
use super::{Failure, memberships};
use crate::user_index::UserIndex;
use crate::{CommitError, Expected, StoreError, Taken};

/// A record as the store keeps it.
pub(super) fn body(record: &UserRecord) -> String {
    serde_json::to_string(&record.0).unwrap_or_default()
}

/// Adds the user if neither id nor username is there; gives the number.
async fn insert(changing: &Changing<'_>, user: &UserIndex, body: &str) -> Result<Option<i64>, Failure> {
    let sql = "INSERT INTO latchkey_user (realm, id, username, email, first_name, last_name, enabled, email_verified, service_account, \
               body, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1) ON CONFLICT DO NOTHING RETURNING no";
    let row = optional(&changing.tx, sql, &columns(changing, user, &body)).await?;
    row.map(|row| get(&row, 0)).transpose()
}

fn columns<'c>(changing: &'c Changing<'_>, user: &'c UserIndex, body: &'c &str) -> [&'c (dyn ToSql + Sync); 10] {
    [
        &changing.realm,
        &user.id,
        &user.username,
        &user.email,
        &user.first_name,
        &user.last_name,
        &user.enabled,
        &user.email_verified,
        &user.service_account,
        body,
    ]
}

/// Adds what the user is found by beside the columns.
async fn insert_parts(changing: &Changing<'_>, no: i64, user: &UserIndex) -> Result<(), Failure> {
    let numbers = memberships::numbers(changing, &user.memberships.iter().collect()).await?;
    try_join4(
        insert_members(changing, no, numbers.into_values().collect()),
        insert_pairs(changing, no, ("latchkey_attribute (name, value, user_no, realm)", &user.attributes)),
        insert_pairs(changing, no, ("latchkey_identity (provider, provider_user, user_no, realm)", &user.identities)),
        insert_cards(changing, no, user.cards.iter().map(String::as_str).collect()),
    )
    .await?;
    Ok(())
}

async fn insert_members(changing: &Changing<'_>, no: i64, memberships: Vec<i64>) -> Result<(), Failure> {
    if memberships.is_empty() {
        return Ok(());
    }
    let sql = "INSERT INTO latchkey_member (user_no, membership) SELECT $1, * FROM unnest($2::bigint[])";
    changed(&changing.tx, sql, &[&no, &memberships]).await.map(|_| ())
}

type Pairs<'p> = (&'p str, &'p BTreeSet<(String, String)>);

async fn insert_pairs(changing: &Changing<'_>, no: i64, (into, pairs): Pairs<'_>) -> Result<(), Failure> {
    if pairs.is_empty() {
        return Ok(());
    }
    let (names, values): (Vec<_>, Vec<_>) = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).unzip();
    let sql = format!("INSERT INTO {into} SELECT t.*, $1, $2 FROM unnest($3::text[], $4::text[]) AS t");
    changed(&changing.tx, &sql, &[&no, &changing.realm, &names, &values]).await.map(|_| ())
}

async fn insert_cards(changing: &Changing<'_>, no: i64, hashes: Vec<&str>) -> Result<(), Failure> {
    if hashes.is_empty() {
        return Ok(());
    }
    let sql = "INSERT INTO latchkey_card (user_no, realm, hash) SELECT $1, $2, * FROM unnest($3::text[])";
    changed(&changing.tx, sql, &[&no, &changing.realm, &hashes]).await.map(|_| ())
}

/// No user is found by nothing.
pub(super) fn require_names(record: &UserRecord) -> Result<(), StoreError> {
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
        None => insert_one(changing, &index, &body(record)).await?,
    };
    Ok(insert_parts(changing, no, &index).await?)
}

fn conflict(id: &str) -> CommitError {
    CommitError::Conflict(format!("user {id}"))
}

async fn insert_one(changing: &Changing<'_>, index: &UserIndex, body: &str) -> Result<i64, CommitError> {
    if let Some(no) = insert(changing, index, body).await? {
        return Ok(no);
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
    let mut parameters = columns(changing, user, &body).to_vec();
    parameters.push(&version);
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
