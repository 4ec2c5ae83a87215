//! Client registration, where no recording shows it.

use serde_json::{Value, json};

use crate::harness::client::{Client, Reply};
use crate::harness::replayer::Call;
use crate::harness::server::TestServer;
use crate::token::{admin, with};

const DEFAULT: &str = "/realms/small/clients-registrations/default";

/// A client and a registration access token of it.
fn registered() -> (tempfile::TempDir, TestServer, Value, String) {
    let (folder, server) = with(|_| {});
    let client = admin(&server, "GET", "/small/clients?clientId=app", &Value::Null)[0].take();
    let target = format!("/small/clients/{}/registration-access-token", client["id"].as_str().unwrap());
    let token = admin(&server, "POST", &target, &Value::Null)["registrationAccessToken"].as_str().unwrap().to_owned();
    (folder, server, client, token)
}

/// The client writes itself.
fn put(server: &TestServer, token: &str, client: &Value) -> Reply {
    let header = |name: &str, value: &str| (name.to_owned(), Some(value.to_owned()));
    let headers = [header("Authorization", &format!("Bearer {token}")), header("Content-Type", "application/json")];
    let (target, body) = (format!("{DEFAULT}/app"), client.to_string());
    Client::of(server).send(&Call { method: "PUT", target: &target, headers: &headers, body: Some(body.as_bytes()) }).unwrap()
}

#[test]
fn the_baseline_updates_itself() {
    let (_folder, server, client, token) = registered();
    let answer = put(&server, &token, &client);
    assert_eq!(answer.status, 200, "{}", answer.json());
}

/// CVE-2026-9705
#[test]
fn a_client_that_was_switched_off_does_not_switch_itself_on() {
    let (_folder, server, mut client, token) = registered();
    let target = format!("/small/clients/{}", client["id"].as_str().unwrap());
    admin(&server, "PUT", &target, &json!({"clientId": "app", "enabled": false}));
    client["enabled"] = true.into();
    assert_eq!(put(&server, &token, &client).status, 401);
    assert_eq!(admin(&server, "GET", &target, &Value::Null)["enabled"], false);
}

#[test]
fn of_updates_at_once_with_one_token_one_wins() {
    let (_folder, server, client, token) = registered();
    let update = |name: &str| {
        let mut client = client.clone();
        client["name"] = name.into();
        put(&server, &token, &client).status
    };
    let mut statuses: Vec<u16> = std::thread::scope(|scope| {
        let update = &update;
        let running: Vec<_> = ["a", "b", "c", "d"].map(|name| scope.spawn(move || update(name))).into();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401, 401, 401]);
}
