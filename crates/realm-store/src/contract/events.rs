use super::*;
use crate::{EventKind, EventOrder, EventQuery, EventRow, Shown};

fn event(event_type: &str, time: i64) -> EventRow {
    EventRow {
        realm_id: ACME.to_owned(),
        kind: EventKind::User,
        shown: Shown::ToAll,
        time,
        expires: None,
        event_type: event_type.to_owned(),
        client: Some("app".to_owned()),
        user: None,
        ip_address: "127.0.0.1".to_owned(),
        resource_type: None,
        resource_path: None,
        auth_realm: None,
        body: format!("{event_type}@{time}"),
    }
}

fn admin_event(path: &str) -> EventRow {
    EventRow {
        kind: EventKind::Admin,
        resource_type: Some("USER".to_owned()),
        resource_path: Some(path.to_owned()),
        auth_realm: Some("master".to_owned()),
        body: path.to_owned(),
        ..event("CREATE", 1)
    }
}

async fn shown(made: &Made, kind: EventKind, query: EventQuery) -> Vec<String> {
    made.second.events(ACME, kind, &query).await.unwrap()
}

pub(crate) async fn events_are_found_by_what_is_asked(made: &Made) {
    acme(&*made.store).await;
    let of_another = EventRow { client: Some("other".to_owned()), user: Some("u".to_owned()), ..event("LOGIN", 30) };
    made.store.append_events(vec![event("LOGIN", 10), event("LOGIN_ERROR", 20), of_another]).await.unwrap();
    let asked = |query: EventQuery| shown(made, EventKind::User, query);
    assert_eq!(asked(EventQuery::default()).await, ["LOGIN@30", "LOGIN_ERROR@20", "LOGIN@10"]);
    let types = vec!["LOGIN".to_owned()];
    assert_eq!(asked(EventQuery { types, ..EventQuery::default() }).await, ["LOGIN@30", "LOGIN@10"]);
    let ascending = EventQuery { order: EventOrder::Ascending, first: 1, max: Some(1), ..EventQuery::default() };
    assert_eq!(asked(ascending).await, ["LOGIN_ERROR@20"]);
    assert_eq!(asked(EventQuery { client: Some("other".to_owned()), ..EventQuery::default() }).await, ["LOGIN@30"]);
    assert_eq!(asked(EventQuery { user: Some("u".to_owned()), ..EventQuery::default() }).await, ["LOGIN@30"]);
    assert_eq!(asked(EventQuery { from: Some(20), until: Some(20), ..EventQuery::default() }).await, ["LOGIN_ERROR@20"]);
    assert!(asked(EventQuery { ip_address: Some("::1".to_owned()), ..EventQuery::default() }).await.is_empty());
    assert!(shown(made, EventKind::Admin, EventQuery::default()).await.is_empty());
}

pub(crate) async fn admin_events_are_found_by_path(made: &Made) {
    acme(&*made.store).await;
    made.store.append_events(vec![admin_event("users/1"), admin_event("users/[2]_%"), admin_event("roles/x")]).await.unwrap();
    let by =
        |path: &str| EventQuery { resource_path: Some(path.to_owned()), order: EventOrder::Ascending, ..EventQuery::default() };
    assert_eq!(shown(made, EventKind::Admin, by("users/*")).await, ["users/1", "users/[2]_%"]);
    assert_eq!(shown(made, EventKind::Admin, by("users/[2]_%")).await, ["users/[2]_%"]);
    assert!(shown(made, EventKind::Admin, by("users")).await.is_empty());
    assert!(shown(made, EventKind::Admin, by("users/?")).await.is_empty());
    let realm = EventQuery { auth_realm: Some("nope".to_owned()), ..EventQuery::default() };
    assert!(shown(made, EventKind::Admin, realm).await.is_empty());
}

pub(crate) async fn events_expire_are_cleared_and_go_with_their_realm(made: &Made) {
    let store = &*made.store;
    acme(store).await;
    let old = EventRow { expires: Some(100), ..event("LOGIN", 10) };
    let hidden = EventRow { shown: Shown::ToSubscribers, ..event("LOGOUT", 20) };
    let of_nobody = EventRow { realm_id: "gone".to_owned(), ..event("LOGIN", 25) };
    store.append_events(vec![old, hidden, of_nobody, event("LOGIN", 30)]).await.unwrap();
    let at = |now| shown(made, EventKind::User, EventQuery { now, ..EventQuery::default() });
    assert_eq!(at(99).await, ["LOGIN@30", "LOGIN@10"]);
    assert_eq!(at(100).await, ["LOGIN@30"]);
    assert_eq!(store.expire_events(100).await.unwrap(), 1);
    store.clear_events(ACME, EventKind::User, 1_000).await.unwrap();
    assert!(at(0).await.is_empty());
    let kept = store.events_after(ACME, 0, 10).await.unwrap();
    assert_eq!(kept.iter().map(|event| &*event.body).collect::<Vec<_>>(), ["LOGOUT@20", "LOGIN@30"]);
    assert_eq!(store.expire_events(1_000).await.unwrap(), 1);
    store.commit(Batch { realm: RealmWrite::Delete, ..Batch::within(ACME) }).await.unwrap();
    assert!(store.events_after(ACME, 0, 10).await.unwrap().is_empty());
}

pub(crate) async fn places_rise_and_are_never_given_again(made: &Made) {
    let store = &*made.store;
    acme(store).await;
    assert_eq!(store.last_event().await.unwrap(), 0);
    store.append_events((0..5).map(|time| event("LOGIN", time)).collect()).await.unwrap();
    let first = store.events_after(ACME, 0, 2).await.unwrap();
    let rest = made.second.events_after(ACME, first[1].seq, 10).await.unwrap();
    let all: Vec<_> = first.iter().chain(&rest).map(|event| (event.seq, event.time)).collect();
    assert_eq!(all.iter().map(|(_, time)| *time).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    assert!(all.is_sorted() && store.last_event().await.unwrap() == rest[2].seq);
}

pub(crate) async fn a_cursor_is_moved_by_one_alone(made: &Made) {
    let store = &*made.store;
    acme(store).await;
    assert!(store.event_cursor(ACME, "hook").await.unwrap().is_none());
    assert!(store.move_event_cursor(ACME, "hook", 0, "a".to_owned()).await.unwrap());
    assert!(!made.second.move_event_cursor(ACME, "hook", 0, "b".to_owned()).await.unwrap());
    assert!(made.second.move_event_cursor(ACME, "hook", 1, "c".to_owned()).await.unwrap());
    assert!(!store.move_event_cursor(ACME, "hook", 1, "d".to_owned()).await.unwrap());
    let cursor = store.event_cursor(ACME, "hook").await.unwrap().unwrap();
    assert_eq!((cursor.version, &*cursor.body), (2, "c"));
}
