use serde_json::json;

use super::*;

fn body(value: Value) -> Body {
    value.as_object().unwrap().clone()
}

/// One member `x` as file said, file says, is in force, would be; then what comes of it and how many changes and drifts that is.
#[allow(clippy::needless_pass_by_value)]
fn check(what: &str, [base, file, live, whole]: [Value; 4], (result, changes, drift): (Value, usize, usize)) {
    let [base, file, live, whole] = [base, file, live, whole].map(body);
    let merged = merge(Sides { base: &base, file: &file, live: &live, whole: &whole }, &["skipped"]);
    let becomes = merged.body.clone().unwrap_or_else(|| live.clone());
    assert_eq!(Value::Object(becomes.clone()), result, "{what}");
    assert_eq!((merged.changes.len(), merged.drift.len()), (changes, drift), "{what}: {merged:?}");
    let again = merge(Sides { base: &file, file: &file, live: &becomes, whole: &whole }, &["skipped"]);
    assert_eq!((again.body.unwrap_or_else(|| becomes.clone()), again.changes.len()), (becomes, 0), "{what}, again");
}

#[test]
fn the_file_wins_where_it_changed_and_what_it_did_not_change_stays() {
    let none = || json!({});
    for (what, sides, expected) in [
        ("unchanged", [json!({"x": 1}), json!({"x": 1}), json!({"x": 1}), json!({"x": 1})], (json!({"x": 1}), 0, 0)),
        ("changed", [json!({"x": 1}), json!({"x": 2}), json!({"x": 1}), json!({"x": 2})], (json!({"x": 2}), 1, 0)),
        ("changed on both sides", [json!({"x": 1}), json!({"x": 2}), json!({"x": 3}), json!({"x": 2})], (json!({"x": 2}), 1, 0)),
        ("changed alike", [json!({"x": 1}), json!({"x": 2}), json!({"x": 2}), none()], (json!({"x": 2}), 0, 0)),
        ("changed at run time", [json!({"x": 1}), json!({"x": 1}), json!({"x": 3}), none()], (json!({"x": 3}), 0, 1)),
        ("taken away at run time", [json!({"x": 1}), json!({"x": 1}), none(), json!({"x": 1})], (none(), 0, 1)),
        ("said, but ignored", [json!({"x": 1}), json!({"x": 1}), none(), none()], (none(), 0, 0)),
        ("read leniently", [json!({"x": "2"}), json!({"x": "2"}), json!({"x": 2}), json!({"x": 2})], (json!({"x": 2}), 0, 0)),
        (
            "changed and read leniently",
            [json!({"x": "1"}), json!({"x": "2"}), json!({"x": 1}), json!({"x": 2})],
            (json!({"x": 2}), 1, 0),
        ),
        ("new in the file", [none(), json!({"x": 1}), json!({"x": 3}), none()], (json!({"x": 1}), 1, 0)),
        ("new everywhere", [none(), json!({"x": 1}), none(), none()], (json!({"x": 1}), 1, 0)),
        ("gone, with a default", [json!({"x": 1}), none(), json!({"x": 1}), json!({"x": 9})], (json!({"x": 9}), 1, 0)),
        ("gone, without one", [json!({"x": 1}), none(), json!({"x": 3}), none()], (none(), 1, 0)),
        (
            "a secret that is gone",
            [json!({"secret": "a"}), none(), json!({"secret": "a"}), none()],
            (json!({"secret": "a"}), 0, 0),
        ),
        ("never said", [none(), none(), json!({"x": 3}), json!({"x": 3})], (json!({"x": 3}), 0, 0)),
        ("never said, changed at run time", [none(), none(), json!({"x": 3}), json!({"x": 1})], (json!({"x": 3}), 0, 1)),
        ("skipped", [none(), json!({"skipped": 1}), none(), none()], (none(), 0, 0)),
    ] {
        check(what, sides, expected);
    }
}

#[test]
fn members_of_objects_are_compared_one_by_one() {
    check(
        "each its own way",
        [
            json!({"attributes": {"kept": "1", "changed": "1", "gone": "1"}}),
            json!({"attributes": {"kept": "1", "changed": "2"}}),
            json!({"attributes": {"kept": "live", "changed": "1", "gone": "1", "other": "live"}}),
            json!({}),
        ],
        (json!({"attributes": {"kept": "live", "changed": "2", "other": "live"}}), 2, 2),
    );
    check(
        "the whole object is gone",
        [json!({"attributes": {"a": "1"}}), json!({}), json!({"attributes": {"a": "1", "other": "live"}}), json!({})],
        (json!({"attributes": {"other": "live"}}), 1, 1),
    );
}

#[test]
fn elements_of_named_lists_come_stay_and_go_by_name() {
    let mapper = |name: &str, claim: &str| json!({"name": name, "config": {"claim.name": claim}});
    check(
        "each its own way",
        [
            json!({"protocolMappers": [mapper("kept", "a"), mapper("changed", "a"), mapper("gone", "a"), mapper("deleted", "a")]}),
            json!({"protocolMappers": [mapper("new", "a"), mapper("changed", "b"), mapper("kept", "a"), mapper("deleted", "a")]}),
            json!({"protocolMappers": [mapper("kept", "live"), mapper("changed", "a"), mapper("gone", "a"), mapper("other", "live")]}),
            json!({}),
        ],
        (
            json!({"protocolMappers": [mapper("kept", "live"), mapper("changed", "b"), mapper("other", "live"), mapper("new", "a")]}),
            3,
            3,
        ),
    );
}

#[test]
fn other_lists_are_values() {
    let uris = |list: &[&str]| json!({"redirectUris": list});
    check("changed", [uris(&["a"]), uris(&["a", "b"]), uris(&["a", "live"]), uris(&["a", "b"])], (uris(&["a", "b"]), 1, 0));
    check(
        "in another order",
        [uris(&["a", "b"]), uris(&["b", "a"]), uris(&["a", "b"]), uris(&["b", "a"])],
        (uris(&["a", "b"]), 0, 0),
    );
}
