//! One edit of the file, one at run time, and what must be in force after it.

use super::*;
use crate::world::{FILE, file};

/// (what, edit of the file, edit of client `app` at run time, a pointer into the client, what stands there).
type Row = (&'static str, fn(&mut Value), Value, &'static str, Value);

#[tokio::test]
async fn file_and_run_time_meet_member_by_member() {
    let rows: [Row; 6] = [
        (
            "an attribute of each",
            |json| json["clients"][0]["attributes"]["from.file"] = "1".into(),
            json!({"attributes": {"pkce.code.challenge.method": "S256", "from.live": "1"}}),
            "/attributes/from.live",
            json!("1"),
        ),
        (
            "a mapper's setting",
            |json| json["clients"][0]["protocolMappers"][0]["config"]["claim.value"] = "2".into(),
            json!({"name": "live"}),
            "/protocolMappers/0/config/claim.value",
            json!("2"),
        ),
        (
            "a mapper that went",
            |json| json["clients"][0]["protocolMappers"] = json!([]),
            json!({"name": "live"}),
            "/protocolMappers/0",
            Value::Null,
        ),
        (
            "a member that went has its default",
            |json| {
                json["clients"][0].as_object_mut().unwrap().remove("redirectUris");
            },
            json!({"name": "live"}),
            "/redirectUris",
            json!([]),
        ),
        (
            "a secret that went holds",
            |json| {
                json["clients"][0].as_object_mut().unwrap().remove("secret");
            },
            json!({"name": "live"}),
            "/secret",
            json!("app-secret"),
        ),
        (
            "a secret changed at run time holds",
            |json| json["clients"][0]["description"] = "d".into(),
            json!({"secret": "live"}),
            "/secret",
            json!("live"),
        ),
    ];
    for (what, edit, live, pointer, expected) in rows {
        let world = World::with_acme().await;
        world.edit(&client("app"), live).await;
        let mut json = acme();
        edit(&mut json);
        world.apply(&json).await;
        let client = Value::Object(world.client("app").await.unwrap());
        assert_eq!(client.pointer(pointer).cloned().unwrap_or_default(), expected, "{what}: {client}");
        let again = world.plan(&json).await;
        assert!(!again.has_changes() && again.batch.is_none(), "{what}: {again:?}");
    }
}

#[tokio::test]
async fn the_id_of_a_realm_under_another_name_is_a_rename_in_its_own_file_alone() {
    let world = World::with_acme().await;
    let live = &world.reconciler.live;
    let mut json = acme();
    (json["realm"], json["id"]) = ("copy".into(), live.realm_id("acme").unwrap().to_string().into());
    let mut copy = file(&json);
    copy.source = "realms/copy.json".to_owned();
    let error = world.reconciler.apply(&copy, Options::default()).await.unwrap_err().to_string();
    assert!(error.contains("realm \"acme\""), "{error}");
    assert!(live.realm_id("acme").is_some() && live.realm_id("copy").is_none());
    copy.source = format!("elsewhere/{FILE}");
    world.reconciler.apply(&copy, Options::default()).await.unwrap();
    assert!(live.realm_id("acme").is_none() && live.realm_id("copy").is_some());
}

#[tokio::test]
async fn a_secret_that_an_export_left_out_stays_as_it_is() {
    let world = World::with_acme().await;
    let mut json = acme();
    json["clients"][0]["secret"] = "**********".into();
    world.apply(&json).await;
    assert_eq!(world.client("app").await.unwrap()["secret"], "app-secret");
    assert!(!world.plan(&json).await.has_changes());
    world.edit(&Key::of(Kind::Client, "app"), json!({"secret": "of an admin"})).await;
    let plan = world.plan(&json).await;
    assert!(!plan.has_changes() && plan.drift.is_empty(), "{:?}", plan.drift);
}
