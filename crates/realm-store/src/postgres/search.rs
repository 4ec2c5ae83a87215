//! Users by Keycloak's search parameters.

use deadpool_postgres::Client;
use deadpool_postgres::tokio_postgres::types::ToSql;
use realm_model::document::Key;

use super::read::{get, user_row};
use super::statement::{optional, rows_once};
use crate::user_index::attribute_value;
use crate::user_query::{Word, beyond, part, words};
use crate::{Matching, ServiceAccounts, StoreError, UserQuery, UserRow};

/// The columns that `search` looks at.
const NAMES: [&str; 4] = ["u.username", "u.email", "u.first_name", "u.last_name"];

/// A condition as it grows, with what its `$n` stand for.
struct Condition {
    sql: String,
    parameters: Vec<Box<dyn ToSql + Sync + Send>>,
}

impl Condition {
    /// The `$n` of a value.
    fn value(&mut self, value: impl ToSql + Sync + Send + 'static) -> String {
        self.parameters.push(Box::new(value));
        format!("${}", self.parameters.len())
    }

    fn and(&mut self, sql: &str) {
        self.sql.push_str(" AND ");
        self.sql.push_str(sql);
    }

    /// By the realm's number, always `$1`: PostgreSQL then knows how many users the realm has.
    fn of(realm: i32, query: &UserQuery) -> Self {
        let mut condition = Self { sql: "FROM latchkey_user u WHERE u.realm = $1".to_owned(), parameters: vec![Box::new(realm)] };
        condition.names(query);
        for (column, wanted) in [("u.enabled", query.enabled), ("u.email_verified", query.email_verified)] {
            if let Some(wanted) = wanted {
                condition.and(if wanted { column.to_owned() } else { format!("NOT {column}") }.as_str());
            }
        }
        for (name, value) in &query.attributes {
            let (name, value) = (condition.value(name.clone()), condition.value(attribute_value(value)));
            let found = format!("SELECT user_no FROM latchkey_attribute WHERE realm = $1 AND name = {name} AND value = {value}");
            condition.and(&format!("u.no IN ({found})"));
        }
        condition.identities(query);
        if let Some(key) = &query.member_of {
            condition.member_of(key);
        }
        if query.service_accounts == ServiceAccounts::Leave {
            condition.and("u.service_account IS NULL");
        }
        if !query.ids.is_empty() {
            let ids = condition.value(query.ids.clone());
            condition.and(&format!("u.id = ANY({ids})"));
        }
        if let Some(after) = &query.after {
            let after = condition.value(after.clone());
            condition.and(&format!("u.username > {after}"));
        }
        condition
    }

    /// `search`, `username`, `email`, `firstName`, `lastName`.
    fn names(&mut self, query: &UserQuery) {
        for word in query.search.iter().flat_map(|search| words(search)) {
            let like = match word {
                Word::Whole(text) => format!("= {}", self.value(text)),
                Word::Like(pattern) => format!("LIKE {}", self.value(pattern)),
                Word::Prefix(prefix) => {
                    let end = self.value(beyond(&prefix));
                    let begin = self.value(prefix);
                    let each = NAMES.map(|column| format!("({column} >= {begin} AND {column} < {end})"));
                    self.and(&format!("({})", each.join(" OR ")));
                    continue;
                }
            };
            self.and(&format!("({})", NAMES.map(|column| format!("{column} {like}")).join(" OR ")));
        }
        let fields = [&query.username, &query.email, &query.first_name, &query.last_name];
        for (column, wanted) in NAMES.iter().zip(fields) {
            let Some(wanted) = wanted.as_ref().filter(|wanted| !wanted.is_empty()) else { continue };
            let like = match query.matching {
                Matching::Whole => format!("{column} = {}", self.value(wanted.to_lowercase())),
                Matching::Part => format!("{column} LIKE {} ESCAPE ''", self.value(part(wanted))),
            };
            self.and(&like);
        }
    }

    fn identities(&mut self, query: &UserQuery) {
        if query.identity_provider.is_none() && query.identity_provider_user.is_none() {
            return;
        }
        let mut found = "SELECT user_no FROM latchkey_identity WHERE realm = $1".to_owned();
        if let Some(provider) = &query.identity_provider {
            found.push_str(&format!(" AND provider = {}", self.value(provider.clone())));
        }
        if let Some(user) = &query.identity_provider_user {
            found.push_str(&format!(" AND provider_user = {}", self.value(user.clone())));
        }
        self.and(&format!("u.no IN ({found})"));
    }

    fn member_of(&mut self, key: &Key) {
        let (kind, owner, name) = (self.value(key.kind.word()), self.value(key.owner.clone()), self.value(key.name.clone()));
        self.and(&format!(
            "u.no IN (SELECT user_no FROM latchkey_member WHERE membership = (SELECT no FROM latchkey_membership \
             WHERE realm = $1 AND kind = {kind} AND owner = {owner} AND name = {name}))"
        ));
    }

    async fn ask(&self, client: &Client, sql: &str) -> Result<Vec<tokio_postgres::Row>, StoreError> {
        let parameters: Vec<&(dyn ToSql + Sync)> =
            self.parameters.iter().map(|value| -> &(dyn ToSql + Sync) { &**value }).collect();
        // Not kept prepared: there are too many shapes of it.
        Ok(rows_once(client, sql, &parameters).await?)
    }
}

async fn realm(client: &Client, id: &str) -> Result<Option<i32>, StoreError> {
    let row = optional(client, "SELECT no FROM latchkey_realm WHERE id = $1", &[&id]).await?;
    Ok(row.map(|row| get(&row, 0)).transpose()?)
}

/// See [`crate::Repository::users`].
pub(super) async fn users(client: &Client, realm_id: &str, query: &UserQuery) -> Result<Vec<UserRow>, StoreError> {
    let Some(realm) = realm(client, realm_id).await? else { return Ok(Vec::new()) };
    let mut condition = Condition::of(realm, query);
    let bound = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let (max, first) = (condition.value(query.max.map(bound)), condition.value(bound(query.first)));
    let sql = format!("SELECT u.version, u.body {} ORDER BY u.username LIMIT {max} OFFSET {first}", condition.sql);
    condition.ask(client, &sql).await?.iter().map(user_row).collect()
}

/// See [`crate::Repository::count_users`].
pub(super) async fn count(client: &Client, realm_id: &str, query: &UserQuery) -> Result<u64, StoreError> {
    let Some(realm) = realm(client, realm_id).await? else { return Ok(0) };
    let condition = Condition::of(realm, query);
    let found = condition.ask(client, &format!("SELECT count(*) {}", condition.sql)).await?;
    let counted = found.first().map(|row| get::<i64>(row, 0)).transpose()?;
    Ok(counted.and_then(|number| u64::try_from(number).ok()).unwrap_or_default())
}
