//! What files said when they were last applied.

use std::collections::BTreeMap;

use realm_model::document::{Body, Document, Key, Kind};
use realm_store::{Declared, DeclaredKey, Write};
use serde_json::{Value, json};

use crate::sources::{Digest, FileRealm};

/// The files of a realm when they were last applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Of all of them.
    pub digest: Digest,
    /// The realm file or folder.
    pub source: String,
}

/// Under this key stands [`Applied`]: no entity has it.
fn applied_key() -> DeclaredKey {
    DeclaredKey::Entity(Key::of(Kind::Realm, "files"))
}

/// The files that were applied last; `None` where no file declares the realm.
pub fn applied(declared: &[Declared]) -> Option<Applied> {
    let row = declared.iter().find(|row| row.of == applied_key())?;
    let body: Body = serde_json::from_str(&row.base).ok()?;
    let digest = body.get("digest").and_then(Value::as_str).unwrap_or_default().to_owned();
    Some(Applied { digest: Digest(digest), source: row.file.clone() })
}

/// Remembers the files of a realm.
pub(super) fn remember(file: &FileRealm) -> Write {
    let base = json!({"digest": file.digest.0}).to_string();
    Write::Declare { of: applied_key(), base: Some((base, file.source.clone())) }
}

/// What was said of entities and users.
#[derive(Clone, Debug, Default)]
pub(super) struct Bases {
    pub(super) entities: BTreeMap<Key, Body>,
    pub(super) users: BTreeMap<String, Body>,
}

impl Bases {
    /// Of the rows of the store; what cannot be read says nothing.
    pub(super) fn of(declared: &[Declared]) -> Self {
        let mut bases = Self::default();
        for row in declared.iter().filter(|row| row.of != applied_key()) {
            let body = serde_json::from_str(&row.base).unwrap_or_default();
            match &row.of {
                DeclaredKey::Entity(key) => bases.entities.insert(key.clone(), body),
                DeclaredKey::User(name) => bases.users.insert(name.clone(), body),
            };
        }
        bases
    }
}

/// What is remembered of an entity: as the file has it, with its id.
pub(super) fn base_of(document: &Document) -> Body {
    let mut base = Body::new();
    if !document.id.is_empty() {
        base.insert("id".to_owned(), document.id.as_str().into());
    }
    base.extend(document.body.iter().map(|(name, value)| (name.clone(), value.clone())));
    base
}

/// Remembers what the file says of an entity.
pub(super) fn declare(document: &Document, file: &str) -> Write {
    Write::Declare { of: DeclaredKey::Entity(document.key.clone()), base: Some((base_text(document), file.to_owned())) }
}

/// [`base_of`] as JSON text, without a copy of the values.
fn base_text(document: &Document) -> String {
    let text = |body: &Body| serde_json::to_string(body).unwrap_or_default();
    if document.id.is_empty() || document.body.contains_key("id") {
        return text(&base_of(document));
    }
    let (id, mut body) = (Value::from(document.id.as_str()), text(&document.body));
    let between = if document.body.is_empty() { "" } else { "," };
    body.replace_range(..1, &format!("{{\"id\":{id}{between}"));
    body
}

/// No file says anything of it any more.
pub(super) fn undeclare(of: DeclaredKey) -> Write {
    Write::Declare { of, base: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_the_text_of_the_base() {
        for (id, body) in
            [("", json!({"a": 1})), ("i\"d", json!({"a": 1})), ("i", json!({})), ("i", json!({"id": "other", "a": 1}))]
        {
            let body = body.as_object().unwrap().clone();
            let document = Document { key: Key::of(Kind::Client, "app"), id: id.to_owned(), body };
            assert_eq!(base_text(&document), Value::Object(base_of(&document)).to_string());
        }
    }
}
