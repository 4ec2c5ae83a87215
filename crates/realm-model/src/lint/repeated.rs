//! Fields that an object has twice: of those, JSON's readers take the last without a word.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::rules::REPEATED_FIELD;
use crate::Diagnostic;
use crate::file::{Text, Token, walk};

/// A value, and whether some object in it has a field twice.
pub(super) struct Noted {
    pub(super) value: Value,
    pub(super) has_repeated: bool,
}

impl<'de> Deserialize<'de> for Noted {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut has_repeated = false;
        let value = Reader(&mut has_repeated).deserialize(from)?;
        Ok(Self { value, has_repeated })
    }
}

/// Reads a value as serde_json does.
struct Reader<'r>(&'r mut bool);

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }
    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = seq.next_element_seed(Reader(self.0))? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            let value = map.next_value_seed(Reader(self.0))?;
            *self.0 |= members.insert(name, value).is_some();
        }
        Ok(Value::Object(members))
    }
}

/// So many tell all there is to tell.
const MOST: usize = 50;

/// Where fields are repeated.
pub(super) fn find(text: &Text<'_>) -> Vec<Diagnostic> {
    let mut open: Vec<HashSet<String>> = Vec::new();
    let mut found = Vec::new();
    let expanded = text.expanded_text();
    walk(expanded, &mut |token, range, place| {
        // A key stands one step deeper than its object.
        if token == Token::Open {
            open.truncate(place.depth());
            open.resize_with(place.depth() + 1, HashSet::new);
        } else if token == Token::Key {
            let name = expanded.get(range.clone()).unwrap_or_default();
            let is_new = open.get_mut(place.depth().saturating_sub(1)).is_none_or(|names| names.insert(name.to_owned()));
            if !is_new && found.len() < MOST {
                let message = format!("{name} is in this object already: the one before has no effect");
                found.push((range, message));
            }
        }
    });
    let told = text.diagnostics(REPEATED_FIELD.severity, found).into_iter();
    told.map(|one| one.of_rule(REPEATED_FIELD.id)).collect()
}
