//! What Keycloak 26.7.4 made of the same JSON (imports through its Admin REST API).

use super::*;
use crate::{Client, CredentialKind};

fn scopes(client: &Client) -> (Vec<&str>, Vec<&str>) {
    (client.default_scopes.iter().map(|s| &**s).collect(), client.optional_scopes.iter().map(|s| &**s).collect())
}

fn composites(loaded: &LoadedRealm, role: &str) -> BTreeSet<String> {
    let role = loaded.realm.roles.get(&RoleKey::realm(role)).unwrap();
    role.composites.iter().map(|key| format!("{key:?}")).collect()
}

#[test]
fn own_client_scopes_take_the_place_of_all_built_in_ones_but_offline_access() {
    let loaded = only(
        r#"{"realm": "r", "clientScopes": [{"name": "mine", "protocol": "openid-connect"}, {"name": "two", "protocol": "openid-connect"}],
            "defaultDefaultClientScopes": ["mine"], "defaultOptionalClientScopes": ["two"],
            "clients": [{"clientId": "c", "publicClient": true}, {"clientId": "svc", "secret": "s", "serviceAccountsEnabled": true}]}"#,
    );
    assert_eq!(scopes(loaded.realm.client("c").unwrap()), (vec!["mine"], vec!["offline_access", "two"]));
    assert_eq!(scopes(loaded.realm.client("svc").unwrap()), (vec!["mine"], vec!["offline_access", "two"]));
    assert_eq!(scopes(loaded.realm.client("account").unwrap()), (vec![], vec![]));
    assert_eq!(loaded.realm.client_scopes.len(), 3);
    let loaded = only(r#"{"realm": "r", "clientScopes": [], "clients": [{"clientId": "c", "publicClient": true}]}"#);
    assert_eq!(scopes(loaded.realm.client("c").unwrap()), (vec![], vec!["offline_access"]));
    let offline = loaded.realm.client_scopes.get("offline_access").unwrap();
    assert_eq!(offline.role_scope_mappings, [RoleKey::realm("offline_access")]);
}

#[test]
fn a_list_of_scopes_alone_makes_the_other_list_empty() {
    let loaded =
        only(r#"{"realm": "r", "clients": [{"clientId": "c", "publicClient": true, "optionalClientScopes": ["email"]}]}"#);
    assert_eq!(scopes(loaded.realm.client("c").unwrap()), (vec![], vec!["email"]));
}

#[test]
fn a_service_account_that_the_file_leaves_out_brings_its_scope_and_the_default_role() {
    let loaded = only(
        r#"{"realm": "r", "clients": [{"clientId": "Cap", "secret": "s", "serviceAccountsEnabled": true, "defaultClientScopes": ["email"]}]}"#,
    );
    assert_eq!(scopes(loaded.realm.client("Cap").unwrap()).0, ["service_account", "email"]);
    assert_eq!(user(&loaded, "service-account-cap").roles, [RoleKey::realm("default-roles-r")]);
    let loaded = only(
        r#"{"realm": "r", "clients": [{"clientId": "c", "secret": "s", "serviceAccountsEnabled": true}],
            "users": [{"username": "service-account-c", "enabled": true, "serviceAccountClientId": "c"}]}"#,
    );
    assert!(!scopes(loaded.realm.client("c").unwrap()).0.contains(&"service_account"));
    assert!(user(&loaded, "service-account-c").roles.is_empty());
    assert_eq!(loaded.users.len(), 1);
}

#[test]
fn a_client_account_of_the_file_is_not_completed() {
    let loaded = only(r#"{"realm": "r", "clients": [{"clientId": "account", "publicClient": true}]}"#);
    let clients: BTreeSet<_> = loaded.realm.clients.keys().map(|id| id.as_str().to_owned()).collect();
    assert_eq!(clients, set(["account", "admin-cli", "broker", "realm-management", "security-admin-console"]));
    assert_eq!(composites(&loaded, "default-roles-r"), set(["offline_access", "uma_authorization"]));
    assert_eq!(loaded.realm.roles.keys().filter(|key| key.client.as_ref().is_some_and(|c| c.as_str() == "account")).count(), 1);
}

#[test]
fn the_default_role_is_completed_whatever_its_name() {
    let loaded = only(
        r#"{"realm": "r", "defaultRole": {"name": "dr"}, "defaultRoles": ["y"],
            "roles": {"realm": [{"name": "dr", "composites": {"realm": ["x"]}}, {"name": "x"}]},
            "clients": [{"clientId": "c", "publicClient": true, "defaultRoles": ["z"]}]}"#,
    );
    let all = set(["offline_access", "uma_authorization", "account/manage-account", "account/view-profile", "x", "y", "c/z"]);
    assert_eq!(composites(&loaded, "dr"), all);
}

#[test]
fn a_taken_default_role_name_gets_a_number_and_a_warning() {
    let reading = read_one(
        r#"{"realm": "r", "roles": {"realm": [{"name": "default-roles-r"}]},
            "clients": [{"clientId": "c", "secret": "s", "serviceAccountsEnabled": true}]}"#,
    );
    assert_eq!(reading.diagnostics.len(), 1);
    let loaded = reading.realms.first().unwrap();
    assert_eq!(user(loaded, "service-account-c").roles, [RoleKey::realm("default-roles-r-1")]);
}

#[test]
fn users_are_as_the_file_says_and_nothing_more() {
    let reading = read_one(
        r#"{"realm": "r", "groups": [{"name": "g", "realmRoles": ["admin"], "subGroups": [{"name": "h"}]}], "roles": {"realm": [{"name": "admin"}]},
            "users": [{"username": "Anna", "email": "A@B.c", "enabled": true, "realmRoles": ["nope"], "groups": ["g/h"],
                       "attributes": {"a": "one", "b": ["x", "y"], "n": 5}},
                      {"username": "off"}]}"#,
    );
    let loaded = reading.realms.first().unwrap();
    let anna = user(loaded, "anna");
    assert_eq!(anna.email.as_deref(), Some("a@b.c"));
    assert_eq!(loaded.realm.roles_of(anna), [RoleKey::realm("admin"), RoleKey::realm("nope")].into());
    assert_eq!(anna.attribute("n"), Some("5"));
    assert!(!user(loaded, "off").enabled);
}

#[test]
fn generated_ids_are_the_same_on_every_start() {
    let json = r#"{"realm": "r", "users": [{"username": "a"}], "clients": [{"clientId": "c", "publicClient": true}]}"#;
    let (one, two) = (only(json), only(json));
    assert_eq!(user(&one, "a").id, user(&two, "a").id);
    assert_eq!(one.realm.id, two.realm.id);
    assert_ne!(one.realm.client("c").unwrap().id, one.realm.client("account").unwrap().id);
}

#[test]
fn values_are_taken_as_loosely_as_keycloak_takes_them() {
    let loaded = only(
        r#"{"realm": "r", "enabled": "true", "accessTokenLifespan": "77", "ssoSessionIdleTimeout": -5, "accessCodeLifespan": 7.9,
            "attributes": {"x": 5, "y": true, "z": null}, "loginWithEmailAllowed": null, "sslRequired": "ALL",
            "browserSecurityHeaders": {"xFrameOptions": "DENY"}}"#,
    );
    let realm = &loaded.realm;
    assert!(realm.enabled && realm.login_with_email);
    assert_eq!((realm.lifespans.access_token, realm.lifespans.sso_session_idle, realm.lifespans.access_code), (77, 1800, 7));
    assert_eq!((realm.attribute("x"), realm.attribute("y"), realm.attribute("z")), (Some("5"), Some("true"), None));
    assert_eq!(realm.ssl_required, crate::SslRequired::All);
    assert_eq!((realm.security_headers.frame_options.as_str(), realm.security_headers.robots_tag.as_str()), ("DENY", "none"));
}

#[test]
fn the_direct_grant_flow_tells_whether_a_code_is_asked_for() {
    let flow = |steps: &str, sub: &str| {
        let json = format!(
            r#"{{"realm": "r", "directGrantFlow": "own", "authenticationFlows": [
                {{"alias": "own", "authenticationExecutions": [{steps}]}},
                {{"alias": "sub", "authenticationExecutions": [{sub}, {{"flowAlias": "own", "requirement": "REQUIRED"}}]}}]}}"#
        );
        only(&json).realm.direct_grant_otp
    };
    let otp = |requirement: &str| format!(r#"{{"authenticator": "direct-grant-validate-otp", "requirement": "{requirement}"}}"#);
    let sub = |requirement: &str| format!(r#"{{"flowAlias": "sub", "requirement": "{requirement}"}}"#);
    assert_eq!(flow(&otp("REQUIRED"), &otp("REQUIRED")), DirectGrantOtp::Required);
    assert_eq!(flow(&otp("DISABLED"), &otp("REQUIRED")), DirectGrantOtp::Disabled);
    assert_eq!(flow(&sub("CONDITIONAL"), &otp("REQUIRED")), DirectGrantOtp::Conditional);
    assert_eq!(flow(&sub("REQUIRED"), &otp("REQUIRED")), DirectGrantOtp::Required);
    assert_eq!(flow(&sub("DISABLED"), &otp("REQUIRED")), DirectGrantOtp::Disabled);
}

#[test]
fn the_user_profile_tells_which_attributes_must_be_there() {
    let config = r#"{\"attributes\":[{\"name\":\"username\",\"required\":{}},{\"name\":\"email\",\"required\":{\"roles\":[\"admin\"]}},
        {\"name\":\"nick\",\"required\":{}},{\"name\":\"badge\",\"required\":{\"scopes\":[\"x\"]}},{\"name\":\"team\",\"required\":{\"roles\":[\"user\"]}}]}"#
        .replace('\n', " ");
    let loaded = only(&format!(
        r#"{{"realm": "r", "components": {{"org.keycloak.userprofile.UserProfileProvider":
            [{{"providerId": "declarative-user-profile", "config": {{"kc.user.profile.config": ["{config}"]}}}}]}}}}"#
    ));
    assert_eq!(loaded.realm.required_profile_attributes, ["nick", "team"]);
    assert!(only(r#"{"realm": "master"}"#).realm.required_profile_attributes.is_empty());
}

#[test]
fn a_required_action_that_is_not_listed_as_enabled_is_not_asked_for() {
    let listed = |actions: &str| only(&format!(r#"{{"realm": "r", "verifyEmail": true, "requiredActions": [{actions}]}}"#)).realm;
    let action = |id: &str, enabled: bool| format!(r#"{{"alias": "{id}", "providerId": "{id}", "enabled": {enabled}}}"#);
    assert!(listed("").required_profile_attributes.is_empty());
    assert!(listed(&action("VERIFY_PROFILE", false)).required_profile_attributes.is_empty());
    let both = listed(&[action("VERIFY_PROFILE", true), action("VERIFY_EMAIL", true)].join(","));
    assert_eq!(both.required_profile_attributes.len(), 3);
    assert!(both.verify_email && !listed(&action("VERIFY_PROFILE", true)).verify_email);
}

#[test]
fn one_time_codes_are_reusable_where_the_attribute_says_so() {
    assert!(!only(r#"{"realm": "r", "otpPolicyCodeReusable": true}"#).realm.otp.code_reusable);
    assert!(only(r#"{"realm": "r", "attributes": {"realmReusableOtpCode": "true"}}"#).realm.otp.code_reusable);
    assert!(shared("acme").realm.otp.code_reusable);
}

#[test]
fn credentials_are_kept_as_stored_plain_or_hashed_by_kind() {
    let loaded = only(
        r#"{"realm": "r", "users": [{"username": "a", "credentials": [
            {"type": "contactless-card", "value": "04-A1"},
            {"type": "password", "secretData": "{\"value\":\"h\"}", "credentialData": "{\"algorithm\":\"argon2\"}", "priority": 20},
            {"value": "plain\"text", "priority": 10}]}]}"#,
    );
    let a = user(&loaded, "a");
    let passwords: Vec<_> = a.credentials_of(&CredentialKind::Password).collect();
    assert_eq!(passwords.first().unwrap().plain().unwrap().expose(), "plain\"text");
    assert!(passwords.get(1).unwrap().plain().is_none());
    let card = a.credentials_of(&CredentialKind::ContactlessCard).next().unwrap();
    assert_eq!(card.card_hash(), Some(crate::hash_card("04-A1")));
    assert!(!card.secret_data.expose().contains("04-A1"));
}

#[test]
fn users_files_belong_to_the_realm_they_are_named_for() {
    let file = |name: &str, json: &str| SourceFile { name: name.to_owned(), bytes: json.as_bytes().to_vec() };
    let files = [
        file("x/r-users-0.json", r#"{"realm": "r", "users": [{"username": "a"}]}"#),
        file("x/r-realm.json", r#"{"realm": "r", "users": [{"username": "b"}]}"#),
        file("x/r-users-1.json", r#"{"realm": "r", "users": [{"username": "c", "groups": ["/nope"]}]}"#),
        file("x/r-users-2.json", r#"{"realm": "other", "users": []}"#),
        file("x/lost-users-0.json", r#"{"realm": "lost", "users": []}"#),
        file("x/s-federated-users-0.json", "{}"),
    ];
    let (good, _) = files.split_at(2);
    let reading = read(good, &|_| None);
    assert_eq!(reading.realms.first().unwrap().users.len(), 2);
    let reading = read(&files, &|_| None);
    assert!(reading.realms.is_empty());
    let said: Vec<_> = reading.diagnostics.iter().map(|d| format!("{}:{}: {}", d.file, d.column, d.message)).collect();
    assert_eq!(
        said,
        [
            "x/s-federated-users-0.json:1: federated users are not read: what is in this file has no effect",
            "x/r-users-1.json:55: there is no group \"/nope\"",
            "x/r-users-2.json:11: these are users of realm \"other\", but the file is named for \"r\"",
            "x/lost-users-0.json:1: these are users of a realm that no file has: its \"…-realm.json\" is missing",
        ]
    );
}

#[test]
fn a_file_may_hold_several_realms() {
    let reading = read_one(r#"[{"realm": "a"}, {"realm": "b", "sslRequired": "nope"}]"#);
    assert_eq!(reading.realms.len(), 1);
    assert_eq!(reading.diagnostics.first().unwrap().column, 48);
}

#[test]
fn what_is_only_carried_can_be_had_from_the_file_again() {
    let file =
        SourceFile { name: "r.json".to_owned(), bytes: br#"{"realm": "r", "smtpServer": {"host": "h"}, "own": [1]}"#.to_vec() };
    let parsed = crate::file::parse(&file, &|_| None).unwrap();
    let rest = &parsed.first().unwrap().rest;
    assert_eq!(serde_json::to_string(rest).unwrap(), r#"{"smtpServer":{"host":"h"},"own":[1]}"#);
}
