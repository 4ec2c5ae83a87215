use serde_json::json;

use super::*;
use crate::document::{Document, Kind};

fn documents(all: &[(Key, serde_json::Value)]) -> Documents {
    let mut documents = Documents::new("r-1", 1);
    for (key, body) in all {
        let serde_json::Value::Object(body) = body.clone() else { panic!("no object") };
        documents.insert(Document { key: key.clone(), id: String::new(), body }, 1);
    }
    documents
}

fn nothing(_: &str) -> Option<String> {
    None
}

#[test]
fn what_is_not_among_the_documents_does_not_exist() {
    let compiled = realm(&documents(&[(Key::realm(), json!({ "realm": "acme", "enabled": true }))]), &nothing);
    assert_eq!((compiled.realm.name.as_str(), &*compiled.realm.id, compiled.realm.enabled), ("acme", "r-1", true));
    assert!(compiled.realm.clients.is_empty() && compiled.realm.client_scopes.is_empty() && compiled.realm.roles.is_empty());
    assert_eq!(compiled.problems, [""; 0]);
}

#[test]
fn what_refers_to_nothing_is_ignored_and_reported() {
    let compiled = realm(
        &documents(&[
            (Key::realm(), json!({ "realm": "acme" })),
            (Key::of(Kind::Client, "app"), json!({ "publicClient": true, "defaultClientScopes": ["gone"] })),
            (Key::of(Kind::Group, "/a"), json!({ "realmRoles": ["gone"] })),
            (Key::of(Kind::Group, "/a/b"), json!({})),
        ]),
        &nothing,
    );
    assert!(compiled.realm.client("app").unwrap().default_scopes.is_empty());
    assert_eq!(compiled.realm.groups.get("/a/b").unwrap().parent.as_deref(), Some("/a"));
    assert!(compiled.realm.roles.is_empty());
    assert_eq!(
        compiled.problems,
        [
            "client \"app\": there is no client scope \"gone\": it is ignored",
            "groups[0].realmRoles[0]: there is no role \"gone\": it is ignored"
        ]
    );
}
