//! The same id under another name.

use std::borrow::Cow;
use std::collections::BTreeMap;

use realm_model::document::{Body, Document, Key, Kind};
use realm_store::{DeclaredKey, Expected, Leaving, Write};
use serde_json::Value;

use super::Live;
use super::bases::{Bases, undeclare};
use crate::sources::FileRealm;

/// What was renamed, and the writes for it.
#[derive(Default)]
pub(super) struct Renamed {
    /// By the new key.
    pub(super) before: BTreeMap<Key, Key>,
    /// First renames, then what is remembered under new keys.
    pub(super) writes: Vec<Write>,
}

/// Finds the entities of `file` that are in force under another name, and gives them their new one in `live` and `bases`.
pub(super) fn rename(file: &FileRealm, live: &mut Live, bases: &mut Bases<'_>, renamed: &mut Renamed) {
    for document in file.split.documents.iter().filter(|document| !document.id.is_empty() && document.key.kind != Kind::Realm) {
        if live.documents.get(&document.key).is_some() {
            continue;
        }
        let Some(before) = live.documents.by_id(document.key.kind, &document.id).map(|entry| entry.document.key.clone()) else {
            continue;
        };
        if file.split.documents.iter().any(|other| other.key == before) {
            continue;
        }
        for (from, to) in with_what_it_owns(live, &before, &document.key) {
            one(live, bases, renamed, (from, to));
        }
    }
    if !renamed.before.is_empty() {
        follow_in_composites(live, renamed);
    }
}

/// A realm gets another name: its default role is called after it, where it is the built-in one.
pub(super) fn realm(file: &FileRealm, live: &mut Live, bases: &mut Bases<'_>) -> Renamed {
    let mut renamed = Renamed::default();
    if live.realm.name == file.name {
        return renamed;
    }
    let named = |realm: &str| Key::of(Kind::RealmRole, format!("default-roles-{}", realm.to_lowercase()));
    let (from, to) = (named(&live.realm.name), named(&file.name));
    if live.is_built_in(&from) && live.documents.get(&to).is_none() {
        one(live, bases, &mut renamed, (from, to));
    }
    live.realm.name.clone_from(&file.name);
    renamed
}

/// Composite roles name the roles in them.
fn follow_in_composites(live: &mut Live, renamed: &mut Renamed) {
    let roles = [Kind::RealmRole, Kind::ClientRole].into_iter().flat_map(|kind| live.documents.of_kind(kind));
    let followed = roles.filter_map(|entry| {
        let mut document = entry.document.clone();
        follow(&mut document.body, &renamed.before);
        (document.body != entry.document.body).then_some((document, entry.version))
    });
    for (document, version) in followed.collect::<Vec<_>>() {
        let expected = if version > 0 { Expected::Version(version) } else { Expected::Absent };
        let (key, id) = (document.key.clone(), document.id.clone());
        renamed.writes.push(Write::Put { key, id, body: Value::Object(document.body.clone()).to_string(), expected });
        live.documents.insert(document, version + 1);
    }
}

fn one(live: &mut Live, bases: &mut Bases<'_>, renamed: &mut Renamed, (from, to): (Key, Key)) {
    let Some(mut entry) = live.documents.remove(&from) else { return };
    let built_in = live.is_built_in(&from);
    if entry.version == 0 {
        // It is as built in: it gets a row first, so that those who have it as a role or group follow.
        let body = Value::Object(entry.document.body.clone()).to_string();
        let (key, id) = (from.clone(), entry.document.id.clone());
        renamed.writes.push(Write::Put { key, id, body, expected: Expected::Absent });
        entry.version = 1;
    }
    let before = entry.document.body.clone();
    entry.document.key = to.clone();
    put_name(&mut entry.document, &from);
    renamed.writes.push(Write::Rename { from: from.clone(), to: to.clone() });
    entry.version += 1; // the store counts it as a change
    if entry.document.body != before {
        let body = Value::Object(entry.document.body.clone()).to_string();
        let (id, expected) = (entry.document.id.clone(), Expected::Version(entry.version));
        renamed.writes.push(Write::Put { key: to.clone(), id, body, expected });
        entry.version += 1;
    }
    if built_in {
        renamed.writes.push(Write::Delete { key: from.clone(), expected: Expected::Anything, leaving: Leaving::Mark });
    }
    live.documents.insert(entry.document, entry.version);
    if let Some(base) = bases.entities.remove(&from) {
        renamed.writes.push(undeclare(DeclaredKey::Entity(from.clone())));
        bases.entities.insert(Cow::Owned(to.clone()), base);
    }
    renamed.before.insert(to, from);
}

/// The member by which a key is called follows it.
fn put_name(document: &mut Document, from: &Key) {
    let members: &[&str] = match document.key.kind {
        Kind::Client => &["clientId"],
        Kind::Flow | Kind::AuthenticatorConfig | Kind::IdentityProvider | Kind::RequiredAction => &["alias"],
        Kind::IdentityProviderMapper => &["identityProviderAlias", "name"],
        Kind::ScopeMapping | Kind::ClientScopeMapping => &["client", "clientScope"],
        _ => &["name"],
    };
    let pairs = [(&from.name, &document.key.name), (&from.owner, &document.key.owner)];
    for member in members {
        let Some(Value::String(text)) = document.body.get_mut(*member) else { continue };
        for (old, new) in pairs {
            let last = |key: &str| key.rsplit(['/', ':']).next().unwrap_or_default().to_owned();
            if text == old {
                text.clone_from(new);
                break;
            } else if *text == last(old) {
                *text = last(new);
                break;
            }
        }
    }
}

/// The entity first, then those whose keys speak of it.
fn with_what_it_owns(live: &Live, before: &Key, after: &Key) -> Vec<(Key, Key)> {
    let mut all = vec![(before.clone(), after.clone())];
    for key in live.documents.iter().map(|entry| &entry.document.key).filter(|key| *key != before) {
        let mut to = key.clone();
        match (before.kind, key.kind) {
            (Kind::Client, Kind::ClientRole | Kind::ClientScopeMapping) if key.owner == before.name => {
                to.owner.clone_from(&after.name);
            }
            (Kind::IdentityProvider, Kind::IdentityProviderMapper) if key.owner == before.name => {
                to.owner.clone_from(&after.name);
            }
            (Kind::Group, Kind::Group) => {
                let Some(below) = key.name.strip_prefix(&before.name).filter(|below| below.starts_with('/')) else { continue };
                to.name = format!("{}{below}", after.name);
            }
            _ => {}
        }
        let word = match before.kind {
            Kind::Client => "client",
            Kind::ClientScope => "clientScope",
            _ => "",
        };
        match key.kind {
            Kind::ScopeMapping if key.owner == word && key.name == before.name => to.name.clone_from(&after.name),
            Kind::ClientScopeMapping if !word.is_empty() && key.name == format!("{word}:{}", before.name) => {
                to.name = format!("{word}:{}", after.name);
            }
            _ => {}
        }
        if to != *key {
            all.push((key.clone(), to));
        }
    }
    all
}

/// Puts the new names of renamed roles and clients into the composites of a role.
fn follow(body: &mut Body, renamed: &BTreeMap<Key, Key>) {
    let Some(Value::Object(composites)) = body.get_mut("composites") else { return };
    for (to, from) in renamed {
        let list = match to.kind {
            Kind::RealmRole => composites.get_mut("realm"),
            Kind::ClientRole => composites.get_mut("client").and_then(|clients| clients.get_mut(&from.owner)),
            _ => None,
        };
        for name in list.and_then(Value::as_array_mut).into_iter().flatten() {
            if name.as_str() == Some(from.name.as_str()) {
                *name = to.name.as_str().into();
            }
        }
    }
    for (to, from) in renamed.iter().filter(|(to, _)| to.kind == Kind::Client) {
        if let Some(Value::Object(clients)) = composites.get_mut("client")
            && let Some(names) = clients.shift_remove(&from.name)
        {
            clients.insert(to.name.clone(), names);
        }
    }
}
