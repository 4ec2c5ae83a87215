use super::*;
use crate::UserQuery;

async fn members(store: &dyn Repository, key: &Key) -> Vec<String> {
    let query = UserQuery { member_of: Some(key.clone()), ..UserQuery::default() };
    assert_eq!(store.count_users(ACME, &query).await.unwrap(), store.users(ACME, &query).await.unwrap().len() as u64);
    store.users(ACME, &query).await.unwrap().into_iter().map(|row| row.record.username().to_owned()).collect()
}

pub(crate) async fn a_renamed_role_is_renamed_in_its_holders(made: &Made) {
    let store = &*made.store;
    acme(store).await;
    let (from, to) = (Key::of(Kind::RealmRole, "old"), Key::of(Kind::RealmRole, "new"));
    commit(store, [put(&from, "r1", "{}", Expected::Absent)]).await.unwrap();
    let with = |name: &str, roles: &[&str]| record(name, json!({ "realmRoles": roles, "groups": ["/old"] }));
    add(store, [with("ann", &["a", "old", "b"]), with("bob", &["old", "new"]), with("carl", &["a"])]).await;
    commit(store, [Write::Rename { from: from.clone(), to: to.clone() }]).await.unwrap();
    assert_eq!(members(store, &from).await, [""; 0]);
    assert_eq!(members(store, &to).await, ["ann", "bob"]);
    let ann = by_name(store, "ann").await;
    assert_eq!((ann.version, ann.record), (2, with("ann", &["a", "new", "b"])));
    assert_eq!(by_name(store, "bob").await.record, with("bob", &["new"]));
    assert_eq!(by_name(store, "carl").await.version, 1);
}

pub(crate) async fn a_forgotten_group_has_no_members(made: &Made) {
    let store = &*made.store;
    acme(store).await;
    let (group, sub) = (Key::of(Kind::Group, "/a"), Key::of(Kind::Group, "/a/b"));
    add(store, [record("ann", json!({ "groups": ["/a", "/a/b"] })), record("bob", json!({ "groups": ["/a/b"] }))]).await;
    assert_eq!((members(store, &group).await.len(), members(store, &sub).await.len()), (1, 2));
    commit(store, [Write::ForgetMembership(group.clone())]).await.unwrap();
    assert_eq!(members(store, &group).await, [""; 0]);
    assert_eq!(members(store, &sub).await, ["ann", "bob"]);
    assert_eq!(by_name(store, "ann").await.record, record("ann", json!({ "groups": ["/a/b"] })));
    commit(store, [Write::ForgetMembership(group)]).await.unwrap();
}

pub(crate) async fn many_holders_are_all_changed(made: &Made) {
    let store = &*made.store;
    acme(store).await;
    let (from, to) = (Key::of(Kind::Group, "/from"), Key::of(Kind::Group, "/to"));
    add(store, (0..1001).map(|n| record(&format!("u{n}"), json!({ "groups": ["/from"] })))).await;
    commit(store, [put(&from, "g1", "{}", Expected::Absent)]).await.unwrap();
    commit(store, [Write::Rename { from: from.clone(), to: to.clone() }]).await.unwrap();
    assert_eq!((members(store, &from).await.len(), members(store, &to).await.len()), (0, 1001));
    assert_eq!(by_name(store, "u1000").await.record, record("u1000", json!({ "groups": ["/to"] })));
}

pub(crate) async fn a_client_role_follows_its_client(made: &Made) {
    let store = &*made.store;
    acme(store).await;
    let (from, to) = (Key::owned(Kind::ClientRole, "app", "r"), Key::owned(Kind::ClientRole, "shop", "r"));
    commit(store, [put(&from, "r1", "{}", Expected::Absent)]).await.unwrap();
    add(store, [record("ann", json!({ "clientRoles": { "app": ["r", "s"] } }))]).await;
    commit(store, [Write::Rename { from: from.clone(), to: to.clone() }]).await.unwrap();
    assert_eq!((members(store, &from).await.len(), members(store, &to).await.len()), (0, 1));
    let expected = json!({ "clientRoles": { "app": ["s"], "shop": ["r"] } });
    assert_eq!(by_name(store, "ann").await.record, record("ann", expected));
}
