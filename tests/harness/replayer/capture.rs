//! What a step keeps of an answer for the steps after it.

use regex::Regex;
use serde_json::Value;

use super::page::{LinkText, Page, attribute, unescape};
use super::request::Jar;
use super::wire::Answer;
use super::{json, token, url};

/// `body.a.b`, `body.a#claim`, `header.location`, `header.location?code`, `cookie.NAME`, `html.form[id].action`,
/// `html.input[name].value`, `html.link[id].href`, `text`, `re:pattern`. Nothing where the answer has no such thing.
pub fn capture(how: &str, answer: &Answer, jar: Option<&Jar>) -> Option<String> {
    if how == "text" {
        return String::from_utf8(answer.body.clone()).ok();
    }
    let text = String::from_utf8_lossy(&answer.body);
    if let Some(pattern) = how.strip_prefix("re:") {
        return Regex::new(pattern).ok()?.captures(&text)?.get(1).map(|found| unescape(found.as_str()));
    }
    let (kind, rest) = how.split_once('.').unwrap_or((how, ""));
    match kind {
        "html" => of_page(rest, &text),
        "header" => of_header(rest, answer),
        "cookie" => jar?.find(rest).map(str::to_owned),
        _ => of_body(rest, &answer.body),
    }
}

fn of_page(how: &str, html: &str) -> Option<String> {
    let found = Regex::new(r"^(form|input|link)\[([^\]]*)\]\.(\w+)$").ok()?.captures(how)?;
    let page = Page::read(html, LinkText::Within);
    let tags = match &found[1] {
        "form" => page.forms,
        "input" => page.inputs,
        _ => page.links,
    };
    let named = |tag| found[2].is_empty() || [attribute(tag, "id"), attribute(tag, "name")].contains(&Some(&found[2]));
    tags.iter().filter(|tag| named(tag)).find_map(|tag| attribute(tag, &found[3])).map(str::to_owned)
}

fn of_header(how: &str, answer: &Answer) -> Option<String> {
    let (name, parameter) = how.split_once('?').unwrap_or((how, ""));
    let value = answer.header(name)?;
    if parameter.is_empty() {
        return Some(value.to_owned());
    }
    let parts = url::Parts::of(value);
    let rows = url::parse_query(&format!("{}&{}", parts.query, parts.fragment));
    rows.into_iter().find(|(key, _)| key == parameter).map(|(_, value)| value)
}

fn of_body(how: &str, body: &[u8]) -> Option<String> {
    let (path, claim) = how.split_once('#').unwrap_or((how, ""));
    let mut got: Value = serde_json::from_slice(body).ok()?;
    for part in path.split('.').filter(|part| !part.is_empty()) {
        got = match got {
            Value::Array(mut list) => part.parse().ok().filter(|at: &usize| *at < list.len()).map(|at| list.swap_remove(at))?,
            Value::Object(mut map) => map.remove(part)?,
            _ => return None,
        };
    }
    if !claim.is_empty() {
        got = token::claim(got.as_str()?, claim)?;
    }
    Some(match got {
        Value::String(text) => text,
        other => json::dumps(&other),
    })
}
