//! The token endpoint, where no recording shows it.

use serde_json::{Value, json};

use crate::harness::client::Client;
use crate::harness::server::TestServer;

/// A realm file with one change to a realm in which `anna` may log in at `app`.
fn with(change: impl FnOnce(&mut Value)) -> (tempfile::TempDir, TestServer) {
    let mut realm = json!({
        "realm": "small",
        "enabled": true,
        "clients": [{"clientId": "app", "publicClient": true, "directAccessGrantsEnabled": true}],
        "users": [{
            "username": "anna", "enabled": true, "email": "anna@example.org", "firstName": "Anna", "lastName": "A",
            "credentials": [{
                "type": "password",
                "createdDate": 1_700_000_000_000_i64,
                // The password is `frank-password`.
                "secretData": json!({"value": "m0GZJgnkYwlod8kb99REBoO/myYpVEYwBdkKlLugSY4=", "salt": "Gf7+XhFDlwUZALDZ5ENZhQ=="}).to_string(),
                "credentialData": json!({"hashIterations": 5, "algorithm": "argon2", "additionalParameters": {
                    "hashLength": ["32"], "memory": ["7168"], "type": ["id"], "version": ["1.3"], "parallelism": ["1"]}}).to_string(),
            }],
        }],
    });
    change(&mut realm);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("small.json");
    std::fs::write(&file, realm.to_string()).unwrap();
    let server = TestServer::with_realms(vec![file]);
    (folder, server)
}

/// Status and `error_description` of a login of anna.
fn log_in(server: &TestServer) -> (u16, Value) {
    let rows = [("grant_type", "password"), ("client_id", "app"), ("username", "anna"), ("password", "frank-password")];
    let reply = Client::of(server).token("small", &rows);
    (reply.status, reply.json()["error_description"].take())
}

const NOT_SET_UP: &str = "Account is not fully set up";

#[test]
fn the_baseline_logs_in() {
    let (_folder, server) = with(|_| {});
    assert_eq!(log_in(&server), (200, Value::Null));
}

#[test]
fn an_unverified_e_mail_keeps_out_where_the_realm_verifies_e_mails() {
    let (_folder, server) = with(|realm| realm["verifyEmail"] = true.into());
    assert_eq!(log_in(&server), (400, NOT_SET_UP.into()));
    let (_folder, server) = with(|realm| {
        realm["verifyEmail"] = true.into();
        realm["users"][0]["emailVerified"] = true.into();
    });
    assert_eq!(log_in(&server), (200, Value::Null));
}

#[test]
fn a_password_older_than_the_policy_allows_is_to_be_changed_first() {
    let (_folder, server) = with(|realm| realm["passwordPolicy"] = "forceExpiredPasswordChange(30)".into());
    assert_eq!(log_in(&server), (400, NOT_SET_UP.into()));
    let (_folder, server) = with(|realm| realm["passwordPolicy"] = "forceExpiredPasswordChange(9999)".into());
    assert_eq!(log_in(&server), (200, Value::Null));
}
