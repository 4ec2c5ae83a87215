//! A realm that is there and has a file.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use realm_model::completion::{Minting, entity};
use realm_model::document::{Body, Document, Documents, Entry, Key, Kind};
use realm_model::template::sparse_settings;
use realm_store::{Batch, Declared, DeclaredKey, RealmWrite, Write};
use serde_json::Value;

use super::bases::{Bases, applied, declare, remember, undeclare};
use super::merge::{Merged, Sides, merge};
use super::said::{Before, Said};
use super::{Live, LiveUsers, Options, deletion, guard, rename, service_accounts, users};
use crate::plan::{Action, Change, Plan, Subject};
use crate::sources::FileRealm;

/// Members that name an entity or say where it comes from: a rename is told apart.
const NOT_COMPARED: [&str; 2] = ["id", "keycloakVersion"];

/// One run over a realm.
pub(super) struct Run<'r> {
    pub(super) file: &'r FileRealm,
    in_file: HashSet<&'r Key>,
    /// What is in force; entities that are renamed under their new name.
    pub(super) live: Live,
    /// The realm as it would be had it just been imported.
    pub(super) whole: Documents,
    pub(super) bases: Bases<'r>,
    pub(super) renamed: BTreeMap<Key, Key>,
    pub(super) options: Options,
    pub(super) minting: &'r Minting<'r>,
    pub(super) plan: Plan,
    pub(super) writes: Vec<Write>,
    /// Clients that get a service account.
    pub(super) accounts_made: Vec<String>,
    /// Clients that have none any more.
    pub(super) accounts_gone: Vec<String>,
}

pub(super) fn reconcile(
    (file, declared): (&FileRealm, &[Declared]),
    (mut live, whole): (Live, Documents),
    live_users: &LiveUsers,
    options: Options,
    minting: &Minting<'_>,
) -> Plan {
    let (there, mut bases) = (guard::count(&live.documents), Bases::of(declared));
    let mut plan = Plan::nothing(file.name.as_str(), file.source.as_str());
    plan.notes.extend(file.upgraded.iter().cloned());
    if live.realm.name != file.name {
        plan.action = Action::Rename(live.realm.name.clone());
    }
    let version = live.documents.version;
    let mut renamed = rename::realm(file, &mut live, &mut bases);
    rename::rename(file, &mut live, &mut bases, &mut renamed);
    let (writes, renamed) = (renamed.writes, renamed.before);
    let in_file = file.split.documents.iter().map(|document| &document.key).collect();
    let mut run = Run {
        file,
        in_file,
        live,
        whole,
        bases,
        renamed,
        options,
        minting,
        plan,
        writes,
        accounts_made: Vec::new(),
        accounts_gone: Vec::new(),
    };
    run.all();
    users::reconcile(&mut run, live_users);
    guard::judge(&mut run.plan, &there, options);
    let known = applied(declared);
    if known.is_none_or(|known| known.digest != file.digest || known.source != file.source) || !run.writes.is_empty() {
        run.writes.push(remember(file));
    }
    run.finish(version)
}

impl Run<'_> {
    fn all(&mut self) {
        for document in &self.file.split.documents {
            self.declared(document);
        }
        let left = self.bases.entities.keys().filter(|key| !self.is_in_file(key));
        let mut left: Vec<Key> = left.map(|key| (**key).clone()).collect();
        left.sort_unstable();
        for key in left {
            self.left(&key);
        }
        service_accounts::follow_clients(self);
    }

    pub(super) fn is_in_file(&self, key: &Key) -> bool {
        self.in_file.contains(key)
    }

    /// An entity of the file.
    fn declared(&mut self, document: &Document) {
        let said = Said::Entity(document);
        let before = said.beside(self.bases.entities.get(&document.key).copied());
        match self.live.documents.get(&document.key) {
            Some(entry) => {
                let merged = self.compared(document, entry, &before);
                self.take_over(&document.key, merged);
            }
            None if said.is_new(&before) => self.create(document),
            None => self.drifted_away(&document.key),
        }
        if said.differs(&before) || self.renamed.contains_key(&document.key) {
            self.writes.push(declare(document, &self.file.source));
        }
    }

    fn compared(&self, document: &Document, entry: &Entry, before: &Before) -> Merged {
        let empty = Body::new();
        let key = &document.key;
        let whole = match self.whole.get(key) {
            Some(entry) => Cow::Borrowed(&entry.document.body),
            None => Cow::Owned(entity(document.clone(), &self.live.documents, self.minting).body),
        };
        let (file, live) = (&document.body, &entry.document.body);
        let base = match before {
            Before::Nothing => &empty,
            Before::Same => file,
            Before::Other(base) => base,
        };
        let mut merged = merge(Sides { base, file, live, whole: &whole }, &NOT_COMPARED);
        if key.kind == Kind::Client {
            service_accounts::put_scope(&mut merged, document, (live, &whole));
        }
        if let Before::Other(base) = before {
            self.derive(document, (base, live), &mut merged);
        }
        merged
    }

    /// Writes what came of a comparison, and notes what is to be said of it.
    fn take_over(&mut self, key: &Key, merged: Merged) {
        let renamed = self.renamed.get(key).map(|before| before.name.clone());
        if !merged.changes.is_empty() || renamed.is_some() {
            let action = renamed.map_or(Action::Update, Action::Rename);
            self.change(key, action, merged.changes);
        }
        if let (Some(body), Some(entry)) = (merged.body, self.live.documents.get(key))
            && body != entry.document.body
        {
            let id = entry.document.id.clone();
            self.put(key, &id, body);
        }
        if !merged.drift.is_empty() {
            let place = self.file.places.of(key).cloned();
            let subject = Subject::Entity(key.clone());
            self.plan.drift.push(Change { subject, action: Action::Update, members: merged.drift, place });
        }
    }

    fn create(&mut self, document: &Document) {
        let mut made = entity(document.clone(), &self.live.documents, self.minting);
        if let Some(other) = self.live.documents.by_id(document.key.kind, &made.id).filter(|_| !made.id.is_empty()) {
            let note = format!("the id of {} is that of {}, too: it gets another one", document.key, other.document.key);
            self.plan.notes.push(note);
            made.id = self.minting.entropy.uuid().to_string();
        }
        let members = created_members(&document.body);
        self.change(&document.key, Action::Create, members);
        self.put(&document.key, &made.id, made.body.clone());
        self.live.documents.insert(made, 0);
    }

    fn drifted_away(&mut self, key: &Key) {
        let place = self.file.places.of(key).cloned();
        let subject = Subject::Entity(key.clone());
        self.plan.drift.push(Change { subject, action: Action::Delete, members: Vec::new(), place });
    }

    /// An entity that a file brought and that is in it no more.
    fn left(&mut self, key: &Key) {
        self.writes.push(undeclare(DeclaredKey::Entity(key.clone())));
        let (entry, base) = (self.live.documents.get(key), self.bases.entities.get(key));
        let (Some(entry), Some(base)) = (entry, base) else { return };
        match self.whole.get(key) {
            Some(whole) => {
                let (base, empty) = (serde_json::from_str(base).unwrap_or_default(), Body::new());
                let sides = Sides { base: &base, file: &empty, live: &entry.document.body, whole: &whole.document.body };
                let merged = Merged { drift: Vec::new(), ..merge(sides, &NOT_COMPARED) };
                self.take_over(key, merged);
            }
            None => deletion::delete(self, key),
        }
    }

    pub(super) fn change(&mut self, key: &Key, action: Action, members: Vec<crate::plan::MemberChange>) {
        let place = self.file.places.of(key).cloned();
        self.plan.changes.push(Change { subject: Subject::Entity(key.clone()), action, members, place });
    }

    fn put(&mut self, key: &Key, id: &str, body: Body) {
        let body = if key.kind == Kind::Realm { sparse_settings(&body, &self.live.realm.template) } else { body };
        let expected = self.live.expected(key);
        let body = Value::Object(body).to_string();
        self.writes.push(Write::Put { key: key.clone(), id: id.to_owned(), body, expected });
    }

    fn finish(self, version: i64) -> Plan {
        let mut plan = self.plan;
        let realm = match plan.action {
            Action::Rename(_) => RealmWrite::Rename(self.file.name.clone()),
            _ => RealmWrite::Keep,
        };
        if plan.action == Action::Keep && !plan.changes.is_empty() {
            plan.action = Action::Update;
        }
        plan.changes.sort_by(|one, other| one.subject.cmp(&other.subject));
        plan.drift.sort_by(|one, other| one.subject.cmp(&other.subject));
        if !self.file.id.is_empty() && self.file.id != self.live.realm.id && self.bases.entities.is_empty() {
            plan.notes.push(format!("the realm keeps its id {}, the file says {}", self.live.realm.id, self.file.id));
        }
        let mut writes = self.writes;
        // A rename changes the users that have the role: they are written before it.
        writes.sort_by_key(|write| !matches!(write, Write::PutUser { .. } | Write::DeleteUser { .. }));
        let is_empty = writes.is_empty() && realm == RealmWrite::Keep;
        let entities = writes.iter().any(|write| !matches!(write, Write::Declare { .. } | Write::PutUser { .. }));
        let based_on = entities.then_some(version);
        plan.batch = (!is_empty).then(|| Batch { realm_id: self.live.realm.id.clone(), realm, based_on, writes });
        plan
    }
}

/// The members of a new entity, as the file has them.
pub(super) fn created_members(body: &Body) -> Vec<crate::plan::MemberChange> {
    let members = body.iter().map(|(name, value)| crate::plan::MemberChange::new(std::slice::from_ref(name), None, Some(value)));
    members.collect()
}
