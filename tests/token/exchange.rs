//! Token exchange (RFC 8693), where no recording shows it.

use serde_json::{Value, json};

use super::with;
use crate::harness::client::Client;
use crate::harness::server::TestServer;

const TYPE: &str = "urn:ietf:params:oauth:token-type:access_token";
pub(super) const REFRESH_TYPE: &str = "urn:ietf:params:oauth:token-type:refresh_token";

/// `app` gets tokens that `back` may exchange; `back` gets refresh tokens for them.
pub(super) fn exchanging(change: impl FnOnce(&mut Value)) -> (tempfile::TempDir, TestServer) {
    with(|realm| {
        realm["clients"][0]["protocolMappers"] = json!([{
            "name": "back", "protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper",
            "config": {"included.client.audience": "back", "access.token.claim": "true"}}]);
        let attributes = json!({"standard.token.exchange.enabled": "true",
            "standard.token.exchange.enableRefreshRequestedTokenType": "SAME_SESSION"});
        realm["clients"].as_array_mut().unwrap().push(json!({"clientId": "back", "secret": "s", "attributes": attributes}));
        change(realm);
    })
}

pub(super) fn log_in(server: &TestServer) -> Value {
    let rows = [("grant_type", "password"), ("client_id", "app"), ("username", "anna"), ("password", "frank-password")];
    Client::of(server).token("small", &rows).json()
}

/// An exchange by `back`, with more parameters.
pub(super) fn exchange(server: &TestServer, token: &Value, more: &[(&str, &str)]) -> (u16, Value) {
    let mut rows = vec![
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("client_id", "back"),
        ("client_secret", "s"),
        ("subject_token", token["access_token"].as_str().unwrap()),
        ("subject_token_type", TYPE),
    ];
    rows.extend_from_slice(more);
    let reply = Client::of(server).token("small", &rows);
    (reply.status, reply.json())
}

pub(super) fn refresh(server: &TestServer, token: &Value) -> (u16, Value) {
    let text = token["refresh_token"].as_str().unwrap();
    let rows = [("grant_type", "refresh_token"), ("client_id", "back"), ("client_secret", "s"), ("refresh_token", text)];
    let reply = Client::of(server).token("small", &rows);
    (reply.status, reply.json()["error_description"].take())
}

#[test]
fn what_is_missing_of_an_audience_is_told_in_the_order_of_the_real_server() {
    let (_folder, server) = exchanging(|_| {});
    let audience = [("audience", "security-admin-console"), ("audience", "broker"), ("audience", "admin-cli")];
    let (status, answer) = exchange(&server, &log_in(&server), &audience);
    let text = "Requested audience not available: security-admin-console, admin-cli, broker";
    assert_eq!((status, &answer["error_description"]), (400, &json!(text)));
}

#[test]
fn what_came_of_a_token_goes_when_that_is_revoked() {
    let (_folder, server) = exchanging(|_| {});
    for kind in ["access_token", "refresh_token"] {
        let login = log_in(&server);
        let (_, exchanged) = exchange(&server, &login, &[("requested_token_type", REFRESH_TYPE)]);
        assert_eq!(refresh(&server, &exchanged), (200, Value::Null));
        let form = [("client_id", "app"), ("token", login[kind].as_str().unwrap())];
        assert_eq!(Client::of(&server).post("/realms/small/protocol/openid-connect/revoke", &form).unwrap().status, 200);
        assert_eq!(refresh(&server, &exchanged).0, 400, "{kind}");
        assert_eq!(exchange(&server, &exchanged, &[]).0, 400, "{kind}");
    }
}

#[test]
fn an_exchange_leaves_the_tokens_of_the_session_alone() {
    let (_folder, server) = exchanging(|_| {});
    let login = log_in(&server);
    let (_, first) = exchange(&server, &login, &[("requested_token_type", REFRESH_TYPE)]);
    let (_, second) = exchange(&server, &login, &[("requested_token_type", REFRESH_TYPE)]);
    assert_eq!(refresh(&server, &first), (200, Value::Null));
    assert_eq!(refresh(&server, &second), (200, Value::Null));
}

#[test]
fn refuses_to_exchange_without_the_consent_that_the_client_needs() {
    let consent = |scopes: Value| json!([{"clientId": "back", "grantedClientScopes": scopes}]);
    let rows = [(json!([]), 400), (consent(json!(["email"])), 400), (consent(json!(["email", "profile", "roles"])), 200)];
    for (consents, status) in rows {
        let (_folder, server) = exchanging(|realm| {
            realm["clients"][1]["consentRequired"] = true.into();
            realm["users"][0]["clientConsents"] = consents.clone();
        });
        assert_eq!(exchange(&server, &log_in(&server), &[]).0, status, "{consents}");
    }
}
