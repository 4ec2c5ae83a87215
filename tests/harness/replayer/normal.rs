//! An answer with everything that changes between two runs replaced by its name, as recordings hold it.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde_json::{Map, Value, json};

use super::page::unescape;
use super::wire::Answer;
use super::{json::sort, token, url};

const SECURITY: [&str; 6] = [
    "referrer-policy",
    "strict-transport-security",
    "x-content-type-options",
    "x-frame-options",
    "x-robots-tag",
    "content-security-policy",
];
const WIRE: [&str; 7] = ["content-type", "cache-control", "pragma", "location", "www-authenticate", "allow", "dpop-nonce"];
/// Lists in a header whose order means nothing.
const SETS: [&str; 4] =
    ["access-control-allow-headers", "access-control-allow-methods", "access-control-expose-headers", "allow"];
/// Keys whose value is one opaque word: a recording only says that it is there.
#[rustfmt::skip]
const CODES: [&str; 14] = [
    "code", "session_code", "tab_id", "execution", "client_data", "device_code", "user_code", "auth_req_id", "asid", "key",
    "kc_action_token", "skip_logout", "logout_session", "auth_session_id",
];
const IDS: [&str; 3] = ["sid", "session_state", "sessionid"];
const HASHES: [&str; 5] = ["at_hash", "c_hash", "s_hash", "jkt", "x5t#S256"];
const KEYS: [&str; 9] = ["n", "x", "y", "x5c", "x5t", "public_key", "publicKey", "certificate", "k"];
const SECRETS: [&str; 2] = ["client_secret", "registration_access_token_secret"];
const WORDS: [&str; 2] = ["scope", "access-control-allow-headers"];

pub static UUID: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}").unwrap());
static TOKEN: LazyLock<Regex> = LazyLock::new(|| {
    let signed = r"[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*";
    let encrypted = r"[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+";
    Regex::new(&format!("^({signed}|{encrypted})$")).unwrap()
});
static TIMED_ID: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"<uuid>-\d{13}\b").unwrap());
static RESOURCE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^((?:\{\{base\}\})?/resources/)[^/]+/").unwrap());
static ALGORITHMS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#"algs="([^"]*)""#).unwrap());

/// How much of a page a scenario wants to see (its `more`).
#[derive(Clone, Copy, PartialEq)]
pub enum Detail {
    Plain,
    More,
    Loads,
}

/// What is replaced, for one server.
pub struct Normal<'a> {
    /// Scheme, host and port.
    pub origin: &'a str,
    /// The path before `/realms`, without a slash at its end; empty at the root.
    pub prefix: &'a str,
    /// id → `<user realm/name>` for the users of the realm files.
    pub users: &'a HashMap<String, String>,
    pub detail: Detail,
}

impl Normal<'_> {
    /// The whole answer as a recording has it.
    pub fn answer(&self, answer: &Answer) -> Value {
        let kind = answer.header("content-type").unwrap_or_default().to_lowercase();
        let mut out =
            Map::from_iter([("status".to_owned(), json!(answer.status)), ("header".to_owned(), self.headers(&answer.headers))]);
        let cookies = self.cookies(&answer.headers);
        if !cookies.is_empty() {
            out.insert("cookie".into(), Value::Object(cookies));
        }
        let (kind, body) = self.body(&kind, &answer.body);
        out.insert("kind".into(), kind.into());
        out.extend(body.map(|body| ("body".to_owned(), body)));
        Value::Object(out)
    }

    fn body(&self, content_type: &str, data: &[u8]) -> (&'static str, Option<Value>) {
        if data.is_empty() {
            return ("empty", None);
        }
        let text = String::from_utf8_lossy(data);
        let looks_like_json = text.starts_with(['{', '[']) && !content_type.contains("html");
        if (content_type.contains("json") || looks_like_json)
            && let Ok(value) = serde_json::from_str::<Value>(&text)
        {
            return ("json", Some(self.value("", &value)));
        }
        if content_type.contains("html") {
            return ("html", Some(self.html(&text)));
        }
        if content_type.contains("jwt")
            && let Some(token) = self.token(text.trim())
        {
            return ("jwt", Some(token));
        }
        ("text", Some(self.text(&text).chars().take(2000).collect::<String>().into()))
    }

    pub fn text(&self, text: &str) -> String {
        let mut out = text.to_owned();
        for base in [format!("{}{}", self.origin, self.prefix), self.origin.to_owned()] {
            out = out.replace(&base, "{{base}}").replace(&url::quote(&base), "{{base}}");
        }
        out = out.replace(url::Parts::of(self.origin).host, "{{host}}");
        if !self.prefix.is_empty() {
            out = out.replace(&format!("{}/realms/", self.prefix), "/realms/");
        }
        let known = |found: &Captures<'_>| self.users.get(&found[0]).cloned().unwrap_or_else(|| "<uuid>".into());
        TIMED_ID.replace_all(&UUID.replace_all(&out, known), "<uuid>-<time-ms>").into_owned()
    }

    pub fn string(&self, key: &str, text: &str) -> Value {
        let named = |list: &[&str], name: &str| list.contains(&key).then(|| Value::from(name));
        let opaque = named(&KEYS, "<key>").or_else(|| named(&HASHES, "<hash>"));
        if let Some(name) = opaque {
            return name;
        }
        if IDS.contains(&key) {
            return if text.is_empty() { "" } else { "<id>" }.into();
        }
        if let Some(name) = named(&SECRETS, "<secret>").or_else(|| named(&["kid"], "<kid>")) {
            return name;
        }
        if TOKEN.is_match(text)
            && let Some(token) = self.token(text)
        {
            return token;
        }
        if CODES.contains(&key) {
            return if text.is_empty() { "" } else { "<code>" }.into();
        }
        if WORDS.contains(&key) {
            let mut words: Vec<_> = text.split(' ').collect();
            words.sort_unstable();
            return self.text(&words.join(" ")).into();
        }
        if (text.starts_with("http://") || text.starts_with("https://")) && text.contains('?') {
            return self.url(text);
        }
        self.text(text).into()
    }

    fn token(&self, text: &str) -> Option<Value> {
        let parts: Vec<_> = text.split('.').collect();
        let header = token::json(parts.first()?).filter(|header| header.get("alg").is_some())?;
        if parts.len() == 5 {
            return Some(json!({"jwe": {"header": self.value("", &header)}}));
        }
        let claims = token::json(parts.get(1)?)?;
        Some(json!({"jwt": {"header": self.value("", &header), "claims": self.value("", &claims)}}))
    }

    pub fn value(&self, key: &str, value: &Value) -> Value {
        match value {
            Value::Object(map) => self.object(map),
            Value::Array(_) if KEYS.contains(&key) => "<key>".into(),
            Value::Array(list) => {
                let inner = if CODES.contains(&key) { "" } else { key };
                let mut out: Vec<_> = list.iter().map(|item| self.value(inner, item)).collect();
                let plain = out.iter().all(|item| !item.is_object() && !item.is_array());
                if plain || ["keys", "permissions", "scopes", "resource_scopes"].contains(&key) {
                    sort(&mut out);
                }
                Value::Array(out)
            }
            Value::Number(number) => match number.as_f64() {
                Some(n) if (1e9..1e10).contains(&n) => "<time>".into(),
                Some(n) if (1e12..1e13).contains(&n) => "<time-ms>".into(),
                _ => value.clone(),
            },
            Value::String(text) => self.string(key, text),
            other => other.clone(),
        }
    }

    fn object(&self, map: &Map<String, Value>) -> Value {
        let mut out: Map<_, _> = map.iter().map(|(name, item)| (name.clone(), self.value(name, item))).collect();
        if let (Some(iat), Some(exp)) = (map.get("iat").and_then(Value::as_i64), map.get("exp").and_then(Value::as_i64))
            && exp != 0
        {
            out.insert("exp".into(), format!("iat{:+}", exp - iat).into());
        }
        Value::Object(out)
    }

    fn query(&self, query: &str) -> Value {
        let mut out = Map::new();
        for (name, value) in url::parse_query(query) {
            let key = if KEYS.contains(&name.as_str()) { "" } else { &name };
            add(&mut out, &name, self.string(key, &value));
        }
        Value::Object(out)
    }

    pub fn url(&self, text: &str) -> Value {
        let parts = url::Parts::of(text);
        let mut to = self.text(&parts.target());
        if parts.scheme.is_empty() && !self.prefix.is_empty() {
            to = to.strip_prefix(self.prefix).map(str::to_owned).unwrap_or(to);
        }
        to = RESOURCE.replace(&to, "${1}<tag>/").into_owned();
        if to == "{{base}}" {
            to.push('/');
        }
        let mut out = Map::from_iter([("to".to_owned(), to.into())]);
        if !parts.query.is_empty() {
            out.insert("query".into(), self.query(parts.query));
        }
        if !parts.fragment.is_empty() {
            out.insert("fragment".into(), self.query(parts.fragment));
        }
        Value::Object(out)
    }

    /// A URL as a page has it: its path and the names of its parameters.
    pub fn action(&self, text: &str) -> String {
        let url = self.url(&unescape(text));
        let path = url["to"].as_str().unwrap_or_default().replace("{{base}}", "");
        let Some(query) = url["query"].as_object() else { return path };
        let names: BTreeSet<_> = query.keys().map(String::as_str).collect();
        format!("{path}?{}", names.into_iter().collect::<Vec<_>>().join("&"))
    }

    fn headers(&self, headers: &[(String, String)]) -> Value {
        let mut out = Map::new();
        for (name, value) in headers {
            let name = name.to_lowercase();
            let kept = WIRE.contains(&&*name) || SECURITY.contains(&&*name) || name.starts_with("access-control-");
            if !kept {
                continue;
            }
            let value = match name.as_str() {
                "location" => self.url(value),
                "content-type" => value.to_lowercase().split(';').map(str::trim).collect::<Vec<_>>().join(";").into(),
                _ if SETS.contains(&&*name) => {
                    let mut words: Vec<_> = value.split(',').map(str::trim).collect();
                    words.sort_unstable();
                    words.join(", ").into()
                }
                _ => ALGORITHMS.replace_all(&self.text(value), sorted_algorithms).into_owned().into(),
            };
            add(&mut out, &name, value);
        }
        Value::Object(out)
    }

    fn cookies(&self, headers: &[(String, String)]) -> Map<String, Value> {
        let mut out = Map::new();
        for (_, value) in headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie")) {
            let mut parts = value.split(';').map(str::trim);
            let (name, value) = split(parts.next().unwrap_or_default());
            let mut cookie = Map::new();
            let empty = ["", "\"\""].contains(&value.unwrap_or_default());
            cookie.insert("value".into(), if empty { "empty" } else { "set" }.into());
            for part in parts {
                let (name, value) = split(part);
                let name = name.to_lowercase();
                let text = value.unwrap_or_default();
                let kept = match name.as_str() {
                    "version" => continue,
                    "max-age" => text.parse::<i64>().map_or_else(|_| text.into(), Value::from),
                    "expires" => if text.contains("1970") { "past" } else { "<time>" }.into(),
                    "path" => UUID.replace_all(text.strip_prefix(self.prefix).unwrap_or(text), "<uuid>").into(),
                    "domain" => self.text(text).into(),
                    _ => value.map_or(Value::Bool(true), Value::from),
                };
                cookie.insert(name, kept);
            }
            add(&mut out, &UUID.replace_all(name, "<uuid>"), Value::Object(cookie));
        }
        out
    }
}

/// `name` → `value`; a second one of that name makes a list.
fn add(out: &mut Map<String, Value>, name: &str, value: Value) {
    match out.get_mut(name) {
        None => drop(out.insert(name.to_owned(), value)),
        Some(Value::Array(list)) => list.push(value),
        Some(first) => *first = json!([first.take(), value]),
    }
}

fn split(part: &str) -> (&str, Option<&str>) {
    part.split_once('=').map_or((part, None), |(name, value)| (name, Some(value)))
}

fn sorted_algorithms(found: &Captures<'_>) -> String {
    let mut words: Vec<_> = found[1].split_whitespace().collect();
    words.sort_unstable();
    format!("algs=\"{}\"", words.join(" "))
}
