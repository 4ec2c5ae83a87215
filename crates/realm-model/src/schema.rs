//! The JSON Schema of a realm file, for editors: names, types and words while one types.
//!
//! It is made from the same table that lint checks files against. Where a number, `true` or `false` stands, a text with a
//! placeholder may stand too; a placeholder outside of quotes is no JSON, and no editor takes it.

mod words;

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::file::representation::{RealmRepresentation, UsersRepresentation};
use crate::file::shape::{Entity, REALM, Shape, USERS_FILE};

/// The schema of a realm file: JSON Schema 2020-12.
pub fn json_schema() -> Value {
    let mut schema =
        SchemaSettings::draft2020_12().for_deserialize().into_generator().into_root_schema_for::<RealmRepresentation>();
    schema.insert("title".to_owned(), "A realm file".into());
    schema.to_value()
}

impl JsonSchema for RealmRepresentation {
    fn schema_name() -> Cow<'static, str> {
        "Realm".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = object(&REALM, generator);
        schema.insert("required".to_owned(), json!(["realm"]));
        schema.into()
    }
}

impl JsonSchema for UsersRepresentation {
    fn schema_name() -> Cow<'static, str> {
        "Users".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        object(&USERS_FILE, generator).into()
    }
}

/// `a protocol mapper` → `ProtocolMapper`
fn name_of(entity: &Entity) -> String {
    let words =
        entity.words.split(|c: char| !c.is_alphanumeric()).filter(|word| !["a", "an", "the", "of", "s", ""].contains(word));
    words
        .map(|word| word.chars().enumerate().map(|(at, c)| if at == 0 { c.to_ascii_uppercase() } else { c }).collect::<String>())
        .collect()
}

fn object(entity: &'static Entity, generator: &mut SchemaGenerator) -> Map<String, Value> {
    let mut properties = Map::new();
    for field in entity.fields {
        let mut schema = match value(&field.shape, generator) {
            Value::Object(schema) => schema,
            _ => Map::new(),
        };
        let words = words::of(entity.words, field.name);
        if let Some(description) = words.description {
            schema.insert("description".to_owned(), description.into());
        }
        if !words.examples.is_empty() {
            schema.insert("examples".to_owned(), words.examples.into());
        }
        properties.insert(field.name.to_owned(), Value::Object(schema));
    }
    let mut schema = Map::from_iter([("type".to_owned(), "object".into()), ("properties".to_owned(), Value::Object(properties))]);
    // Keycloak: unknown members of these it reads over, those of all others it refuses.
    if !["a client scope", "a consent"].contains(&entity.words) {
        schema.insert("additionalProperties".to_owned(), false.into());
    }
    schema
}

fn reference(entity: &'static Entity, generator: &mut SchemaGenerator) -> Value {
    let name = name_of(entity);
    if !generator.definitions().contains_key(&name) {
        // Known before it is made: entities contain one another.
        generator.definitions_mut().insert(name.clone(), Value::Bool(true));
        let schema = object(entity, generator);
        generator.definitions_mut().insert(name.clone(), Value::Object(schema));
    }
    json!({ "$ref": format!("#/$defs/{name}") })
}

fn value(shape: &'static Shape, generator: &mut SchemaGenerator) -> Value {
    match shape {
        Shape::Any => json!({}),
        Shape::Text(_) => json!({ "type": "string" }),
        Shape::Flag => json!({ "type": ["boolean", "string"], "pattern": r"^(true|false)$|\$\{" }),
        Shape::Whole => json!({ "type": ["integer", "string"], "pattern": r"^-?[0-9]+$|\$\{" }),
        Shape::Word(words) => json!({ "enum": words }),
        Shape::Texts => json!({ "type": ["array", "string"], "items": { "type": "string" } }),
        Shape::List(of, _) => json!({ "type": "array", "items": value(of, generator) }),
        Shape::Map(of) => {
            let mut of = value(of, generator);
            if of == json!({ "type": "string" }) {
                of = json!({ "type": ["string", "boolean", "number"] }); // Keycloak takes them as they are written
            }
            json!({ "type": "object", "additionalProperties": of })
        }
        Shape::Object(entity) => reference(entity, generator),
    }
}

#[cfg(test)]
mod tests;
