//! What was given does not outlive what it was given for.

use serde_json::{Value, json};

use super::exchange::{REFRESH_TYPE, exchange, exchanging, log_in, refresh};
use super::{admin, with};
use crate::harness::client::Client;
use crate::harness::server::TestServer;

/// What anna is called inside.
fn anna(server: &TestServer) -> String {
    let users = admin(server, "GET", "/small/users?username=anna", &Value::Null);
    users[0]["id"].as_str().unwrap().to_owned()
}

/// CVE-2025-14559
#[test]
fn the_token_of_a_user_who_was_switched_off_is_exchanged_no_more() {
    let (_folder, server) = exchanging(|_| {});
    let login = log_in(&server);
    let (status, exchanged) = exchange(&server, &login, &[("requested_token_type", REFRESH_TYPE)]);
    assert_eq!(status, 200);
    admin(&server, "PUT", &format!("/small/users/{}", anna(&server)), &json!({"enabled": false}));
    assert_eq!(exchange(&server, &login, &[]).0, 400);
    assert_eq!(exchange(&server, &exchanged, &[]).0, 400);
    assert_eq!(refresh(&server, &exchanged).0, 400);
}

/// CVE-2026-93999
#[test]
fn a_refresh_token_for_an_audience_that_was_switched_off_refreshes_no_more() {
    let (_folder, server) = exchanging(|realm| {
        realm["clients"].as_array_mut().unwrap().push(json!({"clientId": "shop", "secret": "s"}));
        realm["clients"][1]["protocolMappers"] = json!([{
            "name": "shop", "protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper",
            "config": {"included.client.audience": "shop", "access.token.claim": "true"}}]);
    });
    let (status, exchanged) =
        exchange(&server, &log_in(&server), &[("requested_token_type", REFRESH_TYPE), ("audience", "shop")]);
    assert_eq!(status, 200, "{exchanged}");
    assert_eq!(refresh(&server, &exchanged), (200, Value::Null));
    let shop = admin(&server, "GET", "/small/clients?clientId=shop", &Value::Null);
    let target = format!("/small/clients/{}", shop[0]["id"].as_str().unwrap());
    admin(&server, "PUT", &target, &json!({"clientId": "shop", "enabled": false}));
    assert_eq!(refresh(&server, &exchanged), (400, json!("Client disabled")));
}

/// A realm that trusts its own tokens as assertions about anna, shown by `back`.
fn asserting(consents: &Value) -> (tempfile::TempDir, TestServer) {
    const ISSUER: &str = "http://id.example/realms/small";
    let (folder, server) = with(|realm| {
        realm["accessTokenLifespan"] = 60.into();
        realm["users"][0]["clientConsents"] = consents.clone();
        let grants = json!({"oauth2.jwt.authorization.grant.enabled": "true", "oauth2.jwt.authorization.grant.idp": "own"});
        let audience = json!([{
            "name": "own", "protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper",
            "config": {"included.custom.audience": ISSUER, "access.token.claim": "true"}}]);
        let clients = realm["clients"].as_array_mut().unwrap();
        clients.push(json!({"clientId": "back", "secret": "s", "consentRequired": true, "attributes": grants}));
        clients.push(json!({"clientId": "judge", "secret": "s", "serviceAccountsEnabled": true, "fullScopeAllowed": false,
            "protocolMappers": audience}));
    });
    let key = Client::of(&server).get("/realms/small").json()["public_key"].take();
    let config = json!({"issuer": ISSUER, "jwtAuthorizationGrantEnabled": "true", "validateSignature": "true",
        "useJwksUrl": "false", "publicKeySignatureVerifier": key, "clientId": "c", "clientSecret": "s",
        "authorizationUrl": "https://own.example/auth", "tokenUrl": "https://own.example/token"});
    let provider = json!({"alias": "own", "providerId": "oidc", "enabled": true, "config": config});
    admin(&server, "POST", "/small/identity-provider/instances", &provider);
    let judge = admin(&server, "GET", "/small/clients?clientId=judge", &Value::Null);
    let account = format!("/small/clients/{}/service-account-user", judge[0]["id"].as_str().unwrap());
    let link = json!({"userId": admin(&server, "GET", &account, &Value::Null)["id"], "userName": "anna"});
    admin(&server, "POST", &format!("/small/users/{}/federated-identity/own", anna(&server)), &link);
    (folder, server)
}

/// CVE-2026-79652
#[test]
fn an_assertion_grants_nothing_without_the_consent_that_the_client_needs() {
    let consent = |scopes: Value| json!([{"clientId": "back", "grantedClientScopes": scopes}]);
    let rows = [(json!([]), 400), (consent(json!(["email"])), 400), (consent(json!(["email", "profile", "roles"])), 200)];
    for (consents, status) in rows {
        let (_folder, server) = asserting(&consents);
        let client = Client::of(&server);
        let judge = [("grant_type", "client_credentials"), ("client_id", "judge"), ("client_secret", "s")];
        let assertion = client.token("small", &judge).text("access_token");
        let answer = client.token(
            "small",
            &[
                ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
                ("client_id", "back"),
                ("client_secret", "s"),
                ("assertion", &assertion),
            ],
        );
        assert_eq!(answer.status, status, "{consents}: {}", answer.json());
        if status == 400 {
            let error = answer.json()["error_description"].to_string();
            assert!(error.to_lowercase().contains("consent"), "{error}");
        }
    }
}
