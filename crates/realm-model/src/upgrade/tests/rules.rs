use serde_json::{Value, json};

use super::upgraded;
use crate::upgrade::Version;

#[test]
fn a_version_is_read_whatever_follows_its_numbers() {
    assert_eq!(Version::read("17.0.0.redhat-00001"), Some(Version::of(17, 0, 0)));
    assert_eq!(Version::read("4.8.3.Final"), Some(Version::of(4, 8, 3)));
    assert_eq!(Version::read("999.0.0-SNAPSHOT"), Some(Version::of(999, 0, 0)));
    assert_eq!(Version::read("26"), Some(Version::of(26, 0, 0)));
    assert_eq!(Version::read("nightly"), None);
}

#[test]
fn a_file_without_a_version_or_of_a_newer_one_is_not_migrated() {
    let file = json!({ "realm": "r", "clientScopes": [{ "name": "only" }], "requiredActions": [] });
    assert_eq!(upgraded(file.clone()), (file.clone(), vec![]));
    let mut newer = file;
    newer["keycloakVersion"] = "27.0.0".into();
    assert_eq!(upgraded(newer.clone()), (newer, vec![]));
}

#[test]
fn sections_that_the_file_does_not_have_are_left_to_completion() {
    let (realm, said) = upgraded(json!({ "realm": "r", "keycloakVersion": "21.1.2", "clients": [{ "clientId": "x" }] }));
    assert_eq!(said, ["the realm got the user profile of Keycloak 24, with all other attributes of users allowed as before"]);
    assert_eq!(realm["clients"], json!([{ "clientId": "x" }]));
    let mut members: Vec<&str> = realm.as_object().unwrap().keys().map(String::as_str).collect();
    members.sort_unstable();
    assert_eq!(members, ["clients", "components", "keycloakVersion", "realm"]);
}

#[test]
fn a_file_with_scopes_of_its_own_gets_those_that_came_later() {
    let (realm, said) = upgraded(json!({
        "realm": "r", "keycloakVersion": "21.1.2", "clientScopes": [{ "name": "only", "protocol": "openid-connect" }],
        "defaultDefaultClientScopes": ["only"],
        "clients": [
            { "clientId": "listed", "defaultClientScopes": ["only"] },
            { "clientId": "unlisted" },
            { "clientId": "bearer", "bearerOnly": true, "defaultClientScopes": [] },
            { "clientId": "saml", "protocol": "saml", "defaultClientScopes": [] },
        ],
    }));
    assert!(said.contains(&"the client scope basic of Keycloak 25 was added, and made a default scope of 2 clients".to_owned()));
    assert_eq!(realm["defaultDefaultClientScopes"], json!(["only", "basic", "AuthnContextClassRef"]));
    let scopes: Vec<&Value> = realm["clients"].as_array().unwrap().iter().map(|client| &client["defaultClientScopes"]).collect();
    assert_eq!(scopes, [&json!(["only", "basic"]), &Value::Null, &json!([]), &json!(["AuthnContextClassRef"])]);
}

#[test]
fn claims_of_scopes_that_came_later_are_not_in_userinfo() {
    let (realm, _) = upgraded(json!({ "realm": "r", "keycloakVersion": "17.0.0", "clientScopes": [] }));
    let said = |mapper: &Value| (mapper["name"].clone(), mapper["config"].get("userinfo.token.claim").cloned());
    let mappers = |scope: &Value| scope["protocolMappers"].as_array().unwrap().iter().map(said).collect::<Vec<_>>();
    let scopes = realm["clientScopes"].as_array().unwrap();
    let basic = scopes.iter().find(|scope| scope["name"] == "basic").unwrap();
    assert!(mappers(basic).contains(&(json!("auth_time"), Some(json!("false")))));
    assert!(mappers(basic).contains(&(json!("sub"), None)));
}

#[test]
fn a_scope_basic_of_the_files_own_is_left_alone() {
    let (realm, said) = upgraded(json!({
        "realm": "r", "keycloakVersion": "24.0.5", "clientScopes": [{ "name": "basic", "protocol": "openid-connect" }],
        "clients": [{ "clientId": "x", "defaultClientScopes": [] }],
    }));
    assert!(!said.iter().any(|said| said.contains("basic")));
    assert_eq!(realm["clients"][0]["defaultClientScopes"], json!([]));
}

#[test]
fn parameterized_scopes_get_their_new_attributes() {
    let scope = |name: &str, attributes: Value| json!({ "name": name, "attributes": attributes });
    let (realm, said) = upgraded(json!({ "realm": "r", "keycloakVersion": "26.5.0", "clientScopes": [
        scope("d1", json!({ "is.dynamic.scope": "true", "dynamic.scope.regexp": "d1:*" })),
        scope("d2", json!({ "is.dynamic.scope": "true", "dynamic.scope.regexp": "d2:[a-z]+" })),
        scope("d3", json!({ "is.dynamic.scope": "true" })),
        scope("d4", json!({ "is.dynamic.scope": "false", "dynamic.scope.regexp": "" })),
        scope("d5", json!({ "is.dynamic.scope": "true", "dynamic.scope.regexp": "other:*" })),
        scope("AuthnContextClassRef", json!({})),
    ] }));
    let attributes = |number: usize| realm["clientScopes"][number]["attributes"].clone();
    let (is, regexp, kind) = ("is.parameterized.scope", "parameterized.scope.regexp", "parameterized.scope.type");
    assert_eq!(attributes(0), json!({ is: "true", kind: "string" }));
    assert_eq!(attributes(1), json!({ is: "true", regexp: "[a-z]+", kind: "custom" }));
    assert_eq!(attributes(2), json!({ is: "true", kind: "string" }));
    assert_eq!(attributes(3), json!({ is: "false", regexp: "" }));
    assert_eq!(attributes(4), json!({ is: "true", regexp: "other:*" }));
    assert_eq!(said.len(), 2);
}

#[test]
fn themes_that_are_gone_are_replaced() {
    let (realm, _) = upgraded(json!({
        "realm": "r", "keycloakVersion": "17.0.0", "adminTheme": "keycloak", "accountTheme": "keycloak", "loginTheme": "rh-sso", "emailTheme": "rh-sso",
        "clients": [{ "clientId": "x", "attributes": { "login_theme": "rh-sso" } }, { "clientId": "y", "attributes": { "login_theme": "mine" } }],
    }));
    assert_eq!((&realm["adminTheme"], &realm["accountTheme"]), (&json!("keycloak.v2"), &json!("keycloak.v2")));
    assert_eq!((realm.get("loginTheme"), realm.get("emailTheme")), (None, None));
    assert_eq!(realm["clients"][0]["attributes"], json!({}));
    assert_eq!(realm["clients"][1]["attributes"], json!({ "login_theme": "mine" }));
}

#[test]
fn required_actions_in_an_order_of_the_admins_take_the_next_free_places() {
    let action = |alias: &str, priority: i64| json!({ "alias": alias, "priority": priority });
    let (realm, _) = upgraded(json!({ "realm": "r", "keycloakVersion": "26.6.0", "requiredActions": [
        action("VERIFY_EMAIL", 5), action("other", 6), action("CONFIGURE_TOTP", 10), action("UPDATE_PASSWORD", 30),
    ] }));
    let priorities: Vec<i64> =
        realm["requiredActions"].as_array().unwrap().iter().map(|action| action["priority"].as_i64().unwrap()).collect();
    assert_eq!(priorities, [5, 6, 7, 8]);
}

#[test]
fn a_user_profile_in_pieces_is_put_together_and_stays_as_strict_as_it_was() {
    let kind = "org.keycloak.userprofile.UserProfileProvider";
    let (realm, _) = upgraded(json!({
        "realm": "r", "keycloakVersion": "17.0.0", "attributes": { "userProfileEnabled": "true" },
        "components": { kind: [{ "providerId": "declarative-user-profile", "config": {
            "config-pieces-count": ["2"], "config-piece-0": ["{\"attri"], "config-piece-1": ["butes\":[]}"],
        } }] },
    }));
    assert_eq!(realm["components"][kind][0]["config"], json!({ "kc.user.profile.config": ["{\"attributes\":[]}"] }));
    assert_eq!(realm["attributes"], json!({}));
}

#[test]
fn components_of_ldap_get_the_settings_of_later_versions() {
    let (storage, mapper) = ("org.keycloak.storage.UserStorageProvider", "org.keycloak.storage.ldap.mappers.LDAPStorageMapper");
    let (realm, _) = upgraded(json!({ "realm": "r", "keycloakVersion": "23.0.7", "components": { storage: [{
        "providerId": "ldap", "config": { "useTruststoreSpi": ["ldapsOnly"] }, "subComponents": { mapper: [
            { "providerId": "group-ldap-mapper", "config": {} },
            { "providerId": "user-attribute-ldap-mapper", "config": { "is.binary.attribute": ["true"] } },
            { "providerId": "user-attribute-ldap-mapper", "config": { "is.binary.attribute": ["false"] } },
        ] },
    }] } }));
    let ldap = &realm["components"][storage][0];
    assert_eq!(ldap["config"]["useTruststoreSpi"], json!(["always"]));
    assert_eq!(ldap["subComponents"][mapper][0]["config"]["decode.group.uuid.attribute"], json!(["false"]));
    assert_eq!(ldap["subComponents"][mapper][1]["config"]["binary.attribute.decoder"], json!(["base64"]));
    assert_eq!(ldap["subComponents"][mapper][2]["config"], json!({ "is.binary.attribute": ["false"] }));
}

#[test]
fn a_flow_that_is_gone_but_in_use_stays_and_is_told_of() {
    let (realm, said) = upgraded(json!({
        "realm": "r", "keycloakVersion": "21.1.2", "directGrantFlow": "http challenge",
        "authenticationFlows": [{ "alias": "http challenge", "authenticationExecutions": [] }],
    }));
    assert_eq!(realm["authenticationFlows"][0]["alias"], "http challenge");
    assert!(said.iter().any(|said| said.contains("being in use")));
}

#[test]
fn a_file_of_nonsense_where_lists_should_be_is_left_to_those_who_report_it() {
    let file = json!({ "realm": 1, "keycloakVersion": "17.0.0", "clients": {}, "clientScopes": "x", "roles": [], "components": 3, "requiredActions": 7,
        "authenticationFlows": [{ "alias": "browser", "authenticationExecutions": 7 }], "users": [{ "credentials": [4] }], "attributes": null, "applications": 5, "socialProviders": 6, "defaultRoles": "x", "clientTemplates": {} });
    let (realm, said) = upgraded(file.clone());
    for (member, value) in file.as_object().unwrap().iter().filter(|(member, _)| *member != "keycloakVersion") {
        assert_eq!(realm[member], *value, "{member}");
    }
    assert_eq!(said, Vec::<String>::new());
}
