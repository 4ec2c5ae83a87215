use std::path::Path;

use serde_json::json;

use super::*;
use crate::sources::find;

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

fn parts(folder: &Path) -> Reading {
    let found = find(&[folder.to_owned()]);
    assert_eq!(found.diagnostics, []);
    let [source] = found.sources.as_slice() else { panic!("{:?}", found.sources) };
    source.content().unwrap().realms(&|name: &str| (name == "WHO").then(|| "app".to_owned()))
}

const PARTS: [(&str, &str); 7] = [
    ("acme/realm.json", r#"{"realm": "acme", "enabled": true, "clients": [{"clientId": "in-settings"}]}"#),
    ("acme/clients/app.json", "{\n  \"clientId\": \"${WHO}\",\n  \"secret\": \"s\"\n}"),
    ("acme/clients/more.json", "[\n  {\"clientId\": \"b\"},\n  {\"clientId\": \"c\"}\n]"),
    ("acme/users/alice.json", r#"{"username": "alice", "enabled": true, "realmRoles": ["r"]}"#),
    ("acme/roles/roles.json", r#"{"realm": [{"name": "r"}], "client": {"b": [{"name": "x"}]}}"#),
    ("acme/groups/g.json", "{\"name\": \"g\",\n \"subGroups\": [{\"name\": \"h\"}]}"),
    ("acme/client-scopes/s.json", r#"{"name": "s", "protocol": "openid-connect"}"#),
];

#[test]
fn a_folder_of_parts_is_one_realm_and_everything_in_it_has_its_place() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &PARTS);
    let reading = parts(folder.path());
    let realm = &reading.realms[0];
    assert_eq!((realm.name.as_str(), realm.split.users.len()), ("acme", 1));
    let place = |key: &realm_model::document::Key| {
        let place = realm.places.of(key).unwrap();
        (Path::new(&place.file).file_name().unwrap().to_str().unwrap().to_owned(), place.line)
    };
    use realm_model::document::{Key, Kind};
    for (key, expected) in [
        (Key::of(Kind::Client, "app"), ("app.json", 1)),
        (Key::of(Kind::Client, "c"), ("more.json", 3)),
        (Key::of(Kind::Client, "in-settings"), ("realm.json", 1)),
        (Key::owned(Kind::ClientRole, "b", "x"), ("roles.json", 1)),
        (Key::of(Kind::Group, "/g/h"), ("g.json", 2)),
        (Key::of(Kind::ClientScope, "s"), ("s.json", 1)),
    ] {
        assert!(realm.split.documents.iter().any(|document| document.key == key), "{key}");
        assert_eq!(place(&key), (expected.0.to_owned(), expected.1), "{key}");
    }
}

#[test]
fn what_is_wrong_with_a_part_is_told_of_that_part() {
    for (broken, text, line, column) in [
        ("acme/clients/app.json", "{\n  \"clientId\": \"app\",\n  \"secret\": \"hidden-value\" \"x\": 1\n}", 3, 28),
        ("acme/clients/more.json", "[\n  {\"clientId\": \"b\"},\n  {\"clientId\": 1, \"redirectUris\": {}}\n]", 3, 35),
        ("acme/users/alice.json", "{\n \"username\": \"alice\",\n \"groups\": [\"/nobody\"]}", 3, 13),
    ] {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &PARTS);
        write(folder.path(), &[(broken, text)]);
        let reading = parts(folder.path());
        let errors: Vec<_> = reading.diagnostics.iter().filter(|d| d.is_error()).collect();
        assert!(reading.realms.is_empty() && !errors.is_empty(), "{broken}");
        let error = errors[0];
        assert!(error.file.ends_with(broken.trim_start_matches("acme/")), "{error}");
        assert_eq!((error.line, error.column), (line, column), "{error}");
        assert!(!error.to_string().contains("hidden-value"), "{error}");
    }
}

#[test]
fn users_files_belong_to_their_realm() {
    let folder = tempfile::tempdir().unwrap();
    let users = |n: usize| json!({"realm": "acme", "users": [{"username": format!("u{n}"), "enabled": true}]}).to_string();
    write(
        folder.path(),
        &[
            ("acme-realm.json", r#"{"realm": "acme"}"#),
            ("acme-users-0.json", &users(0)),
            ("acme-users-1.json", &users(1)),
            ("other.json", r#"[{"realm": "x"}, {"realm": "y"}]"#),
            ("gone-users-0.json", r#"{"realm": "gone", "users": []}"#),
            ("notes.txt", "no realm"),
            (".hidden.json", "no realm"),
        ],
    );
    let found = find(&[folder.path().to_owned()]);
    assert_eq!(found.diagnostics.len(), 1, "{:?}", found.diagnostics);
    assert!(found.diagnostics[0].file.ends_with("gone-users-0.json"));
    let realms: Vec<_> =
        found.sources.iter().flat_map(|source| source.content().unwrap().realms(&|_: &str| None).realms).collect();
    let shown: Vec<_> = realms.iter().map(|realm| (realm.name.as_str(), realm.split.users.len())).collect();
    assert_eq!(shown, [("acme", 2), ("x", 0), ("y", 0)]);
    assert_ne!(realms[0].digest, realms[1].digest);
    assert_eq!(realms[1].digest, realms[2].digest);
}

#[test]
fn what_cannot_be_read_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let found = find(&[folder.path().join("missing.json")]);
    assert!(found.diagnostics[0].is_error() && found.sources.is_empty());
}
