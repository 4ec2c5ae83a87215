use std::collections::BTreeMap;

use super::{Body, Document, Key, Kind};

/// An entity in force, with the version of its row in the store: 0 where it is as built in and has no row.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The entity.
    pub document: Document,
    /// Rises by one with every change.
    pub version: i64,
}

/// All entities of one realm that are in force: what is built in, changed by what the store has rows of.
#[derive(Clone, Debug, Default)]
pub struct Documents {
    /// The realm's id.
    pub realm_id: String,
    /// The version of the realm as a whole: rises by one with every commit.
    pub version: i64,
    /// The built-in entities it began with ([`crate::template::Template`]); empty where it brought all its own.
    pub template: String,
    entries: BTreeMap<Key, Entry>,
}

impl Documents {
    /// Of the realm with this id, nothing in it yet.
    pub fn new(realm_id: impl Into<String>, version: i64) -> Self {
        Self { realm_id: realm_id.into(), version, template: String::new(), entries: BTreeMap::new() }
    }

    /// Puts an entity in the place of the one of its key.
    pub fn insert(&mut self, document: Document, version: i64) {
        self.entries.insert(document.key.clone(), Entry { document, version });
    }

    /// Takes an entity away.
    pub fn remove(&mut self, key: &Key) -> Option<Entry> {
        self.entries.remove(key)
    }

    /// The entity of this key.
    pub fn get(&self, key: &Key) -> Option<&Entry> {
        self.entries.get(key)
    }

    /// The entity of this kind and name that belongs to no other.
    pub fn named(&self, kind: Kind, name: &str) -> Option<&Entry> {
        self.get(&Key::of(kind, name))
    }

    /// The entity of this kind with this id.
    pub fn by_id(&self, kind: Kind, id: &str) -> Option<&Entry> {
        self.of_kind(kind).find(|entry| entry.document.id == id)
    }

    /// Those of one kind, by owner and name.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Entry> {
        let from = Key { kind, owner: String::new(), name: String::new() };
        self.entries.range(from..).map(|(_, entry)| entry).take_while(move |entry| entry.document.key.kind == kind)
    }

    /// All, by kind, owner and name.
    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    /// The realm's own settings; empty where they are missing.
    pub fn settings(&self) -> Option<&Body> {
        self.get(&Key::realm()).map(|entry| &entry.document.body)
    }
}
