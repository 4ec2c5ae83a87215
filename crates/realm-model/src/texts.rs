use std::collections::BTreeMap;
use std::fmt;
use std::hash::Hash as _;
use std::sync::{Arc, LazyLock};

use crate::sharing::{self, Pool};

/// Texts by name, such as `attributes` of a client. Thousands of clients have the same ones: equal ones are there once.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Texts(Arc<[Pair]>);

/// A name and its text.
type Pair = (Arc<str>, Arc<str>);

/// A value up to this length in bytes is there once, too: `true`, `false`, `+`.
const SHORT: usize = 8;

impl Texts {
    /// The text of this name.
    pub fn get(&self, name: &str) -> Option<&str> {
        let at = self.0.binary_search_by(|(known, _)| (**known).cmp(name)).ok()?;
        self.0.get(at).map(|(_, text)| &**text)
    }

    /// All, in order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, text)| (&**name, &**text))
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|(name, _)| name)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Puts `text` in the place of the one of this name, and gives that back. It costs as much as making all of them anew.
    pub fn insert(&mut self, name: String, text: String) -> Option<String> {
        let mut all: BTreeMap<String, String> = self.iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
        let before = all.insert(name, text);
        *self = all.into();
        before
    }

    /// Takes the text of this name away and gives it back.
    pub fn remove(&mut self, name: &str) -> Option<String> {
        let mut all: BTreeMap<String, String> = self.iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
        let before = all.remove(name);
        *self = all.into();
        before
    }
}

impl From<BTreeMap<String, String>> for Texts {
    fn from(texts: BTreeMap<String, String>) -> Self {
        static POOL: LazyLock<Pool<[Pair]>> = LazyLock::new(Pool::default);
        if texts.is_empty() {
            return Self::default();
        }
        let hash = POOL.hash(|mut hasher| texts.hash(&mut hasher));
        let is_same = |known: &[Pair]| {
            known.len() == texts.len()
                && known.iter().zip(&texts).all(|(known, (name, text))| *known.0 == **name && *known.1 == **text)
        };
        let value = |text: &str| if text.len() <= SHORT { sharing::text(text) } else { text.into() };
        Self(POOL.get_or(hash, is_same, || texts.iter().map(|(name, text)| (sharing::text(name), value(text))).collect()))
    }
}

impl FromIterator<(String, String)> for Texts {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(texts: I) -> Self {
        texts.into_iter().collect::<BTreeMap<_, _>>().into()
    }
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(pairs: &[(&str, &str)]) -> Texts {
        pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn equal_ones_are_there_once() {
        let (one, other) = (texts(&[("a", "1"), ("b", "a long one, indeed")]), texts(&[("b", "a long one, indeed"), ("a", "1")]));
        assert!(Arc::ptr_eq(&one.0, &other.0));
        assert_eq!(one.get("b"), Some("a long one, indeed"));
        assert_eq!((one.get("c"), one.len()), (None, 2));
    }

    #[test]
    fn a_change_does_not_show_in_others() {
        let one = texts(&[("a", "1")]);
        let mut other = one.clone();
        assert_eq!(other.insert("a".to_owned(), "2".to_owned()), Some("1".to_owned()));
        assert_eq!(other.remove("b"), None);
        assert_eq!((one.get("a"), other.get("a")), (Some("1"), Some("2")));
        assert_eq!(other.remove("a"), Some("2".to_owned()));
        assert!(other.is_empty() && other == Texts::default());
    }
}
