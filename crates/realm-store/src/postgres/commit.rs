//! All changes of a batch in one transaction.

use deadpool_postgres::{Client, Transaction};

use super::read::get;
use super::statement::{changed, optional};
use super::{Failure, bulk, entities, news};
use crate::{Batch, Change, CommitError, NewUser, RealmWrite, StoreError, Taken, Write};

/// More users than this are told as many.
const FEW: usize = 100;

/// A transaction on one realm, its row held.
pub(super) struct Changing<'t> {
    pub(super) tx: Transaction<'t>,
    /// The realm's number in the tables.
    pub(super) realm: i32,
}

/// What is told of a batch.
#[derive(Default)]
pub(super) struct Touched {
    entities: bool,
    users: Vec<String>,
}

/// Whoever changes entities or memberships has the realm alone; those who only change users share it.
fn lock(batch: &Batch) -> &'static str {
    let of_users = |write: &Write| {
        matches!(write, Write::PutUser { .. } | Write::ClaimEmail { .. } | Write::DeleteUser { .. } | Write::Declare { .. })
    };
    let shared = batch.realm == RealmWrite::Keep && batch.based_on.is_none() && batch.writes.iter().all(of_users);
    if shared { "FOR SHARE" } else { "FOR NO KEY UPDATE" }
}

impl Touched {
    /// The realm itself or an entity was changed.
    pub(super) fn entity(&mut self) {
        self.entities = true;
    }

    /// A user was changed.
    pub(super) fn user(&mut self, id: &str) {
        if self.users.len() <= FEW && !self.users.iter().any(|user| user == id) {
            self.users.push(id.to_owned());
        }
    }

    fn changes(self, realm: &str) -> Vec<Change> {
        let mut changes = Vec::new();
        if self.entities {
            changes.push(Change::Realm(realm.to_owned()));
        }
        if self.users.len() > FEW {
            changes.push(Change::Users(realm.to_owned()));
        } else {
            changes.extend(self.users.into_iter().map(|user| Change::User(realm.to_owned(), user)));
        }
        changes
    }
}

/// See [`crate::Repository::commit`].
pub(super) async fn commit(client: &mut Client, schema: &str, batch: Batch) -> Result<i64, CommitError> {
    let mut touched = Touched::default();
    let tx = client.transaction().await.map_err(Failure::from)?;
    let (id, is_made) = (batch.realm_id.as_str(), matches!(batch.realm, RealmWrite::Create { .. }));
    let (realm, mut version) = match &batch.realm {
        RealmWrite::Create { name, template } => create(&tx, id, (name, template)).await?,
        _ => locked(&tx, &batch, lock(&batch)).await?,
    };
    let changing = Changing { tx, realm };
    match &batch.realm {
        RealmWrite::Keep => {}
        RealmWrite::Create { .. } => touched.entity(),
        RealmWrite::Rename(name) => {
            rename(&changing, name).await?;
            touched.entity();
        }
        RealmWrite::Delete => {
            delete(&changing).await?;
            finished(changing, schema, &[Change::Realm(id.to_owned()), Change::Users(id.to_owned())]).await?;
            return Ok(version);
        }
    }
    entities::write(&changing, &batch.writes, &mut touched).await?;
    if touched.entities && !is_made {
        let sql = "UPDATE latchkey_realm SET version = version + 1 WHERE no = $1";
        let _ = changed(&changing.tx, sql, &[&changing.realm]).await?;
        version += 1;
    }
    finished(changing, schema, &touched.changes(id)).await?;
    Ok(version)
}

async fn finished(changing: Changing<'_>, schema: &str, changes: &[Change]) -> Result<(), CommitError> {
    news::record(&changing.tx, schema, changes).await?;
    changing.tx.commit().await.map_err(Failure::from)?;
    Ok(())
}

/// The number of the new realm, and its version.
async fn create(tx: &Transaction<'_>, id: &str, (name, template): (&str, &str)) -> Result<(i32, i64), CommitError> {
    // Greater than any that a realm of this id had before: whoever holds that one sees that it is another.
    let sql = "INSERT INTO latchkey_realm (id, name, template, version) SELECT $1, $2, $3, last + 1 FROM latchkey_feed \
               RETURNING no, version";
    match optional(tx, sql, &[&id, &name, &template]).await {
        Ok(Some(row)) => Ok((get(&row, 0)?, get(&row, 1)?)),
        Ok(None) => Err(CommitError::UnknownRealm),
        Err(failure) if failure.violated() == Some("latchkey_realm_id") => Err(CommitError::Exists(Taken::Id(id.to_owned()))),
        Err(failure) => Err(name_taken(failure, name)),
    }
}

fn name_taken(failure: Failure, name: &str) -> CommitError {
    match failure.violated() {
        Some("latchkey_realm_name") => CommitError::Exists(Taken::Realm(name.to_owned())),
        _ => failure.into(),
    }
}

/// The number of the realm and its version, its row locked until the end.
async fn locked(tx: &Transaction<'_>, batch: &Batch, lock: &str) -> Result<(i32, i64), CommitError> {
    let sql = format!("SELECT no, version, name FROM latchkey_realm WHERE id = $1 {lock}");
    let row = optional(tx, &sql, &[&batch.realm_id]).await?.ok_or(CommitError::UnknownRealm)?;
    let version: i64 = get(&row, 1)?;
    if batch.based_on.is_some_and(|base| base != version) {
        return Err(CommitError::Conflict(Taken::Realm(get(&row, 2)?).to_string()));
    }
    Ok((get(&row, 0)?, version))
}

async fn rename(changing: &Changing<'_>, name: &str) -> Result<(), CommitError> {
    let sql = "UPDATE latchkey_realm SET name = $2 WHERE no = $1";
    let renamed = changed(&changing.tx, sql, &[&changing.realm, &name]).await;
    renamed.map(|_| ()).map_err(|failure| name_taken(failure, name))
}

async fn delete(changing: &Changing<'_>) -> Result<(), CommitError> {
    let of_users = "DELETE FROM latchkey_member m USING latchkey_user u WHERE m.user_no = u.no AND u.realm = $1";
    let _ = changed(&changing.tx, of_users, &[&changing.realm]).await?;
    for table in ["attribute", "identity", "card", "membership", "user", "declared", "entity"] {
        let _ = changed(&changing.tx, &format!("DELETE FROM latchkey_{table} WHERE realm = $1"), &[&changing.realm]).await?;
    }
    for table in ["event", "event_cursor"] {
        let sql = format!("DELETE FROM latchkey_{table} WHERE realm = (SELECT id FROM latchkey_realm WHERE no = $1)");
        let _ = changed(&changing.tx, &sql, &[&changing.realm]).await?;
    }
    let _ = changed(&changing.tx, "DELETE FROM latchkey_realm WHERE no = $1", &[&changing.realm]).await?;
    Ok(())
}

/// See [`crate::Repository::add_users`].
pub(super) async fn add_users(
    client: &mut Client,
    schema: &str,
    (realm_id, users): (&str, &[NewUser]),
) -> Result<u64, StoreError> {
    let tx = client.transaction().await.map_err(Failure::from)?;
    let sql = "SELECT no FROM latchkey_realm WHERE id = $1 FOR NO KEY UPDATE";
    let row = optional(&tx, sql, &[&realm_id]).await?;
    let row = row.ok_or_else(|| StoreError::Unavailable("the realm is not in the store".to_owned()))?;
    let changing = Changing { tx, realm: get(&row, 0)? };
    let added = bulk::add(&changing, users).await?;
    if added > 0 {
        news::record(&changing.tx, schema, &[Change::Users(realm_id.to_owned())]).await?;
    }
    changing.tx.commit().await.map_err(Failure::from)?;
    Ok(added)
}
