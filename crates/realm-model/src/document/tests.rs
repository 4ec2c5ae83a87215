use serde_json::{Value, json};

use super::*;

/// The exports that the compatibility tests use, too.
const EXPORTS: &[&str] = &["acme", "bench", "legacy", "sbc"];

fn read(name: &str) -> Body {
    let path = format!("{}/../../tests/keycloak/realms/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn body(value: Value) -> Body {
    value.as_object().unwrap().clone()
}

fn documents(split: &Split) -> Documents {
    let id = split.documents.first().unwrap().id.clone();
    let mut documents = Documents::new(id, 1);
    split.documents.iter().for_each(|document| documents.insert(document.clone(), 1));
    documents
}

/// The order of lists has no meaning here.
fn sorted(value: Value) -> Value {
    match value {
        Value::Array(list) => {
            let mut list: Vec<Value> = list.into_iter().map(sorted).collect();
            list.sort_by_cached_key(Value::to_string);
            list.into()
        }
        Value::Object(mut object) => {
            object.sort_keys();
            object.into_iter().map(|(name, value)| (name, sorted(value))).collect::<Body>().into()
        }
        other => other,
    }
}

fn in_order(mut documents: Vec<Document>) -> Vec<(Key, String, Body)> {
    documents.sort_by(|a, b| a.key.cmp(&b.key));
    documents.into_iter().map(|document| (document.key, document.id, document.body)).collect()
}

#[test]
fn an_export_that_was_taken_apart_is_put_together_again() {
    for name in EXPORTS {
        let export = read(name);
        let split = split(export.clone(), &str::to_owned);
        let documents = documents(&split);
        assert_eq!(documents.iter().count(), split.documents.len(), "{name}: every key is there once");
        let mut again = join(&documents);
        let users = split.users.iter().map(|user| exported_user(&UserRecord(user.clone())));
        again.insert("users".to_owned(), users.collect());
        let (again, export) = (sorted(again.into()), sorted(export.into()));
        for (member, value) in export.as_object().unwrap() {
            assert_eq!(again.get(member), Some(value), "{name}: {member}");
        }
        assert_eq!(again.as_object().unwrap().len(), export.as_object().unwrap().len(), "{name}");
    }
}

#[test]
fn members_stand_in_the_order_of_keycloak_s_export() {
    for name in EXPORTS {
        let mut export = read(name);
        let documents = documents(&split(export.clone(), &str::to_owned));
        export.shift_remove("users");
        let joined = join(&documents);
        let names = |body: &Body| body.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&joined), names(&export), "{name}");
        for list in ["clients", "clientScopes", "authenticationFlows", "requiredActions", "identityProviders", "groups"] {
            for of in joined.get(list).unwrap().as_array().unwrap() {
                let same = export.get(list).unwrap().as_array().unwrap().iter().find(|other| *other == of);
                if let Some(same) = same {
                    assert_eq!(names(of.as_object().unwrap()), names(same.as_object().unwrap()), "{name}: {list}");
                }
            }
        }
    }
}

#[test]
fn taking_apart_what_was_put_together_changes_nothing() {
    for name in EXPORTS.iter().chain(&["minimal", "short", "span", "strict", "closed", "front", "tlsonly"]) {
        let first = split(read(name), &str::to_owned);
        let second = split(join(&documents(&first)), &str::to_owned);
        assert_eq!(in_order(first.documents), in_order(second.documents), "{name}");
    }
}

#[test]
fn entities_are_called_what_people_call_them() {
    let split = split(
        body(json!({
            "id": "r-id", "realm": "r", "clients": [{"id": "c-id", "clientId": "app"}],
            "roles": {"realm": [{"name": "boss", "containerId": "r-id"}], "client": {"app": [{"name": "user"}]}},
            "groups": [{"name": "a", "path": "/a", "subGroups": [{"name": "b/c", "parentId": "x"}]}, {"name": "a/b"}],
            "scopeMappings": [{"clientScope": "email", "roles": ["boss"]}],
            "clientScopeMappings": {"app": [{"client": "web", "roles": ["user"]}]},
            "identityProviders": [{"alias": "idp", "internalId": "i-id"}],
            "identityProviderMappers": [{"name": "m", "identityProviderAlias": "idp"}],
            "components": {"keys": [{"name": "k", "providerId": "rsa"}], "policy": [{"name": "p", "subType": "anonymous"}]},
            "defaultRole": {"name": "dr", "description": "d", "id": "d-id"}, "own": 1, "users": [{"username": "u"}],
        })),
        &str::to_owned,
    );
    let keys: Vec<String> = in_order(split.documents.clone()).iter().map(|(key, ..)| format!("{key}")).collect();
    assert_eq!(
        keys,
        [
            "realm settings",
            "client \"app\"",
            "realm role \"boss\"",
            "realm role \"dr\"",
            "client role \"app/user\"",
            "group \"/a\"",
            "group \"/a/b\"",
            "group \"/a/b/c\"",
            "scope mapping \"clientScope/email\"",
            "client scope mapping \"app/client:web\"",
            "component \"keys/k\"",
            "component \"policy/p (anonymous)\"",
            "identity provider \"idp\"",
            "identity provider mapper \"idp/m\"",
        ]
    );
    assert_eq!(json!(split.settings().unwrap()), json!({"realm": "r", "own": 1, "defaultRole": {"name": "dr"}}));
    let documents = documents(&split);
    let id = |kind, name| documents.named(kind, name).unwrap().document.id.as_str();
    assert_eq!((id(Kind::IdentityProvider, "idp"), id(Kind::RealmRole, "dr")), ("i-id", "d-id"));
    let role = &documents.get(&Key::owned(Kind::ClientRole, "app", "user")).unwrap().document;
    assert_eq!(json!(representation(&documents, role)), json!({"name": "user", "containerId": "c-id"}));
    assert_eq!(split.users.len(), 1);
    assert!(split.brings.contains("clients") && !split.brings.contains("clientScopes"));
}

#[test]
fn a_group_whose_name_has_a_slash_in_it_is_found_below_its_parent() {
    let groups = json!([{"id": "1", "name": "a", "subGroups": [{"id": "2", "name": "b/c"}, {"id": "3", "name": "b"}]}]);
    let documents = documents(&split(body(json!({"realm": "r", "groups": groups})), &str::to_owned));
    let group = &documents.named(Kind::Group, "/a/b/c").unwrap().document;
    assert_eq!(parent_group(&documents, group).unwrap().id, "1");
    let joined = join(&documents);
    let names = joined.get("groups").unwrap().pointer_names();
    assert_eq!(names, ["/a", "/a/b", "/a/b/c"]);
}

trait Paths {
    fn pointer_names(&self) -> Vec<String>;
}

impl Paths for Value {
    fn pointer_names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for group in self.as_array().unwrap() {
            names.push(group.get("path").unwrap().as_str().unwrap().to_owned());
            names.extend(group.get("subGroups").unwrap().pointer_names());
        }
        names
    }
}

#[test]
fn components_of_one_name_are_kept_apart_whatever_their_order() {
    let keys = |list: Value| {
        let split = split(body(json!({"realm": "r", "components": {"t": list}})), &str::to_owned);
        let mut keys: Vec<_> = split.documents.iter().map(|d| (d.id.clone(), d.key.name.clone())).collect();
        keys.sort();
        keys
    };
    let (one, two) = (json!({"id": "1", "name": "k", "providerId": "p"}), json!({"id": "2", "name": "k", "providerId": "p"}));
    let three = json!({"id": "3", "name": "k", "providerId": "q"});
    let forward = keys(json!([one, two, three]));
    assert_eq!(forward, keys(json!([three, two, one])));
    let names: Vec<&str> = forward.iter().map(|(_, name)| name.as_str()).collect();
    assert_eq!(names, ["", "k", "k #p", "k #q"]);
}

#[test]
fn placeholders_are_resolved_in_keys_and_left_in_bodies() {
    let resolve = |text: &str| text.replace("${APP}", "shop");
    let split = split(body(json!({"realm": "r-${APP}", "clients": [{"clientId": "${APP}-web"}]})), &resolve);
    let client = split.documents.get(1).unwrap();
    assert_eq!((split.name.as_str(), client.key.name.as_str()), ("r-shop", "shop-web"));
    assert_eq!(json!(client.body), json!({"clientId": "${APP}-web"}));
}

#[test]
fn what_is_no_entity_stays_with_the_realm() {
    let realm =
        json!({"realm": "r", "clients": [{"name": "no id"}, 5], "groups": "odd", "components": {"t": 7, "u": [{"x": 1}]}});
    let split = split(body(realm), &str::to_owned);
    assert_eq!(split.documents.len(), 1);
    let settings = split.settings().unwrap();
    assert_eq!(settings.get("clients").unwrap(), &json!([{"name": "no id"}, 5]));
    assert_eq!(settings.get("components").unwrap(), &json!({"t": [7], "u": [{"x": 1}]}));
}

/// Spoils what stands at the `at`th place, counted over all values.
fn spoil(value: &mut Value, at: &mut usize, with: &Value) -> bool {
    if *at == 0 {
        *value = with.clone();
        return true;
    }
    *at -= 1;
    match value {
        Value::Array(list) => list.iter_mut().any(|value| spoil(value, at, with)),
        Value::Object(body) => body.values_mut().any(|value| spoil(value, at, with)),
        _ => false,
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(24))]
    #[test]
    fn whatever_was_taken_apart_is_the_same_after_it_was_put_together(
        places in proptest::collection::vec((1_usize..6000, 0_usize..8), 1..40)
    ) {
        let with = [json!(null), json!(""), json!("x"), json!(5), json!([]), json!({}), json!({"name": "x"}), json!([{"name": "x"}])];
        let mut realm = Value::from(read("acme"));
        for (mut at, which) in places {
            spoil(&mut realm, &mut at, &with[which]);
        }
        let Value::Object(realm) = realm else { return Ok(()) };
        let first = split(realm, &str::to_owned);
        let once = join(&documents(&first));
        let again = join(&documents(&split(once.clone(), &str::to_owned)));
        proptest::prop_assert_eq!(sorted(once.into()), sorted(again.into()));
    }
}
