use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::contract::{at, at_once, owned, realm};
use crate::{Inserted, RecordKey, RecordKind, Replaced};

/// A disk that can be full.
#[derive(Clone, Default)]
struct Fake(Arc<Content>);

#[derive(Default)]
struct Content {
    log: Mutex<BTreeMap<u64, Vec<u8>>>,
    full: AtomicBool,
}

impl Fake {
    fn set_full(&self, full: bool) {
        self.0.full.store(full, Ordering::SeqCst);
    }
}

impl Disk for Fake {
    fn load(&mut self, each: Each<'_>) -> Result<(), StoreError> {
        self.0.log.lock().unwrap().iter().try_for_each(|(place, entry)| each(*place, entry))
    }

    fn oldest(&mut self, at_most: usize) -> Result<Vec<Entry>, StoreError> {
        Ok(self.0.log.lock().unwrap().iter().take(at_most).map(|(place, entry)| (*place, entry.clone())).collect())
    }

    fn commit(&mut self, cleared: Option<u64>, append: &[Entry]) -> Result<(), StoreError> {
        if self.0.full.load(Ordering::SeqCst) {
            return Err(StoreError::Io { path: "disk".into(), fact: "full".into() });
        }
        let mut log = self.0.log.lock().unwrap();
        while log.first_key_value().is_some_and(|(place, _)| cleared.is_some_and(|cleared| *place <= cleared)) {
            log.pop_first();
        }
        for (place, entry) in append {
            assert!(log.last_key_value().is_none_or(|(last, _)| place > last), "appended before the end");
            log.insert(*place, entry.clone());
        }
        Ok(())
    }

    fn path(&self) -> &Path {
        Path::new("disk")
    }
}

fn key(id: &str) -> RecordKey {
    RecordKey::new(RecordKind::UserSession, &realm(), id)
}

/// A table from what is on the disk now.
async fn reopened(disk: &Fake) -> Arc<Table<FileJournal>> {
    let log = Mutex::new(disk.0.log.lock().unwrap().clone());
    start(Fake(Arc::new(Content { log, full: AtomicBool::new(false) }))).await.unwrap().0
}

#[tokio::test]
async fn a_full_disk_is_an_error_and_changes_nothing() {
    let disk = Fake::default();
    let (table, _) = start(disk.clone()).await.unwrap();
    let record = |value| owned("ann", value, at(90));
    let (inserted, durable) = table.insert(&key("a"), &record("1"), at(0));
    assert_eq!(inserted, Inserted::Done);
    durable.unwrap().await.unwrap().unwrap();
    disk.set_full(true);
    let seen = table.find(&key("a"), at(0)).unwrap().version;

    let (_, durable) = table.replace(&key("a"), seen, &record("2"), at(0));
    assert!(matches!(durable.unwrap().await.unwrap(), Err(StoreError::Io { .. })));
    assert_eq!(table.find(&key("a"), at(0)).unwrap().record, record("1"));

    let (_, durable) = table.insert(&key("b"), &record("1"), at(0));
    durable.unwrap().await.unwrap().unwrap_err();
    assert_eq!(table.find(&key("b"), at(0)), None);

    let (taken, durable) = table.take(&key("a"), at(0));
    assert!(taken.is_some());
    durable.unwrap().await.unwrap().unwrap_err();
    assert_eq!(table.find(&key("a"), at(0)).unwrap().record, record("1"));
    assert_eq!(table.of_owner(RecordKind::UserSession, &realm(), "ann", at(0)).len(), 1);

    disk.set_full(false);
    let (replaced, durable) = table.replace(&key("a"), seen, &record("3"), at(0));
    assert_eq!(replaced, Replaced::Done);
    durable.unwrap().await.unwrap().unwrap();
    assert_eq!(reopened(&disk).await.find(&key("a"), at(0)).unwrap().record, record("3"));
}

#[tokio::test]
async fn what_nobody_waits_for_stands_while_the_disk_is_full_and_is_written_afterwards() {
    let disk = Fake::default();
    let (table, _) = start(disk.clone()).await.unwrap();
    let record = owned("ann", "1", at(90));
    disk.set_full(true);
    assert_eq!(table.insert_soon(&key("soon"), &record, at(0)), Inserted::Done);
    let (_, durable) = table.insert(&key("awaited"), &record, at(0));
    durable.unwrap().await.unwrap().unwrap_err();
    assert_eq!(table.find(&key("soon"), at(0)).unwrap().record, record);
    assert_eq!(table.find(&key("awaited"), at(0)), None);
    disk.set_full(false);
    let (_, durable) = table.insert(&key("next"), &record, at(0));
    durable.unwrap().await.unwrap().unwrap();
    let again = reopened(&disk).await;
    assert_eq!(again.find(&key("soon"), at(0)).unwrap().record, record);
    assert_eq!(again.find(&key("awaited"), at(0)), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn memory_and_disk_agree_whenever_the_disk_is_full() {
    let disk = Fake::default();
    let (table, _) = start(disk.clone()).await.unwrap();
    at_once(8, |worker| {
        let (table, disk) = (table.clone(), disk.clone());
        async move {
            for n in 0..3000 {
                disk.set_full(n % 7 < 2);
                let key = key(&((n * 31 + worker) % 20).to_string());
                let record = owned("ann", &format!("{worker}-{n}"), at(90));
                let durable = match table.find(&key, at(0)) {
                    None => table.insert(&key, &record, at(0)).1,
                    Some(_) if n % 5 == 0 => table.take(&key, at(0)).1,
                    Some(seen) => table.replace(&key, seen.version, &record, at(0)).1,
                };
                if let Some(durable) = durable {
                    let _ = durable.await.unwrap();
                }
            }
        }
    })
    .await;
    disk.set_full(false);
    let (_, durable) = table.insert(&key("last"), &owned("ann", "x", at(90)), at(0));
    durable.unwrap().await.unwrap().unwrap();
    let again = reopened(&disk).await;
    for n in 0..20 {
        let key = key(&n.to_string());
        let record = |table: &Table<FileJournal>| table.find(&key, at(0)).map(|stored| stored.record);
        assert_eq!(record(&table), record(&again), "{n}");
    }
    assert_eq!(table.size().records, again.size().records);
    let length = disk.0.log.lock().unwrap().len();
    assert!(length < 2 * SLACK as usize, "{length} entries for 20 records");
    assert_eq!(table.of_owner(RecordKind::UserSession, &realm(), "ann", at(0)).len() as u64, again.size().records);
}

#[tokio::test]
async fn the_log_is_cleared_of_what_is_over() {
    let disk = Fake::default();
    let (table, _) = start(disk.clone()).await.unwrap();
    let keep = owned("ann", "kept", at(90_000));
    for n in 0..100 {
        let (_, durable) = table.insert(&key(&format!("kept {n}")), &keep, at(0));
        durable.unwrap().await.unwrap().unwrap();
    }
    for n in 0..20_000 {
        let (_, durable) = table.insert(&key(&n.to_string()), &owned("bob", "x", at(n + 5)), at(n));
        durable.unwrap().await.unwrap().unwrap();
        table.sweep(at(n), 10);
    }
    while table.sweep(at(50_000), 1000) > 0 {}
    assert_eq!(table.size().records, 100);
    let length = disk.0.log.lock().unwrap().len();
    assert!(length < 2 * SLACK as usize, "{length} entries");
    let again = reopened(&disk).await;
    let found = again.of_owner(RecordKind::UserSession, &realm(), "ann", at(50_000));
    assert_eq!(found.iter().filter(|(_, stored)| stored.record == keep).count(), 100);
    assert!(again.of_owner(RecordKind::UserSession, &realm(), "bob", at(50_000)).is_empty());
}
