//! `authorizationSettings` as they are written (`ResourceServerRepresentation`). Lenient: what is of a wrong type counts as absent.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// A member of `of` that is a text which is not empty.
pub(crate) fn text<'v>(of: &'v Value, name: &str) -> Option<&'v str> {
    of.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// A flag, also as the text `true`.
pub(crate) fn flag(of: &Value, name: &str) -> bool {
    match of.get(name) {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::String(text)) => text == "true",
        _ => false,
    }
}

/// A member that is a list.
pub(crate) fn list<'v>(of: &'v Value, name: &str) -> &'v [Value] {
    of.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The names in a list of texts or of objects with a `name`.
pub(crate) fn names(values: &[Value]) -> impl Iterator<Item = &str> {
    values.iter().filter_map(|value| value.as_str().or_else(|| text(value, "name")))
}

/// Texts by name, each a list.
pub(crate) fn texts(of: Option<&Value>) -> BTreeMap<String, Vec<String>> {
    let members = of.and_then(Value::as_object).into_iter().flatten();
    members
        .map(|(name, value)| {
            let values = match value {
                Value::Array(values) => values.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
                Value::String(text) => vec![text.clone()],
                _ => Vec::new(),
            };
            (name.clone(), values)
        })
        .collect()
}

/// `config` of a policy: lists and flags stand in it as texts of JSON.
pub(crate) struct Config<'v>(Option<&'v Map<String, Value>>);

impl<'v> Config<'v> {
    pub(crate) fn of(policy: &'v Value) -> Self {
        Self(policy.get("config").and_then(Value::as_object))
    }

    /// A text which is not empty.
    pub(crate) fn text(&self, name: &str) -> Option<&'v str> {
        self.0?.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    pub(crate) fn is_on(&self, name: &str) -> bool {
        self.text(name) == Some("true") || self.0.and_then(|config| config.get(name)) == Some(&Value::Bool(true))
    }

    /// A whole number.
    pub(crate) fn number(&self, name: &str) -> Option<i64> {
        match self.0?.get(name)? {
            Value::String(text) => text.trim().parse().ok(),
            other => other.as_i64(),
        }
    }

    /// A list: JSON within a text, or as it is.
    pub(crate) fn list(&self, name: &str) -> Vec<Value> {
        match self.0.and_then(|config| config.get(name)) {
            Some(Value::String(text)) => serde_json::from_str(text).unwrap_or_default(),
            Some(Value::Array(values)) => values.clone(),
            _ => Vec::new(),
        }
    }

    /// A list of texts.
    pub(crate) fn texts(&self, name: &str) -> Vec<String> {
        self.list(name).into_iter().filter_map(|value| value.as_str().map(str::to_owned)).collect()
    }
}
