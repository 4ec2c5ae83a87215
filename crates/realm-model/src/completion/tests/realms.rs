use super::*;

fn file(name: &str) -> Value {
    let path = format!("{}/../../tests/keycloak/realms/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn a_small_realm_has_few_rows() {
    let made = made(file("minimal"));
    assert_eq!((made.template, made.removed.len()), ("26.7", 0));
    let keys: Vec<String> = made.documents.iter().map(|document| document.key.to_string()).collect();
    assert_eq!(keys, ["realm settings", "client \"api\"", "client \"spa\"", "realm role \"admin\"", "realm role \"user\""]);
    assert_eq!(json!(made.documents.first().unwrap().body), json!({"accessTokenLifespan": 600}));
    assert_eq!(made.users.iter().map(UserRecord::username).collect::<Vec<_>>(), ["anna", "ben", "service-account-api"]);
}

#[test]
fn an_export_brings_all_its_own_and_comes_out_as_it_went_in() {
    for name in ["acme", "bench", "legacy", "sbc"] {
        let export = file(name);
        let made = made(export.clone());
        assert_eq!((made.template, made.removed.len()), ("", 0), "{name}");
        let documents = in_force(&made);
        let whole = split(export.as_object().unwrap().clone(), &str::to_owned);
        assert_eq!(made.users.len(), whole.users.len(), "{name}");
        let mut before = Documents::new(made.realm_id.clone(), 1);
        whole.documents.into_iter().for_each(|document| before.insert(document, 1));
        for entry in before.iter() {
            let after = documents.get(&entry.document.key).unwrap();
            let given = entry.document.id.as_str();
            assert!(given.is_empty() || after.document.id == given, "{name}: {}", entry.document.key);
            let differs = entry.document.body.iter().find(|(member, value)| after.document.body.get(*member) != Some(value));
            assert_eq!(differs, None, "{name}: {}", entry.document.key);
            assert_eq!(after.document.body.len(), entry.document.body.len(), "{name}: {}", entry.document.key);
        }
        assert_eq!(documents.iter().count(), before.iter().count(), "{name}");
    }
}

#[test]
fn what_was_made_of_a_realm_is_made_of_its_export_again() {
    for name in ["minimal", "short", "span", "strict", "closed", "front", "tlsonly"] {
        let first = imported(file(name));
        let second = imported(join(&first).into());
        assert_eq!(differences(&join(&first).into(), &join(&second).into(), String::new()), [""; 0], "{name}");
    }
}

/// Where two values differ, and how.
fn differences(one: &Value, two: &Value, at: String) -> Vec<String> {
    match (one, two) {
        (Value::Object(one), Value::Object(two)) => {
            let names: BTreeSet<&String> = one.keys().chain(two.keys()).collect();
            let null = Value::Null;
            let of = |body: &Body, name: &str| body.get(name).unwrap_or(&null).clone();
            names.into_iter().flat_map(|name| differences(&of(one, name), &of(two, name), format!("{at}/{name}"))).collect()
        }
        (Value::Array(one), Value::Array(two)) if one.len() == two.len() => {
            let pairs = one.iter().zip(two).enumerate();
            pairs.flat_map(|(index, (one, two))| differences(one, two, format!("{at}/{index}"))).collect()
        }
        _ if one == two => Vec::new(),
        _ => vec![format!("{at}: {one} became {two}")],
    }
}

#[test]
fn a_realm_is_off_unless_it_is_switched_on() {
    let settings = |representation| imported(representation).settings().unwrap().clone();
    assert_eq!(settings(json!({"realm": "r"})).get("enabled"), Some(&json!(false)));
    assert_eq!(settings(json!({"realm": "r", "enabled": "true"})).get("enabled"), Some(&json!(true)));
}

#[test]
fn settings_are_taken_as_loosely_as_keycloak_takes_them() {
    let documents = imported(json!({
        "realm": "r", "displayName": "", "accessTokenLifespan": "77", "ssoSessionIdleTimeout": -5, "accessCodeLifespan": 7.9,
        "loginWithEmailAllowed": null, "sslRequired": "ALL", "smtpServer": {"host": "h", "port": 25, "auth": true},
        "attributes": {"x": 5, "y": true, "z": null, "e": ""}, "browserSecurityHeaders": {"xFrameOptions": "DENY"},
        "webAuthnPolicyRpEntityName": "", "webAuthnPolicySignatureAlgorithms": ["RS512"], "supportedLocales": [],
        "oauth2DeviceCodeLifespan": 7, "clientSessionIdleTimeout": 9, "actionTokenGeneratedByUserLifespan": 1,
        "requiredCredentials": [], "eventsExpiration": 0, "keycloakVersion": "25.0.6",
    }));
    let settings = documents.settings().unwrap();
    let expected = json!({
        "displayName": "", "accessTokenLifespan": 77, "ssoSessionIdleTimeout": -5, "accessCodeLifespan": 7,
        "loginWithEmailAllowed": true, "sslRequired": "all", "smtpServer": {"host": "h", "port": "25", "auth": "true"},
        "webAuthnPolicyRpEntityName": "keycloak", "webAuthnPolicySignatureAlgorithms": ["RS512"], "keycloakVersion": "26.7.4",
        "oauth2DeviceCodeLifespan": 7, "clientSessionIdleTimeout": 9, "actionTokenGeneratedByUserLifespan": 1,
    });
    for (member, value) in expected.as_object().unwrap() {
        assert_eq!(settings.get(member), Some(value), "{member}");
    }
    for gone in ["supportedLocales", "requiredCredentials", "eventsExpiration"] {
        assert!(!settings.contains_key(gone), "{gone}");
    }
    let attributes = settings.get("attributes").unwrap();
    let expected = json!({
        "x": "5", "y": "true", "e": "", "cibaInterval": "5", "cibaExpiresIn": "120", "cibaAuthRequestedUserHint": "login_hint",
        "cibaBackchannelTokenDeliveryMode": "poll", "oauth2DeviceCodeLifespan": "7", "oauth2DevicePollingInterval": "5",
        "clientSessionIdleTimeout": "9", "parRequestUriLifespan": "60", "realmReusableOtpCode": "false",
    });
    assert_eq!(attributes, &expected);
    let headers = settings.get("browserSecurityHeaders").unwrap();
    assert_eq!((headers.get("xFrameOptions").unwrap(), headers.get("xRobotsTag").unwrap()), (&json!("DENY"), &json!("none")));
}

#[test]
fn the_policy_for_one_time_codes_counts_with_its_type_only() {
    let policy = |given: Value| {
        let mut realm = json!({"realm": "r"});
        realm.as_object_mut().unwrap().extend(given.as_object().unwrap().clone());
        let settings = imported(realm).settings().unwrap().clone();
        let member = |name: &str| settings.get(&format!("otpPolicy{name}")).cloned();
        (member("Digits").unwrap(), member("Period").unwrap(), member("Algorithm"), member("CodeReusable").unwrap())
    };
    let sha1 = Some(json!("HmacSHA1"));
    let reusable = json!({"otpPolicyDigits": 8, "otpPolicyCodeReusable": true});
    assert_eq!(policy(reusable), (json!(6), json!(30), sha1.clone(), json!(false)));
    let hotp = json!({"otpPolicyType": "hotp", "otpPolicyDigits": 8, "otpPolicyCodeReusable": true});
    assert_eq!(policy(hotp), (json!(8), json!(0), None, json!(true)));
    assert_eq!(policy(json!({"attributes": {"realmReusableOtpCode": "true"}})), (json!(6), json!(30), sha1, json!(true)));
}

#[test]
fn own_client_scopes_take_the_place_of_all_built_in_ones_but_offline_access() {
    let documents = imported(json!({
        "realm": "r", "clientScopes": [{"name": "mine", "protocol": "openid-connect"}, {"name": "odd"}],
        "defaultDefaultClientScopes": ["mine", "nope"], "clients": [{"clientId": "c", "publicClient": true}]
    }));
    assert_eq!(names(&documents, Kind::ClientScope), set(["mine", "odd", "offline_access"]));
    let settings = documents.settings().unwrap();
    let lists = |body: &Body, [one, two]: [&str; 2]| (body.get(one).unwrap().clone(), body.get(two).unwrap().clone());
    let of_realm = lists(settings, ["defaultDefaultClientScopes", "defaultOptionalClientScopes"]);
    assert_eq!(of_realm, (json!(["mine"]), json!(["offline_access"])));
    let of = |client_id| lists(client(&documents, client_id), ["defaultClientScopes", "optionalClientScopes"]);
    assert_eq!(of("c"), (json!(["mine"]), json!(["offline_access"])));
    assert_eq!(of("account"), (json!([]), json!([])));
    assert_eq!(documents.of_kind(Kind::ScopeMapping).count(), 1);
    let own = json!({"realm": "r", "clientScopes": [{"name": "offline_access", "protocol": "openid-connect"}]});
    let documents = imported(own);
    assert_eq!(documents.of_kind(Kind::ScopeMapping).count(), 0);
    assert_eq!(documents.settings().unwrap().get("defaultOptionalClientScopes"), Some(&json!([])));
}

#[test]
fn lists_of_default_scopes_count_with_scopes_only() {
    let documents = imported(json!({"realm": "r", "enabled": true, "defaultDefaultClientScopes": ["email"]}));
    assert_eq!(documents.settings().unwrap().get("defaultDefaultClientScopes").unwrap().as_array().unwrap().len(), 9);
}

#[test]
fn a_client_account_of_the_file_is_not_completed() {
    let documents =
        imported(json!({"realm": "r", "clients": [{"clientId": "account", "publicClient": true, "defaultRoles": ["z"]}]}));
    let expected = set(["account", "admin-cli", "broker", "realm-management", "security-admin-console"]);
    assert_eq!(names(&documents, Kind::Client), expected);
    assert_eq!(composites(&documents, "default-roles-r"), set(["offline_access", "uma_authorization", "account/z"]));
    let roles: Vec<_> = documents.of_kind(Kind::ClientRole).filter(|role| role.document.key.owner == "account").collect();
    assert_eq!(roles.len(), 2);
    let delete = body(&documents, &Key::owned(Kind::ClientRole, "account", "delete-account"));
    assert_eq!(delete.get("description"), Some(&json!("${role_delete-account}")));
    assert_eq!(documents.of_kind(Kind::ClientScopeMapping).count(), 0);
}

#[test]
fn the_roles_of_realm_management_are_completed_whoever_brings_it() {
    let documents = imported(json!({"realm": "r", "clients": [{"clientId": "realm-management"}, {"clientId": "broker"}]}));
    let count = |client: &str| documents.of_kind(Kind::ClientRole).filter(|role| role.document.key.owner == client).count();
    assert_eq!((count("realm-management"), count("broker")), (22, 0));
    let own = client(&documents, "broker").get("attributes").unwrap().get("realm_client");
    assert_eq!(own, Some(&json!("true")));
}

#[test]
fn the_default_role_is_completed_whatever_its_name() {
    let documents = imported(json!({
        "realm": "r", "defaultRole": {"name": "dr", "description": "mine"}, "defaultRoles": ["y"],
        "roles": {"realm": [{"name": "dr", "composites": {"realm": ["x"]}}, {"name": "x"}]},
        "clients": [{"clientId": "c", "publicClient": true, "defaultRoles": ["z"]}]
    }));
    let all = set(["offline_access", "uma_authorization", "account/manage-account", "account/view-profile", "x", "y", "c/z"]);
    assert_eq!(composites(&documents, "dr"), all);
    assert_eq!(names(&documents, Kind::RealmRole), set(["dr", "offline_access", "uma_authorization", "x", "y"]));
    let settings = documents.settings().unwrap();
    assert_eq!(settings.get("defaultRole"), Some(&json!({"name": "dr"})));
    assert!(!settings.contains_key("defaultRoles"));
    assert_eq!(join(&documents).get("defaultRole").unwrap().get("composite"), Some(&json!(true)));
}

#[test]
fn a_taken_default_role_name_gets_a_number() {
    let roles = json!({"realm": [{"name": "default-roles-r", "description": "q"}]});
    let documents = imported(json!({"realm": "R", "roles": roles}));
    assert_eq!(documents.settings().unwrap().get("defaultRole"), Some(&json!({"name": "default-roles-r-1"})));
    assert!(composites(&documents, "default-roles-r").is_empty());
    assert_eq!(composites(&documents, "default-roles-r-1").len(), 4);
}

#[test]
fn roles_that_are_named_somewhere_and_not_there_are_made() {
    let documents = imported(json!({
        "realm": "r", "groups": [{"name": "g", "realmRoles": ["a"], "clientRoles": {"account": ["b"], "nope": ["c"]}}],
        "users": [{"username": "u", "realmRoles": [" d "]}], "clients": [{"clientId": "c", "publicClient": true}],
        "scopeMappings": [{"client": "c", "roles": ["e"]}, {"client": "c", "roles": ["f"]}],
        "roles": {"realm": [{"name": "x", "composite": true}, {"name": "offline_access"}]},
    }));
    let built_in = ["default-roles-r", "offline_access", "uma_authorization"];
    assert_eq!(names(&documents, Kind::RealmRole), set(built_in.into_iter().chain(["a", "d", "e", "f", "x"])));
    let role = |name| json!(body(&documents, &Key::of(Kind::RealmRole, name)));
    assert_eq!(role("a"), json!({"name": "a", "composite": false, "clientRole": false, "attributes": {}}));
    assert_eq!(role("x").get("composite"), Some(&json!(false)));
    assert_eq!(role("offline_access").get("description"), Some(&json!("${role_offline-access}")));
    assert!(documents.get(&Key::owned(Kind::ClientRole, "account", "b")).is_some());
    assert!(documents.get(&Key::owned(Kind::ClientRole, "nope", "c")).is_none());
}

#[test]
fn ids_are_those_of_the_file_or_depend_on_realm_and_name_alone() {
    let realm =
        json!({"realm": "r", "clients": [{"clientId": "c"}, {"clientId": "d", "id": "own"}], "users": [{"username": "U"}]});
    let (one, two) = (made(realm.clone()), made(realm));
    let ids = |made: &MadeRealm| -> Vec<String> { made.documents.iter().map(|document| document.id.clone()).collect() };
    assert_eq!(ids(&one), ids(&two));
    assert!(ids(&one).contains(&"own".to_owned()));
    assert_eq!(one.realm_id, crate::file::stable_id("r", "realm", "r"));
    assert_eq!(one.users.first().unwrap().id(), crate::file::stable_id("r", "user", "u"));
    assert_eq!(made(json!({"id": "i", "realm": "r"})).realm_id, "i");
}

#[test]
fn master_is_administered_by_its_own_roles() {
    let master = in_force(&master());
    assert_eq!(names(&master, Kind::Client).len(), 6);
    assert!(master.named(Kind::Client, "realm-management").is_none());
    let roles: BTreeSet<&str> = master.of_kind(Kind::ClientRole).map(|role| role.document.key.owner.as_str()).collect();
    assert_eq!(roles.into_iter().collect::<Vec<_>>(), ["account", "broker", "master-realm"]);
    assert_eq!(composites(&master, "admin").len(), 22);
    assert!(composites(&master, "admin").contains("master-realm/manage-users"));
    let view = body(&master, &Key::owned(Kind::ClientRole, "master-realm", "view-users"));
    assert_eq!(view.get("composites"), Some(&json!({"client": {"master-realm": ["query-groups", "query-users"]}})));
    let settings = master.settings().unwrap();
    assert_eq!((settings.get("accessTokenLifespan"), settings.get("enabled")), (Some(&json!(60)), Some(&json!(true))));
    assert!(!names(&master, Kind::Flow).contains("Organization"));
    assert!(client(&master, "master-realm").get("defaultClientScopes").unwrap().as_array().unwrap().len() == 6);
    let other = administration("acme", &master.realm_id);
    assert_eq!(other.len(), 22);
    assert_eq!(other.first().unwrap().body.get("name"), Some(&json!("acme Realm")));
    let mut admin = body(&master, &Key::of(Kind::RealmRole, "admin")).clone();
    administer(&mut admin, "acme");
    assert_eq!(roles::contained_in(&admin).len(), 43);
}
