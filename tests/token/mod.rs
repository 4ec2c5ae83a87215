//! The token endpoint, where no recording shows it.

mod exchange;
mod switched_off;

use idp_server::cli::BootstrapAdmin;
use oidc_types::Secret;
use serde_json::{Value, json};

use crate::harness::client::Client;
use crate::harness::replayer::Call;
use crate::harness::server::TestServer;

/// A realm file with one change to a realm in which `anna` may log in at `app`.
pub fn with(change: impl FnOnce(&mut Value)) -> (tempfile::TempDir, TestServer) {
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
    let server = TestServer::with_settings(vec![file], |settings| {
        let (username, password) = ("root".to_owned(), Secret::new("root-password".to_owned()));
        settings.bootstrap_admin = Some(BootstrapAdmin { username, password });
    });
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

/// Asks the Admin API, below `/admin/realms`; the answer's body, null where there is none.
pub fn admin(server: &TestServer, method: &str, path: &str, body: &Value) -> Value {
    let client = Client::of(server);
    let login = [("grant_type", "password"), ("client_id", "admin-cli"), ("username", "root"), ("password", "root-password")];
    let token = client.token("master", &login).text("access_token");
    let header = |name: &str, value: &str| (name.to_owned(), Some(value.to_owned()));
    let headers = [header("Authorization", &format!("Bearer {token}")), header("Content-Type", "application/json")];
    let (target, text) = (format!("/admin/realms{path}"), body.to_string());
    let body = (!body.is_null()).then_some(text.as_bytes());
    let answer = client.send(&Call { method, target: &target, headers: &headers, body }).unwrap();
    assert!((200..300).contains(&answer.status), "{method} {path}: {} {}", answer.status, String::from_utf8_lossy(&answer.body));
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

/// How the password of anna is hashed, as the Admin API tells.
fn stored_hash(server: &TestServer) -> Value {
    let users = admin(server, "GET", "/small/users?username=anna", &Value::Null);
    let id = users[0]["id"].as_str().unwrap();
    let credentials = admin(server, "GET", &format!("/small/users/{id}/credentials"), &Value::Null);
    let data: Value = serde_json::from_str(credentials[0]["credentialData"].as_str().unwrap()).unwrap();
    json!([data["algorithm"], data["hashIterations"]])
}

#[test]
fn a_login_hashes_the_password_anew_where_the_policy_asks_for_another_algorithm_or_cost() {
    let (_folder, server) = with(|_| {});
    log_in(&server);
    assert_eq!(stored_hash(&server), json!(["argon2", 5]), "as the policy has it: left alone");
    let (_folder, server) =
        with(|realm| realm["passwordPolicy"] = "hashAlgorithm(pbkdf2-sha256) and hashIterations(1000)".into());
    assert_eq!(stored_hash(&server), json!(["argon2", 5]));
    let wrong = [("grant_type", "password"), ("client_id", "app"), ("username", "anna"), ("password", "wrong")];
    assert_eq!(Client::of(&server).token("small", &wrong).json()["error"], "invalid_grant");
    assert_eq!(stored_hash(&server), json!(["argon2", 5]), "a wrong password changes nothing");
    assert_eq!(log_in(&server), (200, Value::Null));
    assert_eq!(stored_hash(&server), json!(["pbkdf2-sha256", 1000]));
    assert_eq!(log_in(&server), (200, Value::Null), "the new hash is of the same password");
}
