use std::collections::BTreeSet;

use super::*;
use crate::messages::{Catalog, LANGUAGES};

/// The places of a pattern.
fn places(pattern: &str) -> BTreeSet<&str> {
    pattern.split('{').skip(1).filter_map(|rest| rest.get(..1)).collect()
}

#[test]
fn every_text_is_there_in_every_language_with_the_same_places() {
    for language in &LANGUAGES {
        for key in Catalog::keys().filter(|key| !key.starts_with("locale_")) {
            let (english, own) = (Catalog::text("en", key).unwrap(), language.texts().get(key));
            let own = own.unwrap_or_else(|| panic!("{key} is missing in {}", language.code));
            assert_eq!(places(english), places(own), "{key} in {}", language.code);
            assert!(!own.replace("''", "").contains('\''), "{key} in {}: a single apostrophe quotes", language.code);
        }
        let unknown: Vec<_> = language.texts().keys().filter(|key| Catalog::text("en", key).is_none()).collect();
        assert!(unknown.is_empty(), "{}: {unknown:?}", language.code);
    }
}

#[test]
fn every_text_that_a_template_asks_for_is_known() {
    let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/templates")).unwrap();
    for file in folder {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for call in ["f.t(\"", "f.markup(\"", "with(\""] {
            for key in text.split(call).skip(1).map(|rest| rest.split('"').next().unwrap()) {
                assert!(Catalog::text("en", key).is_some(), "{key}");
            }
        }
    }
}

#[test]
fn a_realm_has_the_last_word_on_its_texts() {
    let texts = json!({"de": {"doLogIn": "Los geht''s", "greeting": "Hallo"}, "en": {"doLogIn": "Go"}});
    let realm = realm(json!({"displayName": "${greeting}", "localizationTexts": texts}));
    let pages = built_in();
    let german = login(&pages, &realm, "de-AT");
    assert!(german.contains(">Los geht&#39;s</button>") && german.contains("<title>Anmeldung bei Hallo</title>"), "{german}");
    assert!(login(&pages, &realm, "en").contains(">Go</button>"));
    assert!(login(&pages, &realm, "fr").contains(">Se connecter</button>"));
    assert!(login(&pages, &realm, "xx").contains(">Go</button>"));
}

#[test]
fn arguments_of_a_message_are_looked_up_and_escaped() {
    let (pages, realm, locale) = (built_in(), realm(json!({})), Locale::new("de"));
    let texts = pages.texts(&realm, &locale);
    let message = Message::error("error-invalid-multivalued-size").with("${firstName}").with("1").with("3");
    assert_eq!(texts.message(&message), "Vorname muss mindestens 1 und höchstens 3 Werte haben.");
    assert_eq!(texts.message(&Message::error("no such key")), "no such key");
    assert_eq!(texts.required_action("UPDATE_PASSWORD"), "Passwort ändern");
    assert_eq!(texts.required_action("my-action"), "my-action");
    assert_eq!(texts.language("pt-BR"), "Português (Brasil)");
}

/// Recordings `login-page/ui-locales`, `login-page/kc-locale`, `login-page/accept-language`.
#[test]
fn the_first_wish_that_the_realm_supports_counts() {
    let settings =
        json!({"internationalizationEnabled": true, "supportedLocales": ["en", "de", "fr", "pt-BR"], "defaultLocale": "de"});
    let (realm, silent) = (realm(settings), realm(json!({})));
    let chosen = |wishes: Wishes<'_>| Locale::choose(&realm, &wishes).to_string();
    let header = Wishes { accept_language: Some("xx, fr;q=0.5, en;q=0.2"), ..Wishes::default() };
    assert_eq!(chosen(Wishes::default()), "de");
    assert_eq!(chosen(header), "fr");
    assert_eq!(chosen(Wishes { cookie: Some("en"), ..header }), "en");
    assert_eq!(chosen(Wishes { cookie: Some("en"), ui_locales: Some("xx fr-CA de"), ..header }), "fr");
    assert_eq!(chosen(Wishes { ui_locales: Some("fr"), user: Some("pt_BR"), ..header }), "pt-BR");
    assert_eq!(chosen(Wishes { user: Some("fr"), chosen: Some("en"), ..header }), "en");
    assert_eq!(chosen(Wishes { chosen: Some("zz"), ..header }), "fr");
    assert_eq!(Locale::choose(&silent, &header).to_string(), "en");
}

#[test]
fn a_choice_of_languages_is_shown_where_there_are_several() {
    let (pages, realm, locale) = (built_in(), realm(json!({})), Locale::new("fr"));
    let languages = ["de", "fr"].map(|code| LanguageChoice { code: code.into(), url: format!("/x?kc_locale={code}") });
    let frame = Frame { realm: Some(&realm), languages: &languages, ..Frame::new(&locale) };
    let html = pages.render(&frame, &LoginPage::default());
    assert!(html.contains("<option value=\"/x?kc_locale=fr\" selected lang=\"fr\">Français</option>"), "{html}");
    let one = Frame { languages: &languages[..1], ..frame };
    assert!(!pages.render(&one, &LoginPage::default()).contains("<select id=\"login-select-toggle\""));
}

/// All Rust files below a folder.
fn sources(folder: &std::path::Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => sources(&path, found),
            false => found.push(path),
        }
    }
}

#[test]
fn every_message_that_a_login_shows_is_known() {
    let mut files = Vec::new();
    sources(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../login-flow/src"), &mut files);
    let mut unknown = BTreeSet::new();
    // A setting, not a message.
    const OTHER: &str = "denyErrorMessage";
    for file in files.iter().filter(|file| file.extension().is_some_and(|kind| kind == "rs")) {
        let text = std::fs::read_to_string(file).unwrap();
        let literals = text.lines().flat_map(|line| line.split('"').skip(1).step_by(2));
        let keys =
            literals.filter(|word| word.starts_with(|c: char| c.is_ascii_lowercase()) && word.chars().all(char::is_alphabetic));
        let keys = keys.filter(|word| ["Message", "Header", "Title", "Cooldown"].iter().any(|end| word.ends_with(end)));
        unknown.extend(keys.filter(|key| *key != OTHER && Catalog::text("en", key).is_none()).map(str::to_owned));
    }
    assert!(!files.is_empty() && unknown.is_empty(), "no texts have the keys {unknown:?}");
}
