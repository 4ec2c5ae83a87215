use std::sync::Arc;

use ambient::{SeededEntropy, Timestamp};

use super::{at, realm};
use crate::{DeviceKey, Inserted, LoginAttempts, RecordStore, Sessions, Subject, TrustedDevice};

const YEAR: i64 = 365 * 86_400;

pub(super) async fn hold(store: &Arc<dyn RecordStore>) {
    let sessions = Sessions::new(store.clone());
    let entropy = SeededEntropy::new(42);
    the_key_before_dies_when_the_new_one_is_shown(&sessions, &entropy).await;
    a_lost_answer_locks_nobody_out(&sessions, &entropy).await;
    keys_die_after_their_year_and_with_the_cruise(&sessions, &entropy).await;
    unknown_keys_are_nobody(&sessions, &entropy).await;
}

async fn recorded(sessions: &Sessions, entropy: &SeededEntropy) -> DeviceKey {
    let key = DeviceKey::new(entropy);
    let device = TrustedDevice::new("ann".into(), "cruise 1", (&key, at(YEAR)), at(0));
    assert_eq!(sessions.record_device(&realm(), &key, &device, at(0)).await.unwrap(), Inserted::Done);
    key
}

async fn is_live(sessions: &Sessions, key: &DeviceKey, now: Timestamp) -> bool {
    sessions.show_device_key(&realm(), key, "cruise 1", now).await.unwrap().is_some()
}

async fn offered(sessions: &Sessions, entropy: &SeededEntropy, shown: &DeviceKey) -> DeviceKey {
    let next = shown.successor(entropy);
    assert!(sessions.offer_device_key(&realm(), &next, at(YEAR), at(1)).await.unwrap());
    next
}

async fn the_key_before_dies_when_the_new_one_is_shown(sessions: &Sessions, entropy: &SeededEntropy) {
    let first = recorded(sessions, entropy).await;
    assert!(is_live(sessions, &first, at(1)).await);
    let second = offered(sessions, entropy, &first).await;
    assert!(is_live(sessions, &second, at(2)).await);
    assert!(!is_live(sessions, &first, at(2)).await);
    assert!(is_live(sessions, &second, at(3)).await);
}

async fn a_lost_answer_locks_nobody_out(sessions: &Sessions, entropy: &SeededEntropy) {
    let first = recorded(sessions, entropy).await;
    let lost = offered(sessions, entropy, &first).await;
    assert!(is_live(sessions, &first, at(2)).await);
    let got = offered(sessions, entropy, &first).await;
    assert!(is_live(sessions, &got, at(2)).await);
    assert!(!is_live(sessions, &lost, at(2)).await);
    assert!(!is_live(sessions, &first, at(2)).await);
}

async fn keys_die_after_their_year_and_with_the_cruise(sessions: &Sessions, entropy: &SeededEntropy) {
    let key = recorded(sessions, entropy).await;
    assert!(sessions.show_device_key(&realm(), &key, "cruise 2", at(1)).await.unwrap().is_none());
    let next = key.successor(entropy);
    assert!(sessions.offer_device_key(&realm(), &next, at(YEAR + 9), at(9)).await.unwrap());
    assert!(!is_live(sessions, &key, at(YEAR)).await);
    assert!(is_live(sessions, &next, at(YEAR)).await);
    assert!(!is_live(sessions, &next, at(YEAR + 9)).await);
}

async fn unknown_keys_are_nobody(sessions: &Sessions, entropy: &SeededEntropy) {
    let key = recorded(sessions, entropy).await;
    assert!(!is_live(sessions, &key.successor(entropy), at(1)).await);
    let stranger = DeviceKey::new(entropy);
    assert!(!is_live(sessions, &stranger, at(1)).await);
    assert!(!sessions.offer_device_key(&realm(), &stranger, at(9), at(1)).await.unwrap());
    let count = |attempts: Option<LoginAttempts>| {
        let attempts = attempts.unwrap_or_default();
        Some(LoginAttempts { failures: attempts.failures + 1, ..attempts })
    };
    for device in [&key, &key.successor(entropy)] {
        sessions.update_attempts(&realm(), Subject::Device(device), at(1), count).await.unwrap();
    }
    let attempts = sessions.find_attempts(&realm(), Subject::Device(&key), at(1)).await.unwrap();
    assert_eq!(attempts.map(|attempts| attempts.failures), Some(2), "the keys of a device count together");
}
