//! A realm in the making.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::Minting;
use crate::document::{Body, Document, Key, Kind};
use crate::template::{Blueprint, BuiltIn, Template};

/// The entities of a realm in the making: what is built in, what was taken away of that, and what is put over it. What is built in
/// and stays so is not put together.
pub(super) struct Draft<'m> {
    pub(super) minting: &'m Minting<'m>,
    pub(super) realm_id: String,
    /// The realm's name.
    pub(super) name: String,
    /// The settings aside.
    built_in: BuiltIn,
    gone: BTreeSet<Key>,
    own: BTreeMap<Key, Document>,
    /// What the representation itself said.
    declared: HashSet<Key>,
    /// The clients that the representation itself has.
    pub(super) given_clients: BTreeSet<String>,
    /// `defaultRoles` of clients, as older versions had them.
    pub(super) client_default_roles: Vec<(String, String)>,
}

impl<'m> Draft<'m> {
    /// Of a realm with this id and name, the built-in entities in it, and `documents` over them. Of several of one key the first counts.
    pub(super) fn new(realm: (String, String), documents: Vec<Document>, minting: &'m Minting<'m>) -> Self {
        let (realm_id, name) = realm;
        let built_in = Template::of(Template::NEWEST).map(|template| BuiltIn::of(template, &name)).unwrap_or_default();
        let declared = documents.iter().map(|document| document.key.clone()).collect();
        let clients = documents.iter().filter(|document| document.key.kind == Kind::Client);
        let given_clients = clients.map(|document| document.key.name.clone()).collect();
        // Of equal keys a map keeps the last.
        let own = documents.into_iter().rev().map(|document| (document.key.clone(), document)).collect();
        Self {
            built_in,
            minting,
            realm_id,
            name,
            gone: BTreeSet::new(),
            own,
            declared,
            given_clients,
            client_default_roles: Vec::new(),
        }
    }

    /// What is said of the entity, where it is there. In one that is built in the realm's name is not put in yet.
    pub(super) fn get(&self, key: &Key) -> Option<&Body> {
        let own = self.own.get(key).map(|document| &document.body);
        own.or_else(|| self.built_in(key).filter(|_| !self.gone.contains(key)))
    }

    /// Whether the representation itself had it.
    pub(super) fn brings(&self, key: &Key) -> bool {
        self.declared.contains(key)
    }

    /// As it is built in, whether it was taken away or not.
    pub(super) fn built_in(&self, key: &Key) -> Option<&'static Body> {
        blueprint_of(&self.built_in, key).map(Blueprint::body)
    }

    /// The built-in ones of a kind that were not taken away.
    pub(super) fn built_in_of(&self, kind: Kind) -> impl Iterator<Item = (&Key, &'static Body)> {
        let there = self.built_in.of_kind(kind).filter(|(_, key)| !self.gone.contains(*key));
        there.filter_map(|(place, key)| Some((key, self.built_in.at(place)?.body())))
    }

    /// All of a kind that are there.
    pub(super) fn of_kind(&self, kind: Kind) -> impl Iterator<Item = (&Key, &Body)> {
        let shorter = |(key, body): (_, &'static Body)| -> (&Key, &Body) { (key, body) };
        let untouched = self.built_in_of(kind).map(shorter).filter(|(key, _)| !self.own.contains_key(*key));
        untouched.chain(self.own_of(kind))
    }

    /// Those of a kind that are not as they are built in.
    pub(super) fn own_of(&self, kind: Kind) -> impl Iterator<Item = (&Key, &Body)> {
        of_kind(&self.own, kind).map(|(key, document)| (key, &document.body))
    }

    pub(super) fn put(&mut self, document: Document) {
        self.own.insert(document.key.clone(), document);
    }

    /// Makes a built-in entity be there again; tells whether there is such a one.
    pub(super) fn restore(&mut self, key: &Key) -> bool {
        self.gone.remove(key);
        blueprint_of(&self.built_in, key).is_some()
    }

    /// The entity, to be changed.
    pub(super) fn change(&mut self, key: &Key) -> Option<&mut Body> {
        if !self.own.contains_key(key) {
            let blueprint = blueprint_of(&self.built_in, key).filter(|_| !self.gone.contains(key))?;
            self.own.insert(key.clone(), blueprint.document(&self.realm_id, &self.name));
        }
        self.own.get_mut(key).map(|document| &mut document.body)
    }

    /// Completes what the representation brings of these kinds.
    pub(super) fn change_all(&mut self, kinds: &[Kind], complete: impl Fn(&Key, &mut Body)) {
        for (key, document) in &mut self.own {
            if kinds.contains(&key.kind) && self.declared.contains(key) {
                complete(key, &mut document.body);
            }
        }
    }

    /// Takes a built-in entity away; what the representation brings stays.
    pub(super) fn take_away(&mut self, key: &Key) {
        if blueprint_of(&self.built_in, key).is_some() {
            self.gone.insert(key.clone());
        }
        if !self.declared.contains(key) {
            self.own.remove(key);
        }
    }

    /// Takes away the built-in entities of a kind for which `keep` does not hold.
    pub(super) fn keep_built_in(&mut self, kind: Kind, keep: impl Fn(&Key) -> bool) {
        let gone: Vec<Key> = self.built_in.of_kind(kind).map(|(_, key)| key).filter(|key| !keep(key)).cloned().collect();
        for key in gone {
            self.take_away(&key);
        }
    }

    /// What was made: the template it rests on, what differs from it, and what of it is not there.
    pub(super) fn finish(self) -> (&'static str, Vec<Document>, Vec<Key>) {
        let Self { built_in, gone, own, realm_id, name, .. } = self;
        let with_id = |mut document: Document| {
            if document.id.is_empty() {
                document.id = document.key.stable_id(&realm_id);
            }
            document
        };
        let differs = |document: &Document| {
            let built_in = blueprint_of(&built_in, &document.key).filter(|_| !gone.contains(&document.key));
            built_in.is_none_or(|blueprint| blueprint.document(&realm_id, &name) != *document)
        };
        let rests = built_in.onwards(Kind::ClientScope).any(|(_, key)| !gone.contains(key) && !own.contains_key(key));
        let documents = own.into_values().map(with_id);
        if rests {
            let documents: Vec<Document> = documents.filter(differs).collect();
            let written: HashSet<&Key> = documents.iter().map(|document| &document.key).collect();
            let gone = gone.iter().filter(|key| !written.contains(key)).cloned().collect();
            (Template::NEWEST, documents, gone)
        } else {
            ("", documents.collect(), Vec::new())
        }
    }
}

fn blueprint_of(built_in: &BuiltIn, key: &Key) -> Option<&'static Blueprint> {
    built_in.get(key).filter(|_| key.kind != Kind::Realm)
}

fn of_kind(entities: &BTreeMap<Key, Document>, kind: Kind) -> impl Iterator<Item = (&Key, &Document)> {
    let from = Key { kind, owner: String::new(), name: String::new() };
    entities.range(from..).take_while(move |(key, _)| key.kind == kind)
}
