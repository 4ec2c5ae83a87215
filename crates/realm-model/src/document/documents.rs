use std::collections::BTreeMap;
use std::fmt;
use std::sync::OnceLock;

use super::{Body, Document, Key, Kind};
use crate::template::{BuiltIn, Template};

/// An entity in force, with the version of its row in the store: 0 where it is as built in and has no row.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The entity.
    pub document: Document,
    /// Rises by one with every change.
    pub version: i64,
}

/// What an entity says. One that is built in is not put together to be read, unless the realm's name stands in it: so the ids of what
/// is within it may be null.
#[derive(Clone, Copy)]
pub(crate) struct View<'d> {
    pub(crate) key: &'d Key,
    pub(crate) body: &'d Body,
    /// None: the one that depends on realm and key alone.
    id: Option<&'d str>,
    /// Whether it is as built in.
    pub(crate) is_built_in: bool,
}

impl View<'_> {
    /// Its id in the realm of this id.
    pub(crate) fn id(&self, realm_id: &str) -> String {
        self.id.map_or_else(|| self.key.stable_id(realm_id), str::to_owned)
    }
}

impl<'d> From<&'d Entry> for View<'d> {
    /// Of an entity that is not as built in.
    fn from(entry: &'d Entry) -> Self {
        let Document { key, id, body } = &entry.document;
        Self { key, body, id: Some(id), is_built_in: false }
    }
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
    built_in: BuiltIn,
    /// The places of what is built in.
    slots: Vec<Slot>,
    /// What is not as built in.
    own: BTreeMap<Key, Entry>,
}

/// The place of an entity that is built in.
#[derive(Clone, Default)]
struct Slot {
    /// Whether it was taken away, or another is in its place.
    is_gone: bool,
    made: OnceLock<Box<Entry>>,
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.made.get() {
            _ if self.is_gone => f.write_str("(gone)"),
            Some(entry) => entry.fmt(f),
            None => f.write_str("(as built in)"),
        }
    }
}

/// Where an entity is.
#[derive(Clone, Copy)]
enum Place<'d> {
    BuiltIn(usize),
    Own(&'d Entry),
}

impl Documents {
    /// Of the realm with this id, nothing in it yet.
    pub fn new(realm_id: impl Into<String>, version: i64) -> Self {
        Self { realm_id: realm_id.into(), version, ..Self::default() }
    }

    /// Of the realm with this id and name, all as it is built in.
    pub(crate) fn as_built_in((realm_id, name): (&str, &str), (version, template): (&str, &'static Template)) -> Self {
        let built_in = BuiltIn::of(template, name);
        let slots = vec![Slot::default(); built_in.count()];
        let (realm_id, name, template) = (realm_id.to_owned(), name.to_owned(), version.to_owned());
        Self { realm_id, version: 0, template, name, built_in, slots, own: BTreeMap::new() }
    }

    /// Puts an entity in the place of the one of its key.
    pub fn insert(&mut self, document: Document, version: i64) {
        self.take_built_in(&document.key);
        self.own.insert(document.key.clone(), Entry { document, version });
    }

    /// Puts many entities in the places of those of their keys. In the order of their keys they cost least.
    pub(crate) fn insert_all(&mut self, documents: Vec<(Document, i64)>) {
        for (document, _) in &documents {
            self.take_built_in(&document.key);
        }
        let entry = |(document, version): (Document, i64)| (document.key.clone(), Entry { document, version });
        self.own.append(&mut documents.into_iter().map(entry).collect());
    }

    /// Takes an entity away.
    pub fn remove(&mut self, key: &Key) -> Option<Entry> {
        if let Some(entry) = self.own.remove(key) {
            return Some(entry);
        }
        let place = self.place_of_built_in(key)?;
        let made = self.take_built_in(key)?.made.into_inner();
        made.map(|entry| *entry).or_else(|| self.put_together(place))
    }

    /// Takes away what is built in under this key.
    fn take_built_in(&mut self, key: &Key) -> Option<Slot> {
        let place = self.place_of_built_in(key)?;
        Some(std::mem::replace(self.slots.get_mut(place)?, Slot { is_gone: true, made: OnceLock::new() }))
    }

    fn place_of_built_in(&self, key: &Key) -> Option<usize> {
        self.built_in.find(key).filter(|place| self.is_there(*place))
    }

    fn is_there(&self, place: usize) -> bool {
        self.slots.get(place).is_some_and(|slot| !slot.is_gone)
    }

    fn put_together(&self, place: usize) -> Option<Entry> {
        let document = self.built_in.at(place)?.document(&self.realm_id, &self.name);
        Some(Entry { document, version: 0 })
    }

    /// The entity of this key.
    pub fn get(&self, key: &Key) -> Option<&Entry> {
        self.entry(self.place(key)?)
    }

    fn place(&self, key: &Key) -> Option<Place<'_>> {
        let own = self.own.get(key).map(Place::Own);
        own.or_else(|| self.place_of_built_in(key).map(Place::BuiltIn))
    }

    fn entry<'s>(&'s self, place: Place<'s>) -> Option<&'s Entry> {
        match place {
            Place::Own(entry) => Some(entry),
            Place::BuiltIn(place) => {
                let made = &self.slots.get(place)?.made;
                if made.get().is_none() {
                    let entry = Box::new(self.put_together(place)?);
                    return Some(made.get_or_init(|| entry));
                }
                made.get().map(|entry| &**entry)
            }
        }
    }

    /// What the entity of this key says.
    pub(crate) fn view(&self, key: &Key) -> Option<View<'_>> {
        self.view_at(self.place(key)?)
    }

    /// What those of one kind say, by owner and name.
    pub(crate) fn views(&self, kind: Kind) -> impl Iterator<Item = View<'_>> {
        self.places(kind).take_while(move |(key, _)| key.kind == kind).filter_map(|(_, place)| self.view_at(place))
    }

    fn view_at<'s>(&'s self, place: Place<'s>) -> Option<View<'s>> {
        match place {
            Place::Own(entry) => Some(entry.into()),
            Place::BuiltIn(at) => match self.built_in.at(at).filter(|blueprint| !blueprint.is_named()) {
                Some(blueprint) => Some(View { key: blueprint.key(), body: blueprint.body(), id: None, is_built_in: true }),
                None => Some(View { is_built_in: true, ..self.entry(place)?.into() }),
            },
        }
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
        self.places(kind).take_while(move |(key, _)| key.kind == kind).filter_map(|(_, place)| self.entry(place))
    }

    /// How many there are of one kind.
    pub fn count_of(&self, kind: Kind) -> usize {
        self.keys(kind).count()
    }

    /// The keys of those of one kind, by owner and name.
    pub(crate) fn keys(&self, kind: Kind) -> impl Iterator<Item = &Key> {
        self.places(kind).map(|(key, _)| key).take_while(move |key| key.kind == kind)
    }

    /// The keys of the entities that are not as they are in `before`, those that are in one of both only included.
    pub fn changed_from(&self, before: &Self) -> Vec<Key> {
        let same = |one, other| match (one, other) {
            // An entity that was made anew begins with the first version again.
            (Place::Own(one), Place::Own(other)) => one.version == other.version && one.document == other.document,
            (Place::BuiltIn(_), Place::BuiltIn(_)) => self.name == before.name,
            _ => false,
        };
        let is_same = |key: &Key, place| before.place(key).is_some_and(|other| same(place, other));
        let changed = self.places(Kind::Realm).filter(|(key, place)| !is_same(key, *place));
        let gone = before.places(Kind::Realm).filter(|(key, _)| !self.has(key));
        changed.chain(gone).map(|(key, _)| key.clone()).collect()
    }

    /// Whether there is an entity of this key.
    pub(crate) fn has(&self, key: &Key) -> bool {
        self.place(key).is_some()
    }

    /// Whether the entity of this key is there as it is built in.
    pub(crate) fn is_as_built_in(&self, key: &Key) -> bool {
        self.place_of_built_in(key).is_some()
    }

    /// Whether all entities of this kind that the template has are there as they are built in.
    pub(crate) fn has_all_built_in(&self, kind: Kind) -> bool {
        let here = self.built_in.of_kind(kind).filter(|(place, _)| self.is_there(*place)).count();
        Template::of(&self.template).is_some_and(|template| template.count(kind) == here)
    }

    /// Whether those of this kind are the ones of the template as they are built in, all of them and no others.
    pub(crate) fn is_all_as_built_in(&self, kind: Kind) -> bool {
        let from = Key { kind, owner: String::new(), name: String::new() };
        let has_own = self.own.range(from..).next().is_some_and(|(key, _)| key.kind == kind);
        !has_own && self.has_all_built_in(kind)
    }

    /// All from the first of `kind` on, by kind, owner and name.
    fn places(&self, kind: Kind) -> impl Iterator<Item = (&Key, Place<'_>)> {
        let from = Key { kind, owner: String::new(), name: String::new() };
        let there = self.built_in.onwards(kind).filter(|(place, _)| self.is_there(*place));
        let mut built_in = there.map(|(place, key)| (key, Place::BuiltIn(place))).peekable();
        let mut own = self.own.range(from..).map(|(key, entry)| (key, Place::Own(entry))).peekable();
        std::iter::from_fn(move || match (built_in.peek(), own.peek()) {
            (Some((one, _)), Some((other, _))) if one < other => built_in.next(),
            (Some(_), None) => built_in.next(),
            _ => own.next(),
        })
    }

    /// All, by kind, owner and name.
    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.places(Kind::Realm).filter_map(|(_, place)| self.entry(place))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.own.len() + self.slots.iter().filter(|slot| !slot.is_gone).count()
    }

    /// The realm's own settings; empty where they are missing.
    pub fn settings(&self) -> Option<&Body> {
        self.get(&Key::realm()).map(|entry| &entry.document.body)
    }
}
