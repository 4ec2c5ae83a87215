//! Under which names a realm is the same issuer.

use crate::harness::client::{Client, Reply};
use crate::harness::replayer::{Call, claims};
use crate::harness::repository;
use crate::harness::server::TestServer;

const LOGIN: [(&str, &str); 5] =
    [("grant_type", "password"), ("client_id", "app"), ("username", "demo"), ("password", "demo"), ("scope", "openid")];

/// A server that a browser calls `localhost` and a container `keycloak`.
fn server() -> TestServer {
    TestServer::with_settings(vec![repository("realms/demo.json")], |settings| {
        settings.hostname.hostname_alias = vec!["http://localhost:8080".to_owned(), "http://keycloak:8080".to_owned()];
    })
}

fn called(server: &TestServer, name: &str) -> Client {
    Client { name: name.to_owned(), ..Client::of(server) }
}

fn refresh(client: &Client, token: &str) -> Reply {
    client.token("demo", &[("grant_type", "refresh_token"), ("client_id", "app"), ("refresh_token", token)])
}

fn userinfo(client: &Client, token: &str) -> u16 {
    let target = "/realms/demo/protocol/openid-connect/userinfo";
    let headers = [("Authorization".to_owned(), Some(format!("Bearer {token}")))];
    client.send(&Call { method: "GET", target, headers: &headers, body: None }).unwrap().status
}

#[test]
fn a_token_minted_under_one_alias_is_accepted_under_every_other() {
    let server = server();
    let (browser, container) = (called(&server, "localhost:8080"), called(&server, "keycloak:8080"));
    let minted = browser.token("demo", &LOGIN);
    assert_eq!(claims(&minted.text("access_token")).unwrap()["iss"], "http://localhost:8080/realms/demo");
    assert_eq!(userinfo(&container, &minted.text("access_token")), 200);
    let refreshed = refresh(&container, &minted.text("refresh_token"));
    assert_eq!(claims(&refreshed.text("access_token")).unwrap()["iss"], "http://keycloak:8080/realms/demo");
    assert_eq!(userinfo(&browser, &refreshed.text("access_token")), 200);
}

#[test]
fn a_token_minted_under_a_name_that_is_no_alias_is_good_under_that_name_alone() {
    let server = server();
    let stranger = called(&server, "stranger:8080");
    let minted = stranger.token("demo", &LOGIN);
    assert_eq!(userinfo(&stranger, &minted.text("access_token")), 200);
    let browser = called(&server, "localhost:8080");
    assert_eq!(userinfo(&browser, &minted.text("access_token")), 401);
    let refused = refresh(&browser, &minted.text("refresh_token"));
    assert_eq!(refused.status, 400);
    let told = "Invalid token issuer. Expected 'http://localhost:8080/realms/demo'";
    assert_eq!(refused.json()["error_description"], told);
}

#[test]
fn a_realm_may_name_its_aliases_itself() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("demo.json");
    let mut realm: serde_json::Value = serde_json::from_slice(&std::fs::read(repository("realms/demo.json")).unwrap()).unwrap();
    realm["attributes"]["latchkey.hostname-aliases"] = "http://one.example http://two.example".into();
    std::fs::write(&file, realm.to_string()).unwrap();
    let server = TestServer::with_realms(vec![file]);
    let minted = called(&server, "one.example").token("demo", &LOGIN);
    assert_eq!(userinfo(&called(&server, "two.example"), &minted.text("access_token")), 200);
    let elsewhere = called(&server, "three.example").token("demo", &LOGIN);
    assert_eq!(userinfo(&called(&server, "one.example"), &elsewhere.text("access_token")), 401);
}
