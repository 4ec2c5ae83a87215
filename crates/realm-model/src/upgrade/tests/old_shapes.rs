//! Each as Keycloak 26.7.4 imported it.

use serde_json::{Value, json};

use super::upgraded;
use crate::upgrade::upgrade_user;

fn named<'v>(list: &'v Value, key: &str, name: &str) -> &'v Value {
    list.as_array().unwrap().iter().find(|entity| entity[key] == name).unwrap_or(&Value::Null)
}

#[test]
fn applications_and_oauth_clients_become_clients_with_all_that_refers_to_them() {
    let (realm, _) = upgraded(json!({
        "realm": "r",
        "roles": { "realm": [{ "name": "user", "composites": { "application": { "crm": ["reader"] } } }], "application": { "crm": [{ "name": "reader" }] } },
        "applications": [{ "name": "crm", "secret": "s3" }],
        "oauthClients": [{ "name": "third" }],
        "users": [{ "username": "carl", "applicationRoles": { "crm": ["reader"] } }],
        "applicationScopeMappings": { "crm": [{ "client": "third", "roles": ["reader"] }] },
    }));
    assert_eq!(
        realm,
        json!({
            "realm": "r",
            "roles": { "realm": [{ "name": "user", "composites": { "client": { "crm": ["reader"] } } }], "client": { "crm": [{ "name": "reader" }] } },
            "clients": [{ "clientId": "crm", "secret": "s3" }, { "clientId": "third", "consentRequired": true, "fullScopeAllowed": false }],
            "users": [{ "username": "carl", "clientRoles": { "crm": ["reader"] } }],
            "clientScopeMappings": { "crm": [{ "client": "third", "roles": ["reader"] }] },
        })
    );
}

#[test]
fn client_templates_become_scopes_beside_the_built_in_ones() {
    let mapper = json!({ "name": "family", "protocolMapper": "oidc-usermodel-property-mapper" });
    let (realm, said) = upgraded(json!({
        "realm": "r", "clients": [{ "clientId": "crm", "clientTemplate": "tmpl", "useTemplateMappers": true }, { "clientId": "other" }],
        "clientTemplates": [{ "name": "tmpl", "protocol": "openid-connect", "protocolMappers": [mapper], "fullScopeAllowed": true }],
    }));
    assert_eq!(said, ["clientTemplates became 1 client scope"]);
    let scopes = &realm["clientScopes"];
    assert_eq!(
        *named(scopes, "name", "tmpl"),
        json!({ "name": "tmpl", "protocol": "openid-connect", "protocolMappers": [mapper] })
    );
    assert_eq!((scopes.as_array().unwrap().len(), &realm["clientTemplates"]), (1, &Value::Null));
    let mut default: Vec<&str> =
        realm["clients"][0]["defaultClientScopes"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    default.sort_unstable();
    assert_eq!(default, ["acr", "basic", "email", "profile", "roles", "tmpl", "web-origins"]);
    assert_eq!(realm["clients"][1], json!({ "clientId": "other" }));
}

#[test]
fn social_providers_become_identity_providers() {
    let (realm, _) = upgraded(json!({
        "realm": "r", "social": true, "socialProviders": { "google.key": "k", "google.secret": "s" },
        "users": [{ "username": "carl", "socialLinks": [{ "socialProvider": "google", "socialUserId": "1", "socialUsername": "c" }] }],
    }));
    let google =
        json!({ "alias": "google", "providerId": "google", "enabled": true, "config": { "clientId": "k", "clientSecret": "s" } });
    let carl =
        json!({ "username": "carl", "federatedIdentities": [{ "identityProvider": "google", "userId": "1", "userName": "c" }] });
    assert_eq!(realm, json!({ "realm": "r", "identityProviders": [google], "users": [carl] }));
}

#[test]
fn flat_credentials_keep_their_hashes() {
    let (realm, said) = upgraded(json!({ "realm": "r", "users": [{ "username": "carl", "credentials": [
        { "type": "password", "hashedSaltedValue": "aGFzaA==", "salt": "c2FsdA==", "hashIterations": 27500, "algorithm": "pbkdf2-sha256", "digits": 0 },
        { "type": "password", "hashedSaltedValue": "aGFzaA==", "salt": "c2FsdA==", "hashIterations": 20000 },
        { "type": "totp", "hashedSaltedValue": "JBSWY3DP", "digits": 6, "counter": 0, "period": 30, "algorithm": "HmacSHA1" },
        { "type": "password", "value": "plain" },
        { "type": "password", "hashedSaltedValue": "aGFzaA==", "salt": "c2FsdA==" },
    ] }] }));
    let credentials = &realm["users"][0]["credentials"];
    assert_eq!(
        credentials[0],
        json!({
            "type": "password",
            "secretData": "{\"value\":\"aGFzaA==\",\"salt\":\"c2FsdA==\"}",
            "credentialData": "{\"hashIterations\":27500,\"algorithm\":\"pbkdf2-sha256\",\"additionalParameters\":{}}",
        })
    );
    assert_eq!(credentials[1]["credentialData"], "{\"hashIterations\":20000,\"additionalParameters\":{}}");
    assert_eq!(
        credentials[2],
        json!({
            "type": "otp",
            "secretData": "{\"value\":\"JBSWY3DP\"}",
            "credentialData": "{\"subType\":\"totp\",\"digits\":6,\"counter\":0,\"period\":30,\"algorithm\":\"HmacSHA1\"}",
        })
    );
    assert_eq!(credentials[3], json!({ "type": "password", "value": "plain" }));
    assert_eq!(credentials[4]["hashedSaltedValue"], "aGFzaA==");
    assert_eq!(said, ["credentials of 1 user got the shape of Keycloak 8, their hashes unchanged"]);
}

#[test]
fn a_user_that_comes_alone_is_made_new_too() {
    let user = |value: Value| {
        let mut user = super::body(value);
        let changed = upgrade_user(&mut user);
        (Value::Object(user), changed)
    };
    let old = json!({ "username": "ann", "applicationRoles": { "crm": ["reader"] }, "requiredActions": ["verify_email"] });
    let new = json!({ "username": "ann", "requiredActions": ["VERIFY_EMAIL"], "clientRoles": { "crm": ["reader"] } });
    assert_eq!(user(old), (new.clone(), true));
    assert_eq!(user(new.clone()), (new, false));
}

#[test]
fn lists_of_default_roles_become_a_composite_role() {
    let (realm, said) = upgraded(json!({
        "realm": "Acme", "defaultRoles": ["user", "uma_authorization", "fresh"], "roles": { "realm": [{ "name": "user" }] },
        "clients": [{ "clientId": "crm", "defaultRoles": ["reader"] }],
    }));
    let composite = named(&realm["roles"]["realm"], "name", "default-roles-acme");
    assert_eq!(
        composite["composites"],
        json!({
            "realm": ["offline_access", "uma_authorization", "user", "fresh"],
            "client": { "account": ["view-profile", "manage-account"], "crm": ["reader"] },
        })
    );
    assert_eq!(*named(&realm["roles"]["realm"], "name", "fresh"), json!({ "name": "fresh" }));
    // Keycloak: refuses a composite of a role that the file does not define.
    assert_eq!(named(&realm["roles"]["realm"], "name", "uma_authorization")["description"], "${role_uma_authorization}");
    assert_eq!(realm["defaultRole"]["name"], "default-roles-acme");
    assert_eq!(realm["clients"], json!([{ "clientId": "crm" }]));
    assert_eq!(said, ["4 default roles became composites of the role default-roles-acme"]);
}

#[test]
fn lists_of_default_roles_beside_a_default_role_do_not_count() {
    let file = json!({ "realm": "r", "defaultRole": { "name": "default-roles-r" }, "defaultRoles": ["buyer"] });
    assert_eq!(upgraded(file.clone()), (file, vec![]));
}

#[test]
fn required_actions_are_called_as_they_are_now() {
    let (realm, said) = upgraded(json!({
        "realm": "r", "requiredActions": [{ "alias": "terms_and_conditions", "name": "Terms", "providerId": "terms_and_conditions" }],
        "users": [{ "username": "ann", "requiredActions": ["terms_and_conditions", "update_password", "webauthn-register", "my_own"] }],
    }));
    assert_eq!(
        realm["requiredActions"][0],
        json!({ "alias": "TERMS_AND_CONDITIONS", "name": "Terms", "providerId": "TERMS_AND_CONDITIONS" })
    );
    assert_eq!(
        realm["users"][0]["requiredActions"],
        json!(["TERMS_AND_CONDITIONS", "UPDATE_PASSWORD", "webauthn-register", "my_own"])
    );
    assert_eq!(said.len(), 2);
}
