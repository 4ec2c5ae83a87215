use std::fmt;
use std::sync::Arc;

/// The language of a page: a BCP 47 tag as Keycloak writes it (`en`, `pt-BR`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Locale(Arc<str>);

impl Locale {
    /// A locale of this tag. Only letters, digits and `-` are kept, `_` becomes `-`: it may come from a request.
    pub fn new(tag: &str) -> Self {
        let kept = tag.chars().map(|c| if c == '_' { '-' } else { c });
        Self(kept.filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(35).collect::<String>().into())
    }

    /// What a realm without languages speaks.
    pub fn english() -> Self {
        Self("en".into())
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The language without region or script.
    pub fn language(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }

    /// `rtl` for languages written from right to left, else `ltr`: the attribute `dir`.
    pub(crate) fn direction(&self) -> &'static str {
        match self.language() {
            "ar" | "fa" | "he" | "iw" | "ur" | "ps" | "yi" | "ckb" => "rtl",
            _ => "ltr",
        }
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
