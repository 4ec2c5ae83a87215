//! What a server answered, without what differs from one answer to the next.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

const TOKENS: [&str; 3] = ["access_token", "id_token", "refresh_token"];
/// Moments, and ids that are made for one answer.
const MOMENTARY: [&str; 7] = ["iat", "auth_time", "sid", "session_state", "at_hash", "nbf", "reuse_id"];

/// An answer of the token endpoint, flat: `access_token.claims.sub`, `error` … and what they are.
pub(super) struct Said(BTreeMap<String, Value>);

impl Said {
    pub(super) fn new(base: &str, status: u16, body: &[u8]) -> Self {
        let mut said = BTreeMap::from([("status".to_owned(), status.into())]);
        let body: Map<String, Value> = serde_json::from_slice(body).unwrap_or_default();
        for (name, value) in body {
            match value.as_str().filter(|_| TOKENS.contains(&name.as_str())).and_then(parts) {
                Some([header, claims]) => {
                    put(&mut said, &format!("{name}.header"), header, base);
                    put(&mut said, &format!("{name}.claims"), claims, base);
                }
                None => put(&mut said, &name, value, base),
            }
        }
        Self(said)
    }

    pub(super) fn tokens(&self) -> usize {
        TOKENS.iter().filter(|token| self.0.keys().any(|name| name.starts_with(*token))).count()
    }

    pub(super) fn claims(&self) -> usize {
        self.0.keys().filter(|name| name.contains(".claims.")).count()
    }
}

/// Where two answers differ.
pub(super) fn differences(expected: &Said, said: &Said) -> Vec<String> {
    let mut names: Vec<&String> = expected.0.keys().chain(said.0.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let shown = |value: Option<&Value>| value.map_or("nothing".to_owned(), Value::to_string);
    let differ = names.into_iter().filter(|name| !are_same(name, expected.0.get(*name), said.0.get(*name)));
    differ.map(|name| format!("{name} is {}, expected {}", shown(said.0.get(name)), shown(expected.0.get(name)))).collect()
}

/// A second may pass between the two moments that a lifespan is counted from.
fn are_same(name: &str, expected: Option<&Value>, said: Option<&Value>) -> bool {
    let seconds = |value: Option<&Value>| value.and_then(Value::as_i64).filter(|_| name.contains("exp"));
    let is_close = seconds(expected).zip(seconds(said)).is_some_and(|(expected, said)| expected.abs_diff(said) <= 1);
    is_close || expected == said
}

fn put(said: &mut BTreeMap<String, Value>, name: &str, value: Value, base: &str) {
    match value {
        Value::Object(mut members) => {
            if let (Some(end), Some(start)) = (number(&members, "exp"), number(&members, "iat")) {
                members.insert("exp".to_owned(), (end - start).into());
            }
            for (member, value) in members {
                put(said, &format!("{name}.{member}"), value, base);
            }
        }
        Value::Array(list) => {
            let mut list: Vec<String> = list.iter().map(Value::to_string).collect();
            list.sort_unstable();
            said.insert(name.to_owned(), list.into());
        }
        value => {
            said.insert(name.to_owned(), lasting(name, value, base));
        }
    }
}

/// The value without what is of the moment: that it is there counts.
fn lasting(name: &str, value: Value, base: &str) -> Value {
    let member = name.rsplit('.').next().unwrap_or_default();
    match (&value, member) {
        (_, member) if MOMENTARY.contains(&member) => "of the moment".into(),
        (Value::String(id), "jti") => id.split_once(':').map_or("", |(kind, _)| kind).into(),
        (Value::String(scope), "scope") => {
            let mut scopes: Vec<_> = scope.split(' ').collect();
            scopes.sort_unstable();
            scopes.into()
        }
        (Value::String(text), _) => text.replace(base.trim_end_matches('/'), "{base}").into(),
        _ => value,
    }
}

fn number(members: &Map<String, Value>, name: &str) -> Option<i64> {
    members.get(name).and_then(Value::as_i64)
}

/// Header and claims of a JWT.
fn parts(token: &str) -> Option<[Value; 2]> {
    let mut parts = token.split('.').map(|part| serde_json::from_slice(&base64url(part)?).ok());
    Some([parts.next()??, parts.next()??])
}

fn base64url(text: &str) -> Option<Vec<u8>> {
    let mut base64 = text.replace('-', "+").replace('_', "/");
    base64.push_str("===".get(..(4 - base64.len() % 4) % 4)?);
    openssl::base64::decode_block(&base64).ok()
}
