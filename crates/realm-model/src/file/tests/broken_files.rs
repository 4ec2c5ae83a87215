//! Whatever the bytes are: an answer, never a panic.

use proptest::prelude::*;

use super::*;

/// Reads `bytes` as a file and renders all that is said about it.
fn survives(bytes: Vec<u8>) -> usize {
    let reading = read(&[SourceFile { name: "r.json".to_owned(), bytes }], &|name| (name.len() < 3).then(|| "}{".to_owned()));
    crate::render(&reading.diagnostics).len() + reading.realms.len()
}

/// A realm with one of everything.
const REALM: &str = r#"{"realm": "r", "enabled": true, "sslRequired": "none", "passwordPolicy": "length(8) and digits(1)",
  "roles": {"realm": [{"name": "a", "composites": {"realm": ["b"], "client": {"c": ["x"]}}}, {"name": "b"}], "client": {"c": [{"name": "x"}]}},
  "groups": [{"name": "g", "realmRoles": ["a"], "subGroups": [{"name": "h", "clientRoles": {"c": ["x"]}}]}],
  "clientScopes": [{"name": "s", "protocol": "openid-connect", "protocolMappers": [{"name": "m", "config": {"k": "v"}}]}],
  "scopeMappings": [{"client": "c", "roles": ["a"]}], "clientScopeMappings": {"c": [{"clientScope": "s", "roles": ["x"]}]},
  "clients": [{"clientId": "c", "secret": "geheim", "redirectUris": ["https://ä.example/*"], "webOrigins": ["+"], "serviceAccountsEnabled": true}],
  "users": [{"username": "u", "email": "u@x", "realmRoles": ["a"], "groups": ["/g/h"], "credentials": [{"value": "password1"}]}],
  "authenticationFlows": [{"alias": "f", "authenticationExecutions": [{"flowAlias": "f", "requirement": "REQUIRED"}]}],
  "directGrantFlow": "f", "attributes": {"latchkey.compat": "26.4", "${X}": "${Y:z}"}, "accessTokenLifespan": 60}"#;

#[test]
fn the_realm_that_is_broken_below_is_right() {
    assert_eq!(said(REALM), "");
}

fn said(json: &str) -> String {
    crate::render(&read_one(json).diagnostics)
}

#[test]
fn extremes_are_answered() {
    let nested = |open: &str, depth: usize| format!("{{\"realm\": \"r\", \"x\": {}", open.repeat(depth));
    for text in [
        nested("[", 100_000),
        nested("{\"a\":", 100_000),
        format!("{{\"realm\": \"r\", \"groups\": {}", "[{\"name\": \"g\", \"subGroups\": ".repeat(10_000)),
        format!("{{\"realm\": \"r\", \"notBefore\": {}}}", "9".repeat(100_000)),
        format!("{{\"realm\": \"r\", \"notBefore\": 1e{}}}", "9".repeat(1000)),
        format!("{{\"realm\": \"{}\"}}", "r".repeat(1_000_000)),
        "{\"realm\": \"r\0\"}".to_owned(),
        "{\"realm\": \"\\u0000\"}".to_owned(),
        "{\"realm\": \"\\ud800\"}".to_owned(),
        "\u{feff}".to_owned(),
        "${".repeat(1000),
        "\"\\".to_owned(),
        format!("{{\"realm\": \"r\", {}}}", (0..5000).map(|n| format!("\"unknown{n}\": 1")).collect::<Vec<_>>().join(",")),
    ] {
        assert!(survives(text.into_bytes()) > 0);
    }
}

/// What is put in the place of a part of the file.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let words = [
        "null", "{}", "[]", "\"\"", "-1", "1e400", "true", "\"a\"", "\\", "\"", "{", "]", ",", ":", "\0", "\u{feff}", "${X}",
        "\n", "é",
    ];
    prop_oneof![
        proptest::sample::select(words.to_vec()).prop_map(|word| word.as_bytes().to_vec()),
        proptest::collection::vec(any::<u8>(), 0..4),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_realm_file_is_answered(cuts in proptest::collection::vec((any::<proptest::sample::Index>(), 0_usize..12, piece()), 1..4)) {
        let mut bytes = REALM.as_bytes().to_vec();
        for (at, length, piece) in cuts {
            let start = at.index(bytes.len());
            let end = (start + length).min(bytes.len());
            bytes.splice(start..end, piece);
        }
        survives(bytes);
    }

    #[test]
    fn a_changed_value_is_answered(nth in 0_usize..120, value in proptest::sample::select(vec!["null", "{}", "[]", "[null]", "[{}]", "\"\"", "\"x\"", "7", "-1.5", "{\"a\": null}", "{\"c\": [{}]}"])) {
        let mut ranges = Vec::new();
        crate::file::scan::walk(REALM, &mut |token, range, _| {
            if token == crate::file::scan::Token::Scalar {
                ranges.push(range);
            }
        });
        let range = ranges.get(nth % ranges.len()).unwrap().clone();
        let mut text = REALM.to_owned();
        text.replace_range(range, value);
        survives(text.into_bytes());
    }

    #[test]
    fn any_text_is_answered(text in "[\\[\\]{}:,\"\\\\a-z0-9$ \n]{0,200}") {
        survives(text.into_bytes());
    }
}
