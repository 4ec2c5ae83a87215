//! How many logins of one user may be under way at once: guesses sent in parallel may not outrun the count of failures
//! (CVE-2024-4629).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use oidc_types::RealmName;
use passwords::PoolFull;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

type Key = (RealmName, Box<str>);

/// Logins under way, by user or device. One who has failed `n` times may have `failureFactor − n` of them, and at least one.
#[derive(Debug, Default)]
pub(crate) struct Turns(Mutex<HashMap<Key, Arc<Semaphore>>>);

/// A user's turn; it ends when this is dropped.
pub(crate) struct Turn<'a> {
    turns: &'a Turns,
    key: Key,
    semaphore: Option<Arc<Semaphore>>,
    permit: Option<OwnedSemaphorePermit>,
    /// Logins that may be under way while none has failed.
    places: u32,
}

impl Turns {
    /// Logins of one user under way at the most, whatever the realm allows.
    const MOST: u32 = 32;
    /// Logins of one user under way or waiting; further ones are refused at once, so that nobody can queue up work without end.
    const MOST_WAITING: usize = 512;

    /// Waits for the turn of a login of a user (or device). `read` gives what there is to know of the failures so far,
    /// `failures` counts them in it: `None` where the login is refused whatever comes, so that it needs no turn.
    ///
    /// What is given was read during the turn, so what has failed and what is under way never exceed the factor together.
    pub(crate) async fn take<T, E: From<PoolFull>>(
        &self,
        (realm, user, failure_factor): (&RealmName, &str, u32),
        read: impl AsyncFn() -> Result<T, E>,
        failures: impl Fn(&T) -> Option<u32>,
    ) -> Result<(Option<Turn<'_>>, T), E> {
        let mut turn = self.join((realm.clone(), Box::from(user)), failure_factor)?;
        let mut held = 1;
        loop {
            turn.hold(held).await;
            let known = read().await?;
            let Some(failures) = failures(&known) else { return Ok((None, known)) };
            // A place for each failure counted and one for this login.
            let needed = failures.saturating_add(1).min(turn.places);
            if needed <= held {
                return Ok((Some(turn), known));
            }
            held = needed;
        }
    }

    fn join(&self, key: Key, failure_factor: u32) -> Result<Turn<'_>, PoolFull> {
        let places = failure_factor.clamp(1, Self::MOST);
        let mut users = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let semaphore = users.entry(key.clone()).or_insert_with(|| Arc::new(Semaphore::new(places as usize)));
        let semaphore = Arc::clone(semaphore);
        drop(users);
        let company = Arc::strong_count(&semaphore);
        let turn = Turn { turns: self, key, semaphore: Some(semaphore), permit: None, places };
        if company > Self::MOST_WAITING { Err(PoolFull) } else { Ok(turn) }
    }

    /// Users with a login under way.
    #[cfg(test)]
    fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

impl Turn<'_> {
    /// Waits until so many places are free, having given back those held before.
    async fn hold(&mut self, places: u32) {
        self.permit = None;
        if let Some(semaphore) = &self.semaphore {
            self.permit = Arc::clone(semaphore).acquire_many_owned(places).await.ok();
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.permit = None;
        let mut users = self.turns.0.lock().unwrap_or_else(PoisonError::into_inner);
        self.semaphore = None; // given back under the lock, so that of two who end at once the later one sees that it is the last
        if users.get(&self.key).is_some_and(|semaphore| Arc::strong_count(semaphore) == 1) {
            users.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use futures_util::FutureExt;
    use futures_util::future::join_all;

    use super::*;

    const FACTOR: u32 = 3;

    fn take(turns: &Turns, failed: u32) -> Option<Turn<'_>> {
        let read = async || Ok::<_, PoolFull>(failed);
        turns.take((&"r".into(), "u", FACTOR), read, |failed| Some(*failed)).now_or_never().and_then(|got| got.unwrap().0)
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

    /// Guesses sent at once to stores of any speed: of each, reading, verifying and counting take other times.
    #[tokio::test]
    async fn guesses_sent_at_once_are_never_more_than_the_failure_factor() {
        for seed in 0..50_u32 {
            let (turns, failed, verified) = (Turns::default(), AtomicU32::new(0), AtomicU32::new(0));
            let pause = async |guess: u32, step: u32| {
                for _ in 0..guess.wrapping_mul(2_654_435_761).wrapping_add(seed.wrapping_mul(40_503)).rotate_left(step * 7) % 5 {
                    tokio::task::yield_now().await;
                }
            };
            let guess = async |n: u32| {
                let read = async || {
                    pause(n, 1).await;
                    let failed = failed.load(Ordering::Relaxed);
                    pause(n, 2).await;
                    Ok::<_, PoolFull>(failed)
                };
                let unlocked = |failed: &u32| (*failed < FACTOR).then_some(*failed);
                let (turn, _) = turns.take((&"r".into(), "u", FACTOR), read, unlocked).await.unwrap();
                if turn.is_some() {
                    verified.fetch_add(1, Ordering::Relaxed);
                    pause(n, 3).await;
                    failed.fetch_add(1, Ordering::Relaxed);
                    pause(n, 4).await;
                }
            };
            join_all((0..64).map(guess)).await;
            assert_eq!(verified.into_inner(), FACTOR, "seed {seed}");
            assert_eq!(turns.len(), 0);
        }
    }

    #[test]
    fn who_comes_when_too_many_wait_is_refused_at_once() {
        let turns = Turns::default();
        let under_way = [take(&turns, 0), take(&turns, 0), take(&turns, 0)];
        let waiting: Vec<_> = (0..Turns::MOST_WAITING).map_while(|_| turns.join(("r".into(), "u".into()), FACTOR).ok()).collect();
        assert!(waiting.len() < Turns::MOST_WAITING);
        drop((under_way, waiting));
        assert_eq!(turns.len(), 0);
    }
}
