use std::collections::BTreeMap;
use std::fmt;
use std::sync::OnceLock;

use super::{Body, Document, Key, Kind};
use crate::template::{Blueprint, Template};

/// An entity in force, with the version of its row in the store: 0 where it is as built in and has no row.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The entity.
    pub document: Document,
    /// Rises by one with every change.
    pub version: i64,
}

/// All entities of one realm that are in force: what is built in, changed by what the store has rows of.
///
/// An entity as built in is put together when somebody asks for it: most of a realm is never asked for.
#[derive(Clone, Debug, Default)]
pub struct Documents {
    /// The realm's id.
    pub realm_id: String,
    /// The version of the realm as a whole: rises by one with every commit.
    pub version: i64,
    /// The built-in entities it began with ([`crate::template::Template`]); empty where it brought all its own.
    pub template: String,
    /// The name that built-in entities have in them.
    name: String,
    entries: BTreeMap<Key, Slot>,
}

/// The place of an entity.
#[derive(Clone, Default)]
struct Slot {
    made: OnceLock<Box<Entry>>,
    /// What it is made of where it is as built in.
    blueprint: Option<&'static Blueprint>,
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.made.get() {
            Some(entry) => entry.fmt(f),
            None => f.write_str("(as built in)"),
        }
    }
}

impl Documents {
    /// Of the realm with this id, nothing in it yet.
    pub fn new(realm_id: impl Into<String>, version: i64) -> Self {
        Self { realm_id: realm_id.into(), version, ..Self::default() }
    }

    /// Of the realm with this id and name, all as it is built in.
    pub(crate) fn as_built_in((realm_id, name): (&str, &str), (version, template): (&str, &'static Template)) -> Self {
        let slot = |blueprint| Slot { made: OnceLock::new(), blueprint: Some(blueprint) };
        let entries = template.keys_in(name).map(|(key, blueprint)| (key, slot(blueprint))).collect();
        let (realm_id, name, template) = (realm_id.to_owned(), name.to_owned(), version.to_owned());
        Self { realm_id, version: 0, template, name, entries }
    }

    /// Puts an entity in the place of the one of its key.
    pub fn insert(&mut self, document: Document, version: i64) {
        let key = document.key.clone();
        let made = OnceLock::from(Box::new(Entry { document, version }));
        self.entries.insert(key, Slot { made, blueprint: None });
    }

    /// Puts many entities in the places of those of their keys. In the order of their keys they cost least.
    pub(crate) fn insert_all(&mut self, documents: Vec<(Document, i64)>) {
        let slot = |(document, version): (Document, i64)| {
            let key = document.key.clone();
            (key, Slot { made: OnceLock::from(Box::new(Entry { document, version })), blueprint: None })
        };
        self.entries.append(&mut documents.into_iter().map(slot).collect());
    }

    /// Takes an entity away.
    pub fn remove(&mut self, key: &Key) -> Option<Entry> {
        let slot = self.entries.remove(key)?;
        self.entry(&slot)?;
        slot.made.into_inner().map(|entry| *entry)
    }

    /// The entity of this key.
    pub fn get(&self, key: &Key) -> Option<&Entry> {
        self.entry(self.entries.get(key)?)
    }

    fn entry<'s>(&self, slot: &'s Slot) -> Option<&'s Entry> {
        if let (None, Some(blueprint)) = (slot.made.get(), slot.blueprint) {
            let document = blueprint.document(&self.realm_id, &self.name);
            return Some(slot.made.get_or_init(|| Box::new(Entry { document, version: 0 })));
        }
        slot.made.get().map(|entry| &**entry)
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
        self.slots(kind).filter_map(|(_, slot)| self.entry(slot))
    }

    /// How many there are of one kind.
    pub fn count_of(&self, kind: Kind) -> usize {
        self.slots(kind).count()
    }

    /// The keys of those of one kind, by owner and name.
    pub(crate) fn keys(&self, kind: Kind) -> impl Iterator<Item = &Key> {
        self.slots(kind).map(|(key, _)| key)
    }

    /// The keys of the entities that are not as they are in `before`, those that are in one of both only included.
    pub fn changed_from(&self, before: &Self) -> Vec<Key> {
        let same = |slot: &Slot, other: &Slot| match (slot.blueprint, other.blueprint) {
            (None, None) => match (slot.made.get(), other.made.get()) {
                // An entity that was made anew begins with the first version again.
                (Some(one), Some(other)) => one.version == other.version && one.document == other.document,
                (one, other) => one.is_none() && other.is_none(),
            },
            (one, other) => one.is_some() && other.is_some() && self.name == before.name,
        };
        let changed = self.entries.iter().filter(|(key, slot)| !before.entries.get(key).is_some_and(|other| same(slot, other)));
        let gone = before.entries.keys().filter(|key| !self.entries.contains_key(key));
        changed.map(|(key, _)| key).chain(gone).cloned().collect()
    }

    /// Whether there is an entity of this key.
    pub(crate) fn has(&self, key: &Key) -> bool {
        self.entries.contains_key(key)
    }

    /// Whether the entity of this key is there as it is built in.
    pub(crate) fn is_as_built_in(&self, key: &Key) -> bool {
        self.entries.get(key).is_some_and(|slot| slot.blueprint.is_some())
    }

    /// Whether all entities of this kind that the template has are there as they are built in.
    pub(crate) fn has_all_built_in(&self, kind: Kind) -> bool {
        let here = self.slots(kind).filter(|(_, slot)| slot.blueprint.is_some()).count();
        Template::of(&self.template).is_some_and(|template| template.count(kind) == here)
    }

    fn slots(&self, kind: Kind) -> impl Iterator<Item = (&Key, &Slot)> {
        let from = Key { kind, owner: String::new(), name: String::new() };
        self.entries.range(from..).take_while(move |(key, _)| key.kind == kind)
    }

    /// All, by kind, owner and name.
    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values().filter_map(|slot| self.entry(slot))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.entries.len()
    }

    /// The realm's own settings; empty where they are missing.
    pub fn settings(&self) -> Option<&Body> {
        self.get(&Key::realm()).map(|entry| &entry.document.body)
    }
}
