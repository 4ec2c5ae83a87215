//! A server follows its realm files, however they are written.

use std::os::unix::fs::symlink;

use serde_json::{Value, json};

use super::folder::Folder;
use super::server::{ALICE, Served, access_claims, following, machine, refresh};
use super::{acme, until};

/// The realm's lifespan of access tokens, for that is what most of these tests edit.
fn lifespan(served: &Served, realm: &str) -> Value {
    served.admin().find(&format!("/{realm}")).map(|realm| realm["accessTokenLifespan"].clone()).unwrap_or_default()
}

fn with_lifespan(seconds: i64) -> Value {
    let mut json = acme();
    json["accessTokenLifespan"] = seconds.into();
    json
}

fn until_lifespan(served: &Served, realm: &str, seconds: i64) {
    let admin = served.admin();
    until(&format!("a lifespan of {seconds} s"), || {
        (admin.find(&format!("/{realm}"))?["accessTokenLifespan"] == seconds).then_some(())
    });
}

#[test]
fn an_edit_holds_at_one_instant_from_the_next_request_on() {
    let folder = Folder::new();
    folder.put("acme.json", &acme());
    let served = following(folder.path());
    assert_eq!(machine(&served.client, "first-secret-of-machine").status, 200);
    assert_eq!(access_claims(&served.client.token("acme", ALICE))["colour"], "green");
    let mut json = acme();
    json["accessTokenLifespan"] = 77.into();
    json["clients"][0]["redirectUris"] = json!(["https://app.example/new"]);
    json["clients"][0]["protocolMappers"][0]["config"]["claim.value"] = "blue".into();
    json["clients"][1]["secret"] = "second-secret-of-machine".into();
    json["roles"]["realm"].as_array_mut().unwrap().push(json!({"name": "auditor"}));
    json["users"][0]["realmRoles"] = json!(["clerk", "auditor"]);
    folder.put("acme.json", &json);
    until("the new secret", || (machine(&served.client, "second-secret-of-machine").status == 200).then_some(()));
    assert_eq!(machine(&served.client, "first-secret-of-machine").status, 401);
    let login = served.client.token("acme", ALICE);
    let claims = access_claims(&login);
    assert_eq!((&login.json()["expires_in"], &claims["colour"]), (&json!(77), &json!("blue")));
    assert!(claims["realm_access"]["roles"].as_array().unwrap().contains(&json!("auditor")), "{claims:#}");
    assert_eq!(served.admin().client("app")["redirectUris"], json!(["https://app.example/new"]));
}

#[test]
fn users_sessions_and_refresh_tokens_survive_every_edit_of_their_client() {
    let folder = Folder::new();
    folder.put("acme.json", &acme());
    let served = following(folder.path());
    let admin = served.admin();
    admin.post("/acme/users", &json!({"username": "walk-in", "enabled": true}));
    let alice = admin.get("/acme/users?username=alice")[0]["id"].clone();
    let login = served.client.token("acme", ALICE);
    let mut token = login.text("refresh_token");
    for seconds in [61, 62, 63] {
        let mut json = with_lifespan(seconds);
        json["clients"][0]["name"] = format!("App {seconds}").into();
        json["clients"][0]["attributes"] = json!({"client.session.idle.timeout": "3000"});
        folder.put("acme.json", &json);
        until_lifespan(&served, "acme", seconds);
        let refreshed = refresh(&served.client, &token);
        assert_eq!(refreshed.status, 200, "after {seconds}");
        assert_eq!(access_claims(&refreshed)["sid"], access_claims(&login)["sid"]);
        token = refreshed.text("refresh_token");
    }
    let users = admin.get("/acme/users");
    let names: Vec<&str> = users.as_array().unwrap().iter().map(|user| user["username"].as_str().unwrap()).collect();
    assert_eq!(names, ["alice", "walk-in"]);
    assert_eq!(users[0]["id"], alice);
}

#[test]
fn a_broken_file_leaves_what_holds_is_told_once_with_its_position_and_mends() {
    let folder = Folder::new();
    folder.put("acme.json", &acme());
    let served = following(folder.path());
    assert_eq!((served.broken_files(), served.metric("latchkey_realm_files_broken")), (Vec::new(), 0.0));
    let good = with_lifespan(99);
    folder.put_text("acme.json", &format!("{good:#}").replace("\"groups\": [", "\"groups\": [,"));
    let (file, what) = until("a broken file", || served.broken_files().pop());
    let line = 1 + format!("{good:#}").lines().position(|line| line.contains("\"groups\": [")).unwrap();
    assert!(file.ends_with("acme.json") && what.starts_with(&format!("{line}:")), "{file}: {what}");
    assert_eq!(served.metric("latchkey_realm_files_broken"), 1.0);
    assert_eq!((lifespan(&served, "acme"), served.client.token("acme", ALICE).status), (json!(300), 200));
    // Another file is taken over meanwhile: the broken one is not told again.
    folder.put("other.json", &json!({"realm": "other", "enabled": true}));
    until("the other realm", || served.admin().find("/other"));
    assert_eq!(served.metric("latchkey_realm_files_failed"), 1.0);
    folder.put("acme.json", &good);
    until_lifespan(&served, "acme", 99);
    until("no broken file", || served.broken_files().is_empty().then_some(()));
    assert_eq!(served.metric("latchkey_realm_files_broken"), 0.0);
}

#[test]
fn a_file_may_be_written_in_place_renamed_into_place_or_be_a_link_to_another() {
    let (folder, elsewhere) = (Folder::new(), Folder::new());
    folder.put("acme.json", &acme());
    let served = following(folder.path());
    folder.overwrite("acme.json", &with_lifespan(61).to_string());
    until_lifespan(&served, "acme", 61);
    folder.put("acme.json", &with_lifespan(62));
    until_lifespan(&served, "acme", 62);
    // An editor's files beside it are nobody's realm.
    folder.overwrite(".acme.json.swp", "{");
    folder.overwrite("acme.json~", "{");
    folder.overwrite("#acme.json#", "{");
    folder.overwrite("4913", "");
    // What backs up by renaming takes the file away for a moment.
    std::fs::rename(folder.file("acme.json"), folder.file("acme.json~")).unwrap();
    folder.overwrite("acme.json", &with_lifespan(63).to_string());
    until_lifespan(&served, "acme", 63);
    // A link out of the folder: no event tells of the other end.
    elsewhere.put("target.json", &with_lifespan(64));
    folder.remove("acme.json");
    symlink(elsewhere.file("target.json"), folder.file("acme.json")).unwrap();
    until_lifespan(&served, "acme", 64);
    elsewhere.put("target.json", &with_lifespan(65));
    until_lifespan(&served, "acme", 65);
    assert_eq!(served.broken_files(), []);
}

/// A volume of Kubernetes: `acme.json` → `..data/acme.json`, `..data` → a folder with the time in its name.
#[test]
fn the_swap_of_a_config_map_is_followed() {
    let folder = Folder::new();
    let publish = |version: &str, json: &Value| {
        folder.put(&format!("..2026_{version}/acme.json"), json);
        symlink(format!("..2026_{version}"), folder.file("..data_tmp")).unwrap();
        std::fs::rename(folder.file("..data_tmp"), folder.file("..data")).unwrap();
    };
    publish("one", &acme());
    symlink("..data/acme.json", folder.file("acme.json")).unwrap();
    let served = following(folder.path());
    assert_eq!(lifespan(&served, "acme"), 300);
    for (version, before, seconds) in [("two", "one", 61), ("three", "two", 62)] {
        publish(version, &with_lifespan(seconds));
        std::fs::remove_dir_all(folder.file(&format!("..2026_{before}"))).unwrap();
        until_lifespan(&served, "acme", seconds);
    }
    assert_eq!(served.broken_files(), []);
}

#[test]
fn a_realm_in_parts_follows_each_of_its_files() {
    let folder = Folder::new();
    let mut settings = acme();
    let clients = settings.as_object_mut().unwrap().remove("clients").unwrap();
    let users = settings.as_object_mut().unwrap().remove("users").unwrap();
    folder.put("acme/realm.json", &settings);
    folder.put("acme/clients/app.json", &clients[0]);
    folder.put("acme/clients/machine.json", &clients[1]);
    folder.put("acme/users/alice.json", &users[0]);
    let served = following(folder.path());
    assert_eq!(served.client.token("acme", ALICE).status, 200);
    // A new part.
    folder.put(
        "acme/clients/late.json",
        &json!({"clientId": "late", "publicClient": true, "redirectUris": ["https://late.example/"]}),
    );
    until("the new client", || served.admin().find_client("late"));
    // A part that changes, and one that is broken by its own name and line.
    let mut client = clients[1].clone();
    client["secret"] = "second-secret-of-machine".into();
    folder.put("acme/clients/machine.json", &client);
    until("the new secret", || (machine(&served.client, "second-secret-of-machine").status == 200).then_some(()));
    folder.put_text("acme/clients/late.json", "{\n  \"clientId\": \"late\",\n  oops\n}\n");
    let (_, what) = until("a broken part", || served.broken_files().pop());
    assert!(what.starts_with("3:"), "{what}");
    // A part that goes.
    folder.remove("acme/clients/late.json");
    until("the client to go", || served.admin().find_client("late").is_none().then_some(()));
    assert_eq!(served.broken_files(), []);
    assert_eq!(served.client.token("acme", ALICE).status, 200);
}

#[test]
fn a_new_file_is_a_new_realm_and_a_realm_outlives_its_file() {
    let folder = Folder::new();
    folder.put("acme.json", &acme());
    let served = following(folder.path());
    let other = json!({"realm": "other", "enabled": true, "clients": [{"clientId": "bot", "secret": "secret-of-bot", "serviceAccountsEnabled": true}]});
    folder.put("other.json", &other);
    let bot = || {
        let rows = [("grant_type", "client_credentials"), ("client_id", "bot"), ("client_secret", "secret-of-bot")];
        served.client.token("other", &rows)
    };
    until("the new realm", || (bot().status == 200).then_some(()));
    folder.remove("other.json");
    folder.put("acme.json", &with_lifespan(61));
    until_lifespan(&served, "acme", 61);
    assert_eq!(bot().status, 200);
    // It comes back, changed: it is the same realm.
    let id = served.admin().get("/other")["id"].clone();
    let mut other = other;
    other["accessTokenLifespan"] = 62.into();
    folder.put("renamed.json", &other);
    until_lifespan(&served, "other", 62);
    assert_eq!(served.admin().get("/other")["id"], id);
}

#[test]
fn one_broken_file_of_a_folder_keeps_no_other_from_being_taken_over() {
    let folder = Folder::new();
    folder.put("acme.json", &acme());
    let served = following(folder.path());
    folder.put_text("aaa.json", "{");
    until("a broken file", || served.broken_files().pop());
    folder.put("acme.json", &with_lifespan(61));
    until_lifespan(&served, "acme", 61);
    folder.remove("aaa.json");
    until("no broken file", || served.broken_files().is_empty().then_some(()));
}
