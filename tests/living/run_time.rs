//! What admins change at run time meets what files say.

use serde_json::{Value, json};

use super::folder::Folder;
use super::server::{Served, keeping, machine};
use super::{acme, until};
use crate::harness::process::Ran;

struct Running {
    folder: Folder,
    served: Served,
}

impl Running {
    fn new() -> Self {
        let folder = Folder::new();
        folder.put("realms/acme.json", &acme());
        let served = keeping(&folder.file("realms"), &folder.file("data"));
        Self { folder, served }
    }

    fn put(&self, json: &Value) {
        self.folder.put("realms/acme.json", json);
    }

    /// What `latchkey drift` says, beside the running server: exit code and drift of each entity.
    fn drift(&self) -> (Option<i32>, Vec<Value>) {
        let ran = Ran::latchkey(self.folder.path(), &["drift", "--realms", "realms", "--data", "data", "--format", "json"]);
        let said: Value = serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}"));
        assert!(said["realms"].as_array().unwrap().iter().all(|realm| realm["changes"] == json!([])), "{said:#}");
        let drifts = said["realms"].as_array().unwrap().iter().flat_map(|realm| realm["drift"].as_array().unwrap());
        (ran.code, drifts.cloned().collect())
    }

    fn until_lifespan(&self, seconds: i64) {
        let admin = self.served.admin();
        until("the lifespan", || (admin.get("/acme")["accessTokenLifespan"] == seconds).then_some(()));
    }
}

#[test]
fn a_change_at_run_time_holds_shows_as_drift_and_yields_only_to_an_edit_of_the_same_field() {
    let running = Running::new();
    let admin = running.served.admin();
    assert_eq!(running.drift(), (Some(0), Vec::new()));
    admin.change_client("machine", &json!({"secret": "secret-of-run-time", "name": "Named at run time"}));
    assert_eq!(machine(&running.served.client, "secret-of-run-time").status, 200);
    let (code, drift) = running.drift();
    assert_eq!((code, drift.len()), (Some(2), 1), "{drift:#?}");
    let members: Vec<&Value> = drift[0]["members"].as_array().unwrap().iter().map(|member| &member["path"]).collect();
    assert_eq!((&drift[0]["name"], members), (&json!("machine"), vec![&json!(["secret"]), &json!(["name"])]));
    assert!(!json!(drift).to_string().contains("secret-of"), "{drift:#?}");
    // Edits of other fields, of the same client too, leave it.
    let mut json = acme();
    json["accessTokenLifespan"] = 61.into();
    json["clients"][1]["description"] = "From the file".into();
    running.put(&json);
    running.until_lifespan(61);
    let client = admin.client("machine");
    assert_eq!((&client["description"], &client["name"]), (&json!("From the file"), &json!("Named at run time")));
    assert_eq!(machine(&running.served.client, "secret-of-run-time").status, 200);
    // An edit of that field wins.
    json["clients"][1]["secret"] = "secret-of-the-file".into();
    json["clients"][1]["name"] = "Named in the file".into();
    running.put(&json);
    until("the file's secret", || (machine(&running.served.client, "secret-of-the-file").status == 200).then_some(()));
    assert_eq!(machine(&running.served.client, "secret-of-run-time").status, 401);
    assert_eq!(admin.client("machine")["name"], "Named in the file");
    assert_eq!(running.drift(), (Some(0), Vec::new()));
}

#[test]
fn what_was_made_at_run_time_is_never_touched() {
    let running = Running::new();
    let admin = running.served.admin();
    admin.post("/acme/clients", &json!({"clientId": "late", "secret": "secret-of-late", "serviceAccountsEnabled": true}));
    admin.post("/acme/roles", &json!({"name": "late-role"}));
    admin.post("/acme/groups", &json!({"name": "late-group"}));
    let before = [admin.client("late"), admin.get("/acme/roles/late-role"), admin.get("/acme/groups")];
    let mut json = acme();
    json["clients"].as_array_mut().unwrap().remove(1);
    json["roles"]["realm"].as_array_mut().unwrap().remove(1);
    json["accessTokenLifespan"] = 61.into();
    running.put(&json);
    running.until_lifespan(61);
    assert_eq!(admin.find_client("machine"), None, "what left the file goes");
    assert_eq!(admin.find("/acme/roles/manager"), None);
    assert_eq!([admin.client("late"), admin.get("/acme/roles/late-role"), admin.get("/acme/groups")], before);
}

#[test]
fn what_was_deleted_at_run_time_stays_so_until_the_file_speaks_of_it_anew() {
    let running = Running::new();
    let admin = running.served.admin();
    let id = admin.client("machine")["id"].as_str().unwrap().to_owned();
    admin.delete(&format!("/acme/clients/{id}"));
    let mut json = acme();
    json["accessTokenLifespan"] = 61.into();
    running.put(&json);
    running.until_lifespan(61);
    assert_eq!(admin.find_client("machine"), None);
    let (code, drift) = running.drift();
    assert_eq!((code, drift.iter().any(|drift| drift["name"] == "machine")), (Some(2), true), "{drift:#?}");
    json["clients"][1]["description"] = "Wanted after all".into();
    running.put(&json);
    until("the client", || admin.find_client("machine"));
    assert_eq!(machine(&running.served.client, "first-secret-of-machine").status, 200);
}

#[test]
fn a_password_changed_at_run_time_survives_edits_of_its_user() {
    let running = Running::new();
    let admin = running.served.admin();
    admin.reset_password("alice", "through-the-looking-glass");
    let mut json = acme();
    json["users"][0]["firstName"] = "Alicia".into();
    running.put(&json);
    until("the name", || (admin.get("/acme/users?username=alice")[0]["firstName"] == "Alicia").then_some(()));
    let login = |password: &str| {
        let rows = [("grant_type", "password"), ("client_id", "app"), ("username", "alice"), ("password", password)];
        running.served.client.token("acme", &rows).status
    };
    assert_eq!((login("through-the-looking-glass"), login("wonderland")), (200, 400));
}
