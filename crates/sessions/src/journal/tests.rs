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
    records: Mutex<BTreeMap<Box<[u8]>, After>>,
    full: AtomicBool,
}

impl Fake {
    fn set_full(&self, full: bool) {
        self.0.full.store(full, Ordering::SeqCst);
    }
}

impl Disk for Fake {
    fn load(&mut self, each: Each<'_>) -> Result<(), StoreError> {
        for (key, after) in &*self.0.records.lock().unwrap() {
            after.iter().for_each(|(expires_at, rest)| each(key, *expires_at, rest));
        }
        Ok(())
    }

    fn commit(&mut self, changes: &BTreeMap<Box<[u8]>, After>) -> Result<(), StoreError> {
        if self.0.full.load(Ordering::SeqCst) {
            return Err(StoreError::Io { path: "disk".into(), fact: "full".into() });
        }
        self.0.records.lock().unwrap().extend(changes.iter().map(|(key, after)| (key.clone(), after.clone())));
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
    let records = Mutex::new(disk.0.records.lock().unwrap().clone());
    start(Fake(Arc::new(Content { records, full: AtomicBool::new(false) }))).await.unwrap().0
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

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn memory_and_disk_agree_whenever_the_disk_is_full() {
    let disk = Fake::default();
    let (table, _) = start(disk.clone()).await.unwrap();
    at_once(8, |worker| {
        let (table, disk) = (table.clone(), disk.clone());
        async move {
            for n in 0..500 {
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
    assert_eq!(table.of_owner(RecordKind::UserSession, &realm(), "ann", at(0)).len() as u64, again.size().records);
}
