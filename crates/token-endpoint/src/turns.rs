//! How many logins of one user may be under way at once: guesses sent in parallel may not outrun the count of failures
//! (CVE-2024-4629).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use oidc_types::RealmName;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

type Key = (RealmName, Box<str>);

/// Logins under way, by user or device. One who has failed `n` times may have `failureFactor − n` of them, and at least one.
#[derive(Debug, Default)]
pub(crate) struct Turns(Mutex<HashMap<Key, Arc<Semaphore>>>);

/// A user's turn; it ends when this is dropped.
pub(crate) struct Turn<'a> {
    turns: &'a Turns,
    key: Key,
    permit: Option<OwnedSemaphorePermit>,
    /// Whether others went first, so that the count of failures is to be read again.
    pub(crate) waited: bool,
}

impl Turns {
    /// Logins of one user at the most, whatever the realm allows.
    const MOST: u32 = 32;

    /// Waits until a login of a user (or device) with `failures` of `failure_factor` may begin.
    pub(crate) async fn take(&self, realm: &RealmName, user: &str, (failures, failure_factor): (u32, u32)) -> Turn<'_> {
        let places = failure_factor.clamp(1, Self::MOST);
        let needed = failures.saturating_add(1).min(places);
        let key = (realm.clone(), Box::from(user));
        let semaphore = {
            let mut users = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(users.entry(key.clone()).or_insert_with(|| Arc::new(Semaphore::new(places as usize))))
        };
        // A place for each failure counted and one for this login: what is under way and what has failed never exceed the factor.
        match Arc::clone(&semaphore).try_acquire_many_owned(needed) {
            Ok(permit) => Turn { turns: self, key, permit: Some(permit), waited: false },
            Err(_) => Turn { turns: self, key, permit: semaphore.acquire_many_owned(needed).await.ok(), waited: true },
        }
    }

    /// Users with a login under way.
    #[cfg(test)]
    fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.permit = None;
        let mut users = self.turns.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Ours is the map's; a count above it is a login that waits or is under way.
        if users.get(&self.key).is_some_and(|semaphore| Arc::strong_count(semaphore) == 1) {
            users.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn take<'a>(turns: &'a Turns, failures: u32) -> Option<Turn<'a>> {
        turns.take(&"r".into(), "u", (failures, 3)).now_or_never()
    }

    #[test]
    fn as_many_logins_run_at_once_as_failures_are_left() {
        let turns = Turns::default();
        let first = [take(&turns, 0), take(&turns, 0), take(&turns, 0)];
        assert!(first.iter().all(Option::is_some));
        assert!(take(&turns, 0).is_none());
        drop(first);
        let last_try = take(&turns, 2);
        assert!(last_try.is_some());
        assert!(take(&turns, 2).is_none());
    }

    #[test]
    fn nothing_is_kept_of_users_who_are_done() {
        let turns = Turns::default();
        drop([take(&turns, 0), take(&turns, 1)]);
        assert_eq!(turns.len(), 0);
    }
}
