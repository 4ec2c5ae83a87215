use std::collections::BTreeMap;
use std::sync::Arc;

use crate::Texts;

/// The languages of a realm's pages and mails. Equal ones are there once in a process.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Locales {
    /// `internationalizationEnabled`: users have a choice.
    pub enabled: bool,
    /// `supportedLocales`
    pub supported: Vec<Arc<str>>,
    /// `defaultLocale`
    pub default: Option<Arc<str>>,
    /// `localizationTexts`: messages of the realm's own by locale.
    pub texts: BTreeMap<String, Texts>,
}

impl Locales {
    /// The realm's own text of a message in one locale.
    pub fn text(&self, locale: &str, key: &str) -> Option<&str> {
        self.texts.get(locale)?.get(key)
    }
}
