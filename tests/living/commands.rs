//! What the commands on realm files say and how they end.

use serde_json::{Value, json};

use super::acme;
use super::folder::Folder;
use super::server::{ALICE, access_claims, following, keeping, with_options};
use crate::harness::process::Ran;
use crate::harness::server::recorded_realms;

/// A folder with realm acme applied.
fn applied() -> Folder {
    let folder = Folder::new();
    folder.put("realms/acme.json", &acme());
    assert_eq!(run(&folder, "apply --realms realms").code, Some(0));
    folder
}

fn run(folder: &Folder, arguments: &str) -> Ran {
    Ran::latchkey(folder.path(), &arguments.split_whitespace().collect::<Vec<_>>())
}

fn changed() -> Value {
    let mut json = acme();
    json["accessTokenLifespan"] = 61.into();
    json["clients"][1]["secret"] = "second-secret-of-machine".into();
    json["users"][0]["email"] = "liddell@acme.example".into();
    json
}

#[test]
fn plan_ends_with_0_for_nothing_2_for_changes_and_1_for_an_error() {
    let folder = applied();
    let nothing = run(&folder, "plan --realms realms");
    assert_eq!((nothing.code, nothing.out.as_str()), (Some(0), "Nothing to change.\n"));
    folder.put("realms/acme.json", &changed());
    assert_eq!(run(&folder, "plan --realms realms").code, Some(2));
    assert_eq!(run(&folder, "plan --realms realms").code, Some(2), "it writes nothing");
    folder.put_text("realms/acme.json", "{\n");
    let broken = run(&folder, "plan --realms realms");
    assert_eq!(broken.code, Some(1));
    assert!(broken.err.contains("realms/acme.json:1:2: error: "), "{broken:?}");
    assert_eq!(run(&folder, "plan nowhere.json").code, Some(1));
    assert_eq!(run(&folder, "plan --format=xml").code, Some(2).or(Some(1)), "a command line that cannot be followed");
}

#[test]
fn plan_says_in_every_form_what_changes_where_and_no_secret() {
    let folder = applied();
    folder.put("realms/acme.json", &changed());
    let human = run(&folder, "plan --realms realms").out;
    for part in [
        "realm \"acme\" (realms/acme.json)\n",
        "  ~ realm settings   realms/acme.json:1\n      accessTokenLifespan: 300 → 61\n",
        "  ~ client \"machine\"   realms/acme.json:",
        "      secret: changes\n",
        "      email: \"alice@acme.example\" → \"liddell@acme.example\"\n",
        "\n1 realm: 0 to create, 3 to change, 0 to delete.\n",
    ] {
        assert!(human.contains(part), "{part:?} in {human}");
    }
    let json: Value = serde_json::from_str(&run(&folder, "plan --realms realms --format json").out).unwrap();
    assert_eq!(json["summary"], json!({"create": 0, "update": 3, "delete": 0, "drift": 0}));
    let members: Vec<&Value> =
        json["realms"][0]["changes"].as_array().unwrap().iter().map(|change| &change["members"][0]).collect();
    assert_eq!(members[0], &json!({"path": ["accessTokenLifespan"], "before": 300, "after": 61}));
    assert_eq!(members[1], &json!({"path": ["secret"], "before": "***", "after": "***"}));
    let markdown = run(&folder, "plan --realms realms --format markdown").out;
    assert!(markdown.contains("| update | realm settings | `accessTokenLifespan` | `300` | `61` |"), "{markdown}");
    for text in [human, json.to_string(), markdown] {
        assert!(!text.contains("secret-of-machine") && !text.contains("wonderland"), "{text}");
    }
}

#[test]
fn the_guard_refuses_to_delete_much_unless_it_is_told_to() {
    let folder = applied();
    let mut json = acme();
    json["clients"] = json!([]);
    folder.put("realms/acme.json", &json);
    for command in ["plan", "apply"] {
        let ran = run(&folder, &format!("{command} --realms realms"));
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(format!("{}{}", ran.out, ran.err).contains("--allow-deletes"), "{ran:?}");
    }
    assert_eq!(run(&folder, "plan --realms realms --allow-deletes").code, Some(2));
    let ran = run(&folder, "apply --realms realms --allow-deletes");
    assert!(ran.code == Some(0) && ran.out.contains("0 to create, 0 to change, 3 to delete"), "{ran:?}");
    assert_eq!(run(&folder, "plan --realms realms").code, Some(0));
    // A whole realm.
    folder.remove("realms/acme.json");
    folder.put("realms/other.json", &json!({"realm": "other"}));
    let ran = run(&folder, "plan --realms realms");
    assert!(ran.code == Some(2) && ran.out.contains("realm \"acme\" is in no file any more"), "{ran:?}");
    assert_eq!(run(&folder, "apply --realms realms --allow-deletes").code, Some(0));
    assert_eq!(run(&folder, "export --realm acme --file x.json").code, Some(1));
}

#[test]
fn users_that_leave_their_file_stay_unless_they_are_told_to_go() {
    let folder = applied();
    let users = || -> usize {
        assert_eq!(run(&folder, "export --realm acme --file exported.json").code, Some(0));
        let exported: Value = serde_json::from_slice(&std::fs::read(folder.file("exported.json")).unwrap()).unwrap();
        let users = exported["users"].as_array().unwrap();
        users.iter().filter(|user| user["serviceAccountClientId"].is_null()).count()
    };
    let mut json = acme();
    json["users"] = json!([]);
    folder.put("realms/acme.json", &json);
    let plan = run(&folder, "plan --realms realms");
    assert_eq!(plan.code, Some(0), "{plan:?}");
    assert_eq!((run(&folder, "apply --realms realms").code, users()), (Some(0), 1));
    let plan = run(&folder, "plan --realms realms --delete-users");
    assert!(plan.code == Some(2) && plan.out.contains("- user \"alice\""), "{plan:?}");
    assert_eq!((run(&folder, "apply --realms realms --delete-users").code, users()), (Some(0), 0));
}

#[test]
fn fmt_lays_out_once_and_check_writes_nothing() {
    let folder = Folder::new();
    folder.put_text("realms/acme.json", &acme().to_string());
    let before = std::fs::read(folder.file("realms/acme.json")).unwrap();
    let check = run(&folder, "fmt --check realms");
    assert_eq!((check.code, check.out.as_str()), (Some(1), "realms/acme.json is not laid out: latchkey fmt realms/acme.json\n"));
    assert_eq!(std::fs::read(folder.file("realms/acme.json")).unwrap(), before);
    assert_eq!(run(&folder, "fmt realms").code, Some(0));
    let after: Value = serde_json::from_slice(&std::fs::read(folder.file("realms/acme.json")).unwrap()).unwrap();
    assert_eq!(after, acme());
    let again = run(&folder, "fmt --check realms");
    assert_eq!((again.code, again.out.as_str()), (Some(0), ""));
}

#[test]
fn lint_speaks_to_people_programs_and_pull_requests() {
    let folder = Folder::new();
    let mut json = acme();
    json["clients"][0]["redirectUris"] = json!(["*"]);
    json["users"][0]["realmRoles"] = json!(["nobody"]);
    json["groups"][0]["name"] = 7.into();
    json["acessTokenLifespan"] = 5.into();
    folder.put("realms/acme.json", &json);
    let human = run(&folder, "lint realms");
    assert!(human.out.contains("realms/acme.json:") && human.out.contains("accessTokenLifespan"), "{human:?}");
    let sarif: Value = serde_json::from_str(&run(&folder, "lint --format sarif realms").out).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let rules: Vec<&str> = results.iter().filter_map(|result| result["ruleId"].as_str()).collect();
    for rule in ["redirect-wildcard", "dangling-role", "unknown-field"] {
        assert!(rules.contains(&rule), "{rule} in {rules:?}");
    }
    let place = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "realms/acme.json");
    assert!(place["region"]["startLine"].as_u64().is_some_and(|line| line > 0), "{place}");
    let github = run(&folder, "lint --format github realms");
    assert!(github.out.lines().all(|line| line.starts_with("::warning ") || line.starts_with("::error ")), "{github:?}");
    assert!(github.out.contains("file=realms/acme.json,line="), "{github:?}");
    let json: Value = serde_json::from_str(&run(&folder, "lint --format json realms").out).unwrap();
    assert!(json.to_string().contains("redirect-wildcard"), "{json}");
    folder.put("realms/acme.json", &acme());
    assert_eq!(run(&folder, "lint realms").code, Some(0), "warnings are no errors");
    folder.put_text("realms/acme.json", "{");
    assert_eq!(run(&folder, "lint realms").code, Some(1));
}

/// Claims without what differs from login to login.
fn lasting(claims: &Value) -> Value {
    let mut claims = claims.clone();
    let _ = ["exp", "iat", "jti", "sid", "auth_time", "iss"].map(|name| claims.as_object_mut().unwrap().remove(name));
    claims
}

#[test]
fn what_is_exported_and_imported_elsewhere_issues_the_same_tokens() {
    let folder = applied();
    let here = keeping(&folder.file("realms"), &folder.file("data"));
    assert_eq!(run(&folder, "export --dir exported --realm acme --users different_files").code, Some(0));
    let import = run(&folder, "import --dir exported --data elsewhere");
    assert_eq!((import.code, import.out.lines().last()), (Some(0), Some("imported realm acme; 1 user")), "{import:?}");
    std::fs::create_dir(folder.file("none")).unwrap();
    let there = keeping(&folder.file("none"), &folder.file("elsewhere"));
    let claims = |served: &super::server::Served| lasting(&access_claims(&served.client.token("acme", ALICE)));
    assert_eq!(claims(&here), claims(&there), "the ids of users are the same, too");
    let machine = |served: &super::server::Served| {
        lasting(&access_claims(&super::server::machine(&served.client, "first-secret-of-machine")))
    };
    assert_eq!(machine(&here), machine(&there));
}

#[test]
fn import_replaces_a_realm_or_skips_it_as_it_is_told() {
    let folder = applied();
    folder.put("new/acme-realm.json", &changed());
    let skipped = run(&folder, "import --dir new --override false");
    assert!(skipped.code == Some(0) && skipped.out.contains("realm acme is there already: skipped"), "{skipped:?}");
    let lifespan = || -> Value {
        assert_eq!(run(&folder, "export --realm acme --file exported.json").code, Some(0));
        let exported: Value = serde_json::from_slice(&std::fs::read(folder.file("exported.json")).unwrap()).unwrap();
        exported["accessTokenLifespan"].clone()
    };
    assert_eq!(lifespan(), 300);
    assert_eq!(run(&folder, "import --file new/acme-realm.json").code, Some(0));
    assert_eq!(lifespan(), 61);
}

#[test]
fn import_realm_makes_what_is_missing_and_skips_what_is_there() {
    let folder = Folder::new();
    folder.put("import/acme.json", &acme());
    let start = || {
        with_options(&folder.file("none"), |options| {
            options.settings.realms.clear();
            options.settings.import = vec![folder.file("import")];
            options.settings.database = idp_server::cli::Database::Embedded;
            options.settings.data = folder.file("data");
        })
    };
    assert_eq!(start().client.token("acme", ALICE).status, 200);
    folder.put("import/acme.json", &changed());
    folder.put("import/other.json", &json!({"realm": "other", "enabled": true}));
    let again = start();
    assert_eq!(again.client.token("acme", ALICE).json()["expires_in"], 300);
    assert!(again.admin().find("/other").is_some());
}

#[test]
fn placeholders_are_exported_as_they_were_written() {
    let folder = Folder::new();
    let mut json = acme();
    json["displayName"] = "${COMPANY:Acme}".into();
    folder.put("realms/acme.json", &json);
    assert_eq!(run(&folder, "apply --realms realms").code, Some(0));
    assert_eq!(run(&folder, "export --realm acme --file exported.json").code, Some(0));
    let exported: Value = serde_json::from_slice(&std::fs::read(folder.file("exported.json")).unwrap()).unwrap();
    assert_eq!(exported["displayName"], "${COMPANY:Acme}");
}

/// The plan after an apply is empty and without drift, whatever was applied.
#[test]
fn what_was_applied_leaves_nothing_to_change_and_no_drift() {
    let folder = Folder::new();
    for path in recorded_realms() {
        std::fs::copy(&path, folder.file(path.file_name().unwrap().to_str().unwrap())).unwrap();
    }
    for version in ["17.0.0", "21.1.2", "24.0.5", "25.0.6", "26.0.8"] {
        let export = crate::harness::repository(&format!("crates/realm-model/tests/exports/keycloak-{version}.json"));
        let text = std::fs::read_to_string(export).unwrap();
        folder.put_text(&format!("older-{version}.json"), &text.replace("\"older\"", &format!("\"older-{version}\"")));
    }
    let mut wrong = Vec::new();
    let mut names: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    for name in names.iter().filter(|name| name.ends_with(".json")) {
        let applied = run(&folder, &format!("apply {name}"));
        assert_eq!(applied.code, Some(0), "{name}: {}", applied.err);
        let drift = run(&folder, &format!("drift {name}"));
        if drift.code != Some(0) {
            wrong.push(format!("{name}: {}{}", drift.out, drift.err));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_schema_is_the_one_that_lies_beside_the_documentation() {
    let folder = Folder::new();
    let kept = std::fs::read_to_string(crate::harness::repository("docs/realm.schema.json")).unwrap();
    assert_eq!(run(&folder, "schema").out.trim_end(), kept.trim_end());
}

#[test]
fn a_server_can_be_asked_for_a_realm_that_only_a_file_has() {
    let folder = Folder::new();
    folder.put("acme.json", &acme());
    assert_eq!(following(&folder.file("acme.json")).client.token("acme", ALICE).status, 200);
}
