//! The SBC IAM token call (docs/sbc-iam.md), on the realm file that the repository ships, below `/console/auth`.

use serde_json::Value;

use crate::harness::client::{Client, Reply};
use crate::harness::replayer::{Call, claims};
use crate::harness::repository;
use crate::harness::server::TestServer;

const TOKEN: &str = "/console/auth/realms/sbc/protocol/openid-connect/token";
const LOGIN: [(&str, &str); 4] =
    [("grant_type", "password"), ("client_id", "cnsbc-api-access"), ("username", "foo"), ("password", "bar")];

fn server() -> TestServer {
    TestServer::with_settings(vec![repository("realms/sbc.json")], |settings| {
        settings.hostname.hostname = Some("https://iam.sbc.com/console/auth".to_owned());
        settings.hostname.http_relative_path = "/console/auth".to_owned();
    })
}

fn post(server: &TestServer, rows: &[(&str, &str)]) -> Reply {
    Client::of(server).post(TOKEN, rows).unwrap()
}

/// Both members, and no other.
fn refused(reply: &Reply) -> (u16, String) {
    let body = reply.json();
    let members: Vec<_> = body.as_object().unwrap().keys().cloned().collect();
    assert_eq!(members, ["error", "error_description"], "{} {body}", reply.status);
    (reply.status, body["error"].as_str().unwrap().to_owned())
}

#[test]
fn a_login_and_a_refresh_are_answered_as_the_page_says() {
    let server = server();
    let first = post(&server, &LOGIN).json();
    let token = first["refresh_token"].as_str().unwrap();
    let second =
        post(&server, &[("grant_type", "refresh_token"), ("client_id", "cnsbc-api-access"), ("refresh_token", token)]).json();
    for answer in [&first, &second] {
        assert_eq!(answer["expires_in"], 900);
        assert_eq!(answer["refresh_expires_in"], 3600);
        assert_eq!(answer["token_type"], "Bearer");
        assert_eq!(answer["not-before-policy"], 0);
        assert_eq!(answer["scope"], "email profile");
        assert!(is_uuid(&answer["session_state"]), "{answer}");
    }
    assert_eq!(first["session_state"], second["session_state"]);
}

#[test]
fn tokens_name_the_public_address_as_their_issuer() {
    let server = server();
    let answer = post(&server, &LOGIN).json();
    let claims = claims(answer["access_token"].as_str().unwrap()).unwrap();
    assert_eq!(claims["iss"], "https://iam.sbc.com/console/auth/realms/sbc");
}

#[test]
fn wrong_credentials_are_401_as_in_the_keycloak_it_replaces() {
    let server = server();
    let mut rows = LOGIN;
    rows[3].1 = "baz";
    assert_eq!(refused(&post(&server, &rows)), (401, "invalid_grant".into()));
}

#[test]
fn errors_are_json_with_both_members() {
    let server = server();
    assert_eq!(refused(&post(&server, &LOGIN[1..])), (400, "invalid_request".into()));
    assert_eq!(refused(&post(&server, &[LOGIN[0], ("client_id", "nobody")])), (401, "invalid_client".into()));
    let put = Client::of(&server).send(&Call { method: "PUT", target: TOKEN, headers: &[], body: None }).unwrap();
    assert_eq!(refused(&put).0, 405);
}

fn is_uuid(value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    let parts: Vec<usize> = text.split('-').map(str::len).collect();
    parts == [8, 4, 4, 4, 12] && text.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
}
