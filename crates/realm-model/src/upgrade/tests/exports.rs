//! `tests/exports/keycloak-*.json` are exports of the versions themselves, each of a realm made through the Admin API;
//! `as-26.7.json` is what 26.7.4 made of them where migration shows, read off its own export.

use std::fs;

use ambient::{SeededEntropy, Timestamp};
use serde_json::{Map, Value, json};

use super::{body, upgrade};
use crate::completion::{Minting, Origin, new_realm};
use crate::document::{Body, join, split};
use crate::template::overlay;
use crate::upgrade::{CURRENT, Version};

const VERSIONS: [&str; 7] = ["17.0.0", "19.0.1", "21.1.2", "23.0.7", "24.0.5", "25.0.6", "26.0.8"];

fn read(name: &str) -> Value {
    let path = format!("{}/tests/exports/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn export(version: &str) -> Body {
    body(read(&format!("keycloak-{version}")))
}

fn strings(value: &Value) -> Vec<String> {
    let mut list: Vec<String> = value.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect();
    list.sort();
    list
}

fn by<T: Into<Value>>(list: &Value, key: &str, fact: impl Fn(&Value) -> T) -> Value {
    let facts = list.as_array().unwrap().iter().map(|entity| (entity[key].as_str().unwrap().to_owned(), fact(entity).into()));
    Value::Object(facts.collect::<Map<String, Value>>())
}

fn names(list: &Value, key: &str) -> Vec<String> {
    strings(&list.as_array().unwrap().iter().map(|entity| entity[key].clone()).collect())
}

fn mappers(owner: &Value) -> Vec<String> {
    let mappers = owner["protocolMappers"].as_array().into_iter().flatten();
    let text = |mapper: &Value| format!("{}: {}", mapper["name"].as_str().unwrap(), mapper["protocolMapper"].as_str().unwrap());
    let mut mappers: Vec<String> = mappers.map(text).collect();
    mappers.sort();
    mappers
}

fn steps(flow: &Value) -> Vec<String> {
    let mut steps: Vec<(i64, String)> = flow["authenticationExecutions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| {
            let what = step["authenticator"].as_str().or(step["flowAlias"].as_str()).unwrap();
            let priority = step["priority"].as_i64().unwrap();
            (priority, format!("{what} {priority} {}", step["requirement"].as_str().unwrap()))
        })
        .collect();
    steps.sort_by_key(|(priority, _)| *priority);
    steps.into_iter().map(|(_, step)| step).collect()
}

/// Where migration shows.
fn facts(realm: &Value) -> Value {
    let roles = &realm["roles"]["client"];
    let management = roles["realm-management"].as_array().unwrap();
    let admin = management.iter().find(|role| role["name"] == "realm-admin").unwrap();
    let mappings = realm["clientScopeMappings"]["account"].as_array().unwrap();
    let console = mappings.iter().find(|mapping| mapping["client"] == "account-console").unwrap();
    let profile =
        realm["components"]["org.keycloak.userprofile.UserProfileProvider"][0]["config"]["kc.user.profile.config"][0].as_str();
    let profile: Option<Value> = profile.map(|profile| serde_json::from_str(profile).unwrap());
    json!({
        "clientScopes": by(&realm["clientScopes"], "name", mappers),
        "defaultDefaultClientScopes": strings(&realm["defaultDefaultClientScopes"]),
        "defaultOptionalClientScopes": strings(&realm["defaultOptionalClientScopes"]),
        "clients": by(&realm["clients"], "clientId", |client| json!({
            "default": strings(&client["defaultClientScopes"]),
            "optional": strings(&client["optionalClientScopes"]),
            "fullScopeAllowed": client["fullScopeAllowed"],
            "lightweight": client["attributes"]["client.use.lightweight.access.token.enabled"],
        })),
        "roles": { "account": names(&roles["account"], "name"), "realm-management": names(&roles["realm-management"], "name") },
        "realmAdmin": strings(&admin["composites"]["client"]["realm-management"]),
        "accountConsole": strings(&console["roles"]),
        "requiredActions": by(&realm["requiredActions"], "alias", |action| action["priority"].clone()),
        "flows": by(&realm["authenticationFlows"], "alias", steps),
        "keys": names(&realm["components"]["org.keycloak.keys.KeyProvider"], "name"),
        "unmanagedAttributePolicy": profile.map(|profile| profile["unmanagedAttributePolicy"].clone()),
    })
}

#[test]
fn an_export_of_each_version_becomes_what_the_real_server_made_of_it() {
    let expected = read("as-26.7");
    for version in VERSIONS {
        let mut realm = export(version);
        upgrade(&mut realm);
        let facts = facts(&Value::Object(realm));
        for (what, fact) in facts.as_object().unwrap() {
            assert_eq!(*fact, expected[version][what], "{what} of {version}");
        }
    }
}

/// The realm as it is in force once the file is imported, exported again.
fn imported(realm: Body) -> Value {
    let entropy = SeededEntropy::new(1);
    let minting = Minting { now: Timestamp::from_secs(0), entropy: &entropy, origin: Origin::Import };
    let made = new_realm(split(realm, &str::to_owned), &minting);
    let there = made.documents.into_iter().map(|document| (document.key, document.id, 1, Some(document.body)));
    let removed = made.removed.into_iter().map(|key| (key, String::new(), 1, None));
    Value::Object(join(&overlay((&made.realm_id, &made.name), made.template, there.chain(removed), 1)))
}

#[test]
fn what_is_imported_is_what_the_real_server_imports() {
    let expected = read("as-26.7");
    for version in VERSIONS {
        let mut realm = export(version);
        upgrade(&mut realm);
        for (what, fact) in facts(&imported(realm)).as_object().unwrap() {
            assert_eq!(*fact, expected[version][what], "{what} of {version}");
        }
    }
}

#[test]
fn a_second_upgrade_has_nothing_to_do() {
    for version in VERSIONS {
        let mut realm = export(version);
        assert!(!upgrade(&mut realm).is_empty());
        assert_eq!(realm["keycloakVersion"], CURRENT);
        let once = realm.clone();
        assert_eq!(upgrade(&mut realm), [], "{version}");
        assert_eq!(realm, once);
    }
}

#[test]
fn an_export_of_26_7_stays_as_it_is() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/template/realm-26.7.json");
    let mut realm = body(serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap());
    let before = realm.clone();
    assert_eq!(upgrade(&mut realm), []);
    assert_eq!(realm, before);
}

#[test]
fn what_an_upgrade_leaves_alone_is_as_before() {
    for version in VERSIONS {
        let (before, mut after) = (export(version), export(version));
        upgrade(&mut after);
        for member in [
            "id",
            "realm",
            "displayName",
            "users",
            "groups",
            "defaultRole",
            "smtpServer",
            "browserSecurityHeaders",
            "otpPolicyType",
        ] {
            assert_eq!(before.get(member), after.get(member), "{member} of {version}");
        }
        let realm_roles = |realm: &Body| realm["roles"]["realm"].clone();
        assert_eq!(realm_roles(&before), realm_roles(&after));
    }
}

#[test]
fn the_sentences_say_what_each_version_brought() {
    let said = |version: &str| upgrade(&mut export(version)).into_iter().map(|said| said.to_string()).collect::<Vec<_>>();
    assert!(
        said("24.0.5")
            .contains(&"the client scope basic of Keycloak 25 was added, and made a default scope of 6 clients".to_owned())
    );
    assert!(
        said("17.0.0")
            .contains(&"the client scope acr of Keycloak 18 was added, and made a default scope of 6 clients".to_owned())
    );
    assert_eq!(
        said("26.0.8"),
        [
            "the client scope service_account of Keycloak 26.1 was added",
            "the required action idp_link of Keycloak 26.3 was added",
            "CONFIGURE_TOTP and UPDATE_PASSWORD come after VERIFY_EMAIL, as in Keycloak 26.7",
            "the roles view-organizations, manage-organizations and query-organizations of Keycloak 26.7 were added to the client realm-management",
            "the client scope AuthnContextClassRef of Keycloak 26.7 was added, and made a default scope of 1 client",
        ]
    );
}

#[test]
fn each_change_tells_its_version() {
    let upgraded = upgrade(&mut export("25.0.6"));
    let versions: Vec<String> = upgraded.iter().map(|upgraded| upgraded.version.to_string()).collect();
    assert!(versions.is_sorted(), "{versions:?}");
    assert_eq!(upgraded.first().unwrap().version, Version::of(26, 0, 0));
}
