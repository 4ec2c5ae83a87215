//! Organizations in scopes and tokens as Keycloak 26.7.4 has them, measured.

use std::sync::Arc;

use ambient::{SeededEntropy, Timestamp};
use realm_model::file::{SourceFile, read};
use realm_model::{Client, Realm, User};
use serde_json::{Map, Value, json};

use super::mappers::Unsigned;
use crate::*;

struct World {
    realm: Arc<Realm>,
    users: Vec<Arc<User>>,
}

/// `two` is in `acme` and `beta`, `one` in `acme`, `none` in nothing; all of them are in `off`, which is.
fn world(mappers: &Value, enabled: Value) -> World {
    let member = |name: &str| json!({ "username": name, "membershipType": "UNMANAGED" });
    let file = json!({
        "realm": "o", "enabled": true, "organizationsEnabled": enabled,
        "roles": { "realm": [{ "name": "orole" }] },
        "clientScopes": [
            { "name": "basic", "protocol": "openid-connect", "attributes": { "include.in.token.scope": "false" } },
            { "name": "organization", "protocol": "openid-connect", "attributes": { "include.in.token.scope": "true" },
              "protocolMappers": mappers }
        ],
        "clients": [{ "clientId": "c", "publicClient": true, "directAccessGrantsEnabled": true,
                      "defaultClientScopes": ["basic"], "optionalClientScopes": ["organization"] }],
        "organizations": [
            { "id": "o-a", "name": "Acme Org", "alias": "acme", "enabled": true,
              "attributes": { "k": ["v1", "v2"] },
              "domains": [{ "name": "x.example", "verified": false }, { "name": "acme.example", "verified": true }],
              "members": [{ "username": "Two", "groups": ["/eng"] }, member("one")],
              "groups": [{ "name": "eng", "realmRoles": ["orole"] }] },
            { "id": "o-b", "name": "beta", "enabled": true, "members": [member("two")] },
            { "name": "Off", "alias": "off", "enabled": false, "members": [member("two"), member("one"), member("none")] }
        ],
        "users": [{ "username": "two", "enabled": true }, { "username": "one", "enabled": true }, { "username": "none", "enabled": true, "email": "none@acme.example", "emailVerified": true }]
    });
    let file = SourceFile { name: "o.json".to_owned(), bytes: file.to_string().into_bytes() };
    let mut reading = read(&[file], &|_| None);
    assert!(!reading.has_errors(), "{:?}", reading.diagnostics);
    let loaded = reading.realms.remove(0);
    World { realm: Arc::new(loaded.realm), users: loaded.users.into_iter().map(Arc::new).collect() }
}

fn membership(config: &Value) -> Value {
    mapper("oidc-organization-membership-mapper", json!({ "claim.name": "organization", "jsonType.label": "String" }), config)
}

fn groups(config: &Value) -> Value {
    mapper("oidc-organization-group-membership-mapper", json!({}), config)
}

fn mapper(kind: &str, base: Value, config: &Value) -> Value {
    let mut all = json!({ "access.token.claim": "true", "id.token.claim": "true", "multivalued": "true" });
    for more in [&base, config] {
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    }
    json!({ "name": kind, "protocol": "openid-connect", "protocolMapper": kind, "config": all })
}

impl World {
    fn client(&self) -> &Arc<Client> {
        self.realm.client("c").unwrap()
    }

    fn subject(&self, user: &str) -> Subject {
        Subject::new(&self.realm, Arc::clone(self.users.iter().find(|one| one.username == user).unwrap()))
    }

    fn grant(&self, user: &str, scope: &str) -> GrantedScope {
        let request = ScopeRequest::judge(&self.realm, self.client(), Some(scope)).unwrap();
        request.grant(&self.realm, self.client(), &self.subject(user))
    }

    /// `scope` and the claim `organization` of an access token.
    async fn token(&self, user: &str, scope: &str) -> (String, Option<Value>) {
        let now = Timestamp::from_secs(1_800_000_000);
        let session = SessionFacts {
            kind: SessionKind::Online,
            id: "sid".into(),
            started: now,
            ends: None,
            remember_me: false,
            notes: SessionNotes::default(),
            acr: "1".into(),
        };
        let scope = self.grant(user, scope);
        let issue = Issue::new(self.subject(user), Arc::clone(self.client()), scope, session, GrantKind::Password);
        let issuer = TokenIssuer::new(Arc::new(Unsigned), Arc::new(SeededEntropy::new(1)));
        let minted = issuer.mint(&issue, MintContext { realm: &self.realm, issuer: "i", now }).await.unwrap();
        let mut claims: Map<String, Value> = serde_json::from_str(&minted.access_token).unwrap();
        (minted.scope, claims.remove("organization"))
    }
}

#[tokio::test]
async fn a_scope_word_says_of_which_organizations_tokens_speak() {
    let world = world(&json!([membership(&json!({}))]), json!(true));
    let rows = [
        ("two", "organization", "openid organization", None),
        ("one", "organization", "openid organization", Some(json!(["acme"]))),
        ("none", "organization", "openid organization", None),
        ("two", "organization:*", "openid organization:*", Some(json!(["acme", "beta"]))),
        ("none", "organization:*", "openid", None),
        ("two", "organization:beta", "openid organization:beta", Some(json!(["beta"]))),
        ("one", "organization:beta", "openid", None),
        (
            "two",
            "organization:beta organization:acme",
            "openid organization:acme organization:beta",
            Some(json!(["acme", "beta"])),
        ),
        ("one", "organization:beta organization:acme", "openid organization:acme", Some(json!(["acme"]))),
    ];
    for (user, words, scope, claim) in rows {
        assert_eq!(world.token(user, &format!("openid {words}")).await, (scope.to_owned(), claim), "{user} {words}");
    }
}

#[test]
fn organizations_that_there_are_not_and_mixed_words_are_no_scope() {
    let on = world(&json!([membership(&json!({}))]), json!(true));
    let off = world(&json!([membership(&json!({}))]), json!(false));
    let unmapped = world(&json!([groups(&json!({}))]), json!(true));
    let valid = |world: &World, words: &str| ScopeRequest::judge(&world.realm, world.client(), Some(words)).is_ok();
    for (words, fits) in [
        ("organization:off", false),
        ("organization:zzz", false),
        ("organization:ACME", false),
        ("organization:a:b", false),
        ("organization organization:acme", false),
        ("organization:* organization:acme", false),
        ("organization organization:*", false),
        ("organization organization", true),
        ("organization:acme organization:beta", true),
    ] {
        assert_eq!(valid(&on, words), fits, "{words}");
    }
    assert!(valid(&off, "organization:zzz organization"));
    assert!(valid(&unmapped, "organization") && !valid(&unmapped, "organization:*"));
}

#[tokio::test]
async fn a_realm_that_has_them_switched_off_tells_of_no_organization() {
    for enabled in [json!(false), json!(null)] {
        let world = world(&json!([membership(&json!({})), groups(&json!({}))]), enabled);
        for words in ["organization", "organization:*", "organization:acme"] {
            assert_eq!(world.token("one", &format!("openid {words}")).await, ("openid".to_owned(), None), "{words}");
        }
    }
}

#[tokio::test]
async fn what_is_told_of_an_organization_depends_on_the_mapper() {
    let all = json!({ "addOrganizationId": "true", "addOrganizationAttributes": "true", "addOrganizationDomain": "true" });
    let rows = [
        (json!({ "addOrganizationId": "true" }), Some(json!({ "acme": { "id": "o-a" }, "beta": { "id": "o-b" } }))),
        (json!({ "addOrganizationDomain": "true" }), Some(json!(["acme", "beta"]))),
        (json!({ "addOrganizationAttributes": "true" }), Some(json!({ "acme": { "k": ["v1", "v2"] }, "beta": {} }))),
        (json!({ "jsonType.label": "JSON" }), Some(json!({ "acme": {}, "beta": {} }))),
        (json!({ "multivalued": "false", "addOrganizationId": "true" }), Some(json!("acme"))),
        (json!({ "multivalued": "false", "jsonType.label": "JSON" }), None),
        (all, Some(json!({ "acme": { "k": ["v1", "v2"], "id": "o-a", "domain": "acme.example" }, "beta": { "id": "o-b" } }))),
    ];
    for (config, claim) in rows {
        let world = world(&json!([membership(&config)]), json!(true));
        assert_eq!(world.token("two", "openid organization:*").await.1, claim, "{config}");
    }
}

#[tokio::test]
async fn groups_of_an_organization_are_told_within_it() {
    let told = json!({ "addGroupRoleMappings": "true" });
    let rows = [
        (json!([groups(&json!({}))]), "organization:beta", None),
        (
            json!([membership(&json!({})), groups(&json!({}))]),
            "organization:*",
            Some(json!({ "acme": { "groups": ["/eng"] }, "beta": { "groups": [] } })),
        ),
        (
            json!([membership(&json!({ "addOrganizationId": "true" })), groups(&told)]),
            "organization:acme",
            Some(json!({ "acme": { "id": "o-a", "groups": ["/eng"], "realm_access": { "roles": ["orole"] } } })),
        ),
    ];
    for (mappers, words, claim) in rows {
        let world = world(&mappers, json!(true));
        let Some(claim) = claim else {
            assert!(ScopeRequest::judge(&world.realm, world.client(), Some(words)).is_err());
            continue;
        };
        assert_eq!(world.token("two", &format!("openid {words}")).await.1, Some(claim), "{words}");
    }
}

#[test]
fn a_refresh_narrows_to_organizations_that_were_granted() {
    let world = world(&json!([membership(&json!({}))]), json!(true));
    for (user, granted, asked, left) in [
        ("two", "organization:*", "organization:acme", "openid basic organization:acme"),
        ("two", "organization:*", "organization:*", "openid basic organization:*"),
        ("two", "organization:*", "", "openid basic"),
        ("two", "organization:acme", "organization:beta", "openid basic"),
        ("two", "organization:acme", "organization", "openid basic organization:acme"),
        ("two", "organization:acme", "organization:*", "openid basic organization:acme"),
        ("one", "organization", "organization:acme", "openid basic"),
        ("one", "organization", "organization:*", "openid basic organization"),
    ] {
        let full = world.grant(user, &format!("openid {granted}"));
        let request = ScopeRequest::taken(Some(&format!("openid {asked}")));
        assert_eq!(&**full.narrowed_to(world.client(), &request).full_text(), left, "{granted} → {asked}");
        let kept = GrantedScope::of_refresh_token(&world.realm, world.client(), &world.subject(user), full.full_text());
        assert_eq!(kept.full_text(), full.full_text());
    }
}

/// CVE-2025-1391: `acme.example` is a verified domain of an organization in which `none` is not.
#[tokio::test]
async fn an_e_mail_address_at_the_domain_of_an_organization_makes_nobody_a_member() {
    let world = world(&json!([membership(&json!({ "addOrganizationId": "true" }))]), json!(true));
    for words in ["organization", "organization:*", "organization:acme"] {
        assert_eq!(world.token("none", &format!("openid {words}")).await.1, None, "{words}");
        assert!(world.token("one", &format!("openid {words}")).await.1.is_some(), "{words}");
    }
}
