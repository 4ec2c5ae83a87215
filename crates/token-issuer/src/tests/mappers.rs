//! Mappers as Keycloak 26.7.4 runs them, measured: one client, its mappers, what they make of one user.

use std::sync::Arc;

use ambient::{SeededEntropy, Timestamp};
use async_trait::async_trait;
use realm_model::file::{SourceFile, read};
use realm_model::{Realm, User};
use serde_json::{Map, Value, json};

use crate::*;

/// Signs nothing: a token is its claims.
pub(super) struct Unsigned;

#[async_trait]
impl RealmKeys for Unsigned {
    async fn sign(&self, _: &Arc<Realm>, _: &str, _: &str, claims: &[u8]) -> Result<String, KeyError> {
        Ok(String::from_utf8(claims.to_vec()).unwrap())
    }

    async fn verify(&self, _: &Arc<Realm>, _: &str) -> Result<Option<SignedToken>, KeyError> {
        Ok(None)
    }
}

fn realm_with(mappers: &Value) -> (Arc<Realm>, Arc<User>) {
    let file = json!({
        "realm": "m",
        "enabled": true,
        "roles": {"realm": [{"name": "comp", "composites": {"realm": ["inner"]}}, {"name": "inner"}]},
        "groups": [
            {"name": "top", "attributes": {"gattr": ["t1", "t2"]}, "subGroups": [{"name": "sub"}]},
            {"name": "other", "attributes": {"gattr": ["o1"]}}
        ],
        "clients": [{
            "clientId": "c", "publicClient": true, "directAccessGrantsEnabled": true,
            "defaultClientScopes": ["basic"], "optionalClientScopes": [], "protocolMappers": mappers
        }],
        "users": [{
            "username": "uuu", "enabled": true, "email": "u@x.y", "firstName": "U", "lastName": "V",
            "realmRoles": ["default-roles-m"], "groups": ["/top/sub", "/other"],
            "attributes": {
                "many": ["a", "b"], "many2": ["b", "c"], "word": ["hello"], "num": ["42"], "yes": ["TRUE"],
                "js": ["{\"a\":[1]}"], "spaces": [" x "], "mixed": ["1", "x", "3"], "big": ["12345678901"]
            }
        }]
    });
    let file = SourceFile { name: "m.json".to_owned(), bytes: file.to_string().into_bytes() };
    let mut reading = read(&[file], &|_| None);
    assert!(!reading.has_errors(), "{:?}", reading.diagnostics);
    let loaded = reading.realms.remove(0);
    let user = loaded.users.into_iter().find(|user| user.username == "uuu").unwrap();
    (Arc::new(loaded.realm), Arc::new(user))
}

/// The claims of access and ID token that `mappers` add.
async fn claims_by(mappers: &Value) -> (Value, Value) {
    claims_asked_for(mappers, None).await
}

/// The same, for a request with this `claims` parameter.
async fn claims_asked_for(mappers: &Value, claims_request: Option<Value>) -> (Value, Value) {
    let (realm, user) = realm_with(mappers);
    claims_of((&realm, user), (claims_request, SessionNotes::default())).await
}

async fn claims_of(
    (realm, user): (&Arc<Realm>, Arc<User>),
    (claims_request, notes): (Option<Value>, SessionNotes),
) -> (Value, Value) {
    let issuer = TokenIssuer::new(Arc::new(Unsigned), Arc::new(SeededEntropy::new(1)));
    let client = Arc::clone(realm.client("c").unwrap());
    let subject = Subject::new(realm, user);
    let scope = ScopeRequest::parse(&client, Some("openid")).unwrap().grant(realm, &client, &subject);
    let now = Timestamp::from_secs(1_800_000_000);
    let session = SessionFacts {
        kind: SessionKind::Online,
        id: "sid".into(),
        started: now,
        ends: None,
        remember_me: false,
        notes,
        acr: "1".into(),
    };
    let issue = Issue { claims_request, ..Issue::new(subject, client, scope, session, GrantKind::Password) };
    let minted = issuer.mint(&issue, MintContext { realm, issuer: "i", now }).await.unwrap();
    (added(&minted.access_token), added(minted.id_token.as_ref().unwrap()))
}

fn added(token: &str) -> Value {
    const CORE: [&str; 10] = ["exp", "iat", "jti", "iss", "sub", "typ", "azp", "sid", "scope", "at_hash"];
    let all: Map<String, Value> = serde_json::from_str(token).unwrap();
    let is_added = |name: &str, value: &Value| !(CORE.contains(&name) || (name == "aud" && value == "c"));
    all.into_iter().filter(|(name, value)| is_added(name, value)).collect::<Map<_, _>>().into()
}

fn mapper(kind: &str, config: Value) -> Value {
    let mut all = json!({"access.token.claim": "true", "id.token.claim": "true", "userinfo.token.claim": "true"});
    all.as_object_mut().unwrap().extend(config.as_object().unwrap().clone());
    json!({"name": format!("{kind} {config}"), "protocol": "openid-connect", "protocolMapper": kind, "config": all})
}

fn fixed(claim: &str, value: &str, json: &str) -> Value {
    mapper("oidc-hardcoded-claim-mapper", json!({"claim.name": claim, "claim.value": value, "jsonType.label": json}))
}

fn attribute(name: &str, claim: &str, json: &str, more: Value) -> Value {
    let mut config = json!({"user.attribute": name, "claim.name": claim, "jsonType.label": json});
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    mapper("oidc-usermodel-attribute-mapper", config)
}

async fn check(rows: Vec<(&str, Value, Value)>) {
    for (what, mappers, expected) in rows {
        assert_eq!(claims_by(&mappers).await.0, expected, "{what}");
    }
}

#[tokio::test]
async fn attributes_become_claims_of_their_type() {
    let (plain, multi) = (json!({}), json!({"multivalued": "true"}));
    let of = |name, claim, json| attribute(name, claim, json, plain.clone());
    let all_of = |name, claim, json| attribute(name, claim, json, multi.clone());
    check(vec![
        ("no number", json!([of("word", "x", "int")]), json!({})),
        ("too large for int", json!([of("big", "x", "int"), of("big", "y", "long")]), json!({"y": 12_345_678_901_i64})),
        ("numbers", json!([of("num", "x", "int"), of("num", "y", "long")]), json!({"x": 42, "y": 42})),
        ("flags", json!([of("word", "x", "boolean"), of("yes", "y", "boolean")]), json!({"x": false, "y": true})),
        ("no JSON", json!([of("word", "x", "JSON")]), json!({})),
        ("JSON", json!([of("js", "x", "JSON")]), json!({"x": {"a": [1]}})),
        ("no type", json!([of("num", "x", "")]), json!({"x": "42"})),
        ("spaces stay", json!([of("spaces", "x", "String")]), json!({"x": " x "})),
        ("the first of several", json!([of("many", "x", "String")]), json!({"x": "a"})),
        ("a list of one", json!([all_of("num", "x", "long")]), json!({"x": [42]})),
        ("null for the unfit", json!([all_of("mixed", "x", "long")]), json!({"x": [1, null, 3]})),
        ("absent", json!([of("nosuch", "x", "String"), all_of("nosuch", "y", "String")]), json!({})),
        (
            "lists of two mappers",
            json!([all_of("many", "x", "String"), all_of("many2", "x", "String")]),
            json!({"x": ["a", "b", "c"]}),
        ),
        (
            "nested",
            json!([all_of("many", "x.l", "String"), of("word", "x.w", "String")]),
            json!({"x": {"l": ["a", "b"], "w": "hello"}}),
        ),
        (
            "not every property is an attribute",
            json!([of("id", "x", "String"), of("lastName", "y", "String")]),
            json!({"y": "V"}),
        ),
    ])
    .await;
}

#[tokio::test]
async fn attributes_of_groups_stand_in_for_those_of_the_user() {
    let of = |claim, more| attribute("gattr", claim, "String", more);
    check(vec![
        ("of the first group", json!([of("x", json!({}))]), json!({"x": "o1"})),
        ("all of the first group", json!([of("x", json!({"multivalued": "true"}))]), json!({"x": ["o1"]})),
        (
            "of all groups",
            json!([of("x", json!({"multivalued": "true", "aggregate.attrs": "true"}))]),
            json!({"x": ["o1", "t1", "t2"]}),
        ),
        ("one of all", json!([of("x", json!({"aggregate.attrs": "true"}))]), json!({"x": "o1"})),
    ])
    .await;
}

#[tokio::test]
async fn properties_groups_names_and_addresses() {
    let property = |name: &str, claim: &str, json: &str| {
        mapper("oidc-usermodel-property-mapper", json!({"user.attribute": name, "claim.name": claim, "jsonType.label": json}))
    };
    let groups = |config| mapper("oidc-group-membership-mapper", config);
    check(vec![
        (
            "properties",
            json!([property("firstName", "x", "String"), property("enabled", "y", "boolean")]),
            json!({"x": "U", "y": true}),
        ),
        ("no property", json!([property("nosuch", "x", "String"), property("many", "y", "String")]), json!({})),
        ("paths", json!([groups(json!({"claim.name": "g", "full.path": "true"}))]), json!({"g": ["/other", "/top/sub"]})),
        ("names", json!([groups(json!({"claim.name": "n.g"}))]), json!({"n": {"g": ["other", "sub"]}})),
        ("full name", json!([mapper("oidc-full-name-mapper", json!({}))]), json!({"name": "U V"})),
        ("no address", json!([mapper("oidc-address-mapper", json!({}))]), json!({})),
        (
            "address",
            json!([mapper("oidc-address-mapper", json!({"user.attribute.country": "word"}))]),
            json!({"address": {"country": "hello"}}),
        ),
        ("amr", json!([mapper("oidc-amr-mapper", json!({}))]), json!({"amr": []})),
        ("session state", json!([mapper("oidc-session-state-mapper", json!({}))]), json!({"session_state": "sid"})),
    ])
    .await;
}

#[tokio::test]
async fn fixed_claims_are_checked_once() {
    check(vec![
        ("unfit", json!([fixed("a", "abc", "int"), fixed("b", "{", "JSON"), fixed("c", "12345678901", "int")]), json!({})),
        (
            "fit",
            json!([fixed("a", "yes", "boolean"), fixed("b", "5", ""), fixed("c", "[1,2]", "JSON")]),
            json!({"a": false, "b": "5", "c": [1, 2]}),
        ),
        (
            "not for mappers",
            json!([fixed("exp", "5", "long"), fixed("scope", "x", "String"), fixed("nonce", "x", "String")]),
            json!({}),
        ),
        ("a mapper of an unknown type", json!([mapper("oidc-made-up-mapper", json!({"claim.name": "x"}))]), json!({})),
    ])
    .await;
}

#[tokio::test]
async fn audiences_are_added_by_audience_mappers_and_replaced_by_others() {
    let audience = |config| mapper("oidc-audience-mapper", config);
    let both = json!([
        audience(json!({"included.client.audience": "c"})),
        audience(json!({"included.client.audience": "account", "included.custom.audience": "zz"})),
        audience(json!({"included.custom.audience": "urn:x"})),
    ]);
    let (access, id) = claims_by(&both).await;
    assert_eq!((&access["aud"], &id["aud"]), (&json!(["c", "account", "urn:x"]), &json!(["c", "account", "urn:x"])));
    let (access, id) = claims_by(&json!([fixed("aud", "xaud", "String")])).await;
    assert_eq!((&access["aud"], &id["aud"]), (&json!("xaud"), &json!("xaud")));
    let resolve =
        json!([{"name": "r", "protocol": "openid-connect", "protocolMapper": "oidc-audience-resolve-mapper", "config": {}}]);
    let (access, id) = claims_by(&resolve).await;
    assert_eq!((access, id), (json!({"aud": "account"}), json!({})));
}

#[tokio::test]
async fn roles_are_renamed_then_added_then_written() {
    let realm_roles = || mapper("oidc-usermodel-realm-role-mapper", json!({"claim.name": "r", "multivalued": "true"}));
    let client_roles =
        || mapper("oidc-usermodel-client-role-mapper", json!({"claim.name": "c.${client_id}", "multivalued": "true"}));
    let add = |role: &str| mapper("oidc-hardcoded-role-mapper", json!({"role": role}));
    let rename = |from: &str, to: &str| mapper("oidc-role-name-mapper", json!({"role": from, "new.role.name": to}));
    let (own, account) =
        (["default-roles-m", "offline_access", "uma_authorization"], ["manage-account", "manage-account-links", "view-profile"]);
    check(vec![
        ("as they are", json!([realm_roles(), client_roles()]), json!({"r": own, "c": {"account": account}})),
        ("added", json!([realm_roles(), add("nosuch"), add("comp")]), json!({"r": ["comp", own[0], "nosuch", own[1], own[2]]})),
        ("added to a client", json!([client_roles(), add("a.b.c")]), json!({"c": {"a.b": ["c"], "account": account}})),
        ("renamed", json!([realm_roles(), rename("offline_access", "off")]), json!({"r": [own[0], "off", own[2]]})),
        ("an added role is not renamed", json!([realm_roles(), rename("hard", "soft"), add("hard")]), json!({"r": [own[0], "hard", own[1], own[2]]})),
        ("to another client", json!([client_roles(), rename("account.manage-account", "off.line.x")]), json!({"c": {"account": account[1..], "off.line": ["x"]}})),
        ("one text", json!([mapper("oidc-usermodel-realm-role-mapper", json!({"claim.name": "r"}))]), json!({"r": own[0]})),
        ("prefix", json!([mapper("oidc-usermodel-client-role-mapper", json!({"claim.name": "r", "multivalued": "true", "usermodel.clientRoleMapping.clientId": "account", "usermodel.clientRoleMapping.rolePrefix": "p-"}))]), json!({"r": account.map(|name| format!("p-{name}"))})),
    ])
    .await;
}

#[tokio::test]
async fn a_claim_goes_where_its_switches_say() {
    let only = |switch: &str| json!([{"name": "x", "protocol": "openid-connect", "protocolMapper": "oidc-hardcoded-claim-mapper", "config": {"claim.name": "x", "claim.value": "1", switch: "true"}}]);
    assert_eq!(claims_by(&only("access.token.claim")).await, (json!({"x": "1"}), json!({})));
    assert_eq!(claims_by(&only("id.token.claim")).await, (json!({}), json!({"x": "1"})));
    assert_eq!(claims_by(&only("userinfo.token.claim")).await, (json!({}), json!({})));
}

#[tokio::test]
async fn the_claims_parameter_is_honoured_by_its_mappers_in_the_id_token() {
    let asked = json!({
        "id_token": { "email": null, "name": { "essential": true }, "nickname": null, "acr": { "value": "gold" }, "other": null },
        "userinfo": { "given_name": null }
    });
    let mappers = json!([
        mapper("oidc-claims-param-token-mapper", json!({})),
        mapper("oidc-claims-param-value-idtoken-mapper", json!({"claim.name": "acr"})),
        mapper("oidc-claims-param-value-idtoken-mapper", json!({"claim.name": "other"}))
    ]);
    let (access, id) = claims_asked_for(&mappers, Some(asked)).await;
    assert_eq!(id, json!({"name": "U V", "email": "u@x.y", "acr": "gold"}));
    assert_eq!(access, json!({}));
    assert_eq!(claims_asked_for(&mappers, None).await, (json!({}), json!({})));
}

#[tokio::test]
async fn a_switch_that_a_mapper_does_not_have_does_nothing() {
    let in_answer = json!({"access.tokenResponse.claim": "true", "claim.name": "c", "user.attribute": "word"});
    let mappers = json!([
        mapper("oidc-allowed-origins-mapper", json!({})),
        mapper("oidc-usermodel-attribute-mapper", in_answer),
        mapper("oidc-usermodel-realm-role-mapper", json!({"claim.name": "r", "multivalued": "false", "jsonType.label": "JSON"}))
    ]);
    let (access, id) = claims_by(&mappers).await;
    assert_eq!((access, id), (json!({"c": "hello"}), json!({"c": "hello"})));
}

/// CVE-2026-105302
#[tokio::test]
async fn refuses_to_tell_a_client_the_tokens_that_another_issuer_gave() {
    let (realm, user) = realm_with(&json!([
        mapper(
            "oidc-usersessionmodel-note-mapper",
            json!({"user.session.note": "FEDERATED_ACCESS_TOKEN", "claim.name": "stolen"})
        ),
        mapper("oidc-usersessionmodel-note-mapper", json!({"user.session.note": "clientAddress", "claim.name": "address"})),
    ]));
    let notes = SessionNotes::default().with("FEDERATED_ACCESS_TOKEN", "secret").with("clientAddress", "192.0.2.1");
    let (access, id) = claims_of((&realm, user), (None, notes)).await;
    assert_eq!((access, id), (json!({"address": "192.0.2.1"}), json!({"address": "192.0.2.1"})));
}
