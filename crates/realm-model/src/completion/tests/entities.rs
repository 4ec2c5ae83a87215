use super::*;

const KEYS: &str = "org.keycloak.keys.KeyProvider";
const POLICIES: &str = "org.keycloak.services.clientregistration.policy.ClientRegistrationPolicy";

#[test]
fn components_of_a_type_take_the_place_of_the_built_in_ones_of_that_type() {
    let count = |documents: &Documents, owner: &str| {
        documents.of_kind(Kind::Component).filter(|component| component.document.key.owner == owner).count()
    };
    let documents = imported(json!({"realm": "r", "components": {KEYS: [{"name": "h", "providerId": "hmac-generated"}]}}));
    assert_eq!((count(&documents, KEYS), count(&documents, POLICIES)), (1, 10));
    let key = Key::owned(Kind::Component, KEYS, "h");
    let expected = json!({"name": "h", "providerId": "hmac-generated", "subComponents": {}, "config": {}});
    assert_eq!(json!(body(&documents, &key)), expected);
    let documents = imported(json!({"realm": "r", "components": {}}));
    assert_eq!((count(&documents, KEYS), count(&documents, POLICIES)), (4, 10));
}

#[test]
fn a_list_of_required_actions_is_complete_but_for_one() {
    let action = json!({"alias": "VERIFY_EMAIL", "providerId": "VERIFY_EMAIL", "enabled": true});
    let documents = imported(json!({"realm": "r", "requiredActions": [action]}));
    assert_eq!(names(&documents, Kind::RequiredAction), set(["VERIFY_EMAIL", "delete_account"]));
    let completed = json!({"alias": "VERIFY_EMAIL", "providerId": "VERIFY_EMAIL", "enabled": true, "defaultAction": false,
        "priority": 0, "config": {}});
    assert_eq!(json!(body(&documents, &Key::of(Kind::RequiredAction, "VERIFY_EMAIL"))), completed);
    assert_eq!(names(&imported(json!({"realm": "r", "requiredActions": []})), Kind::RequiredAction), set(["delete_account"]));
}

#[test]
fn own_flows_stand_beside_the_built_in_ones() {
    let own = json!({"alias": "mine", "providerId": "basic-flow", "topLevel": true, "authenticationExecutions": [
        {"authenticator": "auth-cookie", "requirement": "ALTERNATIVE"}, {"flowAlias": "forms", "requirement": "REQUIRED"}]});
    let documents = imported(json!({"realm": "r", "authenticationFlows": [own]}));
    assert_eq!(documents.of_kind(Kind::Flow).count(), 22);
    let flow = body(&documents, &Key::of(Kind::Flow, "mine"));
    let expected = json!([
        {"authenticator": "auth-cookie", "requirement": "ALTERNATIVE", "authenticatorFlow": false, "priority": 0,
         "autheticatorFlow": false, "userSetupAllowed": false},
        {"flowAlias": "forms", "requirement": "REQUIRED", "authenticatorFlow": true, "priority": 0,
         "autheticatorFlow": true, "userSetupAllowed": false}]);
    assert_eq!((flow.get("authenticationExecutions"), flow.get("builtIn")), (Some(&expected), Some(&json!(false))));
}

#[test]
fn what_is_in_a_built_in_flow_goes_where_the_file_brings_its_own() {
    let own = json!({"alias": "browser", "providerId": "basic-flow", "topLevel": true, "builtIn": true});
    let documents = imported(json!({"realm": "r", "authenticationFlows": [own]}));
    let flows = names(&documents, Kind::Flow);
    assert_eq!(flows.len(), 17);
    assert!(!flows.contains("forms") && !flows.contains("Organization") && flows.contains("registration form"));
    assert!(!names(&documents, Kind::AuthenticatorConfig).contains("browser-conditional-credential"));
    let executions = body(&documents, &Key::of(Kind::Flow, "browser")).get("authenticationExecutions").unwrap();
    assert_eq!(executions.get(0).unwrap().get("authenticator"), Some(&json!("identity-provider-redirector")));
}

#[test]
fn groups_identity_providers_and_their_mappers_are_completed() {
    let documents = imported(json!({
        "realm": "r", "groups": [{"name": "g", "attributes": {"a": ["b"]}}],
        "identityProviders": [{"alias": "o", "providerId": "oidc"}, {"alias": "g", "providerId": "github"}],
        "identityProviderMappers": [{"name": "m", "identityProviderAlias": "o", "identityProviderMapper": "x"}],
    }));
    let group = json!({"name": "g", "attributes": {"a": ["b"]}, "realmRoles": [], "clientRoles": {}});
    assert_eq!(json!(body(&documents, &Key::of(Kind::Group, "/g"))), group);
    let provider = body(&documents, &Key::of(Kind::IdentityProvider, "o"));
    assert_eq!((provider.get("enabled"), provider.get("config")), (Some(&json!(true)), Some(&json!({}))));
    assert_eq!(provider.get("types").unwrap().as_array().unwrap().len(), 5);
    assert_eq!(body(&documents, &Key::of(Kind::IdentityProvider, "g")).get("types"), Some(&json!([])));
    let mapper = body(&documents, &Key::owned(Kind::IdentityProviderMapper, "o", "m"));
    assert_eq!(mapper.get("config"), Some(&json!({})));
}
