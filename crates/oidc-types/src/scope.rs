use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

/// The words of a `scope` (RFC 6749 section 3.3), in their order, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Scope(Vec<Arc<str>>);

impl Scope {
    /// Splits at single spaces. An empty text gives one empty word, as Keycloak sees it.
    pub fn parse(text: &str) -> Self {
        let mut seen = HashSet::new();
        Self(text.split(' ').filter(|word| seen.insert(*word)).map(Arc::from).collect())
    }

    /// Adds `word` at the end, unless it is there.
    pub fn insert(&mut self, word: Arc<str>) {
        if !self.contains(&word) {
            self.0.push(word);
        }
    }

    /// Whether `word` is one of the words.
    pub fn contains(&self, word: &str) -> bool {
        self.0.iter().any(|w| &**w == word)
    }

    /// The words in their order.
    pub fn words(&self) -> impl Iterator<Item = &Arc<str>> {
        self.0.iter()
    }

    /// Whether there is no word.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Arc<str>> for Scope {
    fn from_iter<I: IntoIterator<Item = Arc<str>>>(words: I) -> Self {
        let mut scope = Self::default();
        words.into_iter().for_each(|w| scope.insert(w));
        scope
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, word) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(" ")?;
            }
            f.write_str(word)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_order_and_drops_repetitions() {
        assert_eq!(Scope::parse("b a b").to_string(), "b a");
    }
}
