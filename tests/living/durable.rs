//! What the embedded store holds is there after a restart, and files that did not change cost nothing then.

use serde_json::json;

use super::acme;
use super::folder::Folder;
use super::server::{ADMIN, ALICE, Admin, keeping, machine, refresh};
use crate::harness::client::Client;
use crate::harness::process::{Latchkey, latchkey};

#[test]
fn users_passwords_and_clients_of_run_time_outlive_the_process() {
    let folder = Folder::new();
    folder.put("realms/acme.json", &acme());
    let (realms, data) = (folder.file("realms"), folder.file("data"));
    let token = {
        let served = keeping(&realms, &data);
        let admin = served.admin();
        admin.post("/acme/clients", &json!({"clientId": "late", "secret": "secret-of-late", "serviceAccountsEnabled": true}));
        admin.change_client("machine", &json!({"secret": "secret-of-run-time"}));
        served.client.token("acme", ALICE).text("refresh_token")
    };
    let served = keeping(&realms, &data);
    assert_eq!(refresh(&served.client, &token).status, 200);
    assert_eq!(machine(&served.client, "secret-of-run-time").status, 200);
    assert_eq!(served.admin().client("late")["clientId"], "late");
    assert_eq!(served.client.token("acme", ALICE).status, 200);
}

#[test]
fn users_made_and_passwords_changed_through_the_admin_api_outlive_the_process() {
    let folder = Folder::new();
    folder.put("realms/acme.json", &acme());
    let (realms, data) = (folder.file("realms"), folder.file("data"));
    let bob = {
        let served = keeping(&realms, &data);
        let admin = served.admin();
        let bob = json!({
            "username": "bob", "enabled": true, "email": "bob@acme.example", "firstName": "Bob", "lastName": "Builder",
            "credentials": [{"type": "password", "value": "can-we-fix-it"}],
        });
        admin.post("/acme/users", &bob);
        admin.reset_password("alice", "through-the-looking-glass");
        admin.get("/acme/users?username=bob")[0]["id"].clone()
    };
    let served = keeping(&realms, &data);
    let login = |username: &str, password: &str| {
        let rows = [("grant_type", "password"), ("client_id", "app"), ("username", username), ("password", password)];
        served.client.token("acme", &rows).status
    };
    assert_eq!((login("bob", "can-we-fix-it"), login("alice", "through-the-looking-glass")), (200, 200));
    assert_eq!(login("alice", "wonderland"), 400);
    assert_eq!(served.admin().get("/acme/users?username=bob")[0]["id"], bob);
}

/// A log line says of each file that is applied that it is.
#[test]
fn a_restart_with_unchanged_files_applies_nothing() {
    let folder = Folder::new();
    folder.put("realms/acme.json", &acme());
    let start = || {
        let mut command =
            latchkey(folder.path(), &["start-dev", "--http-host", "127.0.0.1", "--http-port", "0", "--data", "data"]);
        command.args(["--http-management-port", "0", "--realms", "realms"]);
        command.env("KC_BOOTSTRAP_ADMIN_USERNAME", ADMIN.0).env("KC_BOOTSTRAP_ADMIN_PASSWORD", ADMIN.1);
        Latchkey::serve_and_tell(&mut command)
    };
    let applied = |said: &[String]| said.iter().filter(|line| line.contains("realm acme is as")).count();
    let (mut first, said) = start();
    assert_eq!(applied(&said), 1, "{said:#?}");
    let id = Admin::of(Client::at(&first.address)).client("app")["id"].clone();
    first.process.kill();
    let (second, said) = start();
    assert_eq!(applied(&said), 0, "{said:#?}");
    let admin = Admin::of(Client::at(&second.address));
    assert_eq!(admin.client("app")["id"], id);
}
