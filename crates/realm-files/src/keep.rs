//! Realm files are kept in force: read when they change, compared, applied; a broken one leaves what holds.

mod pass;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use realm_store::{DeclaredUsers, StoreError};
use tokio::sync::Notify;

use crate::apply::Reconciler;
use crate::plan::Plan;
use crate::reconcile::{Options, applied};
use crate::sources::Digest;
use crate::status::Status;
use crate::watch::{Stamp, Watcher};

/// Files are looked at no more often than this where no event tells of a change.
const LEAST_INTERVAL: Duration = Duration::from_millis(500);

/// Looking takes no more than this part of the time.
const SHARE: u32 = 100;

/// Keeps the files under some paths in force.
pub struct Keeper {
    reconciler: Reconciler,
    paths: Vec<PathBuf>,
    options: Options,
    status: Arc<Status>,
    /// What was read last, by file or folder.
    known: BTreeMap<PathBuf, Known>,
    /// Which of them has which realm.
    owners: HashMap<String, PathBuf>,
    /// Realms that were in files and may be in none any more.
    left: BTreeSet<String>,
    watcher: Watcher,
}

/// A source as it was read last.
#[derive(Clone, Debug, Default)]
struct Known {
    stamps: Vec<Option<Stamp>>,
    /// Whether it was read twice and was the same: two writes within one tick of the file system's clock leave the same stamp.
    is_settled: bool,
    /// Of what was read, good or not.
    seen: Digest,
    /// Of what was applied.
    digest: Digest,
    /// The realms in it; of a broken one those that it had before.
    realms: Vec<String>,
}

/// How much is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// At files that are not as they were.
    Changed,
    /// At all: a file that was refused or could not be applied is tried again.
    Again,
}

impl Keeper {
    /// Of the files under `paths`; nothing is read yet.
    pub fn new(reconciler: Reconciler, paths: Vec<PathBuf>, options: Options, status: Arc<Status>) -> Self {
        let (known, owners, left) = Default::default();
        Self { reconciler, paths, options, status, known, owners, left, watcher: Watcher::new() }
    }

    /// Brings all files into force that are not as they were applied last, at the start of a server: those that are are not parsed.
    /// Returns what was done (of realms that were made not each change). What is wrong with files stands in the status afterwards.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn start(&mut self) -> Result<Vec<Plan>, StoreError> {
        self.remember_applied().await?;
        Ok(self.pass(Look::Changed).await)
    }

    /// Keeps files in force until the process ends; `reload` makes it look at all of them at once.
    pub async fn run(mut self, reload: Arc<Notify>) {
        let mut interval = LEAST_INTERVAL;
        loop {
            let look = tokio::select! {
                () = self.watcher.changed() => Look::Changed,
                () = reload.notified() => Look::Again,
                () = tokio::time::sleep(interval) => Look::Changed,
            };
            let began = self.reconciler.clock.now();
            let done = self.pass(look).await;
            if done.is_empty() {
                let took = self.reconciler.clock.now().millis_since(began);
                let took = Duration::from_millis(u64::try_from(took).unwrap_or_default());
                interval = LEAST_INTERVAL.max(took * SHARE);
            }
        }
    }

    /// The files that were applied before this process began.
    async fn remember_applied(&mut self) -> Result<(), StoreError> {
        let live = Arc::clone(&self.reconciler.live);
        let mut sources: HashMap<PathBuf, (Digest, Vec<String>)> = HashMap::new();
        for realm in live.snapshots().realms() {
            let Some(id) = live.realm_id(realm.as_str()) else { continue };
            let declared = live.repository().declared(&id, DeclaredUsers::Leave).await?;
            let Some(applied) = applied(&declared) else { continue };
            let (digest, realms) =
                sources.entry(PathBuf::from(&applied.source)).or_insert_with(|| (applied.digest.clone(), Vec::new()));
            if *digest != applied.digest {
                *digest = Digest::default(); // not all of its realms are as the file has them
            }
            realms.push(realm.to_string());
        }
        for (path, (digest, realms)) in sources {
            self.owners.extend(realms.iter().map(|realm| (realm.clone(), path.clone())));
            self.known.insert(path, Known { digest, realms, ..Known::default() });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
