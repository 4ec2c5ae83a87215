//! By what users are found: kept in step with their records.

use std::collections::{BTreeSet, HashMap};

use realm_model::document::{Key, Kind};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension};
use uuid::Uuid;

use super::batch::Scope;
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

    /// Where it is in the table; none where nobody has ever had it.
    pub(super) fn find(&self, connection: &Connection, realm: i64) -> rusqlite::Result<Option<i64>> {
        let sql = "SELECT pk FROM term WHERE realm = ?1 AND kind = ?2 AND owner = ?3 AND name = ?4";
        let mut statement = connection.prepare_cached(sql)?;
        statement.query_row((realm, self.kind, &self.owner, &self.name), |row| row.get(0)).optional()
    }
}

/// Where terms are in the table, for the length of one transaction.
#[derive(Default)]
pub(super) struct Terms(HashMap<Term, i64>);

impl Terms {
    fn place(&mut self, connection: &Connection, realm: i64, term: Term) -> rusqlite::Result<i64> {
        if let Some(pk) = self.0.get(&term) {
            return Ok(*pk);
        }
        let pk = match term.find(connection, realm)? {
            Some(pk) => pk,
            None => {
                let sql = "INSERT INTO term (realm, kind, owner, name) VALUES (?1, ?2, ?3, ?4)";
                connection.prepare_cached(sql)?.insert((realm, term.kind, &term.owner, &term.name))?
            }
        };
        self.0.insert(term, pk);
        Ok(pk)
    }
}

/// Term and value.
type Rows = BTreeSet<(i64, String)>;

/// The rows of a user that is new.
pub(super) fn insert(scope: &mut Scope<'_>, user: i64, index: &UserIndex) -> rusqlite::Result<()> {
    let rows = rows(scope, index)?;
    insert_rows(scope.connection, user, rows.iter())
}

/// The rows of a user that had others.
pub(super) fn replace(scope: &mut Scope<'_>, user: i64, index: &UserIndex) -> rusqlite::Result<()> {
    let new = rows(scope, index)?;
    let mut statement = scope.connection.prepare_cached("SELECT term, value FROM user_term WHERE user = ?1")?;
    let old: Rows = statement.query_map([user], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    let mut delete = scope.connection.prepare_cached("DELETE FROM user_term WHERE user = ?1 AND term = ?2 AND value = ?3")?;
    for (term, value) in old.difference(&new) {
        delete.execute((user, term, value))?;
    }
    insert_rows(scope.connection, user, new.difference(&old))
}

fn insert_rows<'r>(connection: &Connection, user: i64, rows: impl Iterator<Item = &'r (i64, String)>) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached("INSERT INTO user_term (user, term, value) VALUES (?1, ?2, ?3)")?;
    for (term, value) in rows {
        insert.execute((user, term, value))?;
    }
    Ok(())
}

fn rows(scope: &mut Scope<'_>, index: &UserIndex) -> rusqlite::Result<Rows> {
    let memberships = index.memberships.iter().map(|key| (Term::membership(key), ""));
    let attributes = index.attributes.iter().map(|(name, value)| (Term::attribute(name), value.as_str()));
    let identities = index.identities.iter().map(|(alias, subject)| (Term::provider(alias), subject.as_str()));
    let cards = index.cards.iter().map(|hash| (Term::card(), hash.as_str()));
    let all = memberships.chain(attributes).chain(identities).chain(cards);
    all.map(|(term, value)| Ok((scope.terms.place(scope.connection, scope.pk, term)?, value.to_owned()))).collect()
}

/// A user's id as it is kept: 16 bytes where it is a UUID as those are written.
pub(super) fn packed(id: &str) -> Value {
    match Uuid::try_parse(id) {
        Ok(uuid) if uuid.hyphenated().encode_lower(&mut [0; 36]) == id => Value::Blob(uuid.into_bytes().to_vec()),
        _ => Value::Text(id.to_owned()),
    }
}
