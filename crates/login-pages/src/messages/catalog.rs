use std::collections::HashMap;
use std::sync::OnceLock;

/// One built-in language.
#[derive(Debug)]
pub struct Language {
    /// Its tag.
    pub code: &'static str,
    file: &'static str,
    texts: OnceLock<HashMap<Box<str>, Box<str>>>,
}

impl Language {
    const fn new(code: &'static str, file: &'static str) -> Self {
        Self { code, file, texts: OnceLock::new() }
    }

    /// All its texts. They are read at the first call.
    pub fn texts(&self) -> &HashMap<Box<str>, Box<str>> {
        self.texts.get_or_init(|| message_texts::read(self.file))
    }
}

/// The languages of this crate, English first.
pub static LANGUAGES: [Language; 5] = [
    Language::new("en", include_str!("../../messages/messages_en.properties")),
    Language::new("de", include_str!("../../messages/messages_de.properties")),
    Language::new("fr", include_str!("../../messages/messages_fr.properties")),
    Language::new("es", include_str!("../../messages/messages_es.properties")),
    Language::new("ja", include_str!("../../messages/messages_ja.properties")),
];

/// The built-in texts.
#[derive(Clone, Copy, Debug)]
pub struct Catalog;

impl Catalog {
    /// The text of `key` in the language of exactly this tag.
    pub fn text(code: &str, key: &str) -> Option<&'static str> {
        let language = LANGUAGES.iter().find(|language| language.code == code)?;
        language.texts().get(key).map(|text| &**text)
    }

    /// The keys of English: those of every language.
    pub fn keys() -> impl Iterator<Item = &'static str> {
        LANGUAGES.first().into_iter().flat_map(|english| english.texts().keys().map(|key| &**key))
    }
}
