use std::collections::BTreeSet;
use std::path::Path;

use super::*;
use crate::preview::{NAMES, Visit, sample};

/// A folder of themes with one, `shop`, of these files.
fn themed(files: &[(&str, &str)]) -> (tempfile::TempDir, Pages) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let file = folder.path().join("shop/login").join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
    let pages = Pages::load(&Config { themes: Some(folder.path().to_owned()) }).unwrap();
    (folder, pages)
}

fn shop(settings: Value) -> Realm {
    let mut all = json!({"loginTheme": "shop"});
    all.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    realm(all)
}

#[test]
fn a_theme_brings_its_style_its_logo_and_its_words() {
    let (_folder, pages) = themed(&[
        ("theme.css", ":root{--accent:#060}"),
        ("logo.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("messages/messages_en.properties", "doLogIn=Enter"),
        ("messages/messages_nl.properties", "doLogIn=Naar binnen\nown=eigen"),
        ("theme.exe", "no"),
    ]);
    let realm = shop(json!({}));
    let html = login(&pages, &realm, "en");
    assert!(html.contains("<link rel=\"stylesheet\" href=\"/resources/") && html.contains("/login/shop/theme.css\">"), "{html}");
    assert!(html.contains("/login/shop/logo.svg\" alt=\"Web Test\">") && html.contains(">Enter</button>"), "{html}");
    assert!(login(&pages, &realm, "nl").contains(">Naar binnen</button>"));
    let path = html.split("stylesheet\" href=\"/resources/").nth(1).unwrap().split('"').next().unwrap();
    assert!(matches!(pages.resource(path), ResourceAnswer::Found(file) if &*file.bytes == b":root{--accent:#060}"));
    assert_eq!(pages.resource(&path.replace("css", "exe")), ResourceAnswer::Missing);
    assert!(login(&pages, &super::realm(json!({})), "en").contains(">Sign In</button>"));
    assert_ne!(built_in().resource(path), pages.resource(path));
}

#[test]
fn a_template_takes_the_place_of_the_content_and_nothing_in_it_is_markup_by_itself() {
    let template = "<form id=\"mine\" action=\"{{ page.action }}\" method=\"post\">{{ text.doLogIn }}|{{ say('loginTitle', realm.display_name) }}|\
                    {% if page.fault %}{{ say(page.fault) }}{% endif %}|{{ page.username }}|{{ page.remember_me }}|{{ name }} {{ contract }}</form>";
    let (_folder, pages) = themed(&[("templates/login.html", template)]);
    let (realm, locale) = (shop(json!({})), Locale::new("de"));
    let fault = Message::error("invalidPasswordMinLengthMessage").with("8");
    let page = LoginPage { action: "/x?a=1&b=2", username: "<b>", fault: Some(&fault), ..LoginPage::default() };
    let html = pages.render(&Frame { realm: Some(&realm), ..Frame::new(&locale) }, &page);
    let want = "<form id=\"mine\" action=\"/x?a=1&amp;b=2\" method=\"post\">Anmelden|Anmeldung bei Web Test|\
                Ungültiges Passwort: Es muss mindestens 8 Zeichen haben.|&lt;b&gt;|not_offered|login 1</form>";
    assert!(html.contains(want), "{html}");
    assert!(html.contains("<h1 id=\"kc-page-title\">") && !html.contains("kc-form-login"));
}

#[test]
fn a_broken_template_leaves_the_built_in_page() {
    for template in [
        "{% if %}",
        "{{ page.no_such_field }}",
        "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}",
        "{{ 1/0 }}",
    ] {
        let (_folder, pages) = themed(&[("templates/login.html", template)]);
        let html = login(&pages, &shop(json!({})), "en");
        assert!(html.contains("kc-form-login"), "{template}");
    }
}

#[test]
fn a_theme_that_is_not_there_is_the_built_in_one() {
    let (_folder, pages) = themed(&[("theme.css", "a{}")]);
    let html = login(&pages, &realm(json!({"loginTheme": "../shop"})), "en");
    assert!(html.contains("/login/latchkey/js/login.js") && !html.contains("theme.css"));
    assert!(Pages::load(&Config { themes: Some("/no/such/folder".into()) }).is_err());
}

struct Members;

impl Visit for Members {
    type Out = Value;

    fn visit<P: Page>(self, page: &P) -> Value {
        serde_json::to_value(page).unwrap()
    }
}

/// The names of all members, of those within members, too.
fn members(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(name, inner)| {
            found.insert(name.clone());
            members(inner, found);
        }),
        Value::Array(list) => list.iter().for_each(|inner| members(inner, found)),
        _ => {}
    }
}

#[test]
fn the_documented_contract_names_every_page_and_every_field() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/themes.md");
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains(&format!("Contract version {}", crate::theme::CONTRACT)));
    for name in NAMES.iter().filter(|name| !name.ends_with("-faulty") && !name.ends_with("-manual")) {
        let section =
            text.split(&format!("\n### `{name}`\n")).nth(1).unwrap_or_else(|| panic!("docs/themes.md has no section {name}"));
        let section = section.split("\n#").next().unwrap();
        let shared = text.split("\n## What stands in several pages").nth(1).unwrap();
        let mut found = BTreeSet::new();
        members(&sample(name, Members).unwrap(), &mut found);
        for member in found {
            let named = format!("`{member}`");
            assert!(section.contains(&named) || shared.contains(&named), "docs/themes.md does not name {member} of {name}");
        }
    }
}
