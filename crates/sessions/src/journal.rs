use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Weak};
use std::thread::{self, JoinHandle};

use tokio::sync::oneshot;

use crate::StoreError;
use crate::shard::Slot;
use crate::table::{Journal, Table};

/// Changes that go into one commit at most.
const GROUP: usize = 4096;

/// What stands under a key: the end of its time in milliseconds and the rest of its blob; `None`: nothing.
pub(crate) type After = Option<(i64, Box<[u8]>)>;

/// Is given each record of a disk: key, end, rest of the blob.
pub(crate) type Each<'a> = &'a mut dyn FnMut(&[u8], i64, &[u8]);

/// A place that outlives the process. Used by one thread.
pub(crate) trait Disk: Send + 'static {
    /// Opens, if need be makes, and reads all there is.
    fn load(&mut self, each: Each<'_>) -> Result<(), StoreError>;

    /// Makes all of these changes durable, or none and fails. After a failure the next call begins anew, if need be by opening
    /// again.
    fn commit(&mut self, changes: &BTreeMap<Box<[u8]>, After>) -> Result<(), StoreError>;

    /// For errors.
    fn path(&self) -> &Path;
}

/// A change on its way to the disk, and how to take it back.
struct Change {
    key: Box<[u8]>,
    after: After,
    /// The version the change made; `None`: it removed.
    version: Option<u64>,
    before: Option<Slot>,
    done: oneshot::Sender<Result<(), StoreError>>,
}

enum Message {
    Change(Change),
    Ping(oneshot::Sender<()>),
    Stop(oneshot::Sender<()>),
}

/// Hands every change to the one thread that writes; the caller of a verb waits until the group with its change is durable.
pub(crate) struct FileJournal(Sender<Message>);

pub(crate) type Durable = oneshot::Receiver<Result<(), StoreError>>;

impl Journal for FileJournal {
    type Receipt = Durable;

    fn note(&self, key: &[u8], after: Option<&Slot>, before: Option<Slot>) -> Durable {
        let (done, durable) = oneshot::channel();
        let version = after.map(|slot| slot.version);
        let after = after.map(|slot| (slot.expires_at.millis(), slot.blob.get(key.len()..).unwrap_or_default().into()));
        // Where the thread has ended, `done` is dropped with the message and the caller learns it from that.
        let _ = self.0.send(Message::Change(Change { key: key.into(), after, version, before, done }));
        durable
    }
}

impl FileJournal {
    /// Writes what is on its way and ends the thread.
    pub(crate) async fn stop(&self) {
        let (done, stopped) = oneshot::channel();
        if self.0.send(Message::Stop(done)).is_ok() {
            let _ = stopped.await;
        }
    }

    fn stop_again(&self, stop: oneshot::Sender<()>) {
        let _ = self.0.send(Message::Stop(stop));
    }

    /// The same without waiting.
    pub(crate) fn end(&self) {
        self.stop_again(oneshot::channel().0);
    }

    /// Whether the thread is there and not stuck.
    pub(crate) async fn is_writing(&self) -> bool {
        let (here, answer) = oneshot::channel();
        self.0.send(Message::Ping(here)).is_ok() && answer.await.is_ok()
    }
}

/// Loads a table from `disk` and starts its writer.
pub(crate) async fn start<D: Disk>(disk: D) -> Result<(Arc<Table<FileJournal>>, JoinHandle<()>), StoreError> {
    let (sender, receiver) = channel();
    let table = Arc::new(Table::new(FileJournal(sender)));
    let (ready, loaded) = oneshot::channel();
    let path = disk.path().to_owned();
    let writer = Writer { disk, table: Arc::downgrade(&table), unsettled: Vec::new() };
    let thread = thread::Builder::new()
        .name("sessions-writer".into())
        .spawn(move || writer.run(ready, &receiver))
        .map_err(|error| StoreError::Io { path: path.clone(), fact: error.to_string() })?;
    // A damaged file may make its reader panic; then `ready` is dropped unsent.
    let unreadable = |_| Err(StoreError::Corrupt { path, fact: "its content is damaged".into() });
    loaded.await.unwrap_or_else(unreadable)?;
    Ok((table, thread))
}

struct Writer<D> {
    disk: D,
    table: Weak<Table<FileJournal>>,
    /// Keys whose state in memory may be another than on disk, after a commit that failed: written with the next group.
    unsettled: Vec<Box<[u8]>>,
}

impl<D: Disk> Writer<D> {
    fn run(mut self, ready: oneshot::Sender<Result<(), StoreError>>, receiver: &Receiver<Message>) {
        let loaded = self.load();
        let failed = loaded.is_err();
        if ready.send(loaded).is_err() || failed {
            return;
        }
        while let Ok(first) = receiver.recv() {
            let (group, stop) = gather(Some(first), receiver, GROUP);
            if !group.is_empty() {
                self.settle(group, receiver);
            }
            if let Some(stop) = stop {
                drop(self.disk);
                let _ = stop.send(());
                return;
            }
        }
    }

    fn load(&mut self) -> Result<(), StoreError> {
        let Some(table) = self.table.upgrade() else { return Err(StoreError::Closed) };
        self.disk.load(&mut |key, expires_at, rest| table.load(key, expires_at, rest))
    }

    /// Commits a group. Where that fails, so does all that was queued meanwhile, since it may stand upon it; memory goes back
    /// to what is on disk.
    fn settle(&mut self, mut group: Vec<Change>, receiver: &Receiver<Message>) {
        let changes = self.changes(&mut group);
        let outcome = catch_unwind(AssertUnwindSafe(|| self.disk.commit(&changes)))
            .unwrap_or_else(|_| Err(self.refused("the writer failed; see the log")));
        let Err(error) = outcome else {
            self.unsettled.clear();
            group.into_iter().for_each(|change| drop(change.done.send(Ok(()))));
            return;
        };
        log::error!("{error}");
        let (queued, stop) = gather(None, receiver, usize::MAX);
        group.extend(queued);
        let mut told = Vec::with_capacity(group.len());
        for change in group.into_iter().rev() {
            self.take_back(change.key, change.version, change.before);
            told.push(change.done);
        }
        told.into_iter().for_each(|done| drop(done.send(Err(error.clone()))));
        if let (Some(stop), Some(table)) = (stop, self.table.upgrade()) {
            table.journal.stop_again(stop);
        }
    }

    /// The last state of every key of the group.
    fn changes(&self, group: &mut [Change]) -> BTreeMap<Box<[u8]>, After> {
        let mut changes = BTreeMap::new();
        if let Some(table) = self.table.upgrade() {
            changes.extend(self.unsettled.iter().map(|key| (key.clone(), table.state(key))));
        }
        for change in group {
            changes.insert(change.key.clone(), change.after.take());
        }
        changes
    }

    /// Undoes a change, unless another came after it: that one was told nothing yet and writes the whole record.
    fn take_back(&mut self, key: Box<[u8]>, version: Option<u64>, before: Option<Slot>) {
        let undone = self.table.upgrade().is_none_or(|table| table.take_back(&key, version, before));
        if !undone {
            self.unsettled.push(key);
        }
    }

    fn refused(&self, fact: &str) -> StoreError {
        StoreError::Io { path: self.disk.path().to_owned(), fact: fact.into() }
    }
}

/// What is queued, without waiting: while one group is being committed the next one gathers.
fn gather(first: Option<Message>, receiver: &Receiver<Message>, at_most: usize) -> (Vec<Change>, Option<oneshot::Sender<()>>) {
    let mut group = Vec::new();
    let mut next = first.or_else(|| receiver.try_recv().ok());
    while let Some(message) = next {
        match message {
            Message::Change(change) => group.push(change),
            Message::Ping(here) => drop(here.send(())),
            Message::Stop(stop) => return (group, Some(stop)),
        }
        next = if group.len() < at_most { receiver.try_recv().ok() } else { None };
    }
    (group, None)
}

#[cfg(test)]
mod tests;
