use std::borrow::Cow;
use std::collections::BTreeSet;

use realm_model::Realm;

use crate::messages::{self, Catalog};
use crate::theme::Theme;
use crate::{Locale, Message};

/// The texts of one realm in one language. A key is looked for in the realm's own texts, then in its theme, then among the built-in
/// ones; each in the locale, then in its language, and in English at last.
#[derive(Clone, Copy, Debug)]
pub struct Texts<'a> {
    pub(crate) realm: Option<&'a Realm>,
    pub(crate) theme: Option<&'a Theme>,
    pub(crate) locale: &'a Locale,
}

impl<'a> Texts<'a> {
    /// The pattern of `key`, as it is written.
    pub fn pattern(&self, key: &str) -> Option<&'a str> {
        self.chain().into_iter().flatten().find_map(|code| self.pattern_in(code, key))
    }

    /// The locale, its language, English: each once.
    fn chain(&self) -> [Option<&'a str>; 3] {
        let (locale, language) = (self.locale.as_str(), self.locale.language());
        [Some(locale), Some(language).filter(|language| *language != locale), Some("en").filter(|_| language != "en")]
    }

    fn pattern_in(&self, code: &str, key: &str) -> Option<&'a str> {
        let own = self.realm.and_then(|realm| realm.locales.text(code, key));
        own.or_else(|| self.theme.and_then(|theme| theme.text(code, key))).or_else(|| Catalog::text(code, key))
    }

    /// All keys that are known.
    pub(crate) fn keys(&self) -> BTreeSet<&'a str> {
        let mut keys: BTreeSet<&'a str> = Catalog::keys().collect();
        for code in self.chain().into_iter().flatten() {
            keys.extend(self.theme.into_iter().flat_map(|theme| theme.keys(code)));
            keys.extend(
                self.realm.and_then(|realm| realm.locales.texts.get(code)).into_iter().flat_map(realm_model::Texts::names),
            );
        }
        keys
    }

    /// The text of `key`; a key that nobody knows is the text itself.
    pub fn text<'t>(&self, key: &'t str) -> Cow<'t, str>
    where
        'a: 't,
    {
        self.filled(key, &[])
    }

    /// The text of `key` with one argument.
    pub fn with<'t>(&self, key: &'t str, argument: impl AsRef<str>) -> Cow<'t, str>
    where
        'a: 't,
    {
        self.filled(key, &[Cow::Borrowed(argument.as_ref())])
    }

    /// The text of a message, its arguments resolved.
    pub fn message<'t>(&self, message: &'t Message) -> Cow<'t, str>
    where
        'a: 't,
    {
        let arguments: Vec<_> = message.arguments.iter().map(|argument| self.resolve(argument)).collect();
        self.filled(&message.key, &arguments)
    }

    /// What realm files write where a name is shown: `${key}` is looked up, everything else is the name.
    pub fn resolve<'t>(&self, name: &'t str) -> Cow<'t, str>
    where
        'a: 't,
    {
        match name.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) {
            Some(key) => self.text(key),
            None => Cow::Borrowed(name),
        }
    }

    /// The name of a required action: `requiredAction.<alias>`, else its alias.
    pub fn required_action<'t>(&self, alias: &'t str) -> Cow<'t, str>
    where
        'a: 't,
    {
        let pattern = self.pattern(&format!("requiredAction.{alias}"));
        pattern.map_or(Cow::Borrowed(alias), |pattern| messages::format(pattern, &[]))
    }

    /// A language by its own name; its tag where that is not known.
    pub fn language<'t>(&self, code: &'t str) -> Cow<'t, str>
    where
        'a: 't,
    {
        let pattern = self.pattern(&format!("locale_{code}"));
        pattern.map_or(Cow::Borrowed(code), |pattern| messages::format(pattern, &[]))
    }

    fn filled<'t>(&self, key: &'t str, arguments: &[Cow<'_, str>]) -> Cow<'t, str>
    where
        'a: 't,
    {
        match self.pattern(key) {
            Some(pattern) => messages::format(pattern, arguments),
            None => Cow::Borrowed(key),
        }
    }
}
