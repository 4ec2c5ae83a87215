use futures_util::future::join_all;

use super::*;

pub(crate) async fn of_two_commits_from_one_version_one_wins(made: &Made) {
    let (store, app) = (&*made.store, client("app"));
    acme(store).await;
    commit(store, [put(&app, "c1", "{}", Expected::Absent)]).await.unwrap();
    for version in 1..=20 {
        let one = commit(&*made.store, [put(&app, "c1", "{\"by\":1}", Expected::Version(version))]);
        let other = commit(&*made.second, [put(&app, "c1", "{\"by\":2}", Expected::Version(version))]);
        let (one, other) = futures_util::future::join(one, other).await;
        let winner = match (one, other) {
            (Ok(()), Err(CommitError::Conflict(_))) => "{\"by\":1}",
            (Err(CommitError::Conflict(_)), Ok(())) => "{\"by\":2}",
            outcome => panic!("{outcome:?}"),
        };
        let row = row(store, &app).await.unwrap();
        assert_eq!((row.version, row.body.as_deref()), (version + 1, Some(winner)));
    }
}

pub(crate) async fn of_many_commits_at_once_none_is_lost(made: &Made) {
    acme(&*made.store).await;
    let one = |n: usize| {
        let store = if n.is_multiple_of(2) { &made.store } else { &made.second };
        let user = put_user(record(&format!("u{n}"), json!({})), Expected::Absent);
        commit(&**store, [put(&client(&format!("c{n}")), &n.to_string(), "{}", Expected::Absent), user])
    };
    for outcome in join_all((0..100).map(one)).await {
        outcome.unwrap();
    }
    let stored = made.store.realm(ACME).await.unwrap().unwrap();
    assert_eq!((stored.realm.version, stored.rows.len()), (101, 100));
    assert_eq!(made.store.count_users(ACME, &Default::default()).await.unwrap(), 100);
}

pub(crate) async fn a_failing_last_write_undoes_all(made: &Made) {
    let (store, app) = (&*made.store, client("app"));
    acme(store).await;
    let role = Key::of(Kind::RealmRole, "r");
    let first = [put(&app, "c1", "{}", Expected::Absent), put(&role, "r1", "{}", Expected::Absent)];
    let ann = put_user(record("ann", json!({ "realmRoles": ["r"] })), Expected::Absent);
    commit(store, first.into_iter().chain([ann])).await.unwrap();
    let writes = [
        put(&app, "c1", "{\"a\":1}", Expected::Version(1)),
        put(&client("new"), "c2", "{}", Expected::Absent),
        Write::Rename { from: role.clone(), to: Key::of(Kind::RealmRole, "s") },
        put_user(record("bob", json!({})), Expected::Absent),
        Write::DeleteUser { id: id_of("ann"), expected: Expected::Anything },
        put(&client("third"), "c3", "{}", Expected::Version(7)),
    ];
    assert!(matches!(commit(store, writes).await, Err(CommitError::Conflict(_))));
    let stored = store.realm(ACME).await.unwrap().unwrap();
    assert_eq!((stored.realm.version, stored.rows.len()), (2, 2));
    assert_eq!(row(store, &app).await.unwrap().body.as_deref(), Some("{}"));
    assert!(row(store, &role).await.is_some());
    assert_eq!(by_name(store, "ann").await.version, 1);
    assert!(found(store, UserKey::Username("bob")).await.is_none());
}

pub(crate) async fn a_batch_is_based_on_a_version(made: &Made) {
    let store = &*made.store;
    acme(store).await;
    let based = |version: i64, name: &str| {
        let writes = vec![put(&client(name), name, "{}", Expected::Anything)];
        store.commit(Batch { based_on: Some(version), writes, ..Batch::within(ACME) })
    };
    based(1, "a").await.unwrap();
    let lost = based(1, "b").await.unwrap_err().to_string();
    assert_eq!(lost, "realm \"acme\" was changed by somebody else in the meantime");
    based(2, "b").await.unwrap();
}

pub(crate) async fn users_leave_the_version_of_the_realm(made: &Made) {
    let store = &*made.store;
    acme(store).await;
    add(store, [record("ann", json!({}))]).await;
    commit(store, [put_user(record("bob", json!({})), Expected::Absent)]).await.unwrap();
    assert_eq!(store.realm(ACME).await.unwrap().unwrap().realm.version, 1);
}

pub(crate) async fn of_two_claims_of_an_email_one_wins(made: &Made) {
    acme(&*made.store).await;
    for n in 0..10 {
        let email = format!("m{n}@x");
        let claim = |store, name: String| {
            let user = put_user(record(&name, json!({ "email": email })), Expected::Absent);
            let claim = Write::ClaimEmail { id: id_of(&name), email: email.clone() };
            async move { commit(store, [user, claim]).await }
        };
        let (one, other) = (claim(&*made.store, format!("a{n}")), claim(&*made.second, format!("b{n}")));
        let (one, other) = futures_util::future::join(one, other).await;
        assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
        assert!(found(&*made.store, UserKey::Email(&email)).await.is_some());
    }
}
