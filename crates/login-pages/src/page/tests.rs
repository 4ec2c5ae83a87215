//! Every page that was recorded of Keycloak, made anew with the data of the recording: what programs find in it is the same.

mod build;
#[path = "../../../../tests/harness/replayer/page.rs"]
mod page;

use std::collections::BTreeSet;

use page::{LinkText, Page, Tag, attribute};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// One distinct page of the recordings.
#[derive(Deserialize)]
struct Recorded {
    recording: String,
    step: String,
    /// `apart`: also links, fields, languages … were recorded.
    links: String,
    facts: Map<String, Value>,
}

fn recorded() -> Vec<Recorded> {
    serde_json::from_str(include_str!("tests/recorded.json")).unwrap()
}

#[test]
fn every_recorded_page_is_made_with_the_same_facts() {
    let mut wrong = Vec::new();
    for one in recorded() {
        let html = build::page(&one.facts);
        let more = one.links == "apart";
        let ours = facts(&html, more);
        let names: BTreeSet<_> = ours.keys().chain(one.facts.keys()).filter(|name| *name != "autosubmit").collect();
        for name in names {
            let (want, got) = (one.facts.get(name).unwrap_or(&Value::Null), ours.get(name).unwrap_or(&Value::Null));
            if want != got {
                wrong.push(format!("{}, {}: {name}\n  recorded {want}\n  ours     {got}", one.recording, one.step));
            }
        }
    }
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}

/// The facts of replay.py, of a page whose URLs are written as recordings write them.
fn facts(html: &str, more: bool) -> Map<String, Value> {
    let page = Page::read(html, if more { LinkText::Apart } else { LinkText::Within });
    let messages: BTreeSet<_> = page.messages.iter().cloned().collect();
    let ids = page.ids.iter().filter(|id| id.starts_with("kc-") || *id == "reset-login" || *id == "try-another-way");
    let mut facts = Map::from_iter([
        ("title".to_owned(), json!(page.title)),
        ("heading".to_owned(), json!(page.heading)),
        ("messages".to_owned(), json!(messages)),
        ("forms".to_owned(), rows(&page.forms, &["id", "method", "action"])),
        ("inputs".to_owned(), rows(&page.inputs, &["name", "id", "type", "autocomplete", "checked"])),
        ("buttons".to_owned(), rows(&page.buttons, &["name", "id", "type", "value"])),
        ("ids".to_owned(), json!(ids.collect::<BTreeSet<_>>())),
    ]);
    let named: Vec<Tag> = page.links.iter().filter(|link| attribute(link, "id").is_some()).cloned().collect();
    facts.insert("links".into(), rows(&named, &["id", "href"]));
    if more {
        let said: BTreeSet<_> = page.said.iter().filter(|said| !messages.contains(*said)).collect();
        let fields = page.inputs.iter().filter_map(|input| {
            let given = |name| attribute(input, name).filter(|value| !value.is_empty());
            Some((given("name").or(given("id"))?.to_owned(), json!(given("value")?)))
        });
        facts.insert("page".into(), json!(page.page));
        facts.insert("lang".into(), json!(page.lang));
        facts.insert("fields".into(), Value::Object(fields.collect()));
        facts.insert("said".into(), json!(said));
        facts.insert("hrefs".into(), sorted(page.links.iter().filter_map(|link| attribute(link, "href"))));
        facts.insert("options".into(), sorted(page.options.iter().map(String::as_str)));
        facts.insert("frames".into(), sorted(page.frames.iter().map(String::as_str)));
        if page.ids.iter().any(|id| id == "kc-oauth") {
            facts.insert("items".into(), sorted(page.items.iter().map(String::as_str)));
        }
        let polls = html.split("startSessionPolling(\"").nth(1).and_then(|rest| rest.split('"').next());
        facts.insert("polls".into(), json!(polls));
        if html.contains("checkAuthSession(") {
            facts.insert("checks_session".into(), true.into());
        }
    }
    facts.retain(|_, fact| !is_nothing(fact));
    facts
}

fn is_nothing(fact: &Value) -> bool {
    fact.is_null() || fact == "" || fact.as_array().is_some_and(Vec::is_empty) || fact.as_object().is_some_and(Map::is_empty)
}

fn sorted<'a>(rows: impl Iterator<Item = &'a str>) -> Value {
    let mut rows: Vec<_> = rows.collect();
    rows.sort_unstable();
    json!(rows)
}

/// As recordings list them: sorted as Python prints them with sorted keys.
fn rows(tags: &[Tag], keys: &[&str]) -> Value {
    let mut keyed: Vec<(String, Value)> = tags
        .iter()
        .filter_map(|tag| {
            let given = keys.iter().filter_map(|key| Some((*key, attribute(tag, key).filter(|value| !value.is_empty())?)));
            let row = given.map(|(key, value)| (key.to_owned(), if key == "checked" { json!(true) } else { json!(value) }));
            let row: Map<String, Value> = row.collect();
            let mut parts: Vec<_> = row.iter().map(|(key, value)| format!("{}: {value}", json!(key))).collect();
            parts.sort();
            (!row.is_empty()).then(|| (format!("{{{}}}", parts.join(", ")), Value::Object(row)))
        })
        .collect();
    keyed.sort_by(|one, other| one.0.cmp(&other.0));
    Value::Array(keyed.into_iter().map(|(_, row)| row).collect())
}
