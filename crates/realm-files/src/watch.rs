//! Tells when something in some folders may have changed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::Notify;
use tokio::time::timeout;

/// When nothing happened for so long, writing has settled.
const SETTLED: Duration = Duration::from_millis(50);

/// Whoever writes on and on is not waited for longer than this, in units of [`SETTLED`].
const PATIENCE: usize = 10;

/// Watches folders by the events of the operating system. Where it has none (bind mounts, network folders), it never tells anything:
/// whoever uses it looks for himself from time to time.
pub struct Watcher {
    inner: Option<RecommendedWatcher>,
    folders: BTreeSet<PathBuf>,
    happened: Arc<Notify>,
}

impl Watcher {
    /// Watches nothing yet.
    pub fn new() -> Self {
        let happened = Arc::new(Notify::new());
        let tell = Arc::clone(&happened);
        let handler = move |event: notify::Result<notify::Event>| {
            if event.is_ok_and(|event| !event.kind.is_access()) {
                tell.notify_one();
            }
        };
        let inner = notify::recommended_watcher(handler)
            .inspect_err(|error| log::warn!("files are looked at from time to time only: {error}"))
            .ok();
        Self { inner, folders: BTreeSet::new(), happened }
    }

    /// Watches these folders and no others.
    pub fn set(&mut self, folders: &[PathBuf]) {
        let wanted: BTreeSet<PathBuf> = folders.iter().cloned().collect();
        let Some(inner) = &mut self.inner else { return };
        for gone in self.folders.difference(&wanted) {
            let _ = inner.unwatch(gone);
        }
        self.folders = wanted.into_iter().filter(|folder| self.folders.contains(folder) || watched(inner, folder)).collect();
    }

    /// Returns when something happened and writing has settled.
    pub async fn changed(&self) {
        self.happened.notified().await;
        for _ in 0..PATIENCE {
            if timeout(SETTLED, self.happened.notified()).await.is_err() {
                return;
            }
        }
    }
}

impl Default for Watcher {
    fn default() -> Self {
        Self::new()
    }
}

fn watched(inner: &mut RecommendedWatcher, folder: &Path) -> bool {
    match inner.watch(folder, RecursiveMode::NonRecursive) {
        Ok(()) => true,
        Err(error) => {
            log::debug!("{} is looked at from time to time only: {error}", folder.display());
            false
        }
    }
}

/// What tells that a file is not what it was, without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    length: u64,
    modified: Option<std::time::SystemTime>,
    inode: u64,
}

impl Stamp {
    /// Of the file that is there now; `None` where there is none.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let metadata = std::fs::metadata(path).ok()?;
        #[cfg(unix)]
        let inode = std::os::unix::fs::MetadataExt::ino(&metadata);
        #[cfg(not(unix))]
        let inode = 0;
        Some(Self { length: metadata.len(), modified: metadata.modified().ok(), inode })
    }
}
