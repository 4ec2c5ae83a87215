//! What a query asks for, in SQL.

use rusqlite::Connection;
use rusqlite::types::Value;

use super::Sql;
use crate::sqlite::index::{FIELD, PROVIDER, Term, packed};
use crate::user_index::attribute_value;
use crate::user_query::{Word, beyond, part, words};
use crate::{Matching, ServiceAccounts, UserQuery};

/// Columns that `search` looks at.
const SEARCHED: [&str; 4] = ["username", "email", "first_name", "last_name"];

/// One of the conditions that a user must all fulfil.
pub(super) struct Condition {
    /// Of a row of `user u`; `{username}` and `{person}` stand for what the order of names tells, too.
    pub(super) filter: Sql,
    /// The `pk` of those that fulfil it, by an index.
    pub(super) drive: Option<Sql>,
    /// Whether most users fulfil it.
    pub(super) is_common: bool,
}

/// The `pk` of users by the order of names.
pub(super) fn named(realm: i64) -> Sql {
    Sql::new("SELECT user AS pk FROM user_name WHERE realm = ?", [Value::Integer(realm)])
}

/// The `pk` of users by a field, its value yet to come.
fn fielded(realm: i64, field: &str) -> Sql {
    let sql = format!(
        "SELECT user AS pk FROM user_by WHERE term = (SELECT pk FROM term WHERE realm = ? AND kind = '{FIELD}' AND owner = '' AND name = '{field}') \
         AND era IN (SELECT era FROM era)"
    );
    Sql::new(&sql, [Value::Integer(realm)])
}

impl Condition {
    fn filter(filter: Sql) -> Self {
        Self { filter, drive: None, is_common: false }
    }

    /// Whether more must be read of a user than the order of names tells.
    pub(super) fn reads_user(&self) -> bool {
        self.filter.text.contains("u.")
    }
}

fn text(text: impl Into<String>) -> Value {
    Value::Text(text.into())
}

/// SQLite takes no longer patterns.
const LONGEST: usize = 10_000;

/// None where nobody can fulfil them all.
pub(super) fn conditions(connection: &Connection, realm: i64, query: &UserQuery) -> rusqlite::Result<Option<Vec<Condition>>> {
    let texts = [&query.search, &query.username, &query.email, &query.first_name, &query.last_name];
    if texts.into_iter().flatten().any(|text| text.len() > LONGEST) {
        return Ok(None);
    }
    let mut all = Vec::new();
    if !query.ids.is_empty() {
        all.push(ids(realm, &query.ids));
    }
    if let Some(Some(terms)) = held(connection, realm, query)? {
        all.extend(terms);
    } else {
        return Ok(None);
    }
    if let Some(search) = &query.search {
        all.extend(words(search).iter().map(|one| word(realm, one)));
    }
    let given = [&query.username, &query.email, &query.first_name, &query.last_name];
    for (column, value) in SEARCHED.into_iter().zip(given) {
        if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
            all.push(field(realm, column, value, query.matching));
        }
    }
    for (column, wanted) in [("enabled", query.enabled), ("email_verified", query.email_verified)] {
        all.extend(wanted.map(|on| Condition::filter(Sql::new(&format!("u.{column} = ?"), [Value::from(on)]))));
    }
    if let Some(after) = &query.after {
        let filter = Sql::new("{username} > ?", [text(after.as_str())]);
        all.push(Condition { filter, drive: None, is_common: true });
    }
    if query.service_accounts == ServiceAccounts::Leave {
        all.push(Condition { filter: Sql::new("{person}", []), drive: None, is_common: true });
    }
    Ok(Some(all))
}

fn ids(realm: i64, ids: &[String]) -> Condition {
    let places = vec!["?"; ids.len()].join(", ");
    let packed = || ids.iter().map(|id| Value::from(packed(id)));
    Condition {
        filter: Sql::new(&format!("u.id IN ({places})"), packed()),
        drive: Some(fielded(realm, "id").then(&format!(" AND value IN ({places})"), packed())),
        is_common: false,
    }
}

/// Attributes, memberships and identities; inner none where nobody has one of them.
fn held(connection: &Connection, realm: i64, query: &UserQuery) -> rusqlite::Result<Option<Option<Vec<Condition>>>> {
    let attributes = query.attributes.iter().map(|(name, value)| (Term::attribute(name), Some(attribute_value(value))));
    let membership = query.member_of.iter().map(|key| (Term::membership(key), Some(String::new())));
    let subject = query.identity_provider_user.clone();
    let provider = query.identity_provider.iter().map(|alias| (Term::provider(alias), subject.clone()));
    let mut all = Vec::new();
    for (term, value) in attributes.chain(membership).chain(provider) {
        let Some(pk) = term.find(connection, realm)? else { return Ok(Some(None)) };
        all.push(of_terms(&Sql::new("= ?", [Value::Integer(pk)]), value.as_deref()));
    }
    if let (None, Some(subject)) = (&query.identity_provider, &query.identity_provider_user) {
        let sql = format!("IN (SELECT pk FROM term WHERE realm = ? AND kind = '{PROVIDER}')");
        all.push(of_terms(&Sql::new(&sql, [Value::Integer(realm)]), Some(subject)));
    }
    Ok(Some(Some(all)))
}

fn of_terms(which: &Sql, value: Option<&str>) -> Condition {
    let with_value = |sql: Sql| match value {
        Some(value) => sql.then(" AND value = ?", [text(value)]),
        None => sql,
    };
    let mut filter = Sql::new("EXISTS (SELECT 1 FROM user_term WHERE user = u.pk AND term ", []);
    filter.push(which);
    let mut drive = Sql::new("SELECT user AS pk FROM user_by WHERE term ", []);
    drive.push(which);
    drive = drive.then(" AND era IN (SELECT era FROM era)", []);
    Condition { filter: with_value(filter).then(")", []), drive: Some(with_value(drive)), is_common: false }
}

/// A word of `search`: any of the columns.
fn word(realm: i64, word: &Word) -> Condition {
    let (comparison, values) = match word {
        Word::Whole(whole) => ("{} = ?", vec![text(whole.as_str())]),
        Word::Prefix(prefix) => ("({0} >= ? AND {0} < ?)", vec![text(prefix.as_str()), text(beyond(prefix))]),
        Word::Like(pattern) => ("{} LIKE ? ESCAPE '\\'", vec![text(pattern.as_str())]),
    };
    let of = |column: &str| Sql::new(&comparison.replace("{0}", column).replace("{}", column), values.clone());
    let (mut filter, mut drive) = (Sql::default(), Sql::default());
    for (at, column) in SEARCHED.into_iter().enumerate() {
        filter = if at > 0 { filter.then(" OR ", []) } else { filter };
        filter.push(&of(&format!("u.{column}")));
        drive = if at > 0 { drive.then(" UNION ALL ", []) } else { drive };
        drive.push(&indexed(realm, column, &of));
    }
    let drive = Some(drive).filter(|_| !matches!(word, Word::Like(_)));
    Condition { filter, drive, is_common: false }
}

/// Those that fulfil a comparison of one column, by the column's index.
fn indexed(realm: i64, column: &str, comparison: &dyn Fn(&str) -> Sql) -> Sql {
    let (begin, column) = if column == "username" { (named(realm), column) } else { (fielded(realm, column), "value") };
    let mut sql = begin.then(" AND ", []);
    sql.push(&comparison(column));
    sql
}

fn field(realm: i64, column: &str, value: &str, matching: Matching) -> Condition {
    let whole = |column: &str| Sql::new(&format!("{column} = ?"), [text(value.to_lowercase())]);
    match matching {
        Matching::Whole => {
            Condition { filter: whole(&format!("u.{column}")), drive: Some(indexed(realm, column, &whole)), is_common: false }
        }
        Matching::Part => {
            let column = if column == "username" { "{username}".to_owned() } else { format!("u.{column}") };
            Condition::filter(Sql::new(&format!("{column} LIKE ?"), [text(part(value))]))
        }
    }
}
