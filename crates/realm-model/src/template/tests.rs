use serde_json::json;

use super::*;
use crate::document::{Documents, Kind, join};

fn of(realm_id: &str, name: &str) -> Documents {
    overlay((realm_id, name), Template::NEWEST, [], 1)
}

#[test]
fn a_new_realm_has_everything_that_keycloak_gives_it() {
    let documents = of("some-id", "Acme");
    let count = |kind| documents.of_kind(kind).count();
    let counts = Kind::ALL.map(count);
    assert_eq!(counts, [1, 15, 6, 3, 31, 0, 1, 1, 21, 4, 14, 14, 0, 0, 0]);
    let settings = documents.settings().unwrap();
    assert_eq!(settings.get("realm").unwrap(), "Acme");
    assert_eq!(settings.get("defaultRole").unwrap(), &json!({"name": "default-roles-acme"}));
    let account = documents.named(Kind::Client, "account").unwrap();
    assert_eq!(account.document.body.get("baseUrl").unwrap(), "/realms/Acme/account/");
    assert!(!serde_json::to_string(&join(&documents)).unwrap().contains(REALM));
}

#[test]
fn ids_depend_on_the_realm_s_id_and_the_key_alone() {
    let ids = |realm: &Documents| -> Vec<String> { realm.iter().map(|entry| entry.document.id.clone()).collect() };
    let one = of("one", "a");
    assert_eq!(ids(&one), ids(&of("one", "a")));
    let other = ids(&of("two", "a"));
    assert!(ids(&one).iter().all(|id| !other.contains(id)));
    let mut distinct = ids(&one);
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), ids(&one).len());
    let scope = |realm: &Documents| realm.named(Kind::ClientScope, "profile").unwrap().document.body.clone();
    let mapper = |realm: &Documents| mappers(&mut scope(realm)).next().unwrap().get("id").cloned().unwrap();
    assert_eq!(mapper(&one).as_str().unwrap().len(), 36);
    assert_ne!(mapper(&one), mapper(&of("two", "a")));
}

#[test]
fn rows_of_the_store_take_the_place_of_what_is_built_in() {
    let key = Key::of(Kind::Client, "account");
    let gone = Key::of(Kind::Client, "broker");
    let own = Body::from_iter([("clientId".to_owned(), json!("account"))]);
    let settings = json!({"enabled": false, "editUsernameAllowed": null, "attributes": {"cibaInterval": null, "x": "y"}});
    let rows = [
        (key.clone(), "an-id".to_owned(), 3, Some(own.clone())),
        (gone.clone(), String::new(), 1, None),
        (Key::realm(), "r".to_owned(), 7, settings.as_object().cloned()),
    ];
    let documents = overlay(("r", "r"), Template::NEWEST, rows, 9);
    let entry = documents.get(&key).unwrap();
    assert_eq!((entry.document.id.as_str(), &entry.document.body, entry.version), ("an-id", &own, 3));
    assert!(documents.get(&gone).is_none());
    let settings = documents.settings().unwrap();
    assert_eq!(settings.get("enabled").unwrap(), false);
    assert!(!settings.contains_key("editUsernameAllowed"));
    assert_eq!(settings.get("accessTokenLifespan").unwrap(), 300);
    let attributes = settings.get("attributes").unwrap().as_object().unwrap();
    assert!(!attributes.contains_key("cibaInterval"));
    assert_eq!((attributes.get("x").unwrap(), attributes.get("cibaExpiresIn").unwrap()), (&json!("y"), &json!("120")));
    assert_eq!((documents.version, documents.get(&Key::realm()).unwrap().version), (9, 7));
}

#[test]
fn only_what_differs_from_the_template_is_written() {
    let mut effective = of("r", "r").settings().unwrap().clone();
    assert_eq!(sparse_settings(&effective, Template::NEWEST), Body::new());
    effective.insert("enabled".to_owned(), json!(false));
    effective.shift_remove("sslRequired");
    let attributes = effective.get_mut("attributes").unwrap().as_object_mut().unwrap();
    attributes.insert("frontendUrl".to_owned(), json!("https://x"));
    attributes.shift_remove("cibaInterval");
    let sparse = sparse_settings(&effective, Template::NEWEST);
    let expected =
        json!({"enabled": false, "sslRequired": null, "attributes": {"frontendUrl": "https://x", "cibaInterval": null}});
    assert_eq!(json!(sparse), expected);
    let again = overlay(("r", "r"), Template::NEWEST, [(Key::realm(), "r".to_owned(), 1, Some(sparse))], 1);
    assert_eq!(again.settings().unwrap(), &effective);
    assert_eq!(sparse_settings(&effective, ""), effective);
}

#[test]
fn the_built_in_entities_are_in_no_store_without_a_template() {
    let documents = overlay(("r", "r"), "", [], 1);
    assert_eq!(documents.iter().count(), 1);
    assert_eq!(documents.settings().unwrap().get("realm").unwrap(), "r");
}

#[test]
fn the_name_of_a_realm_changes_nothing_of_the_order() {
    let template = Template::of(Template::NEWEST).unwrap();
    for name in ["", "a", "zzz", "Ä/ö", "{realm}"] {
        let built_in = BuiltIn::of(template, name);
        let keys: Vec<Key> = built_in.onwards(Kind::Realm).map(|(_, key)| key.clone()).collect();
        let mut all: Vec<Key> = template.documents("", name).into_iter().map(|document| document.key).collect();
        all.sort();
        assert_eq!(keys, all);
        assert!(keys.iter().enumerate().all(|(place, key)| built_in.find(key) == Some(place)));
        assert_eq!(built_in.find(&Key::of(Kind::RealmRole, "default-roles-other")), None);
    }
}
