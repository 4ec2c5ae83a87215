use std::collections::BTreeMap;
use std::sync::Arc;

use oidc_types::Secret;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::document::{Document, Key, Kind, UserRecord};
use crate::template::{Template, overlay};
use crate::{Clients, RoleKey};

fn documents(all: &[(Key, Value)]) -> Documents {
    let mut documents = Documents::new("r-1", 1);
    for (key, body) in all {
        let Value::Object(body) = body.clone() else { panic!("no object") };
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
fn a_placeholder_without_a_value_is_no_secret_of_a_client() {
    let client = |id: &str, secret: &str| (Key::of(Kind::Client, id), json!({ "secret": secret }));
    let all =
        [client("known", "${KNOWN}"), client("gone", "${GONE}"), client("file", "${file:/gone}"), client("plain", "$${GONE}")];
    let known = |name: &str| (name == "KNOWN").then(|| "value".to_owned());
    let compiled = realm(&documents(&all), &known);
    let secret = |id: &str| compiled.realm.client(id).unwrap().secret.as_ref().map(|secret| secret.expose().clone());
    assert_eq!((secret("known").as_deref(), secret("gone"), secret("file")), (Some("value"), None, None));
    assert!(secret("plain").is_some(), "what is meant literally is literal");
    assert_eq!(compiled.problems.iter().filter(|problem| problem.contains("has no value")).count(), 2, "{:?}", compiled.problems);
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

/// All of a realm, maps in order, secrets too.
fn shown(realm: &Realm) -> String {
    let Realm { clients, client_scopes, roles, groups, .. } = realm;
    let settings = Realm {
        clients: Clients::new(),
        client_scopes: <_>::default(),
        roles: <_>::default(),
        groups: <_>::default(),
        ..realm.clone()
    };
    let clients: BTreeMap<_, _> =
        clients.iter().map(|(id, client)| (id, (client, client.secret.as_ref().map(Secret::expose)))).collect();
    let scopes: BTreeMap<_, _> = client_scopes.iter().collect();
    let roles: BTreeMap<_, _> = roles.iter().collect();
    let groups: BTreeMap<_, _> = groups.iter().collect();
    format!("{settings:#?}\n{clients:#?}\n{scopes:#?}\n{roles:#?}\n{groups:#?}")
}

/// A client, scope … of a few: changes meet one another.
fn change_of_one() -> impl Strategy<Value = (Key, Option<Value>)> {
    let client = || prop::sample::select(vec!["a", "b", "account"]);
    let scope = || prop::sample::select(vec!["profile", "email", "own", "role_list"]);
    let scopes = prop::collection::vec(scope(), 0..4);
    let put_client = (client(), scopes, any::<bool>(), "[a-z]{0,3}").prop_map(|(id, scopes, listed, text)| {
        let lists = if listed { json!(scopes) } else { Value::Null };
        let body = json!({ "defaultClientScopes": lists, "name": text, "secret": text, "attributes": { "x": text } });
        (Key::of(Kind::Client, id), Some(body))
    });
    let protocol = prop::sample::select(vec!["openid-connect", "openid-connect", "saml"]);
    let put_scope = (scope(), protocol, "[a-z]{0,3}").prop_map(|(name, protocol, text)| {
        let mapper = json!({ "name": text, "protocolMapper": "m", "config": { "claim.name": text } });
        (Key::of(Kind::ClientScope, name), Some(json!({ "protocol": protocol, "protocolMappers": [mapper] })))
    });
    let role = || prop::sample::select(vec!["r", "s"]);
    let put_role = (client(), role()).prop_map(|(id, role)| (Key::owned(Kind::ClientRole, id, role), Some(json!({}))));
    let put_mapping = (client(), client(), role()).prop_map(|(owner, id, role)| {
        (Key::owned(Kind::ClientScopeMapping, owner, format!("client:{id}")), Some(json!({ "roles": [role] })))
    });
    let put_group =
        (client(), role()).prop_map(|(id, role)| (Key::of(Kind::Group, "/g"), Some(json!({ "clientRoles": { id: [role] } }))));
    let put_provider = Just((Key::of(Kind::IdentityProvider, "p"), Some(json!({}))));
    let put = prop_oneof![4 => put_client, 4 => put_scope, 1 => put_role, 1 => put_mapping, 1 => put_group, 1 => put_provider];
    (put, prop::bool::weighted(0.3)).prop_map(|((key, body), is_gone)| (key, body.filter(|_| !is_gone)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_change_makes_the_realm_that_a_whole_compilation_makes(
        batches in prop::collection::vec(prop::collection::vec(change_of_one(), 1..3), 1..6)
    ) {
        let mut documents = overlay(("r-1", "acme"), Template::NEWEST, [], 1);
        let mut before = realm(&documents, &nothing).realm;
        for batch in batches {
            let mut changed = Vec::new();
            for (key, body) in batch {
                changed.push(key.clone());
                match body {
                    None => drop(documents.remove(&key)),
                    Some(Value::Object(body)) => documents.insert(Document { id: format!("id of {key}"), key, body }, 2),
                    Some(_) => unreachable!(),
                }
            }
            before = change(&before, &documents, &changed, &nothing).realm;
            prop_assert_eq!(shown(&before), shown(&realm(&documents, &nothing).realm));
        }
    }
}

#[test]
fn a_change_of_one_client_leaves_the_rest_as_it_is() {
    let mut documents = overlay(("r-1", "acme"), Template::NEWEST, [], 1);
    let before = realm(&documents, &nothing).realm;
    let key = Key::of(Kind::Client, "app");
    let body = json!({ "publicClient": true, "defaultClientScopes": ["profile"] });
    documents.insert(Document { key: key.clone(), id: String::new(), body: body.as_object().unwrap().clone() }, 1);
    let after = change(&before, &documents, &[key], &nothing).realm;
    assert_eq!(&*after.client("app").unwrap().default_scopes, [Arc::from("profile")]);
    assert!(after.roles.ptr_eq(&before.roles) && after.client_scopes.ptr_eq(&before.client_scopes));
    assert!(Arc::ptr_eq(after.client("account").unwrap(), before.client("account").unwrap()));
}

#[test]
fn realms_share_what_they_have_in_common() {
    let of = |id: &str, name: &str| realm(&overlay((id, name), Template::NEWEST, [], 1), &nothing);
    let (one, other) = (of("1", "one"), of("2", "other"));
    assert_eq!((one.problems, other.problems), (Vec::new(), Vec::new()));
    assert!(one.realm.client_scopes.ptr_eq(&other.realm.client_scopes));
    let admin = RoleKey::client("realm-management", "realm-admin");
    assert!(Arc::ptr_eq(&one.realm.roles[&admin], &other.realm.roles[&admin]));
    let default = |name| one.realm.roles.contains_key(&RoleKey::realm(format!("default-roles-{name}")));
    assert_eq!((default("one"), default("other")), (true, false));
    assert_ne!(one.realm.client("account").unwrap().id, other.realm.client("account").unwrap().id);
}

#[test]
fn placeholders_have_their_values_except_in_what_is_built_in() {
    let documents = documents(&[
        (Key::realm(), json!({ "realm": "acme", "accessTokenLifespan": "${LIFE:300}", "displayName": "${A} ${B}" })),
        (Key::of(Kind::Client, "app"), json!({ "secret": "${SECRET}" })),
    ]);
    let values = |name: &str| match name {
        "A" => Some("one".to_owned()),
        "SECRET" => Some("a\"b".to_owned()),
        _ => None,
    };
    let compiled = realm(&documents, &values);
    assert_eq!(compiled.realm.lifespans.access_token, 300);
    assert_eq!(compiled.realm.display_name.as_deref(), Some("one ${B}"));
    assert_eq!(compiled.realm.client("app").unwrap().secret.as_ref().unwrap().expose(), "a\"b");
    let built_in = overlay(("1", "acme"), Template::NEWEST, [], 1);
    let compiled = realm(&built_in, &|_: &str| Some("x".to_owned()));
    assert_eq!(compiled.realm.client("account").unwrap().name.as_deref(), Some("${client_account}"));
}

#[test]
fn what_is_of_a_wrong_type_is_left_out_and_its_value_is_not_told() {
    let compiled = realm(
        &documents(&[
            (Key::realm(), json!({ "realm": "acme" })),
            (Key::of(Kind::Client, "odd"), json!({ "secret": ["hush"] })),
            (Key::of(Kind::Client, "app"), json!({ "publicClient": true })),
        ]),
        &nothing,
    );
    assert_eq!(compiled.realm.clients.len(), 1);
    assert_eq!(compiled.problems, ["client \"odd\": it is left out, for expected a text"]);
}

#[test]
fn a_user_has_the_roles_and_groups_that_exist() {
    let realm = realm(
        &documents(&[
            (Key::realm(), json!({ "realm": "acme" })),
            (Key::of(Kind::Client, "app"), json!({ "publicClient": true })),
            (Key::of(Kind::RealmRole, "boss"), json!({})),
            (Key::owned(Kind::ClientRole, "app", "admin"), json!({})),
            (Key::of(Kind::Group, "/a"), json!({})),
        ]),
        &nothing,
    );
    let record = json!({
        "id": "u-1", "username": "Ann", "email": "A@x.org", "enabled": true, "realmRoles": ["boss", "gone"],
        "clientRoles": { "app": ["admin", "gone"], "gone": ["x"] }, "groups": ["/a", "/gone"], "serviceAccountClientId": "gone",
        "credentials": [{ "type": "password", "value": "pw" }], "attributes": { "x": ["1", "2"] },
    });
    let ann = user(&UserRecord(record.as_object().unwrap().clone()), &realm.realm);
    assert_eq!(
        (ann.id.as_str(), ann.username.as_str(), ann.email.as_deref(), ann.enabled),
        ("u-1", "ann", Some("a@x.org"), true)
    );
    assert_eq!(ann.roles, [RoleKey::realm("boss"), RoleKey::client("app", "admin")]);
    assert_eq!(ann.groups, [Arc::from("/a")]);
    assert_eq!((&ann.service_account_client, ann.attribute("x")), (&None, Some("1")));
    assert_eq!(ann.credentials[0].plain().unwrap().expose(), "pw");
    let odd = json!({ "id": "u-2", "username": "odd", "enabled": true, "realmRoles": 7 });
    let odd = user(&UserRecord(odd.as_object().unwrap().clone()), &realm.realm);
    assert_eq!((odd.id.as_str(), odd.username.as_str(), odd.enabled), ("u-2", "odd", false));
}

#[test]
fn a_credential_goes_into_a_record_and_comes_back() {
    for body in [
        json!({ "id": "c", "type": "password", "userLabel": "l", "createdDate": 5, "secretData": "{\"value\":\"v\"}", "credentialData": "{}" }),
        json!({ "type": "otp", "secretData": "{}", "credentialData": "{}" }),
        json!({ "type": "password", "value": "plain" }),
        json!({ "type": "webauthn", "secretData": "{}", "credentialData": "{\"x\":1}" }),
    ] {
        assert_eq!(credential_body(&credential(&body).unwrap()), body);
    }
    assert!(credential(&json!({ "type": "otp" })).is_none());
}

#[test]
fn what_is_built_in_is_the_same_as_its_documents_in_the_store() {
    let built_in = overlay(("r-1", "acme"), Template::NEWEST, [], 1);
    let mut stored = Documents::new("r-1", 1);
    built_in.iter().for_each(|entry| stored.insert(entry.document.clone(), 1));
    let slow = shown(&realm(&stored, &nothing).realm);
    for _ in 0..2 {
        assert_eq!(shown(&realm(&built_in, &nothing).realm), slow);
    }
}

#[test]
fn a_slash_in_the_name_of_a_group_makes_no_other_group() {
    let of = |path: &str, name: &str| (Key::of(Kind::Group, path), json!({ "name": name }));
    let all = [of("/a", "a"), of("/a/b / c", "b / c"), of("/a/b / c/d", "d"), of("/x/y", "x/y"), of("/gone/z", "z")];
    let compiled = realm(&documents(&all), &nothing);
    let parent = |path: &str| compiled.realm.groups.get(path).map(|group| group.parent.as_deref().unwrap_or_default().to_owned());
    assert_eq!(parent("/a/b / c").as_deref(), Some("/a"));
    assert_eq!(parent("/a/b / c/d").as_deref(), Some("/a/b / c"));
    assert_eq!(parent("/x/y").as_deref(), Some(""));
    assert_eq!(compiled.problems[1..], ["group \"/gone/z\": the group it is in does not exist"]);
}
