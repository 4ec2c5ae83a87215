use std::collections::HashMap;
use std::sync::LazyLock;

type Messages = LazyLock<HashMap<Box<str>, Box<str>>>;

static LANGUAGES: [(&str, Messages); 5] = [
    ("en", LazyLock::new(|| message_texts::read(include_str!("../../messages/messages_en.properties")))),
    ("de", LazyLock::new(|| message_texts::read(include_str!("../../messages/messages_de.properties")))),
    ("fr", LazyLock::new(|| message_texts::read(include_str!("../../messages/messages_fr.properties")))),
    ("es", LazyLock::new(|| message_texts::read(include_str!("../../messages/messages_es.properties")))),
    ("ja", LazyLock::new(|| message_texts::read(include_str!("../../messages/messages_ja.properties")))),
];

/// The built-in text of `key` in the language of exactly this tag.
pub(super) fn text(tag: &str, key: &str) -> Option<&'static str> {
    let (_, messages) = LANGUAGES.iter().find(|(known, _)| *known == tag)?;
    messages.get(key).map(|text| &**text)
}
