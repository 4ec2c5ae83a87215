//! Every page as it is seen: no violation of the rules of axe-core, and pictures of them.

use serde_json::{Value, json};

use super::World;
use super::script::package;
use super::webdriver::Browser;
use crate::harness::repository;

/// How a page is looked at: a name, the colours that the user prefers, width and height.
const LOOKS: [(&str, &str, u32, u32); 3] =
    [("light", "light", 900, 600), ("dark", "dark", 900, 600), ("phone", "light", 360, 640)];

fn look(browser: &Browser, (name, colours, width, height): (&str, &str, u32, u32)) {
    let features =
        json!([{"name": "prefers-color-scheme", "value": colours}, {"name": "prefers-reduced-motion", "value": "reduce"}]);
    browser.devtools("Emulation.setEmulatedMedia", &json!({"features": features}));
    let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": name == "phone"});
    browser.devtools("Emulation.setDeviceMetricsOverride", &size);
}

/// The addresses of all pages, with their names.
fn pages(world: &World) -> Vec<(String, String)> {
    world.browser.go(&format!("{}/realms/browser/latchkey/preview", world.origin));
    let links =
        world.browser.evaluate("[...document.querySelectorAll('li a')].map((link) => [link.textContent, link.href])", &[]);
    // The list itself has no icon, which the browser misses.
    world.browser.complaints();
    serde_json::from_value(links).unwrap()
}

#[test]
fn axe_finds_no_violation_on_any_page_in_light_dark_and_on_a_phone() {
    let Some(axe) = package("axe-core/axe.min.js") else { return };
    let Some(world) = World::new() else { return };
    let pages = pages(&world);
    assert!(pages.len() > 25, "{pages:?}");
    let found: Vec<_> = pages.iter().flat_map(|(name, url)| violations(&world.browser, &axe, (name, url))).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn axe_finds_no_violation_on_any_page_of_an_account() {
    let Some(axe) = package("axe-core/axe.min.js") else { return };
    let Some(world) = World::new() else { return };
    let browser = &world.browser;
    browser.go(&format!("{}/realms/browser/account", world.origin));
    world.log_in("ann", "ann-password");
    browser.wait_for("nav.account");
    let links = browser.evaluate(
        "[...document.querySelectorAll('nav.account ul a:not([id])')].map((link) => [link.textContent, link.href])",
        &[],
    );
    let links: Vec<(String, String)> = serde_json::from_value(links).unwrap();
    assert!(links.len() > 3, "{links:?}");
    let found: Vec<_> = links.iter().flat_map(|(name, url)| violations(browser, &axe, (name, url))).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// What axe-core, the console and the width of a page complain of, in every look.
fn violations(browser: &Browser, axe: &str, (name, url): (&str, &str)) -> Vec<String> {
    browser.go(url);
    let mut found: Vec<_> = browser.complaints().into_iter().map(|one| format!("{name}, console: {one}")).collect();
    browser.run(axe);
    for shown in LOOKS {
        look(browser, shown);
        let nodes = browser.evaluate(
            "axe.run().then((ran) => ran.violations.flatMap((rule) => rule.nodes.map((node) => \
             rule.id + ': ' + node.html.slice(0, 160) + ' ' + node.failureSummary)))",
            &[],
        );
        let nodes = nodes.as_array().unwrap().iter().filter_map(Value::as_str);
        found.extend(nodes.map(|one| format!("{name}, {}: {one}", shown.0)));
        let wide = browser.evaluate("document.documentElement.scrollWidth > innerWidth", &[]);
        found.extend((wide == true).then(|| format!("{name}, {}: it must be scrolled sideways", shown.0)));
    }
    found
}

#[test]
fn no_page_must_be_scrolled_sideways_on_a_phone_in_any_language() {
    let Some(world) = World::new() else { return };
    let pages = pages(&world);
    look(&world.browser, ("phone", "light", 320, 640));
    let mut wide = Vec::new();
    for (name, url) in &pages {
        for language in ["de", "fr", "es", "ja"] {
            world.browser.go(&format!("{url}?kc_locale={language}"));
            let found = world.browser.evaluate(
                "document.documentElement.lang !== arguments[0] || document.documentElement.scrollWidth > innerWidth",
                &[language.into()],
            );
            wide.extend((found == true).then(|| format!("{name} {language}")));
        }
    }
    assert!(wide.is_empty(), "{wide:?}");
}

/// Makes the pictures of docs/screenshots anew: `cargo test -p acceptance pictures_of_all_pages -- --ignored`.
#[test]
#[ignore = "writes docs/screenshots"]
fn pictures_of_all_pages_are_made() {
    let Some(world) = World::new() else { return };
    let folder = repository("docs/screenshots");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, url) in pages(&world) {
        world.browser.go(&url);
        for shown in LOOKS {
            look(&world.browser, shown);
            let height = world.browser.evaluate("document.documentElement.scrollHeight", &[]).as_u64().unwrap();
            look(&world.browser, (shown.0, shown.1, shown.2, u32::try_from(height).unwrap()));
            std::fs::write(folder.join(format!("{name}-{}.webp", shown.0)), world.browser.picture()).unwrap();
        }
    }
}
