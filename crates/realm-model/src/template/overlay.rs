//! What is built in, changed by what the store has rows of; and back.

use std::borrow::Cow;

use serde_json::Value;

use super::Template;
use crate::document::{Body, Document, Documents, Key, Kind};

/// The member of the settings that is overlaid key by key.
const ATTRIBUTES: &str = "attributes";

/// All entities in force of a realm (id and name): those of its template, with the rows of the store in their place. A row is key, id,
/// version and body; without a body the entity was taken away. The row of the realm itself holds only what differs.
pub fn overlay(
    (realm_id, realm_name): (&str, &str),
    template: &str,
    rows: impl IntoIterator<Item = (Key, String, i64, Option<Body>)>,
    version: i64,
) -> Documents {
    let mut documents = match Template::of(template) {
        Some(built_in) => Documents::as_built_in((realm_id, realm_name), (template, built_in)),
        None => Documents::new(realm_id, version),
    };
    documents.version = version;
    template.clone_into(&mut documents.template);
    let settings = documents.remove(&Key::realm()).map(|entry| entry.document.body);
    let mut settings = (settings.unwrap_or_default(), 0);
    let (mut own, mut gone) = (Vec::new(), Vec::new());
    for (key, id, version, body) in rows {
        match (key.kind, body) {
            (Kind::Realm, body) => {
                merge(&mut settings.0, body.unwrap_or_default());
                settings.1 = version;
            }
            (_, None) => gone.push(key),
            (_, Some(body)) => own.push((Document { key, id, body }, version)),
        }
    }
    documents.insert_all(own);
    for key in gone {
        documents.remove(&key);
    }
    let (mut body, version) = settings;
    body.entry("realm").or_insert_with(|| realm_name.into());
    documents.insert(Document { key: Key::realm(), id: realm_id.to_owned(), body }, version);
    documents
}

/// Puts the members of `changes` into `body`; a null takes one away.
fn merge(body: &mut Body, changes: Body) {
    for (name, value) in changes {
        match (body.get_mut(&name), value) {
            (_, Value::Null) => {
                body.shift_remove(&name);
            }
            (Some(Value::Object(attributes)), Value::Object(changes)) if name == ATTRIBUTES => merge(attributes, changes),
            (Some(known), value) => *known = value,
            (None, Value::Object(changes)) if name == ATTRIBUTES => {
                let mut attributes = Body::new();
                merge(&mut attributes, changes);
                body.insert(name, attributes.into());
            }
            (None, value) => {
                body.insert(name, value);
            }
        }
    }
}

/// What the row of a realm with these settings has to hold, so that [`overlay`] gives them back.
pub fn sparse_settings(effective: &Body, template: &str) -> Body {
    let Some(template) = Template::of(template) else { return effective.clone() };
    let name = effective.get("realm").and_then(Value::as_str).unwrap_or_default();
    let settings = template.settings_blueprint();
    let names = settings.into_iter().flat_map(|settings| settings.body().keys());
    let mut sparse = differences(&|member| settings?.member(name, member), names, effective);
    if name.contains("${") {
        sparse.insert("realm".to_owned(), name.into());
    }
    sparse
}

/// What makes `to` of the members that `from` gives and that have the names `names`.
fn differences<'f>(from: &dyn Fn(&str) -> Option<Cow<'f, Value>>, names: impl Iterator<Item = &'f String>, to: &Body) -> Body {
    let mut changes = Body::new();
    for (name, value) in to {
        let known = from(name);
        match (known.as_deref(), value) {
            (Some(known), value) if known == value => {}
            (Some(Value::Object(known)), Value::Object(wanted)) if name == ATTRIBUTES => {
                changes.insert(name.clone(), attribute_differences(known, wanted).into());
            }
            (_, value) => {
                changes.insert(name.clone(), value.clone());
            }
        }
    }
    for name in names.filter(|name| !to.contains_key(*name)) {
        changes.insert(name.clone(), Value::Null);
    }
    changes
}

fn attribute_differences(known: &Body, wanted: &Body) -> Body {
    differences(&|member| known.get(member).map(Cow::Borrowed), known.keys(), wanted)
}
