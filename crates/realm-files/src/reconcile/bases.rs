//! What files said when they were last applied.

use std::borrow::Cow;
use std::collections::HashMap;

use realm_model::document::{Body, Document, Key, Kind};
use realm_store::{Declared, DeclaredKey, Write};
use serde_json::{Value, json};

use super::said::Said;
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
    let files = applied_key();
    let row = declared.iter().find(|row| row.of == files)?;
    let body: Body = serde_json::from_str(&row.base).ok()?;
    let digest = body.get("digest").and_then(Value::as_str).unwrap_or_default().to_owned();
    Some(Applied { digest: Digest(digest), source: row.file.clone() })
}

/// Remembers the files of a realm.
pub(super) fn remember(file: &FileRealm) -> Write {
    let base = json!({"digest": file.digest.0}).to_string();
    Write::Declare { of: applied_key(), base: Some((base, file.source.clone())) }
}

/// What was said of entities and users: texts, most of which nobody has to read.
#[derive(Clone, Debug, Default)]
pub(super) struct Bases<'d> {
    pub(super) entities: HashMap<Cow<'d, Key>, &'d str>,
    pub(super) users: HashMap<&'d str, &'d str>,
}

impl<'d> Bases<'d> {
    /// Of the rows of the store.
    pub(super) fn of(declared: &'d [Declared]) -> Self {
        let mut bases = Self::default();
        let files = applied_key();
        for row in declared.iter().filter(|row| row.of != files) {
            match &row.of {
                DeclaredKey::Entity(key) => bases.entities.insert(Cow::Borrowed(key), &row.base),
                DeclaredKey::User(name) => bases.users.insert(name, &row.base),
            };
        }
        bases
    }
}

/// Remembers what the file says of an entity.
pub(super) fn declare(document: &Document, file: &str) -> Write {
    let base = Some((Said::Entity(document).text(), file.to_owned()));
    Write::Declare { of: DeclaredKey::Entity(document.key.clone()), base }
}

/// No file says anything of it any more.
pub(super) fn undeclare(of: DeclaredKey) -> Write {
    Write::Declare { of, base: None }
}
