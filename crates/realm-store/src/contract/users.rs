use realm_model::hash_card;

use super::*;

/// What has every key.
fn rich(username: &str) -> UserRecord {
    let card = json!({ "value": hash_card(username) }).to_string();
    record(
        username,
        json!({
            "email": format!("{username}@x"), "serviceAccountClientId": format!("{username}-client"),
            "credentials": [{ "type": "contactless-card", "secretData": card }],
            "federatedIdentities": [{ "identityProvider": "ext", "userId": format!("{username}-there"), "userName": username }],
            "attributes": { "team": ["red"] }, "realmRoles": ["r"],
        }),
    )
}

/// The usernames found by each key of [`rich`].
async fn found_by_each(store: &dyn Repository, username: &str) -> Vec<String> {
    let (id, email, client) = (id_of(username), format!("{username}@x"), format!("{username}-client"));
    let (card, there) = (hash_card(username), format!("{username}-there"));
    let keys = [
        UserKey::Id(&id),
        UserKey::Username(username),
        UserKey::Email(&email),
        UserKey::ServiceAccount(&client),
        UserKey::Card(&card),
        UserKey::Federated("ext", &there),
    ];
    let mut names = Vec::new();
    for key in keys {
        names.extend(found(store, key).await.map(|row| row.record.username().to_owned()));
    }
    names
}

pub(crate) async fn a_user_is_found_by_every_key(made: &Made) {
    acme(&*made.store).await;
    commit(&*made.store, [put_user(rich("ann"), Expected::Absent)]).await.unwrap();
    add(&*made.store, [rich("bob1"), record("carl", json!({}))]).await;
    for name in ["ann", "bob1"] {
        assert_eq!(found_by_each(&*made.store, name).await, [name; 6]);
        assert_eq!(found_by_each(&*made.second, name).await, [name; 6]);
    }
    let there = UserKey::Federated("other", "ann-there");
    assert!(found(&*made.store, there).await.is_none());
    assert!(found(&*made.store, UserKey::Email("")).await.is_none());
    assert_eq!(by_name(&*made.store, "ann").await, UserRow { version: 1, record: rich("ann") });
}

pub(crate) async fn what_several_have_finds_nobody(made: &Made) {
    let store = &*made.store;
    acme(store).await;
    let mut twin = rich("ann");
    twin.0.insert("id".to_owned(), "another".into());
    twin.0.insert("username".to_owned(), "twin".into());
    add(store, [rich("ann"), twin]).await;
    assert_eq!(found_by_each(store, "ann").await, ["ann", "ann"]);
}

pub(crate) async fn a_user_is_written_anew_and_found_anew(made: &Made) {
    let store = &*made.store;
    acme(store).await;
    commit(store, [put_user(rich("ann"), Expected::Absent)]).await.unwrap();
    let mut renamed = rich("anna");
    renamed.0.insert("id".to_owned(), id_of("ann").into());
    commit(store, [put_user(renamed, Expected::Version(1))]).await.unwrap();
    assert_eq!(found_by_each(store, "ann").await, ["anna"]);
    assert_eq!(found_by_each(store, "anna").await, ["anna"; 5]);
    commit(store, [put_user(record("ann", json!({})), Expected::Anything)]).await.unwrap();
    assert_eq!(found_by_each(store, "anna").await, [""; 0]);
    assert_eq!(found_by_each(store, "ann").await, ["ann"; 2]);
    assert_eq!(by_name(store, "ann").await.version, 3);
}

pub(crate) async fn a_username_is_given_once(made: &Made) {
    let store = &*made.store;
    acme(store).await;
    add(store, [record("ann", json!({})), record("bob", json!({}))]).await;
    let mut other = record("ann", json!({}));
    other.0.insert("id".to_owned(), "other".into());
    assert_eq!(refused(store, [put_user(other, Expected::Absent)]).await, "user \"ann\" exists already");
    let mut bob = record("ann", json!({}));
    bob.0.insert("id".to_owned(), id_of("bob").into());
    assert_eq!(refused(store, [put_user(bob, Expected::Version(1))]).await, "user \"ann\" exists already");
    let again = record("another name", json!({ "id": id_of("ann") }));
    assert!(matches!(commit(store, [put_user(again, Expected::Absent)]).await, Err(CommitError::Exists(crate::Taken::Id(_)))));
}

pub(crate) async fn a_lost_race_for_a_user_is_told(made: &Made) {
    let store = &*made.store;
    acme(store).await;
    let conflict = async |write: Write| matches!(commit(store, [write]).await, Err(CommitError::Conflict(_)));
    assert!(conflict(put_user(record("ann", json!({})), Expected::Version(1))).await);
    add(store, [record("ann", json!({}))]).await;
    assert!(conflict(put_user(record("ann", json!({})), Expected::Version(2))).await);
    let delete = |expected| Write::DeleteUser { id: id_of("ann"), expected };
    assert!(conflict(delete(Expected::Version(2))).await);
    let (one, other) = futures_util::future::join(
        commit(&*made.store, [put_user(record("ann", json!({ "by": 1 })), Expected::Version(1))]),
        commit(&*made.second, [put_user(record("ann", json!({ "by": 2 })), Expected::Version(1))]),
    )
    .await;
    assert!(one.is_ok() != other.is_ok());
    commit(store, [delete(Expected::Version(2))]).await.unwrap();
}

pub(crate) async fn a_user_is_taken_away(made: &Made) {
    let store = &*made.store;
    acme(store).await;
    add(store, [rich("ann")]).await;
    let delete = || Write::DeleteUser { id: id_of("ann"), expected: Expected::Anything };
    commit(store, [delete()]).await.unwrap();
    assert_eq!(found_by_each(store, "ann").await, [""; 0]);
    commit(store, [delete()]).await.unwrap();
    assert_eq!(add(store, [rich("ann")]).await, 1);
    assert_eq!(found_by_each(store, "ann").await, ["ann"; 6]);
}

pub(crate) async fn users_come_and_go_and_leave_nothing(made: &Made) {
    let store = &*made.store;
    acme(store).await;
    for name in ["ann", "bob1", "carl", "ann"] {
        commit(store, [put_user(rich(name), Expected::Absent)]).await.unwrap();
        let gone = Write::DeleteUser { id: id_of(name), expected: Expected::Anything };
        commit(store, [gone]).await.unwrap();
        assert!(found_by_each(store, name).await.is_empty());
    }
}

pub(crate) async fn an_email_can_be_claimed(made: &Made) {
    let store = &*made.store;
    acme(store).await;
    add(store, [rich("ann")]).await;
    let claim = |name: &str, email: &str| Write::ClaimEmail { id: id_of(name), email: email.to_owned() };
    commit(store, [claim("ann", "ann@x"), claim("bob", "bob@x")]).await.unwrap();
    assert_eq!(refused(store, [claim("bob", "ann@x")]).await, "e-mail address \"ann@x\" exists already");
}

pub(crate) async fn many_are_added_and_those_there_skipped(made: &Made) {
    let store = &*made.store;
    acme(store).await;
    let all = || (0..1000).map(|n| record(&format!("u{n}"), json!({ "email": format!("u{n}@x"), "realmRoles": ["r"] })));
    assert_eq!(add(store, all().take(300)).await, 300);
    let mut same_name = record("u5", json!({}));
    same_name.0.insert("id".to_owned(), "new".into());
    let same_id = record("new", json!({ "id": id_of("u6") }));
    let twice = [record("twin", json!({})), record("twin", json!({}))];
    assert_eq!(add(store, all().chain([same_name, same_id]).chain(twice)).await, 701);
    assert_eq!(store.count_users(ACME, &Default::default()).await.unwrap(), 1001);
    assert!(found(store, UserKey::Username("new")).await.is_none());
    assert_eq!(found(store, UserKey::Email("u999@x")).await.unwrap().record.username(), "u999");
    assert_eq!(add(store, []).await, 0);
}

pub(crate) async fn realms_do_not_share_users(made: &Made) {
    let store = &*made.store;
    acme(store).await;
    make(store, "other", "other").await;
    add(store, [rich("ann")]).await;
    assert!(store.user("other", UserKey::Id(&id_of("ann"))).await.unwrap().is_none());
    assert!(store.user("other", UserKey::Card(&hash_card("ann"))).await.unwrap().is_none());
    assert_eq!(store.add_users("other", vec![new_user(rich("ann"))]).await.unwrap(), 1);
    assert_eq!(found_by_each(store, "ann").await, ["ann"; 6]);
    let delete = Write::DeleteUser { id: id_of("ann"), expected: Expected::Anything };
    store.commit(Batch { writes: vec![delete], ..Batch::within("other") }).await.unwrap();
    assert_eq!(found_by_each(store, "ann").await, ["ann"; 6]);
}

pub(crate) async fn a_user_without_id_or_username_is_refused(made: &Made) {
    let store = &*made.store;
    acme(store).await;
    for without in ["id", "username"] {
        let mut user = record("ann", json!({}));
        user.0.shift_remove(without);
        let refused = commit(store, [put_user(user, Expected::Anything)]).await;
        assert!(matches!(refused, Err(CommitError::Store(_))));
    }
}
