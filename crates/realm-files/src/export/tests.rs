use serde_json::json;

use super::*;
use crate::import::{Existing, import};
use crate::world::World;

fn silent() -> impl Fn(Step<'_>) + Send + Sync {
    |_| {}
}

async fn exported(world: &World, folder: &Path, users: ExportUsers) -> Vec<String> {
    let options = ExportOptions { to: ExportTo::Folder(folder.to_owned()), realm: None, users, users_per_file: 2 };
    let mut files: Vec<String> = export(&world.reconciler.live, &options, &silent())
        .await
        .unwrap()
        .iter()
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    files.sort();
    files
}

#[tokio::test]
async fn files_are_named_and_filled_as_keycloak_does() {
    let world = World::with_acme().await;
    for (users, expected) in [
        (ExportUsers::Skip, vec!["acme-realm.json"]),
        (ExportUsers::RealmFile, vec!["acme-realm.json"]),
        (ExportUsers::SameFile, vec!["acme-realm.json", "acme-users-0.json"]),
        (ExportUsers::DifferentFiles, vec!["acme-realm.json", "acme-users-0.json", "acme-users-1.json"]),
    ] {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(exported(&world, folder.path(), users).await, expected);
        let text = std::fs::read_to_string(folder.path().join("acme-realm.json")).unwrap();
        let realm: Value = serde_json::from_str(&text).unwrap();
        let inside = realm.get("users").and_then(Value::as_array).map_or(0, Vec::len);
        assert_eq!((realm["realm"].as_str(), inside), (Some("acme"), if users == ExportUsers::RealmFile { 3 } else { 0 }));
    }
}

#[tokio::test]
async fn what_is_exported_can_be_imported_and_exported_again() {
    let first = World::with_acme().await;
    let (before, after) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    exported(&first, before.path(), ExportUsers::DifferentFiles).await;
    let second = World::new().await;
    let done = import(&second.reconciler, &[before.path().to_owned()], Existing::Skip, &silent()).await.unwrap();
    assert_eq!((done.realms, done.users), (vec!["acme".to_owned()], 2));
    exported(&second, after.path(), ExportUsers::DifferentFiles).await;
    let read = |folder: &Path, name: &str| -> Value {
        serde_json::from_str(&std::fs::read_to_string(folder.join(name)).unwrap()).unwrap()
    };
    for name in ["acme-realm.json", "acme-users-0.json", "acme-users-1.json"] {
        assert_eq!(read(after.path(), name), read(before.path(), name), "{name}");
    }
}

#[tokio::test]
async fn placeholders_come_back_as_they_stood() {
    let world = World::new().await;
    let text =
        r#"{"realm": "acme", "accessTokenLifespan": ${LIFE:300}, "clients": [{"clientId": "app", "secret": "${SECRET:x}"}]}"#;
    let realm = crate::Source::of_text("acme.json", text).realms(&|_: &str| None).realms.remove(0);
    world.reconciler.apply(&realm, crate::Options::default()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    exported(&world, folder.path(), ExportUsers::Skip).await;
    let text = std::fs::read_to_string(folder.path().join("acme-realm.json")).unwrap();
    assert!(text.contains("\"accessTokenLifespan\": ${LIFE:300}") && text.contains("\"${SECRET:x}\""), "{text}");
}

#[tokio::test]
async fn one_file_holds_one_realm_or_a_list_of_all() {
    let world = World::with_acme().await;
    world.apply(&json!({"realm": "other"})).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("all.json");
    for (realm, expected) in [(None, 2), (Some("acme".to_owned()), 1)] {
        let to = ExportTo::File(path.clone());
        let options = ExportOptions { to, realm, users: ExportUsers::SameFile, users_per_file: 50 };
        export(&world.reconciler.live, &options, &silent()).await.unwrap();
        let value: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let realms = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
        assert_eq!((realms.len(), realms[0]["users"].as_array().unwrap().len()), (expected, 3));
    }
    let options =
        ExportOptions { to: ExportTo::File(path), realm: Some("none".into()), users: ExportUsers::Skip, users_per_file: 50 };
    let error = export(&world.reconciler.live, &options, &silent()).await.unwrap_err();
    assert!(matches!(error, ExportError::UnknownRealm(_)));
}
