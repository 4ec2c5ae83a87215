//! What is asked by key: realms with their rows, what files declared, one user.

use deadpool_postgres::Client;
use deadpool_postgres::tokio_postgres::types::ToSql;
use realm_model::document::{Key, Kind, UserRecord};
use tokio_postgres::Row as Found;

use super::Failure;
use super::statement::{optional, rows};
use crate::{Declared, DeclaredKey, DeclaredUsers, RealmRow, Row, StoreError, StoredRealm, UserKey, UserRow};

/// The kind under which declared users stand.
pub(super) const USER: &str = "user";

/// Columns of a realm and one of its entities.
const REALM: &str = "r.id, r.name, r.template, r.version, e.kind, e.owner, e.name, e.id, e.version, e.body";

/// Whether the database answers.
pub(super) async fn ping(client: &Client) -> Result<(), StoreError> {
    let _ = optional(client, "SELECT 1", &[]).await?;
    Ok(())
}

/// See [`crate::Repository::realms`].
pub(super) async fn realms(client: &Client, after: Option<&str>, limit: usize) -> Result<Vec<StoredRealm>, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let sql = format!(
        "SELECT {REALM} FROM (SELECT * FROM latchkey_realm WHERE $1::text IS NULL OR name > $1 ORDER BY name LIMIT $2) r \
         LEFT JOIN latchkey_entity e ON e.realm = r.no ORDER BY r.name, e.kind, e.owner, e.name"
    );
    let found = rows(client, &sql, &[&after, &limit]).await?;
    collected(found)
}

/// See [`crate::Repository::names`].
pub(super) async fn names(client: &Client) -> Result<Vec<(String, String)>, StoreError> {
    let found = rows(client, "SELECT name, id FROM latchkey_realm ORDER BY name", &[]).await?;
    Ok(found.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?))).collect::<Result<_, Failure>>()?)
}

/// See [`crate::Repository::realm`].
pub(super) async fn realm(client: &Client, id: &str) -> Result<Option<StoredRealm>, StoreError> {
    let sql = format!("SELECT {REALM} FROM latchkey_realm r LEFT JOIN latchkey_entity e ON e.realm = r.no WHERE r.id = $1");
    let found = rows(client, &sql, &[&id]).await?;
    Ok(collected(found)?.into_iter().next())
}

/// Rows of [`REALM`], those of one realm together, as realms.
fn collected(found: Vec<Found>) -> Result<Vec<StoredRealm>, StoreError> {
    let mut realms: Vec<StoredRealm> = Vec::new();
    for row in found {
        let id: &str = get(&row, 0)?;
        if realms.last().is_none_or(|last| last.realm.id != id) {
            let realm = RealmRow { id: id.to_owned(), name: get(&row, 1)?, template: get(&row, 2)?, version: get(&row, 3)? };
            realms.push(StoredRealm { realm, rows: Vec::new() });
        }
        let Some(kind) = get::<Option<&str>>(&row, 4)? else { continue };
        // What a later version keeps beside this one.
        let Some(kind) = Kind::of_word(kind) else { continue };
        let key = Key::owned(kind, get::<String>(&row, 5)?, get::<String>(&row, 6)?);
        let id = get::<Option<String>>(&row, 7)?.unwrap_or_default();
        if let Some(last) = realms.last_mut() {
            last.rows.push(Row { key, id, version: get(&row, 8)?, body: get(&row, 9)? });
        }
    }
    Ok(realms)
}

/// The value of a column.
pub(super) fn get<'r, T: tokio_postgres::types::FromSql<'r>>(row: &'r Found, column: usize) -> Result<T, Failure> {
    Ok(row.try_get(column)?)
}

/// See [`crate::Repository::declared`].
pub(super) async fn declared(client: &Client, realm_id: &str, users: DeclaredUsers) -> Result<Vec<Declared>, StoreError> {
    let sql = "SELECT d.kind, d.owner, d.name, d.base, d.file FROM latchkey_declared d JOIN latchkey_realm r ON r.no = d.realm \
               WHERE r.id = $1 AND ($2 OR d.kind <> 'user') ORDER BY d.kind = 'user', d.kind, d.owner, d.name";
    let found = rows(client, sql, &[&realm_id, &(users == DeclaredUsers::Include)]).await?;
    let mut all = Vec::with_capacity(found.len());
    for row in &found {
        let (kind, name): (&str, String) = (get(row, 0)?, get(row, 2)?);
        let of = match Kind::of_word(kind) {
            Some(kind) => DeclaredKey::Entity(Key::owned(kind, get::<String>(row, 1)?, name)),
            None if kind == USER => DeclaredKey::User(name),
            None => continue,
        };
        all.push(Declared { of, base: get(row, 3)?, file: get(row, 4)? });
    }
    Ok(all)
}

/// See [`crate::Repository::user`].
pub(super) async fn user(client: &Client, realm_id: &str, key: UserKey<'_>) -> Result<Option<UserRow>, StoreError> {
    let (user, keys): (&str, Vec<&str>) = match key {
        UserKey::Id(id) => ("latchkey_user u ON u.realm = r.no AND u.id = $2", vec![id]),
        UserKey::Username(username) => ("latchkey_user u ON u.realm = r.no AND u.username = $2", vec![username]),
        UserKey::Email(email) => ("latchkey_user u ON u.realm = r.no AND u.email = $2", vec![email]),
        UserKey::ServiceAccount(client_id) => ("latchkey_user u ON u.realm = r.no AND u.service_account = $2", vec![client_id]),
        UserKey::Card(hash) => {
            ("latchkey_card c ON c.realm = r.no AND c.hash = $2 JOIN latchkey_user u ON u.no = c.user_no", vec![hash])
        }
        UserKey::Federated(provider, user) => (
            "latchkey_identity i ON i.realm = r.no AND i.provider = $2 AND i.provider_user = $3 \
             JOIN latchkey_user u ON u.no = i.user_no",
            vec![provider, user],
        ),
    };
    // Two, to see whether there are several.
    let sql = format!("SELECT u.version, u.body FROM latchkey_realm r JOIN {user} WHERE r.id = $1 LIMIT 2");
    let mut parameters: Vec<&(dyn ToSql + Sync)> = vec![&realm_id];
    parameters.extend(keys.iter().map(|key| -> &(dyn ToSql + Sync) { key }));
    match rows(client, &sql, &parameters).await?.as_slice() {
        [one] => user_row(one).map(Some),
        _ => Ok(None),
    }
}

/// A user out of its version and body, the first columns.
pub(super) fn user_row(row: &Found) -> Result<UserRow, StoreError> {
    let body: &str = get(row, 1)?;
    // The cause would repeat a part of the record.
    let record =
        serde_json::from_str(body).map_err(|_| StoreError::Unavailable("a user in the database is no JSON".to_owned()))?;
    Ok(UserRow { version: get(row, 0)?, record: UserRecord(record) })
}
