//! Import and export again: the same.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::same::differences;
use super::{exported, exports, json, latchkey, text};

/// The exports of Keycloak in a folder as `import --dir` reads it; their realms.
fn copied(into: &Path) -> Vec<(String, Value)> {
    std::fs::create_dir_all(into).unwrap();
    let copy = |path: &std::path::PathBuf| {
        let realm = json(path);
        let name = realm["realm"].as_str().unwrap().to_owned();
        std::fs::copy(path, into.join(format!("{name}-realm.json"))).unwrap();
        (name, realm)
    };
    exports().iter().map(copy).collect()
}

fn assert_same(name: &str, expected: &Value, found: &Value) {
    assert_eq!(differences(expected, found), Vec::<String>::new(), "realm {name}");
}

#[test]
fn an_export_of_keycloak_that_was_imported_is_exported_as_it_was_with_all_ids_keys_and_hashes() {
    let folder = tempfile::tempdir().unwrap();
    let realms = copied(&folder.path().join("in"));
    latchkey(folder.path(), &["import", "--data", "data", "--dir", "in"]);
    latchkey(folder.path(), &["export", "--data", "data", "--dir", "out", "--users", "realm_file"]);
    for (name, realm) in &realms {
        assert_same(name, realm, &json(&folder.path().join("out").join(format!("{name}-realm.json"))));
    }
    // One of them into one file, by `--file` both ways.
    latchkey(folder.path(), &["import", "--data", "data2", "--file", text(&exports()[0])]);
    latchkey(folder.path(), &["export", "--data", "data2", "--file", "one.json", "--realm", "acme"]);
    assert_same("acme", &realms[0].1, &json(&folder.path().join("one.json")));
}

#[test]
fn users_in_files_of_their_own_are_the_same_users() {
    let folder = tempfile::tempdir().unwrap();
    let realms = copied(&folder.path().join("in"));
    latchkey(folder.path(), &["import", "--data", "data", "--dir", "in"]);
    latchkey(folder.path(), &["export", "--data", "data", "--dir", "out", "--users-per-file", "7"]);
    let with_users = |from: &str, name: &str| {
        let from = folder.path().join(from);
        let mut realm = json(&from.join(format!("{name}-realm.json")));
        let mut users = realm["users"].take().as_array().cloned().unwrap_or_default();
        for number in 0.. {
            let path = from.join(format!("{name}-users-{number}.json"));
            if !path.exists() {
                break;
            }
            let mut some = json(&path)["users"].as_array().unwrap().clone();
            assert!(some.len() <= 7, "{}", path.display());
            users.append(&mut some);
        }
        realm["users"] = users.into();
        realm
    };
    realms.iter().for_each(|(name, realm)| assert_same(name, realm, &with_users("out", name)));
    // And that layout is read again.
    latchkey(folder.path(), &["import", "--data", "data2", "--dir", "out"]);
    latchkey(folder.path(), &["export", "--data", "data2", "--dir", "again", "--users", "realm_file"]);
    realms.iter().for_each(|(name, realm)| assert_same(name, realm, &with_users("again", name)));
}

#[test]
fn an_export_of_keycloak_that_is_followed_is_exported_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let realms = copied(&folder.path().join("in"));
    latchkey(folder.path(), &["apply", "--data", "data", "in"]);
    for (name, realm) in &realms {
        assert_same(name, realm, &exported(folder.path(), name));
    }
    let plan = latchkey(folder.path(), &["plan", "--data", "data", "exported"]);
    assert!(plan.out.contains("Nothing to change"), "{}", plan.out);
}

#[test]
fn what_fmt_lays_out_says_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let realms = copied(&folder.path().join("in"));
    latchkey(folder.path(), &["fmt", "in"]);
    for (name, realm) in &realms {
        assert_same(name, realm, &json(&folder.path().join("in").join(format!("{name}-realm.json"))));
    }
    latchkey(folder.path(), &["fmt", "--check", "in"]);
    latchkey(folder.path(), &["import", "--data", "data", "--dir", "in"]);
    realms.iter().for_each(|(name, realm)| assert_same(name, realm, &exported(folder.path(), name)));
}

#[test]
fn a_file_of_a_few_lines_is_complete_after_its_first_export_and_stays_so() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("small.json"), small().to_string()).unwrap();
    latchkey(folder.path(), &["import", "--data", "data", "--file", "small.json"]);
    let first = exported(folder.path(), "small");
    let again = folder.path().join("again");
    std::fs::create_dir(&again).unwrap();
    latchkey(&again, &["import", "--data", "data", "--dir", "../exported"]);
    assert_same("small", &first, &exported(&again, "small"));
}

fn small() -> Value {
    let password = json!({"type": "password", "value": "secret-of-ann"});
    let client = |id: &str, more: Value| {
        let mut client = Map::from_iter([("clientId".to_owned(), id.into())]);
        client.extend(more.as_object().unwrap().clone());
        Value::Object(client)
    };
    json!({
        "realm": "small", "enabled": true,
        "users": [{"username": "Ann", "enabled": true, "email": "Ann@Example.org", "credentials": [password], "realmRoles": ["clerk"]}],
        "roles": {"realm": [{"name": "clerk"}]},
        "groups": [{"name": "staff", "realmRoles": ["clerk"], "subGroups": [{"name": "night"}]}],
        "clients": [
            client("app", json!({"publicClient": true, "redirectUris": ["https://app.example/*"]})),
            client("machine", json!({"serviceAccountsEnabled": true, "secret": "secret-of-machine"})),
            client("guarded", json!({"secret": "secret-of-guarded", "authorizationServicesEnabled": true})),
        ],
    })
}
