//! Changes of entities, and of what files declared of them.

use deadpool_postgres::tokio_postgres::types::ToSql;
use futures_util::future::join_all;
use realm_model::document::Key;

use super::commit::{Changing, Touched};
use super::read::USER;
use super::statement::changed;
use super::{Failure, memberships, users};
use crate::{CommitError, DeclaredKey, Expected, Leaving, Taken, Write};

/// So many statements are under way at once.
const AT_ONCE: usize = 200;

/// Makes the changes, in order.
pub(super) async fn write(changing: &Changing<'_>, writes: &[Write], touched: &mut Touched) -> Result<(), CommitError> {
    for run in writes.chunk_by(|one, next| is_one_statement(one) && is_one_statement(next)) {
        match run {
            [write] => one(changing, write, touched).await?,
            many => pipelined(changing, many, touched).await?,
        }
    }
    Ok(())
}

fn is_one_statement(write: &Write) -> bool {
    matches!(write, Write::Put { .. } | Write::Declare { .. })
}

/// Sends the statements one behind the other without waiting for each answer: a realm of thousands of clients takes thousands of them.
async fn pipelined(changing: &Changing<'_>, writes: &[Write], touched: &mut Touched) -> Result<(), CommitError> {
    // Prepared before, all are sent in their order: the first that fails is the first that is told.
    for sql in [PUT, PUT_ABSENT, PUT_VERSION, DECLARE, FORGET] {
        let _ = changing.tx.prepare_cached(sql).await.map_err(Failure::from)?;
    }
    for some in writes.chunks(AT_ONCE) {
        let outcomes = join_all(some.iter().map(async |write| {
            let mut touched = Touched::default();
            one(changing, write, &mut touched).await
        }));
        outcomes.await.into_iter().collect::<Result<(), _>>()?;
        if some.iter().any(|write| matches!(write, Write::Put { .. })) {
            touched.entity();
        }
    }
    Ok(())
}

async fn one(changing: &Changing<'_>, write: &Write, touched: &mut Touched) -> Result<(), CommitError> {
    match write {
        Write::Put { key, id, body, expected } => {
            put(changing, key, (id, body), *expected).await?;
            touched.entity();
        }
        Write::Delete { key, expected, leaving } => {
            if delete(changing, key, *expected, *leaving).await? {
                touched.entity();
            }
        }
        Write::Rename { from, to } => {
            rename(changing, from, to).await?;
            touched.entity();
            memberships::change(changing, from, Some(to), touched).await?;
        }
        Write::ForgetMembership(key) => memberships::change(changing, key, None, touched).await?,
        Write::PutUser { record, expected } => {
            users::put(changing, record, *expected).await?;
            touched.user(record.id());
        }
        Write::ClaimEmail { id, email } => users::claim_email(changing, id, email).await?,
        Write::DeleteUser { id, expected } => {
            if users::delete(changing, id, *expected).await? {
                touched.user(id);
            }
        }
        Write::Declare { of, base } => declare(changing, of, base.as_ref()).await?,
    }
    Ok(())
}

/// The parts of a key as `$1` to `$4`.
const KEY: &str = "realm = $1 AND kind = $2 AND owner = $3 AND name = $4";

// What a mark says of an id is nothing: it takes the new one.
const PUT: &str = "INSERT INTO latchkey_entity AS e (realm, kind, owner, name, id, version, body) \
                   VALUES ($1, $2, $3, $4, nullif($5, ''), 1, $6) ON CONFLICT ON CONSTRAINT latchkey_entity_key DO UPDATE \
                   SET version = e.version + 1, body = excluded.body, id = CASE WHEN e.body IS NULL THEN excluded.id ELSE e.id END";

const PUT_ABSENT: &str = "INSERT INTO latchkey_entity AS e (realm, kind, owner, name, id, version, body) \
                          VALUES ($1, $2, $3, $4, nullif($5, ''), 1, $6) ON CONFLICT ON CONSTRAINT latchkey_entity_key DO UPDATE \
                          SET version = e.version + 1, body = excluded.body, id = excluded.id WHERE e.body IS NULL";

const PUT_VERSION: &str = "UPDATE latchkey_entity SET version = version + 1, body = $6, \
                           id = CASE WHEN body IS NULL THEN nullif($5, '') ELSE id END \
                           WHERE realm = $1 AND kind = $2 AND owner = $3 AND name = $4 AND version = $7";

async fn put(changing: &Changing<'_>, key: &Key, (id, body): (&str, &str), expected: Expected) -> Result<(), CommitError> {
    let kind = key.kind.word();
    let parts: [&(dyn ToSql + Sync); 6] = [&changing.realm, &kind, &key.owner, &key.name, &id, &body];
    let done = match expected {
        Expected::Anything => changed(&changing.tx, PUT, &parts).await,
        Expected::Absent => changed(&changing.tx, PUT_ABSENT, &parts).await,
        Expected::Version(version) => {
            let [a, b, c, d, e, f] = parts;
            changed(&changing.tx, PUT_VERSION, &[a, b, c, d, e, f, &version]).await
        }
    };
    match done {
        Ok(0) if expected == Expected::Absent => Err(CommitError::Exists(Taken::Entity(key.clone()))),
        Ok(0) => Err(CommitError::Conflict(key.to_string())),
        Ok(_) => Ok(()),
        Err(failure) if failure.violated().is_some() => Err(CommitError::Exists(Taken::Id(id.to_owned()))),
        Err(failure) => Err(failure.into()),
    }
}

/// Tells whether anything was there to be taken away.
async fn delete(changing: &Changing<'_>, key: &Key, expected: Expected, leaving: Leaving) -> Result<bool, CommitError> {
    let kind = key.kind.word();
    let (tx, parts): (_, [&(dyn ToSql + Sync); 4]) = (&changing.tx, [&changing.realm, &kind, &key.owner, &key.name]);
    if expected == Expected::Absent {
        let sql = format!("SELECT 1 FROM latchkey_entity WHERE {KEY} AND body IS NOT NULL");
        if super::statement::optional(tx, &sql, &parts).await?.is_some() {
            return Err(CommitError::Conflict(key.to_string()));
        }
    }
    let version = match expected {
        Expected::Version(version) => Some(version),
        Expected::Absent | Expected::Anything => None,
    };
    let [a, b, c, d] = parts;
    let with_version: [&(dyn ToSql + Sync); 5] = [a, b, c, d, &version];
    let same = format!("{KEY} AND ($5::bigint IS NULL OR version = $5)");
    let done = match (leaving, version) {
        (Leaving::Nothing, _) => changed(tx, &format!("DELETE FROM latchkey_entity WHERE {same}"), &with_version).await?,
        (Leaving::Mark, Some(_)) => {
            let sql = format!("UPDATE latchkey_entity SET version = version + 1, body = NULL, id = NULL WHERE {same}");
            changed(tx, &sql, &with_version).await?
        }
        (Leaving::Mark, None) => {
            let sql = "INSERT INTO latchkey_entity AS e (realm, kind, owner, name, version) VALUES ($1, $2, $3, $4, 1) \
                       ON CONFLICT ON CONSTRAINT latchkey_entity_key DO UPDATE SET version = e.version + 1, body = NULL, id = NULL \
                       WHERE e.body IS NOT NULL";
            changed(tx, sql, &parts).await?
        }
    };
    if done == 0 && version.is_some() { Err(CommitError::Conflict(key.to_string())) } else { Ok(done > 0) }
}

async fn rename(changing: &Changing<'_>, from: &Key, to: &Key) -> Result<(), CommitError> {
    let kind = from.kind.word();
    if from.kind != to.kind {
        return Err(CommitError::Conflict(from.to_string()));
    }
    let mark = format!("DELETE FROM latchkey_entity WHERE {KEY} AND body IS NULL");
    let _ = changed(&changing.tx, &mark, &[&changing.realm, &kind, &to.owner, &to.name]).await?;
    let sql = format!("UPDATE latchkey_entity SET version = version + 1, owner = $5, name = $6 WHERE {KEY} AND body IS NOT NULL");
    let parts: [&(dyn ToSql + Sync); 6] = [&changing.realm, &kind, &from.owner, &from.name, &to.owner, &to.name];
    match changed(&changing.tx, &sql, &parts).await {
        Ok(0) => Err(CommitError::Conflict(from.to_string())),
        Ok(_) => Ok(()),
        Err(failure) if failure.violated().is_some() => Err(CommitError::Exists(Taken::Entity(to.clone()))),
        Err(failure) => Err(failure.into()),
    }
}

const DECLARE: &str = "INSERT INTO latchkey_declared (realm, kind, owner, name, base, file) VALUES ($1, $2, $3, $4, $5, $6) \
                       ON CONFLICT ON CONSTRAINT latchkey_declared_key DO UPDATE SET base = excluded.base, file = excluded.file";

const FORGET: &str = "DELETE FROM latchkey_declared WHERE realm = $1 AND kind = $2 AND owner = $3 AND name = $4";

async fn declare(changing: &Changing<'_>, of: &DeclaredKey, base: Option<&(String, String)>) -> Result<(), CommitError> {
    let (kind, owner, name) = match of {
        DeclaredKey::Entity(key) => (key.kind.word(), key.owner.as_str(), key.name.as_str()),
        DeclaredKey::User(username) => (USER, "", username.as_str()),
    };
    let _ = match base {
        None => changed(&changing.tx, FORGET, &[&changing.realm, &kind, &owner, &name]).await?,
        Some((base, file)) => changed(&changing.tx, DECLARE, &[&changing.realm, &kind, &owner, &name, base, file]).await?,
    };
    Ok(())
}
