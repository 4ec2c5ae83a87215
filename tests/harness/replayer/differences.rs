//! What differs between a recorded answer and the one that came.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value};

use super::json::sort;
use super::normal::UUID;

/// Seconds by which lifetimes may differ.
const TOLERANCE: i64 = 2;
/// Keys whose seconds may be off by that.
const NEAR: [&str; 3] = ["expires_in", "refresh_expires_in", "max-age"];
const ABSENT: &str = "<absent>";

static INDEX: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\[\d+\]").unwrap());

/// One field that is not as recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// `body.access_token.jwt.claims.aud`, `status`, `header.allow` …
    pub path: String,
    pub expected: Value,
    pub got: Value,
}

/// Every field of `want` and `got` that differs, deepest path first found.
pub fn differences(want: &Value, got: &Value) -> Vec<Difference> {
    let mut out = Vec::new();
    compare(Place { path: String::new(), key: "" }, want, got, &mut out);
    out
}

struct Place<'a> {
    path: String,
    key: &'a str,
}

fn compare(place: Place<'_>, want: &Value, got: &Value, out: &mut Vec<Difference>) {
    match (want, got) {
        (Value::String(any), _) if any == "<any>" => {}
        (Value::Object(want), Value::Object(got)) => {
            let absent = Value::from(ABSENT);
            for key in want.keys().chain(got.keys().filter(|key| !want.contains_key(*key))) {
                let path = if place.path.is_empty() { key.clone() } else { format!("{}.{key}", place.path) };
                let (want, got) = (want.get(key).unwrap_or(&absent), got.get(key).unwrap_or(&absent));
                compare(Place { path, key }, want, got, out);
            }
        }
        (Value::Array(want), Value::Array(got)) if want.len() == got.len() => {
            let (mut want, mut got) = (want.clone(), got.clone());
            if want.iter().chain(&got).all(|item| item.get("rsid").or(item.get("_id")).is_some()) {
                sort(&mut want);
                sort(&mut got);
            }
            for (at, (want, got)) in want.iter().zip(&got).enumerate() {
                compare(Place { path: format!("{}[{at}]", place.path), key: place.key }, want, got, out);
            }
        }
        _ if want == got || near(place.key, want, got) => {}
        _ => out.push(Difference { path: place.path, expected: want.clone(), got: got.clone() }),
    }
}

fn near(key: &str, want: &Value, got: &Value) -> bool {
    let close = |a: i64, b: i64| (a - b).abs() <= TOLERANCE;
    match (want, got) {
        (Value::Number(a), Value::Number(b)) if NEAR.contains(&key) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => a >= 0 && b >= 0 && close(a, b),
            _ => false,
        },
        (Value::String(a), Value::String(b)) => {
            let seconds = |text: &str| text.strip_prefix("iat").filter(|rest| rest.starts_with(['+', '-']))?.parse().ok();
            let plain = |text: &str| text.bytes().all(|c| c.is_ascii_digit()).then(|| text.parse().ok()).flatten();
            let relative = seconds(a).zip(seconds(b)).is_some_and(|(a, b)| close(a, b));
            relative || NEAR.contains(&key) && plain(a).zip(plain(b)).is_some_and(|(a, b)| close(a, b))
        }
        _ => false,
    }
}

/// Whether `path` is one of `listed`, or below one; `a[].b` names the field in every element.
pub fn is_listed(path: &str, listed: &[String]) -> bool {
    let every = INDEX.replace_all(path, "[]");
    listed.iter().any(|name| {
        [path, &every]
            .iter()
            .any(|path| path.strip_prefix(name.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '['])))
    })
}

/// What a step says about its JSON body: `only`, `like`, `keys`, `unordered`. Ids that are keys become `<uuid>`.
pub fn trim(step: &Value, mut got: Value) -> Value {
    if got["kind"] != "json" {
        return got;
    }
    let refused = got["status"].as_u64().is_none_or(|status| status >= 400);
    let mut body = names(got["body"].take());
    if let (Some(only), false) = (step["only"].as_array(), refused) {
        let paths: Vec<_> = only.iter().filter_map(Value::as_str).map(parts).collect();
        body = keep(body, &paths.iter().map(Vec::as_slice).collect::<Vec<_>>());
    }
    for (path, pattern) in step["like"].as_object().into_iter().flatten() {
        let pattern = pattern.as_str().unwrap_or_default();
        let like = Regex::new(pattern).unwrap();
        body = at(body, &parts(path), &|value| match value.as_str() {
            Some(text) if like.is_match(text) => format!("<like {pattern}>").into(),
            _ => value,
        });
    }
    for path in step["keys"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        body = at(body, &parts(path), &|value| match value {
            Value::Object(map) => {
                let mut names: Vec<_> = map.into_iter().map(|(name, _)| name).collect();
                names.sort_unstable();
                names.into()
            }
            other => other,
        });
    }
    for path in step["unordered"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        body = at(body, &parts(path), &|mut value| {
            if let Some(list) = value.as_array_mut() {
                sort(list);
            }
            value
        });
    }
    got["body"] = body;
    got
}

fn parts(path: &str) -> Vec<&str> {
    let by = if path.contains('/') { '/' } else { '.' };
    path.split(by).map(|part| part.trim_end_matches("[]")).filter(|part| !part.is_empty()).collect()
}

/// Changes what `path` leads to; a list on the way means each of its elements, `*` each key.
fn at(node: Value, path: &[&str], change: &dyn Fn(Value) -> Value) -> Value {
    let Some((first, rest)) = path.split_first() else { return change(node) };
    match node {
        Value::Array(list) => list.into_iter().map(|item| at(item, path, change)).collect(),
        Value::Object(map) => {
            let exact = map.contains_key(*first);
            let rows = map.into_iter().map(|(name, item)| {
                let hit = if exact { name == *first } else { *first == "*" };
                (name, if hit { at(item, rest, change) } else { item })
            });
            Value::Object(rows.collect())
        }
        other => other,
    }
}

fn keep(node: Value, paths: &[&[&str]]) -> Value {
    match node {
        Value::Array(list) => list.into_iter().map(|item| keep(item, paths)).collect(),
        Value::Object(map) if paths.iter().all(|path| !path.is_empty()) => {
            let rows = map.into_iter().filter_map(|(name, item)| {
                let here = paths.iter().filter(|path| path[0] == name || path[0] == "*");
                let below: Vec<_> = here.map(|path| &path[1..]).collect();
                (!below.is_empty()).then(|| (name, keep(item, &below)))
            });
            Value::Object(rows.collect::<Map<_, _>>())
        }
        other => other,
    }
}

fn names(node: Value) -> Value {
    match node {
        Value::Array(list) => list.into_iter().map(names).collect(),
        Value::Object(map) => {
            let rows = map.into_iter().map(|(name, item)| (UUID.replace_all(&name, "<uuid>").into_owned(), names(item)));
            Value::Object(rows.collect())
        }
        other => other,
    }
}
