//! Members that are only carried, read by those who act on them.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::super::lenient::{Flag, Text, TextMap, Whole};

/// The members of a representation beyond its typed ones. What is of another type than asked for counts as absent.
#[derive(Clone, Copy)]
pub(crate) struct Rest<'r>(pub(crate) &'r Map<String, Value>);

impl<'r> Rest<'r> {
    fn read<T: Deserialize<'r>>(self, name: &str) -> Option<T> {
        let value = self.0.get(name).filter(|value| !value.is_null())?;
        T::deserialize(value).ok()
    }

    /// A text that is not empty.
    pub(crate) fn text(self, name: &str) -> Option<String> {
        self.read::<Text>(name).map(|Text(text)| text).filter(|text| !text.is_empty())
    }

    /// A switch.
    pub(crate) fn flag(self, name: &str) -> Option<bool> {
        self.read::<Flag>(name).map(|Flag(on)| on)
    }

    /// Whether a switch is on; one that is not there is off.
    pub(crate) fn is_on(self, name: &str) -> bool {
        self.flag(name).unwrap_or_default()
    }

    /// A whole number.
    pub(crate) fn whole(self, name: &str, default: i64) -> i64 {
        self.read::<Whole>(name).map_or(default, |Whole(number)| number)
    }

    /// A list of texts.
    pub(crate) fn texts(self, name: &str) -> Option<Vec<String>> {
        self.read::<Vec<Text>>(name).map(|texts| texts.into_iter().map(|Text(text)| text).collect())
    }

    /// Texts by name.
    pub(crate) fn text_map(self, name: &str) -> TextMap {
        self.read::<TextMap>(name).unwrap_or_default()
    }
}
