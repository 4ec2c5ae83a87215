use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

struct Surroundings;

impl Placeholders for Surroundings {
    fn variable(&self, name: &str) -> Option<String> {
        let values = BTreeMap::from([
            ("HOST", "idp.example"),
            ("EMPTY", ""),
            ("B", "bval"),
            ("REC", "${HOST}"),
            ("LOOP", "${LOOP}"),
            ("MIX", "x${HOST}y"),
            ("Q", "a\"b"),
            ("NL", "a\nb"),
            ("FRAGMENT", "a\\nb"),
            ("NUMBER", "300"),
            ("LIST", "[\"a\", \"b\"]"),
        ]);
        values.get(name).map(|value| (*value).to_owned())
    }

    fn file(&self, path: &str) -> std::io::Result<String> {
        match path {
            "/run/secrets/x" => Ok("s3\\n\"cret\n".to_owned()),
            "/run/secrets/life" => Ok("77\r\n".to_owned()),
            _ => Err(std::io::Error::new(std::io::ErrorKind::NotFound, "not there")),
        }
    }
}

fn in_a_text(inside: &str) -> String {
    let quoted = format!("\"{inside}\"");
    let text = expand(&quoted, &Surroundings).text.into_owned();
    text.get(1..text.len() - 1).unwrap().to_owned()
}

/// Each row: what Keycloak 26.7.4's own replacer makes of it, asked directly.
#[test]
fn replaces_what_the_environment_has_as_keycloak_does() {
    for (text, becomes) in [
        ("https://${HOST}/x", "https://idp.example/x"),
        ("${NONE:http://d:80}", "http://d:80"),
        ("${HOST:other}", "idp.example"),
        ("a${EMPTY}b", "ab"),
        ("${EMPTY:d}${EMPTY,B}", ""),
        ("${NONE:}", ""),
        ("${NONE:${HOST}} ${NONE:a${HOST}b} ${NONE:${NONE2:x}}", "idp.example aidp.exampleb x"),
        ("${NONE:${NONE2}}", "${NONE2}"),
        ("${NONE,B} ${NONE,NONE2:d} ${NONE,B:d} ${HOST,B} ${,B} ${B,}", "bval d bval idp.example bval bval"),
        ("${NONE,NONE2,B} ${NONE:a,b}", "${NONE,NONE2,B} a,b"),
        ("${REC} ${MIX}", "idp.example xidp.exampley"),
        ("${HOST:{}} ${NONE:{}} ${NONE:a}b}", "idp.example {} ab}"),
        ("${X${NONE:HO}ST:d} ${${NONE:HOST}}", "d idp.example"),
        ("$${HOST} $$${HOST} $$$$${HOST} a$b", "$${HOST} $$idp.example $$$$idp.example a$b"),
        ("${/} ${:} ${} ${:x} ${ HOST }", "/ : ${} ${:x} ${ HOST }"),
        ("${role_admin} ${role_offline-access}", "${role_admin} ${role_offline-access}"),
        ("resource_access.${client_id}.roles ${env.HOST}", "resource_access.${client_id}.roles ${env.HOST}"),
        ("${ ${HOST", "${ ${HOST"),
    ] {
        assert_eq!(in_a_text(text), becomes, "{text}");
    }
}

#[test]
fn a_value_that_names_itself_ends() {
    assert!(in_a_text("${LOOP}").starts_with("${LOOP"));
}

#[test]
fn a_value_can_break_no_text() {
    assert_eq!(in_a_text("${Q}"), "a\\\"b");
    assert_eq!(in_a_text("${NL}"), "a\\nb");
    assert_eq!(in_a_text("${FRAGMENT}"), "a\\nb");
}

#[test]
fn the_content_of_a_file_loses_its_last_line_end_and_nothing_else() {
    assert_eq!(in_a_text("${file:/run/secrets/x}"), "s3\\\\n\\\"cret");
    assert_eq!(expand("{\"a\": ${file:/run/secrets/life}}", &Surroundings).text, "{\"a\": 77}");
    let expanded = expand("[\"${file:/nope}\"]", &Surroundings);
    assert_eq!(expanded.text, "[\"${file:/nope}\"]");
    assert_eq!(expanded.unresolved.first().unwrap().failure.as_deref(), Some("not there"));
}

#[test]
fn knows_where_everything_stood() {
    let text = "\"a ${X} b ${X} c\"";
    let expanded = expand(text, &|_: &str| Some("12345678".to_owned()));
    assert_eq!(expanded.text, "\"a 12345678 b 12345678 c\"");
    assert_eq!(expanded.origin_of(0), 0);
    assert_eq!(expanded.origin_of(6), 3, "inside the value: where the placeholder begins");
    assert_eq!(expanded.origin_of(12), text.find('b').unwrap());
    assert_eq!(expanded.origin_of(23), text.find('c').unwrap());
}

#[test]
fn tells_what_has_no_value_and_where_it_is() {
    let text = "{\"a\": \"${HOST} ${NONE}\", \"b\": ${NONE}, \"c\": ${NUMBER}}";
    let expanded = expand(text, &Surroundings);
    assert_eq!(expanded.text, "{\"a\": \"idp.example ${NONE}\", \"b\": \"${NONE}\", \"c\": 300}");
    let told: Vec<_> = expanded.unresolved.iter().map(|one| (one.old.0, one.new, one.bare)).collect();
    let (old, new) = (text.rfind("${NONE}").unwrap(), expanded.text.rfind("\"${NONE}").unwrap());
    assert_eq!(told, [(text.find("${NONE}").unwrap(), expanded.text.find("${NONE}").unwrap(), false), (old, new, true)]);
}

#[test]
fn what_stands_outside_of_quotes_is_kept_as_a_text_and_resolved_like_the_file() {
    for (text, becomes) in [
        ("{\"a\": ${NUMBER}, \"b\": [${LIST}]}", "{\"a\": 300, \"b\": [[\"a\", \"b\"]]}"),
        ("{\"a\": ${NONE:300}, \"b\": 1${EMPTY}2}", "{\"a\": 300, \"b\": 12}"),
        ("{\"a\": ${NONE:{\"x\": \"y}\"}}", "{\"a\": {\"x\": \"y}\"}"),
        ("{\"a\": ${NONE}}", "{\"a\": \"${NONE}\"}"),
        ("{\"a\": \"${HOST}\"}", "{\"a\": \"idp.example\"}"),
    ] {
        let quoted = quote_bare(text);
        assert_eq!(unquote_bare(&quoted), text);
        assert_eq!(resolve(&quoted, &Surroundings), becomes, "{text}");
        assert_eq!(expand(text, &Surroundings).text, becomes, "{text}");
    }
    assert_eq!(quote_bare("{\"a\": \"${X} \\\" ${Y}\"}"), "{\"a\": \"${X} \\\" ${Y}\"}");
    assert!(serde_json::from_str::<serde_json::Value>(&quote_bare("{\"a\": ${X:\"y\"}, \"b\": -${Y}, ${K}: 1}")).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn quoting_can_always_be_undone(text in "([\\[\\]{}:,\"\\\\a-z0-9$ \n]|\\$\\{[A-Z]{0,3}(:[a-z\"{}]{0,3})?\\}|é){0,60}") {
        let quoted = quote_bare(&text);
        prop_assert_eq!(unquote_bare(&quoted), text.as_str());
        let expanded = expand(&text, &Surroundings);
        for at in 0..=expanded.text.len() {
            prop_assert!(expanded.origin_of(at) <= text.len() + expanded.text.len());
        }
        resolve(&quoted, &Surroundings);
    }
}
