use serde_json::json;

use super::*;

fn record(value: Value) -> UserRecord {
    UserRecord(value.as_object().unwrap().clone())
}

fn changed(before: Value, from: &Key, to: Option<&Key>) -> Value {
    let mut record = record(before);
    change_membership(&mut record, from, to);
    Value::Object(record.0)
}

#[test]
fn a_card_is_found_by_the_hash_of_its_serial_however_it_is_kept() {
    let hashed = json!({ "value": hash_card("04A2") }).to_string();
    for card in
        [json!({ "type": "contactless-card", "value": " 04A2 " }), json!({ "type": "contactless-card", "secretData": hashed })]
    {
        let index = UserIndex::of(&record(json!({ "credentials": [card, { "type": "password", "value": "x" }] })));
        assert_eq!(index.cards, BTreeSet::from([hash_card("04A2")]));
    }
}

#[test]
fn a_long_attribute_value_is_found_by_its_hash_in_any_case() {
    let long = "ä".repeat(200);
    assert_eq!(attribute_value(&long), attribute_value(&"Ä".repeat(200)));
    assert!(attribute_value(&long).len() < 80);
    assert_eq!(attribute_value("Red"), "red");
}

#[test]
fn a_renamed_role_keeps_its_place() {
    let role = |name| Key::of(Kind::RealmRole, name);
    let before = json!({ "realmRoles": ["a", "b", "c"] });
    assert_eq!(changed(before.clone(), &role("b"), Some(&role("x"))), json!({ "realmRoles": ["a", "x", "c"] }));
    assert_eq!(changed(before.clone(), &role("b"), Some(&role("a"))), json!({ "realmRoles": ["c", "a"] }));
    assert_eq!(changed(before.clone(), &role("b"), None), json!({ "realmRoles": ["a", "c"] }));
    assert_eq!(changed(before.clone(), &role("nobody's"), None), before);
}

#[test]
fn a_client_role_moves_with_its_client() {
    let role = |client, name| Key::owned(Kind::ClientRole, client, name);
    let before = json!({ "clientRoles": { "app": ["r"], "other": ["s"] } });
    let to = role("app2", "r");
    assert_eq!(
        changed(before.clone(), &role("app", "r"), Some(&to)),
        json!({ "clientRoles": { "other": ["s"], "app2": ["r"] } })
    );
    assert_eq!(changed(before.clone(), &role("app", "r"), None), json!({ "clientRoles": { "other": ["s"] } }));
    let to = role("other", "r");
    assert_eq!(changed(before, &role("app", "r"), Some(&to)), json!({ "clientRoles": { "other": ["s", "r"] } }));
}
