use std::sync::Arc;

use ambient::Timestamp;
use realm_model::file::{SourceFile, read};
use realm_model::{Realm, User};
use serde_json::{Map, Value, json};

use super::*;
use crate::Wanted;

/// Resource server `rs` with two resources, and users ann, ben.
fn settings(strategy: &str, policies: Value) -> Value {
    json!({
        "policyEnforcementMode": "ENFORCING", "decisionStrategy": strategy, "allowRemoteResourceManagement": true,
        "resources": [
            {"name": "album", "type": "urn:a", "uris": ["/a/*"], "scopes": [{"name": "view"}, {"name": "edit"}]},
            {"name": "plain"}],
        "scopes": [{"name": "view"}, {"name": "edit"}, {"name": "lone"}],
        "policies": policies,
    })
}

fn policy(name: &str, kind: &str, config: Value) -> Value {
    let config: Map<String, Value> = config
        .as_object()
        .unwrap()
        .iter()
        .map(|(k, v)| (k.clone(), v.as_str().map_or_else(|| v.to_string(), str::to_owned).into()))
        .collect();
    json!({"name": name, "type": kind, "logic": "POSITIVE", "decisionStrategy": "UNANIMOUS", "config": config})
}

fn permission(name: &str, kind: &str, config: Value, strategy: &str) -> Value {
    let mut made = policy(name, kind, config);
    made["decisionStrategy"] = strategy.into();
    made
}

struct World {
    realm: Realm,
    users: Vec<Arc<User>>,
    server: ResourceServer,
}

fn world(settings: Value) -> World {
    let realm = json!({"realm": "r", "enabled": true,
        "groups": [{"name": "staff", "subGroups": [{"name": "night"}]}],
        "roles": {"realm": [{"name": "boss"}], "client": {"rs": [{"name": "manager"}]}},
        "clients": [{"clientId": "rs", "secret": "s", "authorizationServicesEnabled": true, "authorizationSettings": settings}],
        "users": [{"username": "ann", "enabled": true, "groups": ["/staff/night"], "realmRoles": ["boss"]},
                  {"username": "ben", "enabled": true}]});
    let file = SourceFile { name: "r.json".to_owned(), bytes: realm.to_string().into() };
    let loaded = read(&[file], &|_| None).realms.remove(0);
    let client = loaded.realm.client("rs").unwrap();
    let server = ResourceServer::compile(client, client.authorization_settings.as_ref().unwrap());
    World { users: loaded.users.into_iter().map(Arc::new).collect(), server, realm: loaded.realm }
}

impl World {
    /// What the user gets of a resource; an empty name is no resource.
    fn granted(&self, username: &str, claims: Value, (resource, scopes): (&str, &[&str])) -> Option<Vec<String>> {
        let user = self.users.iter().find(|user| user.username == username).unwrap();
        let claims = claims.as_object().unwrap();
        let (client_id, pushed) = ("app".to_owned(), [("ip".to_owned(), vec!["10.0.0.1".to_owned()])].into());
        let now = Timestamp::from_secs(1_800_000_000);
        let identity = Identity { realm: &self.realm, user: Arc::clone(user), client_id, claims, pushed, now };
        let resource = self.server.declared().find(|one| one.name == resource).cloned();
        let wanted = Wanted { resource, scopes: scopes.iter().map(|&scope| scope.to_owned()).collect() };
        Evaluation::new(&self.server, &identity).decide(wanted.resource.as_deref(), &wanted.scopes, None)
    }
}

fn only(user: &str) -> Value {
    policy(&format!("only {user}"), "user", json!({"users": [user]}))
}

fn scopes(names: &[&str]) -> Option<Vec<String>> {
    Some(names.iter().map(|&name| name.to_owned()).collect())
}

#[test]
fn what_no_permission_speaks_of_is_denied_unless_the_server_is_permissive() {
    let mut given = settings("UNANIMOUS", json!([]));
    assert_eq!(world(given.clone()).granted("ann", json!({}), ("album", &["view"])), None);
    given["policyEnforcementMode"] = "PERMISSIVE".into();
    assert_eq!(world(given.clone()).granted("ann", json!({}), ("album", &["view"])), scopes(&["view"]));
    given["policies"] = json!([
        only("ben"),
        permission("p", "resource", json!({"resources": ["album"], "applyPolicies": ["only ben"]}), "UNANIMOUS")
    ]);
    assert_eq!(world(given.clone()).granted("ann", json!({}), ("album", &["view"])), None);
    given["policyEnforcementMode"] = "DISABLED".into();
    assert_eq!(world(given).granted("ann", json!({}), ("album", &["view"])), scopes(&["view"]));
}

#[test]
fn two_permissions_on_one_resource_must_both_grant_or_one_of_them() {
    let policies = json!([
        only("ann"),
        only("ben"),
        permission("1", "resource", json!({"resources": ["album"], "applyPolicies": ["only ann"]}), "UNANIMOUS"),
        permission("2", "scope", json!({"resources": ["album"], "scopes": ["edit"], "applyPolicies": ["only ben"]}), "UNANIMOUS")
    ]);
    let both = world(settings("UNANIMOUS", policies.clone()));
    assert_eq!(both.granted("ann", json!({}), ("album", &["view", "edit"])), scopes(&["view"]));
    assert_eq!(both.granted("ben", json!({}), ("album", &["edit"])), None);
    let either = world(settings("AFFIRMATIVE", policies));
    assert_eq!(either.granted("ann", json!({}), ("album", &["view", "edit"])), scopes(&["view", "edit"]));
    assert_eq!(either.granted("ben", json!({}), ("album", &["view", "edit"])), scopes(&["edit"]));
}

#[test]
fn a_permission_for_a_type_gives_way_to_one_for_the_resource() {
    let policies = json!([
        only("ann"),
        only("ben"),
        permission("type", "resource", json!({"defaultResourceType": "urn:a", "applyPolicies": ["only ann"]}), "UNANIMOUS"),
        permission("own", "resource", json!({"resources": ["album"], "applyPolicies": ["only ben"]}), "UNANIMOUS")
    ]);
    let world = world(settings("UNANIMOUS", policies));
    assert_eq!(world.granted("ben", json!({}), ("album", &["view"])), scopes(&["view"]));
    assert_eq!(world.granted("ann", json!({}), ("album", &["view"])), None);
}

#[test]
fn strategies_count_the_policies_of_a_permission() {
    let ask = |strategy: &str, applied: Value| {
        let policies = json!([
            only("ann"),
            only("ben"),
            policy("all", "aggregate", json!({"applyPolicies": ["only ann"]})),
            permission("p", "resource", json!({"resources": ["plain"], "applyPolicies": applied}), strategy)
        ]);
        world(settings("UNANIMOUS", policies)).granted("ann", json!({}), ("plain", &[])).is_some()
    };
    assert!(!ask("UNANIMOUS", json!(["only ann", "only ben"])));
    assert!(ask("AFFIRMATIVE", json!(["only ann", "only ben"])));
    assert!(!ask("CONSENSUS", json!(["only ann", "only ben"])));
    assert!(ask("CONSENSUS", json!(["only ann", "only ben", "all"])));
    assert!(!ask("AFFIRMATIVE", json!([])), "a permission without policies grants nothing");
    assert!(!ask("UNANIMOUS", json!(["only ann", "missing"])), "a policy that is not there denies");
}

/// Whether ann with these claims passes one policy.
fn passes(kind: &str, logic: &str, config: Value, claims: Value) -> bool {
    let mut made = policy("it", kind, config);
    made["logic"] = logic.into();
    let policies =
        json!([made, permission("p", "resource", json!({"resources": ["plain"], "applyPolicies": ["it"]}), "UNANIMOUS")]);
    world(settings("UNANIMOUS", policies)).granted("ann", claims, ("plain", &[])).is_some()
}

#[test]
fn each_kind_of_policy_judges_by_what_it_is_about() {
    let token = json!({"realm_access": {"roles": ["boss"]}, "resource_access": {"rs": {"roles": ["manager"]}},
                       "scope": "email profile", "email": "ann@r.example", "address": {"city": "Graz"}, "teams": ["/staff"]});
    let roles = |list: Value| json!({"roles": list});
    for (kind, config, expected) in [
        ("role", roles(json!([{"id": "boss", "required": false}])), true),
        ("role", roles(json!([{"id": "rs/manager", "required": true}])), true),
        ("role", roles(json!([{"id": "boss"}, {"id": "rs/other", "required": true}])), false),
        ("role", roles(json!([{"id": "rs/other"}])), false),
        ("client", json!({"clients": ["app"]}), true),
        ("client", json!({"clients": ["other"]}), false),
        ("group", json!({"groups": [{"path": "/staff", "extendChildren": true}]}), true),
        ("group", json!({"groups": [{"path": "/staff", "extendChildren": false}]}), false),
        ("group", json!({"groups": [{"path": "/sta", "extendChildren": true}]}), false),
        ("group", json!({"groups": [{"path": "/staff"}], "groupsClaim": "teams"}), true),
        ("client-scope", json!({"clientScopes": [{"id": "email", "required": true}]}), true),
        ("client-scope", json!({"clientScopes": [{"id": "mail"}]}), false),
        ("time", json!({"nbf": "2020-01-01 00:00:00"}), true),
        ("time", json!({"noa": "2020-01-01 00:00:00"}), false),
        ("regex", json!({"targetClaim": "email", "pattern": ".*@r\\.example"}), true),
        ("regex", json!({"targetClaim": "email", "pattern": "ann"}), false),
        ("regex", json!({"targetClaim": "address.city", "pattern": "Gr.z"}), true),
        ("regex", json!({"targetClaim": "ip", "pattern": "10\\..*", "targetContextAttributes": "true"}), true),
        ("regex", json!({"targetClaim": "ip", "pattern": "10\\..*"}), false),
    ] {
        assert_eq!(passes(kind, "POSITIVE", config.clone(), token.clone()), expected, "{kind} {config}");
        assert_eq!(passes(kind, "NEGATIVE", config.clone(), token.clone()), !expected, "not {kind} {config}");
    }
}

#[test]
fn roles_are_those_of_the_token_unless_the_policy_fetches_them() {
    let config = |fetch: &str| json!({"roles": [{"id": "boss"}], "fetchRoles": fetch});
    assert!(!passes("role", "POSITIVE", config("false"), json!({})));
    assert!(passes("role", "POSITIVE", config("true"), json!({})));
}

#[test]
fn a_policy_that_is_not_served_grants_nothing_whatever_its_logic() {
    for (kind, config) in
        [("js", json!({"code": "$evaluation.grant()"})), ("regex", json!({"targetClaim": "email", "pattern": "("}))]
    {
        assert!(!passes(kind, "POSITIVE", config.clone(), json!({"email": "x"})), "{kind}");
        assert!(!passes(kind, "NEGATIVE", config, json!({"email": "x"})), "{kind}");
    }
}

#[test]
fn aggregates_that_contain_each_other_come_to_an_end() {
    let policies = json!([
        policy("a", "aggregate", json!({"applyPolicies": ["b"]})),
        policy("b", "aggregate", json!({"applyPolicies": ["a"]})),
        permission("p", "resource", json!({"resources": ["plain"], "applyPolicies": ["a"]}), "UNANIMOUS")
    ]);
    assert_eq!(world(settings("UNANIMOUS", policies)).granted("ann", json!({}), ("plain", &[])), None);
}

#[test]
fn a_permission_on_a_scope_alone_holds_wherever_the_scope_is() {
    let policies = json!([
        only("ann"),
        permission("p", "scope", json!({"scopes": ["lone", "view"], "applyPolicies": ["only ann"]}), "UNANIMOUS")
    ]);
    let world = world(settings("UNANIMOUS", policies));
    assert_eq!(world.granted("ann", json!({}), ("", &["lone"])), scopes(&["lone"]));
    assert_eq!(world.granted("ann", json!({}), ("album", &["view", "edit"])), scopes(&["view"]));
    assert_eq!(world.granted("ben", json!({}), ("", &["lone"])), None);
}
