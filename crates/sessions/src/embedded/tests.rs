use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::process::{Command, Stdio};

use super::*;
use crate::contract::{self, at, at_once, owned, realm, record};

async fn open(path: &Path) -> Result<Arc<dyn RecordStore>, StoreError> {
    Ok(Arc::new(Embedded::open(path.to_owned()).await?))
}

fn key(id: &str) -> RecordKey {
    RecordKey::new(RecordKind::UserSession, &realm(), id)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    contract::holds(open(&folder.path().join("sessions.redb")).await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_is_there_after_opening_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/er/sessions.redb");
    let store = open(&path).await.unwrap();
    at_once(64, |n| {
        let store = store.clone();
        async move {
            let key = key(&n.to_string());
            let _ = store.insert(&key, owned("ann", "1", at(90)), at(0)).await.unwrap();
            let seen = store.find(&key, at(0)).await.unwrap().unwrap().version;
            let _ = store.replace(&key, seen, owned("ann", "2", at(99)), at(0)).await.unwrap();
            if n % 2 == 0 {
                store.take(&key, at(0)).await.unwrap();
            }
        }
    })
    .await;
    let _ = store.insert(&key("never"), record("x", Timestamp::MAX), at(0)).await.unwrap();
    drop(store);

    let store = open(&path).await.unwrap();
    let found = store.of_owner(RecordKind::UserSession, &realm(), "ann", at(98)).await.unwrap();
    assert_eq!(found.len(), 32);
    assert!(found.iter().all(|(_, stored)| stored.record == owned("ann", "2", at(99))));
    assert_eq!(store.find(&key("never"), at(0)).await.unwrap().unwrap().record, record("x", Timestamp::MAX));
    assert_eq!(store.find(&key("0"), at(0)).await.unwrap(), None);
    while store.sweep(at(500), 10).await.unwrap() > 0 {}
    drop(store);

    let store = open(&path).await.unwrap();
    assert!(store.of_owner(RecordKind::UserSession, &realm(), "ann", at(500)).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_was_written_soon_is_there_after_an_orderly_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions.redb");
    let store = open(&path).await.unwrap();
    for n in 0..200 {
        let _ = store.insert_soon(&key(&n.to_string()), record("x", at(90)), at(0)).await.unwrap();
    }
    store.shutdown().await.unwrap();
    drop(store);
    let store = open(&path).await.unwrap();
    for n in 0..200 {
        assert!(store.find(&key(&n.to_string()), at(0)).await.unwrap().is_some(), "{n}");
    }
}

#[tokio::test]
async fn after_shutdown_nothing_is_acknowledged_and_the_file_is_free() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions.redb");
    let store = open(&path).await.unwrap();
    store.shutdown().await.unwrap();
    let refused = store.insert(&key("late"), record("x", at(9)), at(0)).await;
    assert!(matches!(refused, Err(StoreError::Closed)));
    assert!(store.ping().await.is_err());
    let again = open(&path).await.unwrap();
    assert_eq!(again.find(&key("late"), at(0)).await.unwrap(), None);
}

#[tokio::test]
async fn a_file_in_use_says_which_setting_to_change() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions.redb");
    let _store = open(&path).await.unwrap();
    let error = open(&path).await.err().unwrap();
    assert!(matches!(error, StoreError::Locked { .. }));
    assert!(error.to_string().contains("LATCHKEY_DATA"), "{error}");
}

#[tokio::test]
async fn a_file_of_something_else_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions.redb");
    fs::write(&path, "PNG".repeat(5000)).unwrap();
    let error = open(&path).await.err().unwrap();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
    assert!(error.to_string().contains("LATCHKEY_DATA"), "{error}");
}

#[tokio::test]
async fn a_damaged_file_never_gives_what_was_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions.redb");
    let store = open(&path).await.unwrap();
    let value = "v".repeat(150);
    at_once(300, |n| {
        let (store, value) = (store.clone(), value.clone());
        async move {
            let _ = store.insert(&key(&n.to_string()), owned("ann", &value, at(90)), at(0)).await.unwrap();
        }
    })
    .await;
    drop(store);
    let sound = fs::read(&path).unwrap();
    let mut refused = 0;
    for place in (0..sound.len() as u64).step_by(sound.len() / 25) {
        let damaged = folder.path().join("damaged.redb");
        fs::write(&damaged, &sound).unwrap();
        let mut file = OpenOptions::new().write(true).open(&damaged).unwrap();
        file.seek(SeekFrom::Start(place)).unwrap();
        file.write_all(&[0xa5; 700]).unwrap();
        match open(&damaged).await {
            Err(error) => {
                refused += 1;
                assert!(matches!(error, StoreError::Corrupt { .. }), "at {place}: {error:?}");
            }
            Ok(store) => {
                let found = store.of_owner(RecordKind::UserSession, &realm(), "ann", at(0)).await.unwrap();
                assert!(found.iter().all(|(_, stored)| stored.record.value == value.as_bytes()), "at {place}");
            }
        }
    }
    assert!(refused > 0);
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_reads_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions.redb");
    let _store = open(&path).await.unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

/// Runs as a process of its own, to be killed: prints each id once it was acknowledged.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the other half of a test below"]
async fn writes_until_it_is_killed() {
    let Some(path) = std::env::var_os("SESSIONS_UNDER_TEST") else { return };
    let store = open(Path::new(&path)).await.unwrap();
    at_once(16, |worker| {
        let store = store.clone();
        async move {
            for n in 0.. {
                let id = format!("{worker}-{n}");
                let _ = store.insert(&key(&id), owned("ann", "1", at(90)), at(0)).await.unwrap();
                println!("acknowledged {id}");
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sessions.redb");
    let mut acknowledged = Vec::new();
    for _ in 0..3 {
        let mut writer = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "--nocapture", "embedded::tests::writes_until_it_is_killed"])
            .env("SESSIONS_UNDER_TEST", &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(writer.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut ids = lines.by_ref().filter_map(|line| line.strip_prefix("acknowledged ").map(str::to_owned));
        acknowledged.extend(ids.by_ref().take(500));
        writer.kill().unwrap();
        acknowledged.extend(ids);
        writer.wait().unwrap();
    }
    let store = open(&path).await.unwrap();
    assert!(acknowledged.len() >= 1500);
    for id in acknowledged {
        assert!(store.find(&key(&id), at(0)).await.unwrap().is_some(), "{id}");
    }
}
