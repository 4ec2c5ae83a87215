use std::time::Duration;

use super::*;
use crate::Change;

/// So many changes no store remembers in tests.
const TOO_MANY: usize = 1_000;

pub(crate) async fn commits_are_told_in_order(made: &Made) {
    let store = &*made.store;
    acme(store).await;
    let begin = store.news(0).await.unwrap().until;
    assert_eq!(store.news(begin).await.unwrap().changes, Some(vec![]));
    commit(store, [put(&client("app"), "c1", "{}", Expected::Absent)]).await.unwrap();
    commit(store, [put_user(record("ann", json!({})), Expected::Absent)]).await.unwrap();
    let rename = RealmWrite::Rename("globex".to_owned());
    store.commit(Batch { realm: rename, ..Batch::within(ACME) }).await.unwrap();
    store.commit(Batch { realm: RealmWrite::Delete, ..Batch::within(ACME) }).await.unwrap();
    let news = made.second.news(begin).await.unwrap();
    let (realm, ann) = (Change::Realm(ACME.to_owned()), Change::User(ACME.to_owned(), id_of("ann")));
    let mut changes = news.changes.unwrap();
    changes.retain(|change| *change != Change::Users(ACME.to_owned()));
    assert_eq!(changes, [realm.clone(), ann, realm.clone(), realm]);
    assert!(news.until > begin);
    assert_eq!(store.news(news.until).await.unwrap().changes, Some(vec![]));
}

pub(crate) async fn nothing_known_means_everything(made: &Made) {
    let store = &*made.store;
    let none = store.news(0).await.unwrap();
    assert_eq!((none.until, none.changes), (0, Some(vec![])));
    acme(store).await;
    let all = store.news(0).await.unwrap();
    assert_eq!(all.changes, None);
    assert!(all.until > 0);
    let of_another_store = store.news(all.until + 5).await.unwrap();
    assert_eq!((of_another_store.until, of_another_store.changes), (all.until, None));
}

pub(crate) async fn what_is_too_old_is_not_known_any_more(made: &Made) {
    let store = &*made.store;
    acme(store).await;
    let begin = store.news(0).await.unwrap().until;
    let one = |n: usize| put_user(record(&format!("u{n}"), json!({})), Expected::Anything);
    for chunk in 0..TOO_MANY / 50 {
        commit(store, (0..50).map(|n| one(chunk * 50 + n))).await.unwrap();
    }
    let news = store.news(begin).await.unwrap();
    assert_eq!(news.changes, None);
    commit(store, [one(1)]).await.unwrap();
    let one = Change::User(ACME.to_owned(), id_of("u1"));
    assert_eq!(store.news(news.until).await.unwrap().changes, Some(vec![one]));
}

pub(crate) async fn one_handle_hears_of_the_other(made: &Made) {
    acme(&*made.store).await;
    assert_eq!(made.handles == Handles::One, Arc::ptr_eq(&made.store, &made.second));
    for (from, to) in [(&made.store, &made.second), (&made.second, &made.store), (&made.store, &made.store)] {
        let begin = to.news(0).await.unwrap().until;
        let wait = tokio::time::timeout(Duration::from_secs(10), async {
            loop {
                to.wait_for_news().await;
                let news = to.news(begin).await.unwrap();
                if news.changes != Some(vec![]) {
                    return news.changes;
                }
            }
        });
        let write = commit(&**from, [put(&Key::realm(), "r", "{}", Expected::Anything)]);
        let (heard, written) = futures_util::future::join(wait, write).await;
        written.unwrap();
        assert_eq!(heard.unwrap(), Some(vec![Change::Realm(ACME.to_owned())]));
    }
}

pub(crate) async fn many_users_are_told_as_one(made: &Made) {
    let store = &*made.store;
    acme(store).await;
    let begin = store.news(0).await.unwrap().until;
    let users = || (0..300).map(|n| record(&format!("u{n}"), json!({ "realmRoles": ["r"] })));
    add(store, users()).await;
    commit(store, users().map(|user| put_user(user, Expected::Anything))).await.unwrap();
    commit(store, [Write::ForgetMembership(Key::of(Kind::RealmRole, "r"))]).await.unwrap();
    let one = || Change::Users(ACME.to_owned());
    assert_eq!(store.news(begin).await.unwrap().changes, Some(vec![one(), one(), one()]));
}

pub(crate) async fn a_failed_commit_is_no_news(made: &Made) {
    let store = &*made.store;
    acme(store).await;
    let begin = store.news(0).await.unwrap().until;
    commit(store, [put(&client("app"), "c1", "{}", Expected::Version(3))]).await.unwrap_err();
    commit(store, []).await.unwrap();
    assert_eq!(store.news(begin).await.unwrap().changes, Some(vec![]));
}
