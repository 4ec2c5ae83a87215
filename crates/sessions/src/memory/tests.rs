use std::sync::Arc;

use super::*;
use crate::contract::{self, at, at_once, owned, realm, record};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keeps_the_contract() {
    contract::holds(Arc::new(Memory::new())).await;
}

fn code(n: usize) -> RecordKey {
    RecordKey::new(RecordKind::Code, &realm(), &n.to_string())
}

#[tokio::test]
async fn sweeping_drops_what_is_expired_and_nothing_else() {
    let store = Memory::new();
    for n in 0..1000 {
        let end = if n % 2 == 0 { at(10) } else { at(5000) };
        let _ = store.insert(&code(n), owned("ann", "x", end), at(0)).await.unwrap();
    }
    while store.sweep(at(1000), 100).await.unwrap() >= 100 {}
    assert_eq!(store.size().await.unwrap().records, 500);
    assert_eq!(store.of_owner(RecordKind::Code, &realm(), "ann", at(0)).await.unwrap().len(), 500);
    while store.sweep(at(6000), 100).await.unwrap() >= 100 {}
    assert_eq!(store.size().await.unwrap(), StoreSize::default());
}

#[tokio::test]
async fn a_record_that_comes_and_goes_leaves_nothing_behind() {
    let store = Memory::new();
    for n in 0..10_000_i64 {
        let _ = store.insert(&code(1), record("x", at(n + 100)), at(n)).await.unwrap();
        assert!(store.remove(&code(1)).await.unwrap());
        store.sweep(at(n), 10).await.unwrap();
    }
    while store.sweep(at(20_000), 100).await.unwrap() > 0 {}
    assert_eq!(store.size().await.unwrap(), StoreSize::default());
}

#[tokio::test]
async fn an_end_that_comes_nearer_is_swept_in_time() {
    let store = Memory::new();
    let _ = store.insert(&code(1), record("x", at(90_000)), at(0)).await.unwrap();
    let seen = store.find(&code(1), at(0)).await.unwrap().unwrap().version;
    let _ = store.replace(&code(1), seen, record("x", at(100)), at(0)).await.unwrap();
    while store.sweep(at(200), 100).await.unwrap() > 0 {}
    assert_eq!(store.size().await.unwrap().records, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn callers_and_sweepers_at_once_leave_no_trace() {
    let store = Arc::new(Memory::new());
    at_once(8, |worker| {
        let store = store.clone();
        async move {
            for n in 0..2000_i64 {
                let key = code(n as usize % 50);
                let _ = store.insert(&key, owned("ann", "x", at(n + worker as i64)), at(n)).await.unwrap();
                if let Some(seen) = store.find(&key, at(n)).await.unwrap() {
                    let _ = store.replace(&key, seen.version, owned("ann", "y", at(n + 50)), at(n)).await.unwrap();
                }
                if n % 3 == 0 {
                    store.take(&key, at(n)).await.unwrap();
                }
                store.sweep(at(n - 100), 10).await.unwrap();
            }
        }
    })
    .await;
    let live = store.of_owner(RecordKind::Code, &realm(), "ann", at(0)).await.unwrap().len() as u64;
    assert_eq!(live, store.size().await.unwrap().records);
    while store.sweep(at(10_000), 100).await.unwrap() > 0 {}
    assert_eq!(store.size().await.unwrap(), StoreSize::default());
    assert!(store.of_owner(RecordKind::Code, &realm(), "ann", at(0)).await.unwrap().is_empty());
}

/// CVE-2026-90997
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refuses_all_but_one_of_64_who_show_the_same_mark_at_once() {
    let sessions = crate::Sessions::new(Arc::new(Memory::new()));
    for now in [0, 100] {
        // The second time what was marked before is over, and its record may still be there.
        let first = at_once(64, |_| {
            let sessions = sessions.clone();
            async move { sessions.mark_used((crate::SingleUse::DpopProof, &realm(), "jti"), at(now + 60), at(now)).await.unwrap() }
        })
        .await;
        assert_eq!(first.into_iter().filter(|first| *first).count(), 1, "{now}");
    }
}
