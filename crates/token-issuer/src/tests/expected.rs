//! A recorded answer against a minted one: tokens are taken apart, what changes between runs stands as `<…>`.

use serde_json::Value;

use super::{BASE, World};

/// Members whose value is recorded as a placeholder whatever its form.
const LOOSE: [&str; 5] = ["<id>", "<kid>", "<hash>", "<time>", "<any>"];

pub(super) fn differences(world: &World, realm: &str, expected: &Value, got: &Value) -> Vec<String> {
    let mut judge = Judge { world, realm, issued: 0, wrong: Vec::new() };
    judge.object("", expected, got);
    judge.wrong
}

struct Judge<'a> {
    world: &'a World,
    realm: &'a str,
    issued: i64,
    wrong: Vec<String>,
}

impl Judge<'_> {
    fn object(&mut self, at: &str, expected: &Value, got: &Value) {
        let (Some(expected), Some(got)) = (expected.as_object(), got.as_object()) else {
            return self.wrong.push(format!("{at}: expected {expected}, got {got}"));
        };
        for name in got.keys().filter(|name| !expected.contains_key(*name)) {
            self.wrong.push(format!("{at}.{name}: not expected, got {}", got[name]));
        }
        for (name, value) in expected {
            match got.get(name) {
                None => self.wrong.push(format!("{at}.{name}: expected {value}, is missing")),
                Some(found) => self.value(&format!("{at}.{name}"), value, found),
            }
        }
    }

    fn value(&mut self, at: &str, expected: &Value, got: &Value) {
        match expected {
            Value::Object(members) if members.contains_key("jwt") => self.token(at, &expected["jwt"], got),
            Value::Object(_) => self.object(at, expected, got),
            Value::Array(_) => {
                let sorted = |list: &Value| {
                    let mut all: Vec<_> = list.as_array().into_iter().flatten().map(Value::to_string).collect();
                    all.sort();
                    all
                };
                if sorted(expected) != sorted(got) {
                    self.wrong.push(format!("{at}: expected {expected}, got {got}"));
                }
            }
            Value::String(text) if at.ends_with("scope") => {
                let words = |text: &str| {
                    let mut words: Vec<_> = text.split(' ').map(str::to_owned).collect();
                    words.sort();
                    words
                };
                if words(text) != words(got.as_str().unwrap_or_default()) {
                    self.wrong.push(format!("{at}: expected {expected}, got {got}"));
                }
            }
            Value::String(text) => self.text(at, text, got),
            // Recorded by a real clock: a second may have passed between two looks at it.
            Value::Number(_) if at.ends_with("expires_in") => {
                if (expected.as_i64().unwrap() - got.as_i64().unwrap()).abs() > 1 {
                    self.wrong.push(format!("{at}: expected {expected}, got {got}"));
                }
            }
            _ if expected == got => {}
            _ => self.wrong.push(format!("{at}: expected {expected}, got {got}")),
        }
    }

    fn text(&mut self, at: &str, expected: &str, got: &Value) {
        let found = got.as_str().unwrap_or_default();
        let fits = match expected {
            placeholder if LOOSE.contains(&placeholder) => !got.is_null(),
            "<uuid>" => is_uuid(found),
            prefixed if prefixed.ends_with(":<uuid>") => {
                let (context, id) = found.split_once(':').unwrap_or_default();
                prefixed.strip_suffix(":<uuid>") == Some(context) && is_uuid(id)
            }
            user if user.starts_with("<user ") => {
                let (realm, login) = user.trim_start_matches("<user ").trim_end_matches('>').split_once('/').unwrap();
                self.world.user(realm, login).id.as_str() == found
            }
            relative if relative.starts_with("iat+") => {
                let seconds: i64 = relative.trim_start_matches("iat+").parse().unwrap();
                (got.as_i64().unwrap_or_default() - self.issued - seconds).abs() <= 1
            }
            plain => plain.replace("{{base}}", BASE) == found,
        };
        if !fits {
            self.wrong.push(format!("{at}: expected {expected}, got {got}"));
        }
    }

    fn token(&mut self, at: &str, expected: &Value, got: &Value) {
        let parts: Vec<_> = got.as_str().unwrap_or_default().split('.').collect();
        let read =
            |part: &str| -> Value { serde_json::from_slice(&base64_simd::URL_SAFE_NO_PAD.decode_to_vec(part).unwrap()).unwrap() };
        let (header, claims) = (read(parts[0]), read(parts[1]));
        assert_eq!(claims["iss"], self.world.issuer_url(self.realm), "{at}");
        self.issued = claims["iat"].as_i64().unwrap();
        self.object(&format!("{at}#"), &expected["header"], &header);
        self.object(at, &expected["claims"], &claims);
    }
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36 && text.split('-').map(str::len).eq([8, 4, 4, 4, 12])
}
