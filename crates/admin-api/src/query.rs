//! Query parameters: numbers, switches, pages.

use crate::error::AdminError;

/// The query of a request. Keycloak: recording admin-errors/query-values.
#[derive(Debug, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    pub(crate) fn parse(raw: &str) -> Self {
        let pairs = raw.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        });
        Self(pairs.collect())
    }

    /// The first value; an empty one counts as absent.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// All values that are not empty.
    pub(crate) fn texts<'q>(&'q self, name: &'q str) -> impl Iterator<Item = &'q str> {
        self.0.iter().filter(move |(given, value)| given == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// A 32-bit number.
    ///
    /// # Errors
    /// What is none is a path that is not there.
    pub(crate) fn number(&self, name: &str) -> Result<Option<i32>, AdminError> {
        self.text(name).map(|text| text.parse().map_err(|_| AdminError::NotFound)).transpose()
    }

    /// Only `true`, in any case, is on.
    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        self.text(name).map(|text| text.eq_ignore_ascii_case("true"))
    }

    /// `first` and `max`.
    pub(crate) fn page(&self) -> Result<Page, AdminError> {
        let bound = |number: Option<i32>| number.and_then(|n| usize::try_from(n).ok());
        Ok(Page { first: bound(self.number("first")?), max: bound(self.number("max")?) })
    }
}

/// Bytes that are no UTF-8 become replacement characters, as Keycloak has it.
fn decoded(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

/// Which part of a list is wanted; negative bounds count as none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) first: Option<usize>,
    pub(crate) max: Option<usize>,
}

impl Page {
    /// The part of `all`.
    pub(crate) fn of<T>(self, all: impl Iterator<Item = T>) -> Vec<T> {
        all.skip(self.first.unwrap_or_default()).take(self.max.unwrap_or(usize::MAX)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_switches_are_read_as_recorded() {
        let query = Query::parse("first=&max=%2B1&max=2&bad=1.5&big=99999999999&blank=1%20&on=TRUE&off=yes&neg=-1&s=a+b%E4");
        assert_eq!(query.number("first").unwrap(), None);
        assert_eq!(query.number("max").unwrap(), Some(1));
        assert_eq!(query.number("neg").unwrap(), Some(-1));
        for bad in ["bad", "big", "blank"] {
            assert!(matches!(query.number(bad), Err(AdminError::NotFound)), "{bad}");
        }
        assert_eq!((query.flag("on"), query.flag("off"), query.flag("first")), (Some(true), Some(false), None));
        assert_eq!(query.text("s"), Some("a b\u{fffd}"));
    }

    #[test]
    fn a_page_is_a_part_of_a_list() {
        for (query, expected) in
            [("", vec![1, 2, 3]), ("max=0", vec![]), ("first=1&max=1", vec![2]), ("first=-1&max=-1", vec![1, 2, 3])]
        {
            assert_eq!(Query::parse(query).page().unwrap().of([1, 2, 3].into_iter()), expected, "{query}");
        }
    }
}
