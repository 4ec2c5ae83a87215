use std::path::Path;
use std::sync::Mutex;

use serde_json::json;

use super::*;
use crate::world::{World, acme};

fn put(folder: &Path, name: &str, json: &Value) {
    std::fs::write(folder.join(name), json.to_string()).unwrap();
}

#[tokio::test]
async fn a_realm_that_is_there_is_skipped_or_made_anew() {
    let world = World::with_acme().await;
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "acme.json", &json!({"realm": "acme", "displayName": "New"}));
    let paths = [folder.path().to_owned()];
    let done = import(&world.reconciler, &paths, Existing::Skip, &|_| {}).await.unwrap();
    assert_eq!((done.realms.len(), done.skipped), (0, vec!["acme".to_owned()]));
    assert!(world.user("alice").await.is_some());
    let done = import(&world.reconciler, &paths, Existing::Overwrite, &|_| {}).await.unwrap();
    assert_eq!(done.realms, ["acme"]);
    assert!(world.user("alice").await.is_none());
    let id = world.reconciler.live.realm_id("acme").unwrap();
    let declared = world.reconciler.live.repository().declared(&id, realm_store::DeclaredUsers::Include).await.unwrap();
    assert!(declared.is_empty(), "an import declares nothing");
}

#[tokio::test]
async fn a_copy_with_the_id_of_another_realm_overwrites_nothing() {
    let world = World::with_acme().await;
    let folder = tempfile::tempdir().unwrap();
    let id = world.reconciler.live.realm_id("acme").unwrap();
    put(folder.path(), "copy.json", &json!({"realm": "copy", "id": &*id}));
    let paths = [folder.path().to_owned()];
    let error = import(&world.reconciler, &paths, Existing::Overwrite, &|_| {}).await.unwrap_err();
    assert_eq!(error.to_string(), format!("id \"{id}\" exists already"));
    assert!(world.user("alice").await.is_some() && world.reconciler.live.realm_id("copy").is_none());
}

#[tokio::test]
async fn nothing_is_imported_of_broken_files() {
    let world = World::new().await;
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "acme.json", &acme());
    std::fs::write(folder.path().join("broken.json"), "{").unwrap();
    let error = import(&world.reconciler, &[folder.path().to_owned()], Existing::Skip, &|_| {}).await.unwrap_err();
    assert!(matches!(error, ImportError::Files(_)), "{error}");
    assert!(world.reconciler.live.realm_id("acme").is_none());
}

#[tokio::test]
async fn users_of_a_large_file_are_streamed_and_service_accounts_stay_with_their_clients() {
    let world = World::new().await;
    let folder = tempfile::tempdir().unwrap();
    let mut json = acme();
    let filler = "x".repeat(300);
    let users = json["users"].as_array_mut().unwrap();
    users.extend((0..4_200).map(|n| json!({"username": format!("u{n}"), "enabled": true, "attributes": {"filler": [filler]}})));
    users.push(json!({"username": "service-account-machine", "serviceAccountClientId": "machine", "realmRoles": ["clerk"]}));
    put(folder.path(), "acme.json", &json);
    assert!(std::fs::metadata(folder.path().join("acme.json")).unwrap().len() > LARGE);
    let told = Mutex::new(0);
    let progress = |step: Step<'_>| {
        if let Step::Users(count) = step {
            *told.lock().unwrap() += count;
        }
    };
    let done = import(&world.reconciler, &[folder.path().to_owned()], Existing::Skip, &progress).await.unwrap();
    assert_eq!(done.users, 4_202);
    assert!(*told.lock().unwrap() >= 4_202);
    assert!(world.user("u4199").await.is_some());
    let account = world.user("service-account-machine").await.unwrap();
    assert_eq!(account.record.texts("realmRoles").collect::<Vec<_>>(), ["clerk"]);
}
