//! JSON values as Keycloak's reader takes them: a number where a text stands, a text where a number stands, `null` for absent.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

/// A text; numbers and booleans are taken as they are written.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Text(pub String);

/// `true` or `false`, also as a text.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Flag(pub bool);

/// A whole number, also as a text; a fraction is cut off.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Whole(pub i64);

/// Texts by name; an entry that is `null` is left out.
#[derive(Clone, Default, Serialize)]
#[serde(transparent)]
pub struct TextMap(pub BTreeMap<String, String>);

/// Lists of texts by name; a single text counts as a list of one.
#[derive(Clone, Default, Serialize)]
#[serde(transparent)]
pub struct TextsMap(pub BTreeMap<String, Vec<String>>);

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Text, E> {
        Ok(Text(text.to_owned()))
    }
    fn visit_string<E: Error>(self, text: String) -> Result<Text, E> {
        Ok(Text(text))
    }
    fn visit_bool<E: Error>(self, value: bool) -> Result<Text, E> {
        Ok(Text(value.to_string()))
    }
    fn visit_i64<E: Error>(self, value: i64) -> Result<Text, E> {
        Ok(Text(value.to_string()))
    }
    fn visit_u64<E: Error>(self, value: u64) -> Result<Text, E> {
        Ok(Text(value.to_string()))
    }
    fn visit_f64<E: Error>(self, value: f64) -> Result<Text, E> {
        Ok(Text(value.to_string()))
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(TextVisitor)
    }
}

struct FlagVisitor;

impl<'de> Visitor<'de> for FlagVisitor {
    type Value = Flag;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("true or false")
    }
    fn visit_bool<E: Error>(self, value: bool) -> Result<Flag, E> {
        Ok(Flag(value))
    }
    fn visit_i64<E: Error>(self, value: i64) -> Result<Flag, E> {
        Ok(Flag(value != 0))
    }
    fn visit_u64<E: Error>(self, value: u64) -> Result<Flag, E> {
        Ok(Flag(value != 0))
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Flag, E> {
        match text.trim() {
            "true" | "True" | "TRUE" => Ok(Flag(true)),
            "" | "false" | "False" | "FALSE" => Ok(Flag(false)),
            _ => Err(E::custom("expected true or false, found another text")),
        }
    }
}

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(FlagVisitor)
    }
}

struct WholeVisitor;

impl<'de> Visitor<'de> for WholeVisitor {
    type Value = Whole;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number")
    }
    fn visit_i64<E: Error>(self, value: i64) -> Result<Whole, E> {
        Ok(Whole(value))
    }
    fn visit_u64<E: Error>(self, value: u64) -> Result<Whole, E> {
        i64::try_from(value).map(Whole).map_err(|_| E::custom("this number is too large"))
    }
    #[allow(clippy::cast_possible_truncation)] // checked before
    fn visit_f64<E: Error>(self, value: f64) -> Result<Whole, E> {
        const LIMIT: f64 = 9.0e15;
        if value.abs() < LIMIT { Ok(Whole(value as i64)) } else { Err(E::custom("this number is too large")) }
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Whole, E> {
        text.trim().parse().map(Whole).map_err(|_| E::custom("expected a whole number, found another text"))
    }
}

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(WholeVisitor)
    }
}

struct TextMapVisitor;

impl<'de> Visitor<'de> for TextMapVisitor {
    type Value = TextMap;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of texts")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<TextMap, A::Error> {
        let mut texts = BTreeMap::new();
        while let Some((name, value)) = map.next_entry::<String, Option<Text>>()? {
            if let Some(Text(text)) = value {
                texts.insert(name, text);
            }
        }
        Ok(TextMap(texts))
    }
}

impl<'de> Deserialize<'de> for TextMap {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(TextMapVisitor)
    }
}

#[derive(Default)]
struct OneOrMore(Vec<String>);

struct OneOrMoreVisitor;

impl<'de> Visitor<'de> for OneOrMoreVisitor {
    type Value = OneOrMore;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a list of texts")
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<OneOrMore, E> {
        Ok(OneOrMore(vec![text.to_owned()]))
    }
    fn visit_bool<E: Error>(self, value: bool) -> Result<OneOrMore, E> {
        Ok(OneOrMore(vec![value.to_string()]))
    }
    fn visit_i64<E: Error>(self, value: i64) -> Result<OneOrMore, E> {
        Ok(OneOrMore(vec![value.to_string()]))
    }
    fn visit_u64<E: Error>(self, value: u64) -> Result<OneOrMore, E> {
        Ok(OneOrMore(vec![value.to_string()]))
    }
    fn visit_f64<E: Error>(self, value: f64) -> Result<OneOrMore, E> {
        Ok(OneOrMore(vec![value.to_string()]))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<OneOrMore, A::Error> {
        let mut texts = Vec::new();
        while let Some(value) = seq.next_element::<Option<Text>>()? {
            texts.extend(value.map(|Text(text)| text));
        }
        Ok(OneOrMore(texts))
    }
}

impl<'de> Deserialize<'de> for OneOrMore {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(OneOrMoreVisitor)
    }
}

struct TextsMapVisitor;

impl<'de> Visitor<'de> for TextsMapVisitor {
    type Value = TextsMap;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of lists of texts")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<TextsMap, A::Error> {
        let mut lists = BTreeMap::new();
        while let Some((name, values)) = map.next_entry::<String, Option<OneOrMore>>()? {
            lists.insert(name, values.unwrap_or_default().0);
        }
        Ok(TextsMap(lists))
    }
}

impl<'de> Deserialize<'de> for TextsMap {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(TextsMapVisitor)
    }
}
