use serde_json::{Value, json};

use crate::harness::replayer::differences::{differences, is_listed, trim};
use crate::harness::replayer::json_files;
use crate::harness::tests;

fn paths(want: &Value, got: &Value) -> Vec<String> {
    differences(want, got).into_iter().map(|difference| difference.path).collect()
}

#[test]
fn names_the_path_of_a_wrong_missing_and_unexpected_field() {
    let want = json!({"status": 200, "body": {"a": {"b": ["x", "y"]}, "gone": 1}});
    let got = json!({"status": 200, "body": {"a": {"b": ["x", "z"]}, "new": null}});
    assert_eq!(paths(&want, &got), ["body.a.b[1]", "body.gone", "body.new"]);
}

#[test]
fn a_number_is_not_its_text() {
    assert_eq!(paths(&json!({"expires_in": 300}), &json!({"expires_in": "300"})), ["expires_in"]);
    assert_eq!(paths(&json!({"on": true}), &json!({"on": 1})), ["on"]);
    assert_eq!(paths(&json!({"n": null}), &json!({})), ["n"]);
}

#[test]
fn lifetimes_may_be_two_seconds_off_and_no_more() {
    let lifetime = |secs: i64| json!({"expires_in": secs, "exp": format!("iat{secs:+}"), "age": secs});
    assert_eq!(paths(&lifetime(300), &lifetime(298)), ["age"]);
    assert_eq!(paths(&lifetime(300), &lifetime(303)), ["expires_in", "exp", "age"]);
    assert_eq!(paths(&json!({"exp": "iat+1"}), &json!({"exp": "iat-1"})), [""; 0]);
    assert_eq!(paths(&json!({"max-age": "60"}), &json!({"max-age": "61"})), [""; 0]);
}

#[test]
fn any_matches_everything_and_nothing() {
    assert_eq!(paths(&json!({"a": "<any>", "b": "<any>"}), &json!({"a": {"c": 1}})), [""; 0]);
}

#[test]
fn ignored_paths_cover_what_lies_below_but_not_neighbours() {
    let listed = ["body.a".to_owned(), "body.list[].id".to_owned()];
    assert!(is_listed("body.a", &listed) && is_listed("body.a.b", &listed) && is_listed("body.a[0]", &listed));
    assert!(is_listed("body.list[3].id", &listed));
    assert!(!is_listed("body.ab", &listed) && !is_listed("body", &listed) && !is_listed("body.list[3].name", &listed));
}

#[test]
fn a_step_can_trim_the_body_it_compares() {
    let got = json!({"status": 200, "kind": "json", "body": [
        {"id": "b7e0f3c2-0000-4000-8000-000000000001", "when": "12:00", "rest": {"k1": 1, "k0": 2}, "noise": 9},
    ]});
    let step = json!({"only": ["when", "rest"], "like": {"when": "^\\d+:\\d+$"}, "keys": ["rest"]});
    assert_eq!(trim(&step, got.clone())["body"], json!([{"when": "<like ^\\d+:\\d+$>", "rest": ["k0", "k1"]}]));
    let keyed = json!({"status": 200, "kind": "json", "body": {"b7e0f3c2-0000-4000-8000-000000000001": 1}});
    assert_eq!(trim(&json!({}), keyed)["body"], json!({"<uuid>": 1}));
    let lists = json!({"status": 200, "kind": "json", "body": {"l": [{"n": 2}, {"n": 1}]}});
    assert_eq!(trim(&json!({"unordered": ["l"]}), lists)["body"], json!({"l": [{"n": 1}, {"n": 2}]}));
}

/// Each leaf of each recorded answer, changed alone, is found at its path.
#[test]
fn finds_every_single_wrong_leaf_of_a_recording() {
    let mut leaves = 0;
    for topic in ["token-password", "cors", "discovery-and-keys", "logout"] {
        for (name, scenario) in json_files(&tests("keycloak/recordings").join(topic)) {
            let answers = scenario["steps"].as_array().unwrap().iter().filter_map(|step| step.get("response"));
            for want in answers {
                each_leaf(want, &mut |pointer, leaf| {
                    let mut got = want.clone();
                    *got.pointer_mut(pointer).unwrap() = match leaf {
                        Value::Number(n) => json!(n.as_i64().unwrap_or_default() + 7),
                        Value::String(text) => json!(format!("{text}x")),
                        _ => json!("changed"),
                    };
                    assert_eq!(differences(want, &got).len(), 1, "{topic}/{name}: {pointer}");
                    leaves += 1;
                });
            }
        }
    }
    assert!(leaves > 5_000, "only {leaves} leaves");
}

fn each_leaf(value: &Value, visit: &mut dyn FnMut(&str, &Value)) {
    fn walk(value: &Value, pointer: &str, visit: &mut dyn FnMut(&str, &Value)) {
        let below = |name: &str| format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
        match value {
            Value::Object(map) => map.iter().for_each(|(name, item)| walk(item, &below(name), visit)),
            Value::Array(list) => list.iter().enumerate().for_each(|(at, item)| walk(item, &below(&at.to_string()), visit)),
            leaf => visit(pointer, leaf),
        }
    }
    walk(value, "", visit);
}
