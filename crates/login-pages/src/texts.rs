use std::borrow::Cow;

use realm_model::Realm;

use crate::messages::{self, Catalog};
use crate::{Locale, Message};

/// The texts of one realm in one language. A key is looked for in the realm's own texts, then in its theme, then among the built-in
/// ones; each in the locale, its language, and English at last.
#[derive(Clone, Copy, Debug)]
pub struct Texts<'a> {
    #[expect(dead_code)] // its own texts
    pub(crate) realm: Option<&'a Realm>,
    pub(crate) locale: &'a Locale,
}

impl<'a> Texts<'a> {
    /// The pattern of `key`, as it is written.
    pub fn pattern(&self, key: &str) -> Option<&'a str> {
        let (locale, language) = (self.locale.as_str(), self.locale.language());
        self.pattern_in(locale, key)
            .or_else(|| (language != locale).then(|| self.pattern_in(language, key)).flatten())
            .or_else(|| (language != "en").then(|| self.pattern_in("en", key)).flatten())
    }

    fn pattern_in(&self, code: &str, key: &str) -> Option<&'a str> {
        Catalog::text(code, key)
    }

    /// The text of `key`; a key that nobody knows is the text itself.
    pub fn text(&self, key: &str) -> Cow<'a, str> {
        self.filled(key, &[])
    }

    /// The text of `key` with one argument.
    pub fn with(&self, key: &str, argument: &str) -> Cow<'a, str> {
        self.filled(key, &[Cow::Borrowed(argument)])
    }

    /// The text of a message, its arguments resolved.
    pub fn message(&self, message: &Message) -> Cow<'a, str> {
        let arguments: Vec<_> = message.arguments.iter().map(|argument| self.resolve(argument)).collect();
        self.filled(&message.key, &arguments)
    }

    /// What realm files write where a name is shown: `${key}` is looked up, everything else is the name.
    pub fn resolve<'t>(&self, name: &'t str) -> Cow<'t, str>
    where
        'a: 't,
    {
        match name.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) {
            Some(key) => self.pattern(key).map_or_else(|| Cow::Borrowed(key), |pattern| messages::format(pattern, &[])),
            None => Cow::Borrowed(name),
        }
    }

    /// The name of a required action: `requiredAction.<alias>`, else its alias.
    pub fn required_action(&self, alias: &str) -> Cow<'a, str> {
        let key = format!("requiredAction.{alias}");
        self.pattern(&key).map_or_else(|| Cow::Owned(alias.to_owned()), |pattern| messages::format(pattern, &[]))
    }

    pub(crate) fn filled(&self, key: &str, arguments: &[Cow<'_, str>]) -> Cow<'a, str> {
        match self.pattern(key) {
            Some(pattern) => messages::format(pattern, arguments),
            None => Cow::Owned(key.to_owned()),
        }
    }
}
