//! JSON of policies and of clients.

use serde_json::{Map, Value};

/// The configuration of a condition or executor.
pub(crate) struct Config<'a>(Option<&'a Map<String, Value>>);

impl<'a> Config<'a> {
    pub(crate) fn of(owner: &'a Value) -> Self {
        Self(owner.get("configuration").and_then(Value::as_object))
    }

    fn get(&self, name: &str) -> Option<&'a Value> {
        self.0?.get(name)
    }

    pub(crate) fn text(&self, name: &str) -> Option<&'a str> {
        self.get(name)?.as_str()
    }

    /// A switch: `true`, or the text.
    pub(crate) fn is_on(&self, name: &str) -> bool {
        self.is_on_or(name, false)
    }

    pub(crate) fn is_on_or(&self, name: &str, default: bool) -> bool {
        match self.get(name) {
            Some(Value::Bool(on)) => *on,
            Some(Value::String(text)) => text == "true",
            _ => default,
        }
    }

    pub(crate) fn texts(&self, name: &str) -> Vec<String> {
        match self.get(name) {
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            Some(Value::String(text)) => text.split("##").filter(|text| !text.is_empty()).map(str::to_owned).collect(),
            _ => Vec::new(),
        }
    }

    /// Seconds, written as a number or a text.
    pub(crate) fn seconds(&self, name: &str, default: i64) -> i64 {
        match self.get(name) {
            Some(Value::Number(number)) => number.as_i64().unwrap_or(default),
            Some(Value::String(text)) => text.parse().unwrap_or(default),
            _ => default,
        }
    }

    /// A map: a list of `{"key", "value"}`, mostly as JSON in a text.
    pub(crate) fn pairs(&self, name: &str) -> Vec<(String, String)> {
        let read;
        let list = match self.get(name) {
            Some(Value::String(text)) => {
                read = serde_json::from_str::<Value>(text).unwrap_or_default();
                read.as_array()
            }
            other => other.and_then(Value::as_array),
        };
        let text = |pair: &Value, member: &str| pair.get(member).and_then(Value::as_str).map(str::to_owned);
        list.into_iter().flatten().filter_map(|pair| Some((text(pair, "key")?, text(pair, "value")?))).collect()
    }
}

/// A client as it is to be.
#[derive(Clone, Copy)]
pub(crate) struct View<'a>(pub(crate) &'a Map<String, Value>);

impl<'a> View<'a> {
    pub(crate) fn text(self, member: &str) -> Option<&'a str> {
        self.0.get(member)?.as_str().filter(|text| !text.is_empty())
    }

    pub(crate) fn is_on(self, member: &str) -> bool {
        self.0.get(member).and_then(Value::as_bool).unwrap_or_default()
    }

    pub(crate) fn texts(self, member: &str) -> impl Iterator<Item = &'a str> {
        self.0.get(member).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    }

    pub(crate) fn attribute(self, name: &str) -> Option<&'a str> {
        let text = self.0.get("attributes")?.get(name)?.as_str()?;
        Some(text).filter(|text| !text.is_empty())
    }

    /// Texts of an attribute that holds several.
    pub(crate) fn attributes(self, name: &str) -> impl Iterator<Item = &'a str> {
        self.attribute(name).unwrap_or_default().split("##").filter(|text| !text.is_empty())
    }

    /// `openid-connect`, where nothing is said.
    pub(crate) fn is_openid_connect(self) -> bool {
        self.text("protocol").is_none_or(|protocol| protocol == "openid-connect")
    }
}
