//! How far a subscriber has come. The store moves it by compare-and-swap, so that of several replicas one sends at a time, and
//! whoever was slower stops.

use realm_model::{Realm, Webhook};
use realm_store::{Repository, StoreError};
use serde::{Deserialize, Serialize};

/// Milliseconds that whoever sends has for one message and the note of it.
const LEASE: i64 = 30_000;
/// Milliseconds before the first further try; each further wait is twice as long.
const FIRST_WAIT: i64 = 1_000;
/// Milliseconds between tries at the most.
const LONGEST_WAIT: i64 = 3_600_000;
/// Rounds of a lost race.
const ROUNDS: usize = 16;

/// What is kept of a subscriber.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Progress {
    /// The place of the last event that it has, or did not want.
    pub(crate) offset: i64,
    /// Until when somebody is sending, milliseconds since the epoch.
    pub(crate) lease: i64,
    /// Tries that failed since the last that did not.
    pub(crate) failures: u32,
    /// Before then nothing is tried.
    pub(crate) next: i64,
    /// Why the last try failed.
    pub(crate) error: Option<String>,
}

impl Progress {
    /// Whether somebody may send now.
    pub(crate) const fn is_due(&self, now: i64) -> bool {
        self.lease <= now && self.next <= now
    }

    /// Somebody sends from now on.
    pub(crate) fn claimed(&self, now: i64) -> Self {
        Self { lease: now.saturating_add(LEASE), ..self.clone() }
    }

    /// All up to `offset` has arrived, or was not wanted; more is sent.
    pub(crate) const fn arrived(offset: i64, now: i64) -> Self {
        Self { offset, lease: now.saturating_add(LEASE), failures: 0, next: 0, error: None }
    }

    /// Nothing is sent for now.
    pub(crate) fn released(&self) -> Self {
        Self { lease: 0, ..self.clone() }
    }

    /// A try failed: the next one is later.
    pub(crate) fn failed(&self, error: String, now: i64) -> Self {
        let wait = FIRST_WAIT.saturating_mul(1 << self.failures.min(20)).min(LONGEST_WAIT);
        let failures = self.failures.saturating_add(1);
        Self { offset: self.offset, lease: 0, failures, next: now.saturating_add(wait), error: Some(error) }
    }
}

/// A place of the store: progress, and the version of it.
pub(crate) struct Place<'a> {
    store: &'a dyn Repository,
    realm_id: &'a str,
    name: &'a str,
    version: i64,
    pub(crate) progress: Progress,
}

impl<'a> Place<'a> {
    /// Where the subscriber is; at the beginning where it is new.
    pub(crate) async fn of(store: &'a dyn Repository, realm: &'a Realm, webhook: &'a Webhook) -> Result<Self, StoreError> {
        let cursor = store.event_cursor(&realm.id, &webhook.name).await?;
        let progress = cursor.as_ref().and_then(|cursor| serde_json::from_str(&cursor.body).ok()).unwrap_or_default();
        let version = cursor.map_or(0, |cursor| cursor.version);
        Ok(Self { store, realm_id: &realm.id, name: &webhook.name, version, progress })
    }

    /// Moves it; `false`: somebody else did.
    pub(crate) async fn move_to(&mut self, progress: Progress) -> Result<bool, StoreError> {
        let body = serde_json::to_string(&progress).unwrap_or_default();
        let moved = self.store.move_event_cursor(self.realm_id, self.name, self.version, body).await?;
        if moved {
            self.version += 1;
            self.progress = progress;
        }
        Ok(moved)
    }
}

/// Sends everything from the place `from` on again, whoever is sending now.
pub(crate) async fn replay(store: &dyn Repository, (realm, webhook): (&Realm, &Webhook), from: i64) -> Result<bool, StoreError> {
    for _ in 0..ROUNDS {
        let mut place = Place::of(store, realm, webhook).await?;
        if place.move_to(Progress { offset: from.saturating_sub(1).max(0), ..Progress::default() }).await? {
            return Ok(true);
        }
    }
    Ok(false)
}
