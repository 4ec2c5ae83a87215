//! A realm of nothing but a name.

use serde_json::{Value, json};

use super::same::differences;
use super::{exported, json, latchkey};

/// What Keycloak 26.7.4 exports of a realm that was made from `{"realm": "x", "enabled": true}`; keys left out.
const OF_KEYCLOAK: &str = "fidelity/nothing.json";

/// Ids of built-in entities are made up, by Keycloak at random.
fn without_ids(value: &mut Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(without_ids),
        Value::Object(members) => {
            members.retain(|name, _| !matches!(name.as_str(), "id" | "containerId" | "_id"));
            members.values_mut().for_each(without_ids);
        }
        _ => {}
    }
}

#[test]
fn a_realm_of_nothing_but_a_name_is_exported_as_keycloak_exports_it() {
    let folder = tempfile::tempdir().unwrap();
    let nothing = json!({"realm": "x", "enabled": true});
    std::fs::write(folder.path().join("x.json"), nothing.to_string()).unwrap();
    latchkey(folder.path(), &["import", "--data", "data", "--file", "x.json"]);
    let (mut expected, mut found) = (json(&crate::harness::tests(OF_KEYCLOAK)), exported(folder.path(), "x"));
    without_ids(&mut expected);
    without_ids(&mut found);
    assert_eq!(differences(&expected, &found), Vec::<String>::new());
}
