use std::path::PathBuf;

use crate::load;

fn shared_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/keycloak/realms")
}

#[test]
fn loads_a_folder_of_realm_files() {
    let outcome = load(&[shared_folder()], &|_| None);
    assert_eq!(realm_model::render(&outcome.diagnostics), "");
    assert!(outcome.realms.realm("acme").is_some());
    assert_eq!(outcome.realms.count(), 11);
    assert_eq!(outcome.users.count(&"acme".into()), 35);
}

#[test]
fn leaves_other_files_and_sub_folders_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("b.json"), r#"{"realm": "b"}"#).unwrap();
    std::fs::write(folder.path().join("notes.txt"), "no json").unwrap();
    std::fs::create_dir(folder.path().join("sub")).unwrap();
    std::fs::write(folder.path().join("sub/c.json"), "no json").unwrap();
    let outcome = load(&[folder.path().to_owned()], &|_| None);
    assert!(outcome.diagnostics.is_empty());
    assert_eq!(outcome.realms.realms().map(|name| name.to_string()).collect::<Vec<_>>(), ["b"]);
}

#[test]
fn reports_every_broken_file_and_serves_the_others() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("a.json", "{"), ("b.json", "{\"realm\": \"b\"}"), ("c.json", "{\"realm\": 5.}")] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let outcome = load(&[folder.path().to_owned(), folder.path().join("missing.json")], &|_| None);
    assert_eq!(outcome.diagnostics.iter().filter(|d| d.is_error()).count(), 3);
    assert!(outcome.has_errors());
    assert_eq!(outcome.realms.count(), 1);
}
