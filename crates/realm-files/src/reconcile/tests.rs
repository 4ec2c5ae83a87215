use realm_store::{Expected, Leaving};
use serde_json::{Value, json};

use super::*;
use crate::ApplyError;
use crate::plan::{Action, Refusal, Subject};
use crate::world::{World, acme};

mod edits;
mod property;

fn client(name: &str) -> Key {
    Key::of(Kind::Client, name)
}

fn subjects(plan: &Plan, action: &Action) -> Vec<String> {
    plan.changes.iter().filter(|change| change.action == *action).map(|change| change.subject.to_string()).collect()
}

/// The index of a client of [`acme`] in its list.
fn at(json: &Value, id: &str) -> usize {
    json["clients"].as_array().unwrap().iter().position(|client| client["clientId"] == id).unwrap()
}

#[tokio::test]
async fn web_origins_follow_redirect_uris_unless_somebody_set_them() {
    let world = World::with_acme().await;
    let origins = async || world.client("app").await.unwrap().get("webOrigins").cloned();
    assert_eq!(origins().await, Some(json!(["https://app.example"])));
    let mut json = acme();
    json["clients"][0]["redirectUris"] = json!(["https://new.example/*"]);
    let plan = world.apply(&json).await;
    assert_eq!(origins().await, Some(json!(["https://new.example"])), "{plan:?}");
    assert!(plan.drift.is_empty() && world.plan(&json).await.drift.is_empty());
    world.edit(&Key::of(Kind::Client, "app"), json!({"webOrigins": ["https://run-time.example"]})).await;
    json["clients"][0]["redirectUris"] = json!(["https://newer.example/*"]);
    world.apply(&json).await;
    assert_eq!(origins().await, Some(json!(["https://run-time.example"])));
}

#[tokio::test]
async fn a_realm_that_was_just_applied_has_nothing_to_change_and_no_drift() {
    let world = World::with_acme().await;
    let plan = world.plan(&acme()).await;
    assert!(!plan.has_changes() && plan.batch.is_none(), "{plan:?}");
    assert_eq!(plan.drift, []);
    assert!(world.client("account").await.is_some(), "built-in entities are there");
    assert_eq!(world.user("alice").await.unwrap().record.text("email"), Some("alice@example.com"));
    assert!(world.user("service-account-machine").await.is_some());
}

#[tokio::test]
async fn a_change_of_the_file_is_a_change_of_its_member_alone() {
    let world = World::with_acme().await;
    let mut json = acme();
    json["clients"][0]["secret"] = "new".into();
    json["accessTokenLifespan"] = 60.into();
    let plan = world.apply(&json).await;
    let names: Vec<_> =
        plan.changes.iter().map(|c| (c.subject.to_string(), c.members.iter().map(|m| m.name()).collect())).collect();
    let expected = [
        ("realm settings".to_owned(), vec!["accessTokenLifespan".to_owned()]),
        ("client \"app\"".to_owned(), vec!["secret".to_owned()]),
    ];
    assert_eq!(names, expected);
    assert_eq!(world.client("app").await.unwrap()["secret"], "new");
    assert_eq!(world.find(&Key::realm()).await.unwrap().0["accessTokenLifespan"], 60);
    assert!(!world.plan(&json).await.has_changes());
}

#[tokio::test]
async fn what_changed_at_run_time_holds_until_the_file_changes_it() {
    let world = World::with_acme().await;
    world.edit(&client("app"), json!({"redirectUris": ["https://live.example"], "description": "live"})).await;
    let mut json = acme();
    json["clients"][0]["name"] = "App".into();
    let plan = world.apply(&json).await;
    let drift: Vec<_> = plan.drift.iter().flat_map(|change| change.members.iter().map(|m| m.name())).collect();
    assert_eq!(drift, ["redirectUris", "description"]);
    let live = world.client("app").await.unwrap();
    assert_eq!((&live["redirectUris"], &live["name"]), (&json!(["https://live.example"]), &json!("App")));
    json["clients"][0]["redirectUris"] = json!(["https://file.example"]);
    world.apply(&json).await;
    let live = world.client("app").await.unwrap();
    assert_eq!((&live["redirectUris"], &live["description"]), (&json!(["https://file.example"]), &json!("live")));
}

#[tokio::test]
async fn an_entity_that_no_file_declared_is_never_touched() {
    let world = World::with_acme().await;
    world.edit(&client("by-hand"), json!({"clientId": "by-hand", "enabled": true})).await;
    world.edit(&Key::of(Kind::RealmRole, "by-hand"), json!({"name": "by-hand"})).await;
    let mut json = acme();
    json["clients"].as_array_mut().unwrap().remove(1);
    let plan = world.apply(&json).await;
    assert_eq!(subjects(&plan, &Action::Delete), ["client \"machine\"", "user \"service-account-machine\""]);
    assert!(world.client("by-hand").await.is_some());
    assert!(world.find(&Key::of(Kind::RealmRole, "by-hand")).await.is_some());
    assert!(world.client("machine").await.is_none());
    assert!(world.user("service-account-machine").await.is_none());
}

#[tokio::test]
async fn a_built_in_entity_that_left_the_file_is_as_built_in_again() {
    let world = World::with_acme().await;
    let mut json = acme();
    json["clients"].as_array_mut().unwrap().push(json!({"clientId": "broker", "name": "Ours", "enabled": true}));
    world.apply(&json).await;
    assert_eq!(world.client("broker").await.unwrap()["name"], "Ours");
    let plan = world.apply(&acme()).await;
    assert_eq!(subjects(&plan, &Action::Update), ["client \"broker\""]);
    assert_eq!(world.client("broker").await.unwrap()["name"], "${client_broker}");
}

#[tokio::test]
async fn an_entity_deleted_at_run_time_stays_so_until_the_file_says_something_new_of_it() {
    let world = World::with_acme().await;
    let (_, _, version) = world.find(&client("app")).await.unwrap();
    let expected = Expected::Version(version);
    world.commit(Write::Delete { key: client("app"), expected, leaving: Leaving::Nothing }).await;
    let mut json = acme();
    json["displayName"] = "Acme".into();
    let plan = world.apply(&json).await;
    assert!(world.client("app").await.is_none());
    let gone: Vec<_> = plan.drift.iter().filter(|d| d.action == Action::Delete).map(|d| d.subject.to_string()).collect();
    assert_eq!(gone, ["client \"app\""]);
    json["clients"][0]["name"] = "App".into();
    world.apply(&json).await;
    assert_eq!(world.client("app").await.unwrap()["secret"], "app-secret");
}

#[tokio::test]
async fn the_same_id_under_another_name_is_a_rename() {
    let world = World::new().await;
    let mut json = acme();
    json["clients"][0]["id"] = "1".into();
    json["roles"]["realm"][0]["id"] = "2".into();
    json["groups"][0]["id"] = "3".into();
    world.apply(&json).await;
    world.edit(&client("app"), json!({"description": "live"})).await;
    json["clients"][0]["clientId"] = "renamed".into();
    json["roles"] =
        json!({"realm": [{"id": "2", "name": "boss"}, {"name": "clerk"}], "client": {"renamed": [{"name": "admin"}]}});
    json["groups"][0]["name"] = "crew".into();
    json["users"][0]["realmRoles"] = json!(["boss"]);
    json["users"][1]["groups"] = json!(["/crew"]);
    let plan = world.apply(&json).await;
    let renamed = subjects(&plan, &Action::Rename("app".to_owned()));
    assert!(renamed.contains(&"client \"renamed\"".to_owned()), "{plan:?}");
    assert_eq!(subjects(&plan, &Action::Delete), [""; 0]);
    let (live, id, _) = world.find(&client("renamed")).await.unwrap();
    assert_eq!((&live["description"], &live["clientId"], id.as_str()), (&json!("live"), &json!("renamed"), "1"));
    assert!(world.client("app").await.is_none());
    assert!(world.find(&Key::owned(Kind::ClientRole, "renamed", "admin")).await.is_some());
    assert!(world.find(&Key::of(Kind::Group, "/crew/kitchen")).await.is_some());
    let alice = world.user("alice").await.unwrap();
    assert_eq!(alice.record.texts("realmRoles").collect::<Vec<_>>(), ["boss"]);
    let again = world.plan(&json).await;
    assert!(!again.has_changes() && again.batch.is_none(), "{again:?}");
}

#[tokio::test]
async fn a_realm_can_be_renamed_by_its_id() {
    let world = World::new().await;
    let mut json = acme();
    json["id"] = "the-id".into();
    world.apply(&json).await;
    json["realm"] = "globex".into();
    let plan = world.apply(&json).await;
    assert_eq!(plan.action, Action::Rename("acme".to_owned()));
    assert!(world.reconciler.live.realm_id("acme").is_none());
    assert_eq!(world.reconciler.live.realm_id("globex").as_deref(), Some("the-id"));
    let again = world.plan(&json).await;
    assert!(!again.has_changes(), "{again:?}");
}

#[tokio::test]
async fn many_deletions_are_refused_unless_they_are_allowed() {
    let world = World::new().await;
    let mut json = acme();
    let roles: Vec<Value> = (0..30).map(|n| json!({"name": format!("role-{n}")})).collect();
    json["roles"]["realm"] = roles.into();
    json["users"][0]["realmRoles"] = json!(["role-0"]);
    world.apply(&json).await;
    let mut fewer = json.clone();
    fewer["roles"]["realm"].as_array_mut().unwrap().drain(3..6);
    assert_eq!(world.apply(&fewer).await.counts().delete, 3, "a tenth");
    fewer["roles"]["realm"].as_array_mut().unwrap().drain(3..9);
    let refused = world.try_apply(&fewer, Options::default()).await.unwrap_err();
    let ApplyError::Refused(refusals) = refused else { panic!("{refused:?}") };
    assert_eq!(refusals, [Refusal::TooManyDeletions { kind: "realm role", count: 6, all: 30 }]);
    assert!(world.find(&Key::of(Kind::RealmRole, "role-10")).await.is_some());
    let allowed = Options { allow_deletes: true, ..Options::default() };
    assert_eq!(world.try_apply(&fewer, allowed).await.unwrap().counts().delete, 6);
    assert!(world.find(&Key::of(Kind::RealmRole, "role-10")).await.is_none());
}

#[tokio::test]
async fn a_user_that_left_the_file_stays_unless_told_otherwise() {
    let world = World::with_acme().await;
    let mut json = acme();
    json["users"].as_array_mut().unwrap().remove(1);
    let plan = world.apply(&json).await;
    assert!(plan.notes.iter().any(|note| note.contains("\"bob\"")), "{:?}", plan.notes);
    assert!(world.user("bob").await.is_some());
    let options = Options { delete_users: true, ..Options::default() };
    world.try_apply(&json, options).await.unwrap();
    assert!(world.user("bob").await.is_none());
    assert!(world.user("alice").await.is_some());
}

#[tokio::test]
async fn credentials_count_when_a_user_is_made_and_never_again() {
    let world = World::with_acme().await;
    let before = world.user("alice").await.unwrap().record.0["credentials"].clone();
    let mut json = acme();
    json["users"][0]["credentials"].as_array_mut().unwrap().push(json!({"type": "password", "value": "other"}));
    json["users"][0]["firstName"] = "Alice".into();
    let plan = world.apply(&json).await;
    assert!(plan.notes.iter().any(|note| note.contains("credentials of user \"alice\"")), "{:?}", plan.notes);
    let alice = world.user("alice").await.unwrap();
    assert_eq!((alice.record.text("firstName"), &alice.record.0["credentials"]), (Some("Alice"), &before));
    let declared = world.reconciler.live.repository();
    let id = world.reconciler.live.realm_id("acme").unwrap();
    let declared = declared.declared(&id, realm_store::DeclaredUsers::Include).await.unwrap();
    assert!(declared.iter().all(|row| !row.base.contains("wonderland")), "no plain password is remembered");
}

#[tokio::test]
async fn a_realm_that_was_never_declared_is_adopted() {
    let world = World::new().await;
    let plan = world.reconciler.plan(&crate::world::file(&acme()), Options::default(), crate::UsersLookedAt::All).await.unwrap();
    let mut batch = plan.batch.unwrap();
    batch.writes.retain(|write| !matches!(write, Write::Declare { .. }));
    world.reconciler.live.commit(batch).await.unwrap();
    world.edit(&client("app"), json!({"description": "live", "redirectUris": ["https://live.example"]})).await;
    world.edit(&client("by-hand"), json!({"clientId": "by-hand"})).await;
    let plan = world.apply(&acme()).await;
    assert_eq!(subjects(&plan, &Action::Update), ["client \"app\""]);
    let live = world.client("app").await.unwrap();
    assert_eq!((&live["description"], &live["redirectUris"]), (&json!("live"), &json!(["https://app.example/*"])));
    assert!(world.client("by-hand").await.is_some());
    assert!(!world.plan(&acme()).await.has_changes());
}

#[tokio::test]
async fn a_realm_that_left_the_files_goes_only_where_that_is_allowed() {
    let world = World::with_acme().await;
    let reconciler = &world.reconciler;
    let plan = reconciler.plan_without_file("acme", Options::default()).await.unwrap().unwrap();
    assert!(!plan.has_changes() && plan.notes.len() == 1, "{plan:?}");
    let options = Options { allow_deletes: true, ..Options::default() };
    let plan = reconciler.plan_without_file("acme", options).await.unwrap().unwrap();
    reconciler.commit(plan).await.unwrap();
    assert!(reconciler.live.realm_id("acme").is_none());
}

#[tokio::test]
async fn a_key_that_left_the_file_stays() {
    let world = World::new().await;
    let mut json = acme();
    let key = json!({"name": "rsa", "providerId": "rsa-generated", "config": {"priority": ["100"]}});
    json["components"] = json!({"org.keycloak.keys.KeyProvider": [key]});
    world.apply(&json).await;
    let key = Key::owned(Kind::Component, "org.keycloak.keys.KeyProvider", "rsa");
    assert!(world.find(&key).await.is_some());
    let plan = world.apply(&acme()).await;
    assert!(world.find(&key).await.is_some());
    assert!(plan.notes.iter().any(|note| note.contains("key stays")), "{:?}", plan.notes);
    world.try_apply(&acme(), Options { allow_deletes: true, ..Options::default() }).await.unwrap();
    assert!(world.find(&key).await.is_none());
}

#[tokio::test]
async fn service_accounts_follow_the_switch_of_their_client() {
    let world = World::with_acme().await;
    let mut json = acme();
    let (app, machine) = (at(&json, "app"), at(&json, "machine"));
    json["clients"][app]["serviceAccountsEnabled"] = true.into();
    json["clients"][machine]["serviceAccountsEnabled"] = false.into();
    let plan = world.apply(&json).await;
    assert_eq!(subjects(&plan, &Action::Create), ["user \"service-account-app\""]);
    assert_eq!(subjects(&plan, &Action::Delete), ["user \"service-account-machine\""]);
    assert!(world.user("service-account-app").await.is_some());
    assert!(world.user("service-account-machine").await.is_none());
    let scopes = world.client("app").await.unwrap()["defaultClientScopes"].to_string();
    assert!(scopes.contains("service_account"), "{scopes}");
    let again = world.plan(&json).await;
    assert!(!again.has_changes(), "{again:?}");
}

#[tokio::test]
async fn changes_say_where_in_the_file_they_stand_and_show_no_secret() {
    let world = World::with_acme().await;
    let mut json = acme();
    json["clients"][0]["secret"] = "brand-new-secret".into();
    let plan = world.plan(&json).await;
    let change = plan.changes.iter().find(|change| change.subject == Subject::Entity(client("app"))).unwrap();
    let text = serde_json::to_string_pretty(&json).unwrap();
    let line = text.lines().position(|line| line.contains("\"clientId\": \"app\"")).unwrap();
    assert_eq!(change.place.as_ref().map(ToString::to_string), Some(format!("realms/acme.json:{line}")));
    let plans = [plan];
    let shown = [crate::human(&plans, crate::Colour::Ansi), crate::json(&plans).to_string(), crate::markdown(&plans)].concat();
    assert!(shown.contains("secret") && !shown.contains("brand-new-secret") && !shown.contains("app-secret"), "{shown}");
}

#[tokio::test]
async fn a_user_changed_or_deleted_at_run_time_is_drift_and_stays_so() {
    let world = World::with_acme().await;
    let (alice, bob) = (world.user("alice").await.unwrap(), world.user("bob").await.unwrap());
    let mut record = alice.record.clone();
    record.0.insert("realmRoles".to_owned(), json!(["clerk"]));
    world.commit(Write::PutUser { record, expected: Expected::Version(alice.version) }).await;
    let expected = Expected::Version(bob.version);
    world.commit(Write::DeleteUser { id: bob.record.id().to_owned(), expected }).await;
    let plan = world.plan(&acme()).await;
    let drift: Vec<_> = plan.drift.iter().map(|change| (change.subject.to_string(), &change.action)).collect();
    assert_eq!(drift, [("user \"alice\"".to_owned(), &Action::Update), ("user \"bob\"".to_owned(), &Action::Delete)]);
    let mut json = acme();
    json["users"][0]["firstName"] = "Alice".into();
    world.apply(&json).await;
    let alice = world.user("alice").await.unwrap();
    assert_eq!(alice.record.texts("realmRoles").collect::<Vec<_>>(), ["clerk"]);
    assert!(world.user("bob").await.is_none());
}

#[tokio::test]
async fn the_realms_of_this_repository_are_applied_whole_and_once() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../realms");
    let world = World::new().await;
    for source in crate::find(&[folder]).sources {
        for realm in source.content().unwrap().realms(&|_: &str| None).realms {
            world.reconciler.apply(&realm, Options::default()).await.unwrap();
            let plan = world.reconciler.plan(&realm, Options::default(), crate::UsersLookedAt::All).await.unwrap();
            assert!(!plan.has_changes() && plan.batch.is_none(), "{}", crate::human(&[plan], crate::Colour::Off));
            assert_eq!(plan.drift, []);
        }
    }
}
