use super::*;
use crate::Leaving;

fn delete(key: &Key, expected: Expected, leaving: Leaving) -> Write {
    Write::Delete { key: key.clone(), expected, leaving }
}

pub(crate) async fn an_entity_is_made_written_and_taken_away(made: &Made) {
    let (store, app) = (&*made.store, client("app"));
    acme(store).await;
    commit(store, [put(&app, "c1", "{}", Expected::Absent)]).await.unwrap();
    commit(store, [put(&app, "ignored", "{\"a\":1}", Expected::Version(1))]).await.unwrap();
    let found = row(store, &app).await.unwrap();
    assert_eq!((found.id.as_str(), found.version, found.body.as_deref()), ("c1", 2, Some("{\"a\":1}")));
    commit(store, [put(&app, "", "{}", Expected::Anything)]).await.unwrap();
    commit(store, [delete(&app, Expected::Version(3), Leaving::Nothing)]).await.unwrap();
    assert!(row(store, &app).await.is_none());
    commit(store, [delete(&app, Expected::Anything, Leaving::Nothing)]).await.unwrap();
    commit(store, [delete(&app, Expected::Absent, Leaving::Nothing)]).await.unwrap();
}

pub(crate) async fn a_lost_race_is_told(made: &Made) {
    let (store, app) = (&*made.store, client("app"));
    acme(store).await;
    let lost = "client \"app\" was changed by somebody else in the meantime";
    assert_eq!(refused(store, [put(&app, "c1", "{}", Expected::Version(1))]).await, lost);
    assert_eq!(refused(store, [delete(&app, Expected::Version(1), Leaving::Mark)]).await, lost);
    commit(store, [put(&app, "c1", "{}", Expected::Absent)]).await.unwrap();
    assert_eq!(refused(store, [put(&app, "c1", "{}", Expected::Version(2))]).await, lost);
    assert_eq!(refused(store, [delete(&app, Expected::Version(2), Leaving::Nothing)]).await, lost);
    assert_eq!(refused(store, [delete(&app, Expected::Absent, Leaving::Mark)]).await, lost);
    assert_eq!(refused(store, [put(&app, "c2", "{}", Expected::Absent)]).await, "client \"app\" exists already");
    assert_eq!(row(store, &app).await.unwrap().version, 1);
}

pub(crate) async fn a_mark_counts_as_absent(made: &Made) {
    let (store, app) = (&*made.store, client("account"));
    acme(store).await;
    commit(store, [delete(&app, Expected::Absent, Leaving::Mark)]).await.unwrap();
    let mark = row(store, &app).await.unwrap();
    assert_eq!((mark.id.as_str(), mark.body), ("", None));
    commit(store, [put(&app, "c1", "{}", Expected::Absent)]).await.unwrap();
    let again = row(store, &app).await.unwrap();
    assert_eq!((again.id.as_str(), again.body.as_deref()), ("c1", Some("{}")));
    assert!(again.version > mark.version);
    commit(store, [delete(&app, Expected::Version(again.version), Leaving::Mark)]).await.unwrap();
    assert_eq!(row(store, &app).await.unwrap().body, None);
    commit(store, [put(&client("other"), "c1", "{}", Expected::Absent)]).await.unwrap();
    commit(store, [delete(&app, Expected::Anything, Leaving::Nothing)]).await.unwrap();
    assert!(row(store, &app).await.is_none());
}

pub(crate) async fn ids_are_unique_among_one_kind(made: &Made) {
    let store = &*made.store;
    acme(store).await;
    commit(store, [put(&client("app"), "c1", "{}", Expected::Absent)]).await.unwrap();
    assert_eq!(refused(store, [put(&client("b"), "c1", "{}", Expected::Absent)]).await, "id \"c1\" exists already");
    let role = Key::of(Kind::RealmRole, "app");
    let nameless = [put(&client("x"), "", "{}", Expected::Absent), put(&client("y"), "", "{}", Expected::Absent)];
    commit(store, nameless.into_iter().chain([put(&role, "c1", "{}", Expected::Absent)])).await.unwrap();
}

pub(crate) async fn an_entity_gets_another_key(made: &Made) {
    let store = &*made.store;
    acme(store).await;
    let (from, to) = (client("app"), client("shop"));
    commit(store, [put(&from, "c1", "{\"a\":1}", Expected::Absent)]).await.unwrap();
    commit(store, [Write::Rename { from: from.clone(), to: to.clone() }]).await.unwrap();
    assert!(row(store, &from).await.is_none());
    let found = row(store, &to).await.unwrap();
    assert_eq!((found.id.as_str(), found.version, found.body.as_deref()), ("c1", 2, Some("{\"a\":1}")));
    commit(store, [Write::Rename { from: to.clone(), to: to.clone() }]).await.unwrap();
    assert!(row(store, &to).await.is_some());
}

pub(crate) async fn a_key_that_is_taken_is_not_given(made: &Made) {
    let store = &*made.store;
    acme(store).await;
    let (from, to) = (client("app"), client("shop"));
    let rename = || Write::Rename { from: from.clone(), to: to.clone() };
    assert!(matches!(commit(store, [rename()]).await, Err(CommitError::Conflict(_))));
    let both = [put(&from, "c1", "{}", Expected::Absent), put(&to, "c2", "{}", Expected::Absent)];
    commit(store, both).await.unwrap();
    assert_eq!(refused(store, [rename()]).await, "client \"shop\" exists already");
    commit(store, [delete(&to, Expected::Anything, Leaving::Mark), rename()]).await.unwrap();
    assert_eq!(row(store, &to).await.unwrap().id, "c1");
}

pub(crate) async fn placeholders_and_order_stay(made: &Made) {
    let (store, app) = (&*made.store, client("app"));
    acme(store).await;
    let body = r#"{"z":"${URL:x}","a":[1,2.50,"\u0000ä🦀"],"n":null}"#;
    commit(store, [put(&app, "c1", body, Expected::Absent)]).await.unwrap();
    assert_eq!(row(store, &app).await.unwrap().body.as_deref(), Some(body));
    let more = json!({ "z": 1, "attributes": { "b": ["${X}"], "a": ["\u{1f980}"] }, "createdTimestamp": 1_700_000_000_123_i64 });
    let written = record("ann", more);
    commit(store, [put_user(written.clone(), Expected::Absent)]).await.unwrap();
    let read = by_name(store, "ann").await.record;
    assert_eq!(serde_json::to_string(&read.0).unwrap(), serde_json::to_string(&written.0).unwrap());
}
