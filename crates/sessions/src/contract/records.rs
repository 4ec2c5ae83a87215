use std::sync::Arc;

use ambient::Timestamp;

use super::{at, at_once, owned, realm, record};
use crate::{Inserted, RecordKey, RecordKind, RecordStore, Replaced};

fn key(kind: RecordKind, id: &str) -> RecordKey {
    RecordKey::new(kind, &realm(), id)
}

pub(super) async fn hold(store: &Arc<dyn RecordStore>) {
    a_record_is_found_until_it_is_taken(store).await;
    what_is_written_soon_stands_at_once(store).await;
    kinds_and_realms_do_not_mix(store).await;
    expiry_is_judged_by_the_callers_now(store).await;
    only_the_version_seen_is_replaced(store).await;
    an_expired_replacement_removes(store).await;
    an_owner_finds_what_is_its_own(store).await;
    an_owner_finds_what_was_extended(store).await;
    one_of_64_gets_it(store).await;
    never_means_never(store).await;
    odd_names_are_names(store).await;
    store.ping().await.unwrap();
    assert!(store.size().await.unwrap().records > 0);
}

async fn a_record_is_found_until_it_is_taken(store: &Arc<dyn RecordStore>) {
    let key = key(RecordKind::Code, "taken");
    assert_eq!(store.find(&key, at(0)).await.unwrap(), None);
    assert_eq!(store.insert(&key, record("a", at(9)), at(0)).await.unwrap(), Inserted::Done);
    assert_eq!(store.insert(&key, record("b", at(9)), at(0)).await.unwrap(), Inserted::Exists);
    assert_eq!(store.find(&key, at(0)).await.unwrap().unwrap().record, record("a", at(9)));
    assert_eq!(store.take(&key, at(0)).await.unwrap(), Some(record("a", at(9))));
    assert_eq!(store.take(&key, at(0)).await.unwrap(), None);
    assert!(!store.remove(&key).await.unwrap());
    assert_eq!(store.insert(&key, record("c", at(9)), at(0)).await.unwrap(), Inserted::Done);
    assert!(store.remove(&key).await.unwrap());
    assert_eq!(store.find(&key, at(0)).await.unwrap(), None);
}

async fn what_is_written_soon_stands_at_once(store: &Arc<dyn RecordStore>) {
    let key = key(RecordKind::SingleUse, "soon");
    let inserted = at_once(64, |n| {
        let (store, key) = (store.clone(), key.clone());
        async move { store.insert_soon(&key, record(&n.to_string(), at(5)), at(0)).await.unwrap() }
    })
    .await;
    assert_eq!(inserted.iter().filter(|inserted| **inserted == Inserted::Done).count(), 1);
    assert_eq!(store.insert(&key, record("b", at(9)), at(0)).await.unwrap(), Inserted::Exists);
    assert_eq!(store.insert_soon(&key, record("c", at(9)), at(5)).await.unwrap(), Inserted::Done, "over an expired one");
    assert_eq!(store.take(&key, at(5)).await.unwrap(), Some(record("c", at(9))));
}

async fn kinds_and_realms_do_not_mix(store: &Arc<dyn RecordStore>) {
    let code = key(RecordKind::Code, "same");
    let _ = store.insert(&code, record("code", at(9)), at(0)).await.unwrap();
    assert_eq!(store.take(&key(RecordKind::SingleUse, "same"), at(0)).await.unwrap(), None);
    assert_eq!(store.take(&RecordKey::new(RecordKind::Code, &"other".into(), "same"), at(0)).await.unwrap(), None);
    assert_eq!(store.take(&RecordKey::new(RecordKind::Code, &"acme:same".into(), ""), at(0)).await.unwrap(), None);
    assert!(store.take(&code, at(0)).await.unwrap().is_some());
}

async fn expiry_is_judged_by_the_callers_now(store: &Arc<dyn RecordStore>) {
    let key = key(RecordKind::Code, "expiring");
    let _ = store.insert(&key, record("old", at(5)), at(0)).await.unwrap();
    let seen = store.find(&key, Timestamp::from_millis(at(5).millis() - 1)).await.unwrap().unwrap().version;
    assert_eq!(store.find(&key, at(5)).await.unwrap(), None);
    assert_eq!(store.replace(&key, seen, record("x", at(9)), at(5)).await.unwrap(), Replaced::Absent);
    assert_eq!(store.find(&key, at(4)).await.unwrap().unwrap().record.value, b"old");
    assert_eq!(store.insert(&key, record("new", at(9)), at(5)).await.unwrap(), Inserted::Done);
    assert_eq!(store.find(&key, at(5)).await.unwrap().unwrap().record.value, b"new");
    assert_eq!(store.replace(&key, seen, record("x", at(9)), at(5)).await.unwrap(), Replaced::Lost);
    assert_eq!(store.take(&key, at(9)).await.unwrap(), None);
    assert_eq!(store.take(&key, at(5)).await.unwrap(), None);
}

async fn only_the_version_seen_is_replaced(store: &Arc<dyn RecordStore>) {
    let key = key(RecordKind::LoginAttempts, "replaced");
    let _ = store.insert(&key, record("1", at(9)), at(0)).await.unwrap();
    let first = store.find(&key, at(0)).await.unwrap().unwrap().version;
    assert_eq!(store.replace(&key, first, record("2", at(20)), at(0)).await.unwrap(), Replaced::Done);
    assert_eq!(store.replace(&key, first, record("3", at(9)), at(0)).await.unwrap(), Replaced::Lost);
    let second = store.find(&key, at(10)).await.unwrap().unwrap();
    assert_eq!(second.record, record("2", at(20)));
    store.remove(&key).await.unwrap();
    assert_eq!(store.replace(&key, second.version, record("4", at(9)), at(0)).await.unwrap(), Replaced::Absent);
    let _ = store.insert(&key, record("5", at(9)), at(0)).await.unwrap();
    assert_eq!(store.replace(&key, second.version, record("6", at(9)), at(0)).await.unwrap(), Replaced::Lost);
    assert_eq!(store.replace(&key, first, record("6", at(9)), at(0)).await.unwrap(), Replaced::Lost);
}

async fn an_expired_replacement_removes(store: &Arc<dyn RecordStore>) {
    let key = key(RecordKind::LoginAttempts, "removed by swap");
    let _ = store.insert(&key, record("1", at(9)), at(0)).await.unwrap();
    let seen = store.find(&key, at(0)).await.unwrap().unwrap().version;
    assert_eq!(store.replace(&key, seen, record("", at(1)), at(1)).await.unwrap(), Replaced::Done);
    assert_eq!(store.find(&key, at(0)).await.unwrap(), None);
}

async fn an_owner_finds_what_is_its_own(store: &Arc<dyn RecordStore>) {
    let sessions = [("s1", "ann", 9), ("s2", "ann", 5), ("s3", "bob", 9), ("s4", "ann", 9), ("s5", "ann", 9)];
    for (id, owner, end) in sessions {
        let done = store.insert(&key(RecordKind::UserSession, id), owned(owner, id, at(end)), at(0)).await.unwrap();
        assert_eq!(done, Inserted::Done);
    }
    let _ = store.insert(&key(RecordKind::OfflineSession, "s6"), owned("ann", "s6", at(9)), at(0)).await.unwrap();
    store.remove(&key(RecordKind::UserSession, "s4")).await.unwrap();
    store.take(&key(RecordKind::UserSession, "s5"), at(0)).await.unwrap();
    assert_eq!(ids(store, RecordKind::UserSession, "ann", 0).await, ["s1", "s2"]);
    assert_eq!(ids(store, RecordKind::UserSession, "ann", 5).await, ["s1"]);
    assert_eq!(ids(store, RecordKind::UserSession, "bob", 5).await, ["s3"]);
    assert_eq!(ids(store, RecordKind::OfflineSession, "ann", 5).await, ["s6"]);
    assert!(ids(store, RecordKind::UserSession, "eve", 0).await.is_empty());
    assert!(ids(store, RecordKind::UserSession, "ann", 9).await.is_empty());
    let found = store.of_owner(RecordKind::UserSession, &realm(), "bob", at(0)).await.unwrap();
    assert_eq!((&found[0].0, &found[0].1.record), (&key(RecordKind::UserSession, "s3"), &owned("bob", "s3", at(9))));
}

async fn an_owner_finds_what_was_extended(store: &Arc<dyn RecordStore>) {
    let key = key(RecordKind::UserSession, "extended");
    let _ = store.insert(&key, owned("cat", "0", at(10)), at(0)).await.unwrap();
    for (now, end) in [(5, 15), (10, 1_000_000), (500_000, 9_000_000)] {
        let seen = store.find(&key, at(now)).await.unwrap().unwrap().version;
        assert_eq!(store.replace(&key, seen, owned("cat", "1", at(end)), at(now)).await.unwrap(), Replaced::Done);
        assert_eq!(ids(store, RecordKind::UserSession, "cat", end - 1).await, ["extended"]);
    }
    while store.sweep(at(8_999_900), 100).await.unwrap() > 0 {}
    assert_eq!(ids(store, RecordKind::UserSession, "cat", 8_999_900).await, ["extended"]);
}

async fn ids(store: &Arc<dyn RecordStore>, kind: RecordKind, owner: &str, now: i64) -> Vec<String> {
    let found = store.of_owner(kind, &realm(), owner, at(now)).await.unwrap();
    let mut ids: Vec<_> = found.into_iter().map(|(key, _)| key.id.to_string()).collect();
    ids.sort();
    ids
}

async fn one_of_64_gets_it(store: &Arc<dyn RecordStore>) {
    let key = key(RecordKind::Code, "wanted");
    let inserted = at_once(64, |n| {
        let (store, key) = (store.clone(), key.clone());
        async move { store.insert(&key, record(&n.to_string(), at(9)), at(0)).await.unwrap() }
    })
    .await;
    assert_eq!(inserted.iter().filter(|inserted| **inserted == Inserted::Done).count(), 1);

    let seen = store.find(&key, at(0)).await.unwrap().unwrap().version;
    let replaced = at_once(64, |n| {
        let (store, key) = (store.clone(), key.clone());
        async move { store.replace(&key, seen, record(&n.to_string(), at(9)), at(0)).await.unwrap() }
    })
    .await;
    assert_eq!(replaced.iter().filter(|replaced| **replaced == Replaced::Done).count(), 1);
    assert_eq!(replaced.iter().filter(|replaced| **replaced == Replaced::Lost).count(), 63);

    let taken = at_once(64, |_| {
        let (store, key) = (store.clone(), key.clone());
        async move { store.take(&key, at(0)).await.unwrap() }
    })
    .await;
    assert_eq!(taken.iter().flatten().count(), 1);

    let _ = store.insert(&key, record("expired", at(1)), at(0)).await.unwrap();
    let inserted = at_once(64, |n| {
        let (store, key) = (store.clone(), key.clone());
        async move { store.insert(&key, record(&n.to_string(), at(9)), at(1)).await.unwrap() }
    })
    .await;
    assert_eq!(inserted.iter().filter(|inserted| **inserted == Inserted::Done).count(), 1, "over an expired one");
}

async fn never_means_never(store: &Arc<dyn RecordStore>) {
    let key = key(RecordKind::Keys, "never");
    let _ = store.insert(&key, owned("dot", "1", Timestamp::MAX), at(0)).await.unwrap();
    let late = Timestamp::from_millis(i64::MAX - 1);
    while store.sweep(late, 100).await.unwrap() > 0 {}
    let seen = store.find(&key, late).await.unwrap().unwrap();
    assert_eq!(seen.record.expires_at, Timestamp::MAX);
    let next = owned("dot", "2", Timestamp::MAX);
    assert_eq!(store.replace(&key, seen.version, next.clone(), at(1)).await.unwrap(), Replaced::Done);
    assert_eq!(store.find(&key, late).await.unwrap().unwrap().record, next);
}

async fn odd_names_are_names(store: &Arc<dyn RecordStore>) {
    for id in ["", ":", "a:b", "{}", "{x", "%3A", "\u{0}", "käse\n", &"x".repeat(5000)] {
        let key = RecordKey::new(RecordKind::Code, &"r:{}%é".into(), id);
        assert_eq!(store.insert(&key, owned(id, id, at(9)), at(0)).await.unwrap(), Inserted::Done, "{id:?}");
        let found = store.of_owner(RecordKind::Code, &key.realm, id, at(0)).await.unwrap();
        assert_eq!(found.len(), 1, "{id:?}");
        assert_eq!(store.take(&key, at(0)).await.unwrap(), Some(owned(id, id, at(9))), "{id:?}");
    }
}
