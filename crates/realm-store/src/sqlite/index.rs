//! By what users are found: kept in step with their records.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use realm_model::document::{Key, Kind};
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, OptionalExtension};
use uuid::Uuid;

use super::batch::Scope;
use super::bulk::Prepared;
use crate::user_index::UserIndex;

/// What many users of a realm may share (table `term`).
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Term {
    kind: &'static str,
    owner: String,
    name: String,
}

/// The kind of [`Term::provider`].
pub(super) const PROVIDER: &str = "identity provider";

/// The kind of [`Term::field`].
pub(super) const FIELD: &str = "field";

impl Term {
    pub(super) fn membership(key: &Key) -> Self {
        Self { kind: key.kind.word(), owner: key.owner.clone(), name: key.name.clone() }
    }

    pub(super) fn attribute(name: &str) -> Self {
        Self { kind: "attribute", owner: String::new(), name: name.to_owned() }
    }

    pub(super) fn provider(alias: &str) -> Self {
        debug_assert_eq!(PROVIDER, Kind::IdentityProvider.word());
        Self { kind: PROVIDER, owner: String::new(), name: alias.to_owned() }
    }

    pub(super) fn card() -> Self {
        Self { kind: "card", owner: String::new(), name: String::new() }
    }

    /// `id`, or a column of `user`.
    pub(super) fn field(name: &str) -> Self {
        Self { kind: FIELD, owner: String::new(), name: name.to_owned() }
    }

    /// Where it is in the table; none where nobody has ever had it.
    pub(super) fn find(&self, connection: &Connection, realm: i64) -> rusqlite::Result<Option<i64>> {
        let sql = "SELECT pk FROM term WHERE realm = ?1 AND kind = ?2 AND owner = ?3 AND name = ?4";
        let mut statement = connection.prepare_cached(sql)?;
        statement.query_row((realm, self.kind, &self.owner, &self.name), |row| row.get(0)).optional()
    }
}

/// Where terms are in the table, for the length of one transaction.
#[derive(Default)]
pub(super) struct Terms {
    places: HashMap<Term, i64>,
    /// Of [`Term::field`]: every user has some.
    fields: Vec<(&'static str, i64)>,
}

impl Terms {
    fn place(&mut self, connection: &Connection, realm: i64, term: Term) -> rusqlite::Result<i64> {
        if let Some(pk) = self.places.get(&term) {
            return Ok(*pk);
        }
        let pk = match term.find(connection, realm)? {
            Some(pk) => pk,
            None => {
                let sql = "INSERT INTO term (realm, kind, owner, name) VALUES (?1, ?2, ?3, ?4)";
                connection.prepare_cached(sql)?.insert((realm, term.kind, &term.owner, &term.name))?
            }
        };
        self.places.insert(term, pk);
        Ok(pk)
    }

    fn field(&mut self, connection: &Connection, realm: i64, name: &'static str) -> rusqlite::Result<i64> {
        if let Some((_, pk)) = self.fields.iter().find(|(field, _)| *field == name) {
            return Ok(*pk);
        }
        let pk = self.place(connection, realm, Term::field(name))?;
        self.fields.push((name, pk));
        Ok(pk)
    }
}

/// So many users, made one after the other, are an era: a power of two.
const ERA: u32 = 18;

/// What a user is found by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Value {
    Text(String),
    Uuid([u8; 16]),
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::Text(text) => text.to_sql(),
            Self::Uuid(bytes) => Ok(ToSqlOutput::Borrowed(ValueRef::Blob(bytes))),
        }
    }
}

impl From<Value> for rusqlite::types::Value {
    fn from(value: Value) -> Self {
        match value {
            Value::Text(text) => Self::Text(text),
            Value::Uuid(bytes) => Self::Blob(bytes.to_vec()),
        }
    }
}

/// A user's id as it is kept: 16 bytes where it is a UUID as those are written.
pub(super) fn packed(id: &str) -> Value {
    match Uuid::try_parse(id) {
        Ok(uuid) if uuid.hyphenated().encode_lower(&mut [0; 36]) == id => Value::Uuid(uuid.into_bytes()),
        _ => Value::Text(id.to_owned()),
    }
}

/// A row of `user_by`, in its order.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    term: i64,
    era: i64,
    value: Value,
    user: i64,
}

impl Entry {
    fn new(term: i64, value: Value, user: i64) -> Self {
        let plain = matches!(&value, Value::Text(text) if text.is_empty());
        Self { term, era: if plain { 0 } else { user >> ERA }, value, user }
    }
}

/// Writes entries in their order, which touches each page once.
pub(super) fn insert(connection: &Connection, entries: Vec<Entry>) -> rusqlite::Result<()> {
    let mut together: BTreeMap<(i64, i64), Vec<Entry>> = BTreeMap::new();
    for entry in entries {
        together.entry((entry.term, entry.era)).or_default().push(entry);
    }
    let eras: BTreeSet<i64> = together.keys().map(|(_, era)| *era).collect();
    let mut era = connection.prepare_cached("INSERT OR IGNORE INTO era (era) VALUES (?1)")?;
    eras.iter().try_for_each(|number| era.execute([number]).map(|_| ()))?;
    let mut insert = connection.prepare_cached("INSERT INTO user_by (term, era, value, user) VALUES (?1, ?2, ?3, ?4)")?;
    for mut entries in together.into_values() {
        // Whoever comes in the order of usernames comes nearly in that of e-mail addresses: a stable sort makes use of it.
        entries.sort();
        entries.iter().try_for_each(|entry| insert.execute((entry.term, entry.era, &entry.value, entry.user)).map(|_| ()))?;
    }
    Ok(())
}

fn delete(connection: &Connection, entry: &Entry) -> rusqlite::Result<()> {
    let sql = "DELETE FROM user_by WHERE term = ?1 AND era = ?2 AND value = ?3 AND user = ?4";
    connection.prepare_cached(sql)?.execute((entry.term, entry.era, &entry.value, entry.user)).map(|_| ())
}

/// Term and value, fields apart.
type Rows = BTreeSet<(i64, String)>;

/// Writes the rows of new users.
pub(super) struct Adding<'c> {
    insert: CachedStatement<'c>,
    /// What they are found by.
    pub(super) entries: Vec<Entry>,
}

impl<'c> Adding<'c> {
    pub(super) fn new(connection: &'c Connection) -> rusqlite::Result<Self> {
        Ok(Self { insert: connection.prepare_cached(ROW)?, entries: Vec::new() })
    }

    pub(super) fn add(&mut self, scope: &mut Scope<'_>, pk: i64, user: &Prepared) -> rusqlite::Result<()> {
        let id = scope.terms.field(scope.connection, scope.pk, "id")?;
        self.entries.push(Entry::new(id, user.id.clone(), pk));
        for (field, text) in texts(&user.index) {
            let term = scope.terms.field(scope.connection, scope.pk, field)?;
            self.entries.push(Entry::new(term, Value::Text(text.clone()), pk));
        }
        for (term, value) in rows(scope, &user.index)? {
            self.insert.execute((pk, term, &value))?;
            self.entries.push(Entry::new(term, Value::Text(value), pk));
        }
        Ok(())
    }
}

/// A row of `user_term`.
const ROW: &str = "INSERT INTO user_term (user, term, value) VALUES (?1, ?2, ?3)";

/// The columns by which a user is found, those that it has.
fn texts(index: &UserIndex) -> impl Iterator<Item = (&'static str, &String)> {
    let texts = [
        ("email", &index.email),
        ("first_name", &index.first_name),
        ("last_name", &index.last_name),
        ("service_account", &index.service_account),
    ];
    texts.into_iter().filter_map(|(field, text)| Some((field, text.as_ref()?)))
}

/// Writes the rows of a user that had others; `old` tells its fields alone.
pub(super) fn replace(scope: &mut Scope<'_>, user: i64, old: &UserIndex, new: &UserIndex) -> rusqlite::Result<()> {
    let (fields_before, fields_now) = (fields(scope, user, old)?, fields(scope, user, new)?);
    let now = rows(scope, new)?;
    let connection = scope.connection;
    let mut statement = connection.prepare_cached("SELECT term, value FROM user_term WHERE user = ?1")?;
    let before: Rows = statement.query_map([user], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    let entry = |(term, value): &(i64, String)| Entry::new(*term, Value::Text(value.clone()), user);
    let mut remove = connection.prepare_cached("DELETE FROM user_term WHERE user = ?1 AND term = ?2 AND value = ?3")?;
    for row in before.difference(&now) {
        remove.execute((user, row.0, &row.1))?;
        delete(connection, &entry(row))?;
    }
    for field in fields_before.difference(&fields_now) {
        delete(connection, field)?;
    }
    insert_rows(connection, user, now.difference(&before))?;
    let added = fields_now.into_iter().filter(|field| !fields_before.contains(field));
    insert(connection, now.difference(&before).map(entry).chain(added).collect())
}

fn insert_rows<'r>(connection: &Connection, user: i64, rows: impl Iterator<Item = &'r (i64, String)>) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached(ROW)?;
    for (term, value) in rows {
        insert.execute((user, term, value))?;
    }
    Ok(())
}

fn fields(scope: &mut Scope<'_>, user: i64, index: &UserIndex) -> rusqlite::Result<BTreeSet<Entry>> {
    let texts = texts(index).map(|(field, text)| (field, Value::Text(text.clone())));
    // Of a user that goes nothing is left, no id either.
    let id = Some(("id", packed(&index.id))).filter(|_| !index.id.is_empty());
    let all = id.into_iter().chain(texts);
    let mut entry = |(field, value)| {
        let term = scope.terms.field(scope.connection, scope.pk, field)?;
        Ok(Entry::new(term, value, user))
    };
    all.map(&mut entry).collect()
}

fn rows(scope: &mut Scope<'_>, index: &UserIndex) -> rusqlite::Result<Rows> {
    let memberships = index.memberships.iter().map(|key| (Term::membership(key), ""));
    let attributes = index.attributes.iter().map(|(name, value)| (Term::attribute(name), value.as_str()));
    let identities = index.identities.iter().map(|(alias, subject)| (Term::provider(alias), subject.as_str()));
    let cards = index.cards.iter().map(|hash| (Term::card(), hash.as_str()));
    let all = memberships.chain(attributes).chain(identities).chain(cards);
    all.map(|(term, value)| Ok((scope.terms.place(scope.connection, scope.pk, term)?, value.to_owned()))).collect()
}
