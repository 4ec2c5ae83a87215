//! The entities that every new realm has, as Keycloak makes them: data, not code.
//!
//! They are no rows in the store until something changes them, so that ten thousand small realms stay small.

mod built_in;
mod overlay;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::LazyLock;

use serde_json::Value;

use crate::document::{Body, Document, Key, Kind, split};

pub(crate) use self::built_in::BuiltIn;
pub use self::overlay::{overlay, sparse_settings};

/// What stands for the realm's name in the data.
const REALM: &str = "{realm}";

/// The realm that Keycloak 26.7 makes of nothing but a name.
static REALM_26_7: LazyLock<Template> = LazyLock::new(|| Template::read(include_str!("template/realm-26.7.json")));

/// The built-in entities of one version of Keycloak.
pub struct Template {
    blueprints: Vec<Blueprint>,
    /// Their numbers in the order of their keys, the realm's name not put in: that changes nothing of it, which is tested.
    sorted: Vec<usize>,
}

/// A built-in entity of a realm that has no name yet.
pub(crate) struct Blueprint {
    key: Key,
    body: Body,
    /// The members that have the realm's name in them.
    named: Vec<String>,
    /// Whether it is in the key.
    named_key: bool,
}

impl Template {
    /// The version that new realms get.
    pub const NEWEST: &'static str = "26.7";

    /// The one of this name, as the store has it with each realm; the empty name has none.
    pub fn of(version: &str) -> Option<&'static Self> {
        (version == Self::NEWEST).then(|| &*REALM_26_7)
    }

    fn read(json: &str) -> Self {
        // That it can be read is tested.
        let realm: Body = serde_json::from_str(json).unwrap_or_default();
        let blueprint = |Document { key, mut body, .. }: Document| {
            mappers(&mut body).for_each(|mapper| {
                mapper.shift_insert(0, "id".to_owned(), Value::Null);
            });
            let named_key = key.name.contains(REALM);
            let named = body.iter().filter(|(_, value)| mentions_realm(value)).map(|(name, _)| name.clone()).collect();
            Blueprint { key, body, named, named_key }
        };
        let blueprints: Vec<_> = split(realm, &str::to_owned).documents.into_iter().map(blueprint).collect();
        let mut sorted: Vec<usize> = (0..blueprints.len()).collect();
        sorted.sort_by_key(|index| blueprints.get(*index).map(|blueprint| &blueprint.key));
        Self { blueprints, sorted }
    }

    /// All of a realm, its settings first, each with its id.
    pub fn documents(&self, realm_id: &str, realm_name: &str) -> Vec<Document> {
        self.blueprints.iter().map(|blueprint| blueprint.document(realm_id, realm_name)).collect()
    }

    fn in_order(&self) -> impl Iterator<Item = &Blueprint> {
        self.sorted.iter().filter_map(|index| self.blueprints.get(*index))
    }

    /// What is said of the entities of a kind, the realm's name not put in.
    pub(crate) fn bodies(&self, kind: Kind) -> impl Iterator<Item = (&Key, &Body)> {
        self.blueprints.iter().filter(move |blueprint| blueprint.key.kind == kind).map(|one| (&one.key, &one.body))
    }

    /// How many entities of this kind there are.
    pub(crate) fn count(&self, kind: Kind) -> usize {
        self.blueprints.iter().filter(|blueprint| blueprint.key.kind == kind).count()
    }

    /// The one of this key.
    pub fn document(&self, realm_id: &str, realm_name: &str, key: &Key) -> Option<Document> {
        let is_it = |blueprint: &&Blueprint| match blueprint.named_key {
            false => blueprint.key == *key,
            true => blueprint.key.kind == key.kind && blueprint.key_in(realm_name) == *key,
        };
        self.blueprints.iter().find(is_it).map(|blueprint| blueprint.document(realm_id, realm_name))
    }

    /// The settings, the realm's name not put in.
    fn settings_blueprint(&self) -> Option<&Blueprint> {
        self.blueprints.iter().find(|blueprint| blueprint.key.kind == Kind::Realm)
    }

    /// The settings of a realm.
    pub fn settings(&self, realm_name: &str) -> Body {
        self.document("", realm_name, &Key::realm()).map(|document| document.body).unwrap_or_default()
    }
}

impl Blueprint {
    fn is_key_named(&self) -> bool {
        self.named_key
    }

    /// A member, the realm's name put in.
    fn member(&self, realm_name: &str, member: &str) -> Option<Cow<'_, Value>> {
        let value = self.body.get(member)?;
        if !self.named.iter().any(|named| named == member) {
            return Some(Cow::Borrowed(value));
        }
        let mut value = value.clone();
        put_name(&mut value, realm_name);
        Some(Cow::Owned(value))
    }

    /// Whether the realm's name is in it.
    pub(crate) fn is_named(&self) -> bool {
        self.named_key || !self.named.is_empty()
    }

    /// Its key, the realm's name not put in yet.
    pub(crate) fn key(&self) -> &Key {
        &self.key
    }

    /// What is said of it, the realm's name and the ids not put in yet.
    pub(crate) fn body(&self) -> &Body {
        &self.body
    }

    fn key_in(&self, realm_name: &str) -> Key {
        if self.named_key { Key { name: with_name(&self.key.name, realm_name), ..self.key.clone() } } else { self.key.clone() }
    }

    pub(crate) fn document(&self, realm_id: &str, realm_name: &str) -> Document {
        let key = self.key_in(realm_name);
        let mut body = self.body.clone();
        for member in &self.named {
            body.get_mut(member).into_iter().for_each(|value| put_name(value, realm_name));
        }
        mappers(&mut body).for_each(|mapper| {
            let name = mapper.get("name").and_then(Value::as_str).unwrap_or_default();
            let id = key.stable_id_within(realm_id, "mapper", name);
            mapper.insert("id".to_owned(), id.into());
        });
        Document { id: key.stable_id(realm_id), key, body }
    }
}

/// `protocolMappers` of a client or client scope.
pub(crate) fn mappers(body: &mut Body) -> impl Iterator<Item = &mut Body> {
    body.get_mut("protocolMappers").and_then(Value::as_array_mut).into_iter().flatten().filter_map(Value::as_object_mut)
}

/// The name of the default role that a realm is given.
pub(crate) fn default_role_name(realm_name: &str) -> String {
    format!("default-roles-{}", realm_name.to_lowercase())
}

fn with_name(text: &str, realm_name: &str) -> String {
    match text {
        "default-roles-{realm}" => default_role_name(realm_name),
        // Keycloak: in paths it is percent-encoded.
        path if path.starts_with('/') => path.replace(REALM, &path_segment(realm_name)),
        text => text.replace(REALM, realm_name),
    }
}

fn path_segment(name: &str) -> String {
    let mut segment = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(&byte) {
            segment.push(char::from(byte));
        } else {
            segment.push_str(&format!("%{byte:02X}"));
        }
    }
    segment
}

fn put_name(value: &mut Value, realm_name: &str) {
    match value {
        Value::String(text) if text.contains(REALM) => *text = with_name(text, realm_name),
        Value::Array(list) => list.iter_mut().for_each(|value| put_name(value, realm_name)),
        Value::Object(body) => body.values_mut().for_each(|value| put_name(value, realm_name)),
        _ => {}
    }
}

fn mentions_realm(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains(REALM),
        Value::Array(list) => list.iter().any(mentions_realm),
        Value::Object(body) => body.values().any(mentions_realm),
        _ => false,
    }
}
