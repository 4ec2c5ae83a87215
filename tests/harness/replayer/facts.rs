//! The facts of a page that a recording keeps.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value, json};

use super::json::sort;
use super::normal::{Detail, Normal, UUID};
use super::page::{LinkText, Page, Tag, attribute};

static TAG: LazyLock<Regex> = LazyLock::new(|| Regex::new("/resources/[^/]+/").unwrap());
static POLLING: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#"startSessionPolling\(\s*"([^"]+)""#).unwrap());
/// Fields whose value is made anew for every page.
const MASKED: [&str; 3] = ["totpSecret", "stateChecker", "authenticatorId"];

impl Normal<'_> {
    /// What a script, or a person, finds in the page.
    pub fn html(&self, text: &str) -> Value {
        let more = self.detail != Detail::Plain;
        let page = Page::read(text, if more { LinkText::Apart } else { LinkText::Within });
        let mut facts = self.plain_facts(&page);
        if page.onload.as_deref().is_some_and(|script| script.contains("submit")) {
            let named = page.inputs.iter().filter_map(|input| attribute(input, "name").map(|name| (name, input)));
            let values = named
                .filter(|(name, _)| !name.is_empty())
                .map(|(name, input)| (name.to_owned(), self.string(name, attribute(input, "value").unwrap_or_default())));
            facts.insert("values".into(), Value::Object(values.collect()));
            facts.insert("autosubmit".into(), true.into());
        }
        if more {
            self.more_facts(&page, text, &mut facts);
        }
        facts.retain(|_, fact| !is_nothing(fact));
        Value::Object(facts)
    }

    fn plain_facts(&self, page: &Page) -> Map<String, Value> {
        let ids = page
            .ids
            .iter()
            .filter(|id| id.starts_with("kc-") || ["reset-login", "try-another-way", "social-providers"].contains(&id.as_str()));
        let acted = |tag: &Tag, key: &str| {
            tag.iter()
                .map(|(name, value)| match value {
                    Some(url) if *name == key => (*name, Some(self.action(url))),
                    _ => (*name, value.clone()),
                })
                .collect::<Tag>()
        };
        let forms = page.forms.iter().map(|form| acted(form, "action"));
        let links = page.links.iter().filter(|link| attribute(link, "id").is_some()).map(|link| acted(link, "href"));
        let inputs = page.inputs.iter().map(|input| {
            input
                .iter()
                .map(|(name, value)| match value {
                    Some(id) if *name == "id" => (*name, Some(self.text(id))),
                    _ => (*name, value.clone()),
                })
                .collect::<Tag>()
        });
        Map::from_iter([
            ("title".to_owned(), self.text(&page.title).into()),
            ("heading".to_owned(), self.text(&page.heading).into()),
            ("messages".to_owned(), set(page.messages.iter().map(|message| self.text(message)))),
            ("forms".to_owned(), tidy(forms, &["id", "method", "action"])),
            ("inputs".to_owned(), tidy(inputs, &["name", "id", "type", "autocomplete", "checked"])),
            ("buttons".to_owned(), tidy(page.buttons.iter().cloned(), &["name", "id", "type", "value"])),
            ("links".to_owned(), tidy(links, &["id", "href"])),
            ("ids".to_owned(), set(ids.map(|id| UUID.replace_all(id, "<uuid>").into_owned()))),
        ])
    }

    fn more_facts(&self, page: &Page, text: &str, facts: &mut Map<String, Value>) {
        let tagged = |url: &str| TAG.replace_all(&self.action(url), "/resources/<tag>/").into_owned();
        let messages: BTreeSet<_> = page.messages.iter().map(|message| self.text(message)).collect();
        let fields = page.inputs.iter().filter_map(|input| {
            let given = |name| attribute(input, name).filter(|value| !value.is_empty());
            let (name, value) = (given("name").or(given("id"))?, given("value")?);
            let value = if MASKED.contains(&name) { "<code>".into() } else { self.string(name, value) };
            Some((name.to_owned(), value))
        });
        let hrefs = page.links.iter().filter_map(|link| attribute(link, "href")).filter(|href| !href.is_empty());
        facts.insert("page".into(), json!(page.page));
        facts.insert("lang".into(), json!(page.lang));
        facts.insert("fields".into(), Value::Object(fields.collect()));
        let said = page.said.iter().map(|said| self.text(said)).filter(|said| !messages.contains(said));
        facts.insert("said".into(), set(said));
        facts.insert("hrefs".into(), list(hrefs.map(tagged)));
        if page.ids.iter().any(|id| id == "kc-oauth") {
            facts.insert("items".into(), list(page.items.iter().cloned()));
        }
        let options = page.options.iter().map(|o| if o.contains('/') { self.action(o) } else { o.clone() });
        facts.insert("options".into(), list(options));
        facts.insert("frames".into(), list(page.frames.iter().map(|frame| tagged(frame))));
        facts.extend(POLLING.captures(text).map(|found| ("polls".to_owned(), self.action(&found[1]).into())));
        if text.contains("checkAuthSession(") {
            facts.insert("checks_session".into(), true.into());
        }
        if self.detail == Detail::Loads {
            facts.insert("loads".into(), list(page.loads.iter().filter(|load| !load.is_empty()).map(|load| tagged(load))));
        }
    }
}

fn is_nothing(fact: &Value) -> bool {
    match fact {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

fn set(rows: impl Iterator<Item = String>) -> Value {
    json!(rows.collect::<BTreeSet<_>>())
}

fn list(rows: impl Iterator<Item = String>) -> Value {
    let mut rows: Vec<_> = rows.collect();
    rows.sort_unstable();
    json!(rows)
}

/// The attributes of `keys` that are not empty; tags without any are left out.
fn tidy(tags: impl Iterator<Item = Tag>, keys: &[&str]) -> Value {
    let rows = tags.map(|tag| {
        let kept = keys.iter().filter_map(|key| Some((*key, attribute(&tag, key).filter(|value| !value.is_empty())?)));
        let kept = kept.map(|(key, value)| (key.to_owned(), if key == "checked" { true.into() } else { json!(value) }));
        Value::Object(kept.collect())
    });
    let mut rows: Vec<_> = rows.filter(|row| !is_nothing(row)).collect();
    sort(&mut rows);
    Value::Array(rows)
}
