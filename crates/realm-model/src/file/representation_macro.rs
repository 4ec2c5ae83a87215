//! The macro behind every representation: typed fields for what is acted on, `rest` for what is only carried.
//!
//! It does what `#[serde(flatten)]` would, in one pass and without a buffered copy, and it knows its own field names: the
//! unknown ones are reported with the nearest right word.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// A field name, borrowed from the text where it has no escapes.
pub(crate) struct FieldName<'de>(pub(crate) Cow<'de, str>);

struct FieldNameVisitor;

impl<'de> Visitor<'de> for FieldNameVisitor {
    type Value = FieldName<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field name")
    }
    fn visit_borrowed_str<E: Error>(self, name: &'de str) -> Result<FieldName<'de>, E> {
        Ok(FieldName(Cow::Borrowed(name)))
    }
    fn visit_str<E: Error>(self, name: &str) -> Result<FieldName<'de>, E> {
        Ok(FieldName(Cow::Owned(name.to_owned())))
    }
}

impl<'de> Deserialize<'de> for FieldName<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(FieldNameVisitor)
    }
}

macro_rules! representation {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty = $key:literal),* $(,)? } carried: [$($carried:literal),* $(,)?]) => {
        $(#[$doc])*
        #[derive(Clone, Default)]
        pub struct $name {
            $(#[doc = concat!("`", $key, "`")] pub $field: $type,)*
            /// Every other field, in the file's order: carried for an export, and read by its name by the few that act on it.
            pub rest: serde_json::Map<String, serde_json::Value>,
        }

        impl $name {
            /// The fields that Keycloak has here, those only carried last.
            pub const FIELDS: &'static [&'static str] = &[$($key,)* $($carried,)*];
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                struct Fields;

                impl<'de> serde::de::Visitor<'de> for Fields {
                    type Value = $name;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("an object")
                    }
                    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<$name, A::Error> {
                        let mut all = $name::default();
                        while let Some($crate::file::representation_macro::FieldName(key)) = map.next_key()? {
                            match &*key {
                                $($key => all.$field = map.next_value::<Option<$type>>()?.unwrap_or_default(),)*
                                _ => {
                                    all.rest.insert(key.into_owned(), map.next_value()?);
                                }
                            }
                        }
                        Ok(all)
                    }
                }
                from.deserialize_map(Fields)
            }
        }
    };
}

pub(crate) use representation;
