use super::*;

fn lists(client: &Body) -> (Vec<&str>, Vec<&str>) {
    let list = |member| members::texts(client, member).collect();
    (list("defaultClientScopes"), list("optionalClientScopes"))
}

#[test]
fn a_client_of_nothing_but_its_id_is_completed() {
    let documents = imported(json!({"realm": "r", "clients": [{"clientId": "c", "publicClient": true}]}));
    let expected = json!({
        "clientId": "c", "surrogateAuthRequired": false, "enabled": true, "alwaysDisplayInConsole": false,
        "clientAuthenticatorType": "client-secret", "redirectUris": [], "webOrigins": [], "notBefore": 0, "bearerOnly": false,
        "consentRequired": false, "standardFlowEnabled": true, "implicitFlowEnabled": false, "directAccessGrantsEnabled": false,
        "serviceAccountsEnabled": false, "publicClient": true, "frontchannelLogout": false, "protocol": "openid-connect",
        "attributes": {"realm_client": "false", "post.logout.redirect.uris": "+"}, "authenticationFlowBindingOverrides": {},
        "fullScopeAllowed": true, "nodeReRegistrationTimeout": -1,
        "defaultClientScopes": ["profile", "email", "roles", "web-origins", "acr", "basic"],
        "optionalClientScopes": ["offline_access", "address", "phone", "microprofile-jwt", "organization"],
    });
    assert_eq!(json!(client(&documents, "c")), expected);
}

#[test]
fn a_confidential_client_without_a_secret_gets_one() {
    let clients = json!([{"clientId": "a"}, {"clientId": "b", "secret": "mine"}, {"clientId": "masked", "secret": "**********"},
        {"clientId": "public", "publicClient": true, "secret": "s"}, {"clientId": "empty", "secret": ""}]);
    let documents = imported(json!({"realm": "r", "clients": clients}));
    let secret = |client_id| client(&documents, client_id).get("secret").and_then(Value::as_str);
    let minted = secret("a").unwrap();
    assert!(minted.len() == 86 && minted.chars().all(|c| c.is_ascii_alphanumeric()));
    assert_eq!((secret("b"), secret("public"), secret("empty")), (Some("mine"), None, Some("")));
    assert_ne!(secret("masked"), Some("**********"));
    let created = |client_id| client(&documents, client_id).get("attributes").unwrap().get("client.secret.creation.time");
    assert_eq!((created("a"), created("b")), (Some(&json!("1800000000")), None));
}

#[test]
fn web_origins_are_those_of_the_redirect_uris_where_none_are_named() {
    let uris = json!(["http://a.b/*", "/x", "https://c:8/y", "app:/z"]);
    let clients = json!([{"clientId": "a", "redirectUris": uris}, {"clientId": "b", "redirectUris": uris, "webOrigins": []},
        {"clientId": "c", "redirectUris": ["${URL}/*"]}]);
    let documents = imported(json!({"realm": "r", "clients": clients}));
    let origins = |client_id| client(&documents, client_id).get("webOrigins");
    assert_eq!(origins("a"), Some(&json!(["http://a.b", "https://c:8"])));
    assert_eq!((origins("b"), origins("c")), (Some(&json!([])), None));
}

#[test]
fn values_are_taken_as_loosely_as_keycloak_takes_them() {
    let documents = imported(json!({"realm": "r", "clients": [{
        "clientId": "c", "publicClient": "true", "name": "", "attributes": {"a": "", "b": null, "c": 5}, "consentRequired": true,
        "description": null, "protocolMappers": [{"name": "m", "protocolMapper": "oidc-hardcoded-claim-mapper",
            "consentText": "x", "config": {"a": true, "b": null}}]
    }]}));
    let client = client(&documents, "c");
    assert_eq!((client.get("publicClient"), client.get("name")), (Some(&json!(true)), Some(&json!(""))));
    assert_eq!(client.get("fullScopeAllowed"), Some(&json!(false)));
    assert!(!client.contains_key("description"));
    let attributes = json!({"c": "5", "realm_client": "false", "post.logout.redirect.uris": "+"});
    assert_eq!(client.get("attributes"), Some(&attributes));
    let mut mapper = client.get("protocolMappers").unwrap().get(0).unwrap().clone();
    assert_eq!(mapper.as_object_mut().unwrap().shift_remove("id").unwrap().as_str().unwrap().len(), 36);
    let expected = json!({"name": "m", "protocolMapper": "oidc-hardcoded-claim-mapper", "protocol": "openid-connect",
        "consentRequired": false, "config": {"a": "true"}});
    assert_eq!(mapper, expected);
}

#[test]
fn a_list_of_scopes_alone_makes_the_other_list_empty() {
    let documents = imported(json!({"realm": "r", "clients": [
        {"clientId": "c", "publicClient": true, "optionalClientScopes": ["email", "nope", "role_list"]},
        {"clientId": "d", "publicClient": true, "defaultClientScopes": ["email"], "optionalClientScopes": ["email", "phone"]},
        {"clientId": "s", "protocol": "saml"}]}));
    assert_eq!(lists(client(&documents, "c")), (vec![], vec!["email"]));
    assert_eq!(lists(client(&documents, "d")), (vec!["email"], vec!["phone"]));
    assert_eq!(lists(client(&documents, "s")), (vec!["role_list", "saml_organization", "AuthnContextClassRef"], vec![]));
    // As measured for this name.
    let documents = imported(json!({"realm": "r", "clients": [{"clientId": "sam", "protocol": "saml"}]}));
    let artifact = client(&documents, "sam").get("attributes").unwrap().get("saml.artifact.binding.identifier");
    assert_eq!(artifact, Some(&json!("8WvtVhieJJ/kyo7RCh7K5g6M6sA=")));
}

#[test]
fn a_service_account_brings_its_scope_unless_the_file_has_the_account() {
    let clients = json!([{"clientId": "Cap", "serviceAccountsEnabled": true, "defaultClientScopes": ["email"]}]);
    let documents = imported(json!({"realm": "r", "clients": clients}));
    assert_eq!(lists(client(&documents, "Cap")).0, ["service_account", "email"]);
    let users = json!([{"username": "service-account-cap", "serviceAccountClientId": "Cap"}]);
    let documents = imported(json!({"realm": "r", "clients": clients, "users": users}));
    assert_eq!(lists(client(&documents, "Cap")).0, ["email"]);
}

#[test]
fn a_client_made_through_the_admin_api_is_completed_a_little_less() {
    let documents = imported(json!({"realm": "r"}));
    let given = json!({"clientId": "c", "redirectUris": ["http://x/y"], "serviceAccountsEnabled": true});
    let key = Key::of(Kind::Client, "c");
    let document = Document { key, id: String::new(), body: given.as_object().unwrap().clone() };
    let make = |origin| with_minting(origin, |minting| entity(document.clone(), &documents, minting));
    let (api, import) = (make(Origin::Api), make(Origin::Import));
    let attributes = json!({"realm_client": "false", "client.secret.creation.time": "1800000000"});
    assert_eq!(api.body.get("attributes"), Some(&attributes));
    assert_eq!(api.body.get("webOrigins"), Some(&json!(["http://x"])));
    assert_eq!(lists(&api.body).0.first(), Some(&"service_account"));
    assert_eq!(import.body.get("attributes").unwrap().get("post.logout.redirect.uris"), Some(&json!("+")));
    assert_eq!(import.id, import.key.stable_id(&documents.realm_id));
    assert_ne!(api.id, import.id);
}
