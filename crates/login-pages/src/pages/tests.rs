mod languages;
mod themes;

use realm_model::Realm;
use realm_model::file::{SourceFile, read};
use serde_json::{Value, json};

use crate::*;

pub(super) fn realm(settings: Value) -> Realm {
    let mut file = json!({"realm": "web", "displayName": "Web Test", "enabled": true});
    let members = settings.as_object().unwrap().clone();
    file.as_object_mut().unwrap().extend(members);
    let file = SourceFile { name: "web.json".to_owned(), bytes: file.to_string().into_bytes() };
    read(&[file], &|_| None).realms.remove(0).realm
}

pub(super) fn built_in() -> Pages {
    Pages::load(&Config::default()).unwrap()
}

pub(super) fn login(pages: &Pages, realm: &Realm, locale: &str) -> String {
    let locale = Locale::new(locale);
    pages.render(&Frame { realm: Some(realm), ..Frame::new(&locale) }, &LoginPage { action: "/x", ..LoginPage::default() })
}

/// A page with everything that it loads.
fn weight(pages: &Pages, html: &str) -> usize {
    let loads = html.split("/resources/").skip(1).map(|rest| rest.split('"').next().unwrap());
    let loaded = loads.map(|path| match pages.resource(path) {
        ResourceAnswer::Found(file) => file.bytes.len(),
        other => panic!("{path}: {other:?}"),
    });
    html.len() + loaded.sum::<usize>()
}

#[test]
fn every_page_is_light_complete_and_names_itself_in_every_language() {
    let (pages, realm) = (built_in(), realm(json!({})));
    for name in Pages::previews() {
        for code in ["en", "de", "fr", "es", "ja"] {
            let locale = Locale::new(code);
            let frame = Frame { realm: Some(&realm), restart_url: Some("/restart"), ..Frame::new(&locale) };
            let html = pages.preview(&frame, name).unwrap();
            let kind = name.trim_end_matches("-faulty").trim_end_matches("-manual");
            assert!(html.contains(&format!("<body data-page-id=\"login-{kind}\">")), "{name}");
            assert!(html.starts_with("<!DOCTYPE html>\n<html lang=\"") && html.trim_end().ends_with("</html>"), "{name}");
            assert!(html.contains(&format!("<html lang=\"{code}\"")));
            let weight = weight(&pages, &html);
            assert!(weight <= 30 * 1024, "{name} in {code} with everything: {weight} bytes");
        }
    }
    assert!(pages.preview(&Frame::new(&Locale::english()), "nothing").is_none());
}

#[test]
fn the_login_page_fits_into_the_first_answer_of_a_connection() {
    let html = login(&built_in(), &realm(json!({})), "en");
    assert!(html.len() < 14_000, "{} bytes", html.len());
}

#[test]
fn nothing_that_was_typed_is_markup() {
    const BAD: &str = "\"><script>alert('x')</script>";
    let realm = realm(json!({"displayName": BAD, "displayNameHtml": format!("<b>ok</b>{BAD}")}));
    let (pages, locale) = (built_in(), Locale::english());
    let (url, fault) = (format!("/x?a=1&b={BAD}"), Message::error(BAD));
    let frame = Frame {
        realm: Some(&realm),
        message: Some(&fault),
        restart_url: Some(&url),
        auth_session_hash: Some(BAD),
        attempted_user: Some(AttemptedUser { username: BAD, restart_url: &url }),
        client: Some(ClientLink { name: BAD, base_url: Some(&url) }),
        ..Frame::new(&locale)
    };
    let providers = [ProviderButton { alias: BAD, display_name: BAD, url: &url }];
    let page =
        LoginPage { action: &url, username: BAD, identity_providers: &providers, fault: Some(&fault), ..LoginPage::default() };
    let consent = ConsentPage { action: &url, client_name: BAD, scopes: &[BAD], logo_uri: Some(&url), ..ConsentPage::default() };
    let field = ProfileField { name: BAD.into(), label: BAD.into(), values: vec![BAD.into()], ..ProfileField::default() };
    let faults = [FieldFault::new(BAD, Message::error(BAD))];
    let profile = UpdateProfilePage { action: &url, fields: &[field], faults: &faults, ..UpdateProfilePage::default() };
    for html in [
        pages.render(&frame, &page),
        pages.render(&frame, &consent),
        pages.render(&frame, &profile),
        pages.render(&frame, &ErrorPage::new(&fault)),
    ] {
        assert!(!html.contains("<script>alert") && !html.contains("script>alert"), "{html}");
        assert!(html.contains("<b>ok</b>&quot;&gt;&lt;script"), "{html}");
    }
}

/// tests of other people find the form by `<form .*action="(SERVER-URL[^"]*)".*>`; see the contract of pages.
#[test]
fn a_form_and_its_address_stand_on_one_line_and_only_ampersands_are_escaped_in_it() {
    let (pages, realm, locale) = (built_in(), realm(json!({})), Locale::english());
    let url = "http://localhost:8080/realms/web/login-actions/authenticate?session_code=a&execution=b&client_id=c&tab_id=d";
    let html =
        pages.render(&Frame { realm: Some(&realm), ..Frame::new(&locale) }, &LoginPage { action: url, ..LoginPage::default() });
    let line = html.lines().find(|line| line.contains("<form ")).unwrap();
    let action = line.split("action=\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(action, url.replace('&', "&amp;"));
    assert!(line.contains('>'));
}

#[test]
fn what_other_programs_look_for_is_written_as_they_look_for_it() {
    let (pages, realm, locale) = (built_in(), realm(json!({})), Locale::english());
    let again = Message::info("reauthenticate");
    let frame = Frame { realm: Some(&realm), message: Some(&again), ..Frame::new(&locale) };
    let html = pages.render(&frame, &LoginPage::default());
    assert!(html.contains("<span class=\"pf-v5-c-alert__title kc-feedback-text\">Please re-authenticate to continue</span>"));
    let wrong = Message::error("invalidParameterMessage").with("redirect_uri");
    let html = pages.render(&frame, &ErrorPage::new(&wrong));
    assert!(html.contains("<p class=\"instruction\">Invalid parameter: redirect_uri</p>"), "{html}");
    let html = pages.render(&frame, &InfoPage::new(&Message::info("successLogout")));
    assert!(html.contains("<p class=\"instruction\">You are logged out</p>"), "{html}");
    let html = pages.render(&frame, &ConsentPage::default());
    let first = html.find("<h3").unwrap();
    assert!(html[first..].starts_with("<h3 aria-level=\"2\">Do you grant these access privileges?</h3>"));
    assert!(html[html.find("<div id=\"kc-oauth\">").unwrap()..first].len() < 40);
}

#[test]
fn a_page_allows_no_script_but_its_own_files() {
    let html = login(&built_in(), &realm(json!({})), "en");
    assert!(html.contains("script-src 'self'; style-src 'self' 'sha256-"));
    let scripts: Vec<_> = html.split("<script").skip(1).map(|rest| rest.split('>').next().unwrap()).collect();
    assert!(
        scripts.iter().all(|script| script.contains(" src=\"/resources/") || script.contains("type=\"text/plain\"")),
        "{scripts:?}"
    );
    assert!(!html.contains(" onclick=") && !html.contains(" style="));
}

#[test]
fn files_are_found_by_the_tag_in_force_and_by_no_way_around() {
    let pages = built_in();
    let html = login(&pages, &realm(json!({})), "en");
    let path = html.split("/resources/").nth(1).unwrap().split('"').next().unwrap();
    let (tag, rest) = path.split_once('/').unwrap();
    assert_eq!((tag.len(), rest), (5, "login/latchkey/img/favicon.svg"));
    let found = |path: String| match pages.resource(&path) {
        ResourceAnswer::Found(file) => file.media_type.to_owned(),
        ResourceAnswer::Moved(path) => format!("moved {path}"),
        ResourceAnswer::Missing => "missing".to_owned(),
    };
    assert_eq!(found(format!("{tag}/login/keycloak.v2/css/styles.css")), "text/css");
    assert_eq!(found(format!("{tag}/login/none/js/authChecker.js")), "text/javascript");
    assert_eq!(found("zzzzz/login/x/css/styles.css".into()), format!("moved {tag}/login/x/css/styles.css"));
    for path in ["login/x/css/none.css", "nothing/x/css/styles.css", "login/x/..%2f..%2fx", "login/../x/y"] {
        assert_eq!(found(format!("{tag}/{path}")), "missing", "{path}");
        assert!(path.contains("..") || found(format!("zzzzz/{path}")).starts_with("moved "));
    }
    assert_eq!(found("zzzzz/login/x/..%2f..%2fx".into()), "missing");
}

/// WCAG 2.2, success criteria 1.4.3 and 1.4.11.
#[test]
fn colours_are_apart_enough_in_the_light_and_in_the_dark() {
    let sheet = include_str!("../../assets/login.css");
    for scheme in sheet.split(":root{").skip(1).map(|rest| rest.split('}').next().unwrap()) {
        let colour = |name: &str| {
            let value = scheme.split(&format!("--{name}:#")).nth(1).unwrap_or_else(|| panic!("no --{name}"));
            let digits: String = value.chars().take_while(char::is_ascii_hexdigit).collect();
            let wide: String = if digits.len() == 3 { digits.chars().flat_map(|c| [c, c]).collect() } else { digits };
            let linear = |at: usize| {
                let part = f64::from(u8::from_str_radix(&wide[at..at + 2], 16).unwrap()) / 255.0;
                if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * linear(0) + 0.7152 * linear(2) + 0.0722 * linear(4)
        };
        let texts = [
            ("text", "card"),
            ("text", "page"),
            ("muted", "card"),
            ("muted", "page"),
            ("accent", "card"),
            ("on-accent", "accent"),
            ("on-accent", "accent-hover"),
            ("accent-hover", "card"),
            ("bad", "card"),
            ("bad", "bad-soft"),
            ("warn", "warn-soft"),
            ("good", "good-soft"),
            ("accent", "note-soft"),
        ];
        let borders = [("field", "card"), ("bad", "card"), ("accent", "card"), ("accent", "page")];
        for ((one, other), least) in texts.map(|pair| (pair, 4.5)).into_iter().chain(borders.map(|pair| (pair, 3.0))) {
            let (a, b) = (colour(one), colour(other));
            let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
            assert!(contrast >= least, "--{one} on --{other}: {contrast:.2} in {scheme}");
        }
    }
}
