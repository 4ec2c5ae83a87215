//! A baseline with one change per rule.

use ambient::Timestamp;
use realm_model::User;
use realm_model::file::{SourceFile, read};
use serde_json::{Value, json};

use super::*;

fn baseline() -> Value {
    let on = |mut config: Value| {
        for name in ["access.token.claim", "id.token.claim", "userinfo.token.claim"] {
            config[name] = json!("true");
        }
        config
    };
    let attribute = |name: &str| {
        json!({"name": name, "protocol": "openid-connect", "protocolMapper": "oidc-usermodel-attribute-mapper",
            "config": on(json!({"user.attribute": name, "claim.name": name, "jsonType.label": "String"}))})
    };
    json!({
        "realm": "acme", "enabled": true,
        "roles": {
            "realm": [{"name": "comp", "composites": {"realm": ["manager"], "client": {"orders": ["read"]}}}, {"name": "manager"}, {"name": "other"}],
            "client": {"orders": [{"name": "read"}, {"name": "write"}], "app": [{"name": "use"}]}
        },
        "groups": [{"name": "eng", "attributes": {"department": ["R&D"]}, "realmRoles": ["comp"], "subGroups": [{"name": "backend"}]}],
        "clientScopes": [
            {"name": "roles", "protocol": "openid-connect", "attributes": {"include.in.token.scope": "false"}, "protocolMappers": [
                {"name": "realm roles", "protocol": "openid-connect", "protocolMapper": "oidc-usermodel-realm-role-mapper",
                 "config": {"claim.name": "realm_access.roles", "multivalued": "true", "access.token.claim": "true"}},
                {"name": "client roles", "protocol": "openid-connect", "protocolMapper": "oidc-usermodel-client-role-mapper",
                 "config": {"claim.name": "resource_access.${client_id}.roles", "multivalued": "true", "access.token.claim": "true"}},
                {"name": "audience resolve", "protocol": "openid-connect", "protocolMapper": "oidc-audience-resolve-mapper", "config": {}}
            ]},
            {"name": "extra", "protocol": "openid-connect", "protocolMappers": [attribute("floor")]}
        ],
        "clients": [
            {"clientId": "app", "publicClient": true, "fullScopeAllowed": true, "defaultClientScopes": ["roles"],
             "optionalClientScopes": ["extra"], "protocolMappers": [attribute("department")]},
            {"clientId": "orders", "secret": "s"},
            {"clientId": "bare", "secret": "s"}
        ],
        "users": [{"username": "alice", "enabled": true, "groups": ["/eng/backend"], "attributes": {"floor": ["3"]}}]
    })
}

/// The explanation for alice at client app of the realm that `change` makes of the baseline.
async fn explained(change: impl FnOnce(&mut Value), scope: &str, asked: &[&str]) -> Explanation {
    let mut file = baseline();
    change(&mut file);
    let file = SourceFile { name: "acme.json".to_owned(), bytes: file.to_string().into_bytes() };
    let mut reading = read(&[file], &|_| None);
    assert!(!reading.has_errors(), "{:?}", reading.diagnostics);
    let loaded = reading.realms.remove(0);
    let user: User = loaded.users.into_iter().find(|user| user.username == "alice").unwrap();
    let realm = Arc::new(loaded.realm);
    let question = Question {
        client: Arc::clone(realm.client("app").unwrap()),
        subject: Subject::new(&realm, Arc::new(user)),
        scope: Some(scope.to_owned()),
    };
    let cx = MintContext { realm: &realm, issuer: "i", now: Timestamp::from_secs(1_800_000_000) };
    let asked: Vec<_> = asked.iter().map(|text| Asked::parse(text).unwrap()).collect();
    explain(&question, cx, &asked).await.unwrap()
}

/// The rules that keep `asked` out, and where it is.
async fn rules(change: impl FnOnce(&mut Value), scope: &str, asked: &str) -> (Vec<&'static str>, Vec<&'static str>) {
    let explanation = explained(change, scope, &[asked]).await;
    let answer = &explanation.answers[0];
    (answer.found.clone(), answer.reasons.iter().map(|reason| reason.rule).collect())
}

fn way(origin: &Origin) -> String {
    origin.path.iter().map(ToString::to_string).collect::<Vec<_>>().join(" → ")
}

fn claim<'e>(explanation: &'e Explanation, token: &str, name: &str) -> &'e ExplainedClaim {
    let token = explanation.tokens.iter().find(|own| own.name == token).unwrap();
    token.claims.iter().find(|claim| claim.name() == name).unwrap_or_else(|| panic!("no {name} in {token:#?}"))
}

#[tokio::test]
async fn each_role_has_its_way_from_the_user_over_groups_and_composites() {
    let explanation = explained(|_| {}, "openid", &[]).await;
    let roles = claim(&explanation, "access token", "realm_access.roles");
    let ways: Vec<_> = roles.parts.iter().map(|part| (part.value.clone().unwrap(), way(&part.origins[0]))).collect();
    let user = "user alice → group /eng/backend → group /eng → role comp";
    assert_eq!(ways, [(json!("comp"), user.to_owned()), (json!("manager"), format!("{user} → role manager"))]);
    let of_client = claim(&explanation, "access token", "resource_access.orders.roles");
    assert_eq!(way(&of_client.parts[0].origins[0]), format!("{user} → role orders/read"));
    let audience = claim(&explanation, "access token", "aud");
    assert_eq!(audience.parts[0].value, Some(json!("orders")));
    assert_eq!(way(&audience.parts[0].origins[0]), format!("{user} → role orders/read"));
}

#[tokio::test]
async fn a_claim_has_its_mapper_its_owner_and_the_attribute() {
    let explanation = explained(|_| {}, "openid extra", &[]).await;
    assert_eq!(explanation.scope, "openid extra");
    let origin = &claim(&explanation, "ID token", "department").parts[0].origins[0];
    let kind = "oidc-usermodel-attribute-mapper".to_owned();
    let owner = Holder::Client("app".into());
    assert_eq!(origin.maker, Maker::Mapper { name: "department".to_owned(), kind, owner });
    assert_eq!(way(origin), "user alice → attribute department of group /eng");
    let origin = &claim(&explanation, "userinfo", "floor").parts[0].origins[0];
    assert_eq!(way(origin), "attribute floor of user alice");
    let Maker::Mapper { owner, .. } = &origin.maker else { panic!("{origin:?}") };
    assert_eq!(owner.to_string(), "client scope extra");
    let exp = &claim(&explanation, "access token", "exp").parts[0];
    assert!(exp.value.is_none() && matches!(exp.origins[0].maker, Maker::Protocol(_)), "{exp:?}");
}

#[tokio::test]
async fn what_is_there_has_no_reason_to_be_missed() {
    let all = ["access token", "ID token", "userinfo"].to_vec();
    assert_eq!(rules(|_| {}, "openid", "claim:department").await, (all, vec![]));
    assert_eq!(rules(|_| {}, "openid", "audience:orders").await, (vec!["access token"], vec![]));
    assert_eq!(rules(|_| {}, "openid extra", "scope:extra").await, (vec!["granted"], vec![]));
}

#[tokio::test]
async fn a_claim_is_kept_out_by_its_switch() {
    let off = |realm: &mut Value| realm["clients"][0]["protocolMappers"][0]["config"]["access.token.claim"] = json!("false");
    assert_eq!(rules(off, "openid", "claim:department").await, (vec!["ID token", "userinfo"], vec!["switched-off"]));
}

#[tokio::test]
async fn a_claim_is_kept_out_of_lightweight_tokens() {
    let light = |realm: &mut Value| {
        realm["clients"][0]["attributes"] = json!({"client.use.lightweight.access.token.enabled": "true"});
    };
    assert_eq!(rules(light, "openid", "claim:department").await, (vec!["ID token", "userinfo"], vec!["lightweight"]));
}

#[tokio::test]
async fn a_claim_is_kept_out_by_a_user_without_the_attribute() {
    let without = |realm: &mut Value| realm["groups"][0]["attributes"] = json!({});
    assert_eq!(rules(without, "openid", "claim:department").await, (vec![], vec!["no-attribute"]));
}

#[tokio::test]
async fn a_claim_is_kept_out_by_a_value_of_another_type() {
    let number = |realm: &mut Value| {
        realm["clients"][0]["protocolMappers"][0]["config"]["jsonType.label"] = json!("long");
        realm["users"][0]["attributes"]["department"] = json!(["x"]);
    };
    assert_eq!(rules(number, "openid", "claim:department").await, (vec![], vec!["value-of-other-type"]));
}

#[tokio::test]
async fn a_claim_is_kept_out_by_a_scope_that_nobody_asked_for_or_the_client_lacks() {
    assert_eq!(rules(|_| {}, "openid", "claim:floor").await, (vec![], vec!["scope-not-asked-for"]));
    let lacks = |realm: &mut Value| realm["clients"][0]["optionalClientScopes"] = json!([]);
    assert_eq!(rules(lacks, "openid", "claim:floor").await, (vec![], vec!["scope-not-assigned"]));
}

#[tokio::test]
async fn a_claim_that_no_mapper_makes_has_a_nearest_name() {
    let explanation = explained(|_| {}, "openid", &["claim:departement"]).await;
    let reason = &explanation.answers[0].reasons[0];
    assert!(reason.rule == "no-mapper" && reason.text.ends_with("did you mean \"department\"?"), "{reason:?}");
}

#[tokio::test]
async fn a_mapper_that_cannot_be_used_says_why() {
    let broken = |realm: &mut Value| {
        realm["clients"][0]["protocolMappers"][0]["protocolMapper"] = json!("oidc-hardcoded-claim-mapper");
    };
    assert_eq!(rules(broken, "openid", "claim:department").await, (vec![], vec!["mapper-skipped"; 1]));
}

#[tokio::test]
async fn without_openid_there_is_no_id_token() {
    let explanation = explained(|_| {}, "", &["scope:openid"]).await;
    assert_eq!(explanation.tokens.len(), 1);
    assert_eq!(explanation.answers[0].reasons[0].rule, "no-openid");
}

#[tokio::test]
async fn a_role_is_kept_out_by_a_user_without_it_and_its_givers_are_named() {
    let no_group = |realm: &mut Value| realm["users"][0]["groups"] = json!([]);
    let explanation = explained(no_group, "openid", &["role:manager"]).await;
    let reason = &explanation.answers[0].reasons[0];
    assert_eq!(reason.text, "user alice does not have role manager: it would come with group /eng, role comp");
    assert_eq!(rules(|_| {}, "openid", "role:managr").await, (vec![], vec!["role-unknown"]));
}

#[tokio::test]
async fn a_role_is_kept_out_by_the_scope_of_the_client() {
    let narrow = |realm: &mut Value| realm["clients"][0]["fullScopeAllowed"] = json!(false);
    assert_eq!(rules(narrow, "openid", "role:manager").await, (vec![], vec!["role-not-in-scope"]));
    assert_eq!(rules(narrow, "openid", "audience:orders").await, (vec![], vec!["role-not-in-scope"]));
}

#[tokio::test]
async fn a_role_is_kept_out_by_a_client_without_role_mappers() {
    let bare = |realm: &mut Value| realm["clients"][0]["defaultClientScopes"] = json!([]);
    let (found, rules) = rules(bare, "openid", "role:manager").await;
    assert!(found.is_empty() && rules == ["scope-not-assigned"], "{rules:?}");
}

#[tokio::test]
async fn a_renamed_role_says_what_it_was() {
    let rename = |realm: &mut Value| {
        let mapper = json!({"name": "call", "protocol": "openid-connect", "protocolMapper": "oidc-role-name-mapper",
            "config": {"role": "manager", "new.role.name": "boss"}});
        realm["clients"][0]["protocolMappers"].as_array_mut().unwrap().push(mapper);
    };
    let explanation = explained(rename, "openid", &["role:manager"]).await;
    assert_eq!(explanation.answers[0].reasons[0].rule, "role-renamed");
    let roles = claim(&explanation, "access token", "realm_access.roles");
    let boss = roles.parts.iter().find(|part| part.value == Some(json!("boss"))).unwrap();
    assert!(way(&boss.origins[0]).ends_with("role comp → role manager → mapper \"call\" of client app"), "{boss:?}");
}

#[tokio::test]
async fn an_audience_is_kept_out_for_want_of_roles_or_of_the_client() {
    assert_eq!(rules(|_| {}, "openid", "audience:bare").await, (vec![], vec!["audience-without-roles"]));
    assert_eq!(rules(|_| {}, "openid", "audience:order").await, (vec![], vec!["audience-unknown"]));
    let no_group = |realm: &mut Value| realm["users"][0]["groups"] = json!([]);
    assert_eq!(rules(no_group, "openid", "audience:orders").await, (vec![], vec!["audience-role-not-held"]));
    let (found, rules) = rules(|_| {}, "openid", "audience:app").await;
    assert_eq!((found, rules), (vec!["ID token"], vec!["own-audience"]));
}

#[tokio::test]
async fn a_scope_is_kept_out_by_its_own_rules() {
    assert_eq!(rules(|_| {}, "openid", "scope:extra").await, (vec![], vec!["scope-not-asked-for"]));
    assert_eq!(rules(|_| {}, "openid", "scope:extras").await, (vec![], vec!["scope-unknown"]));
    assert_eq!(rules(|_| {}, "openid", "scope:roles").await, (vec!["granted"], vec!["scope-not-shown"]));
    let bound = |realm: &mut Value| realm["scopeMappings"] = json!([{"clientScope": "extra", "roles": ["other"]}]);
    assert_eq!(rules(bound, "openid extra", "scope:extra").await, (vec![], vec!["scope-bound-to-roles"]));
    let explanation = explained(|_| {}, "openid nothing", &[]).await;
    assert_eq!(explanation.refused.as_deref(), Some("Invalid scopes: openid nothing"));
}

#[tokio::test]
async fn every_claim_of_every_user_at_every_client_has_an_origin() {
    const OF_PROTOCOL: [&str; 14] =
        ["exp", "iat", "jti", "iss", "aud", "sub", "typ", "azp", "sid", "at_hash", "scope", "nonce", "session_state", "acr"];
    let world = crate::tests::World::new();
    let realm = world.realm("acme");
    let mut claims = 0;
    for client in realm.clients.values() {
        for user in ["alice", "bob"] {
            let scope = client.optional_scopes.iter().map(|name| &**name).chain(["openid"]).collect::<Vec<_>>().join(" ");
            let subject = Subject::new(realm, world.user("acme", user));
            let question = Question { client: Arc::clone(client), subject, scope: Some(scope) };
            let cx = MintContext { realm, issuer: "i", now: world.now() };
            for token in explain(&question, cx, &[]).await.unwrap().tokens {
                for claim in &token.claims {
                    let by_protocol = |part: &Part| matches!(part.origins[0].maker, Maker::Protocol(_));
                    let fine = OF_PROTOCOL.contains(&&*claim.path[0]) || !claim.parts.iter().any(by_protocol);
                    assert!(fine, "{} {} {user}: {claim:#?}", client.client_id, token.name);
                    claims += 1;
                }
            }
        }
    }
    assert!(claims > 500, "{claims}");
}
