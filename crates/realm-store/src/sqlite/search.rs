//! Searching users.
//!
//! What few users fulfil is looked up by its index; otherwise the users are read in the order of their names until enough are found, or
//! all at once in the order in which they lie in the file where few of them can be expected to fulfil it. SQLite is told which: it has
//! no statistics.

mod conditions;

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use self::conditions::{Condition, conditions, named};
use super::{realms, users};
use crate::{StoreError, UserQuery, UserRow};

/// So many are few.
const FEW: i64 = 5_000;

/// A part of a statement with its values, `?` in order.
#[derive(Clone, Default)]
struct Sql {
    text: String,
    values: Vec<Value>,
}

impl Sql {
    fn new(text: &str, values: impl IntoIterator<Item = Value>) -> Self {
        Self { text: text.to_owned(), values: values.into_iter().collect() }
    }

    fn push(&mut self, other: &Self) {
        self.text.push_str(&other.text);
        self.values.extend(other.values.iter().cloned());
    }

    fn then(mut self, text: &str, values: impl IntoIterator<Item = Value>) -> Self {
        self.text.push_str(text);
        self.values.extend(values);
        self
    }

    /// The first column, of which there is one row.
    fn number(&self, connection: &Connection) -> rusqlite::Result<i64> {
        connection.prepare_cached(&self.text)?.query_row(params_from_iter(&self.values), |row| row.get(0))
    }

    fn numbers(&self, connection: &Connection) -> rusqlite::Result<Vec<i64>> {
        connection.prepare_cached(&self.text)?.query_map(params_from_iter(&self.values), |row| row.get(0))?.collect()
    }
}

/// Where the users come from.
enum Source {
    /// The few that fulfil one condition.
    Few(Sql),
    /// The realm's, by username.
    InOrder,
    /// All, as they lie in the file.
    AsTheyLie,
}

pub(super) fn find(connection: &Connection, realm_id: &str, query: &UserQuery) -> Result<Vec<UserRow>, StoreError> {
    let Some(realm) = realms::find(connection, realm_id)? else { return Ok(Vec::new()) };
    let Some(conditions) = conditions(connection, realm.pk, query)? else { return Ok(Vec::new()) };
    let mut source = source(connection, realm.pk, &conditions)?;
    if let (Source::AsTheyLie, Some(max)) = (&source, query.max) {
        let enough = i64::try_from(query.first.saturating_add(max)).unwrap_or(i64::MAX).max(FEW);
        let some = filtered(Wanted::Any, &source, realm.pk, &conditions).then(" LIMIT ?", [Value::Integer(enough)]);
        let found = some.numbers(connection)?;
        let all = i64::try_from(found.len()).is_ok_and(|found| found < enough);
        source = if all { Source::Few(listed(&found)) } else { Source::InOrder };
    }
    let bound = |bound: Option<u64>| Value::Integer(bound.map_or(-1, |bound| i64::try_from(bound).unwrap_or(i64::MAX)));
    let page = [bound(query.max), bound(Some(query.first))];
    let sql = filtered(Wanted::Page, &source, realm.pk, &conditions).then("", page);
    let found = sql.numbers(connection)?;
    let body = "SELECT u.version, r.body FROM user u CROSS JOIN user_record r WHERE u.pk = ?1 AND r.user = u.pk";
    let mut statement = connection.prepare_cached(body)?;
    let mut read = |pk: i64| {
        let mut rows = statement.query([pk])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let record = users::read(row.get_ref(1)?.as_str().unwrap_or_default())?;
        Ok(Some(UserRow { version: row.get(0)?, record }))
    };
    found.into_iter().filter_map(|pk| read(pk).transpose()).collect()
}

pub(super) fn count(connection: &Connection, realm_id: &str, query: &UserQuery) -> Result<u64, StoreError> {
    let Some(realm) = realms::find(connection, realm_id)? else { return Ok(0) };
    let Some(conditions) = conditions(connection, realm.pk, query)? else { return Ok(0) };
    let all = filtered(Wanted::Count, &source(connection, realm.pk, &conditions)?, realm.pk, &conditions);
    Ok(u64::try_from(all.number(connection)?).unwrap_or_default())
}

fn source(connection: &Connection, realm: i64, conditions: &[Condition]) -> rusqlite::Result<Source> {
    for drive in conditions.iter().filter_map(|condition| condition.drive.as_ref()) {
        if is_few(connection, drive, FEW)? {
            return Ok(Source::Few(drive.clone()));
        }
    }
    let plain = conditions.iter().all(|condition| condition.is_common || !condition.reads_user());
    let in_order = plain || is_few(connection, &named(realm), FEW)?;
    Ok(if in_order { Source::InOrder } else { Source::AsTheyLie })
}

/// Users whose places are known.
fn listed(places: &[i64]) -> Sql {
    let list = places.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
    Sql::new("SELECT value AS pk FROM json_each(?)", [Value::Text(format!("[{list}]"))])
}

fn is_few(connection: &Connection, sql: &Sql, few: i64) -> rusqlite::Result<bool> {
    let mut bounded = Sql::new("SELECT count(*) FROM (", []);
    bounded.push(sql);
    Ok(bounded.then(" LIMIT ?)", [Value::Integer(few.saturating_add(1))]).number(connection)? <= few)
}

/// What is asked of the users that fulfil all conditions.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// Where they are, by username, a part of them (limit and offset follow).
    Page,
    /// Where they are, in any order.
    Any,
    /// How many they are.
    Count,
}

fn filtered(wanted: Wanted, source: &Source, realm: i64, conditions: &[Condition]) -> Sql {
    let in_order = matches!(source, Source::InOrder);
    let (pk, username, person) =
        if in_order { ("o.user", "o.username", "o.service = 0") } else { ("u.pk", "u.username", "u.service_account IS NULL") };
    let what = if wanted == Wanted::Count { "count(*)" } else { pk };
    let realm = [Value::Integer(realm)];
    let mut sql = Sql::new(&format!("SELECT {what} FROM "), []);
    sql = match source {
        Source::Few(drive) => {
            sql = sql.then("(SELECT DISTINCT pk FROM (", []);
            sql.push(drive);
            sql.then(")) few CROSS JOIN user u WHERE u.pk = few.pk AND u.realm = ?", realm)
        }
        Source::InOrder if conditions.iter().any(Condition::reads_user) => {
            sql.then("user_name o CROSS JOIN user u WHERE u.pk = o.user AND o.realm = ?", realm)
        }
        Source::InOrder => sql.then("user_name o WHERE o.realm = ?", realm),
        Source::AsTheyLie => sql.then("user u WHERE u.realm = ?", realm),
    };
    for condition in conditions {
        let filter = condition.filter.text.replace("{username}", username).replace("{person}", person);
        sql = sql.then(&format!(" AND ({filter})"), condition.filter.values.iter().cloned());
    }
    if wanted == Wanted::Page { sql.then(&format!(" ORDER BY {username} LIMIT ? OFFSET ?"), []) } else { sql }
}
