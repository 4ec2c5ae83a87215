//! Makes the changes of a table durable: one thread appends them in groups to a log on disk.
//!
//! The log is ordered by place; the last entry of a key tells what stands under it. Its oldest end is cleared little by little
//! while it is more than twice as long as need be: what still stands is appended again, what does not is dropped. So every
//! commit touches a few pages at either end, however many records there are. An expired record is dropped from memory alone:
//! its entry goes when the clearing comes by.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Weak};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use ambient::Timestamp;
use tokio::sync::oneshot;

use crate::StoreError;
use crate::shard::{Parts, Slot};
use crate::table::{Journal, Table};

/// Changes that go into one commit at most.
const GROUP: usize = 4096;

/// Changes that nobody waits for are committed when there are so many, when a change comes that somebody waits for, or when none
/// has come for this long: so each becomes durable within a third of a second.
const PATIENT: usize = 64;
const PATIENCE: Duration = Duration::from_millis(5);

/// Entries that may be superfluous, besides as many as there are records.
const SLACK: u64 = 4096;

const FORMAT: u8 = 1;
const RECORD: u8 = 0;
const REMOVAL: u8 = 1;

/// An entry of the log: its place and its bytes.
pub(crate) type Entry = (u64, Vec<u8>);

/// Is given each entry of a disk, in order.
pub(crate) type Each<'a> = &'a mut dyn FnMut(u64, &[u8]) -> Result<(), StoreError>;

/// Where the log is. Used by one thread.
pub(crate) trait Disk: Send + 'static {
    /// Opens, if need be makes, and reads all there is.
    fn load(&mut self, each: Each<'_>) -> Result<(), StoreError>;

    /// The oldest entries, up to `at_most`.
    fn oldest(&mut self, at_most: usize) -> Result<Vec<Entry>, StoreError>;

    /// Drops all up to `cleared` and appends: durably all of it, or nothing and an error. After an error the next call begins
    /// anew, if need be by opening again.
    fn commit(&mut self, cleared: Option<u64>, append: &[Entry]) -> Result<(), StoreError>;

    /// For errors.
    fn path(&self) -> &Path;
}

/// A change on its way to the disk, and how to take it back.
struct Change {
    key: Box<[u8]>,
    entry: Vec<u8>,
    /// The version the change made; `None`: it removed.
    version: Option<u64>,
    before: Option<Slot>,
    /// Who waits for it. Where nobody does, it is not taken back.
    done: Option<oneshot::Sender<Result<(), StoreError>>>,
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
        let (entry, version) = (entry(key, after), after.map(|slot| slot.version));
        let change = Change { key: key.into(), entry, version, before, done: Some(done) };
        // Where the thread has ended, `done` is dropped with the message and the caller learns it from that.
        let _ = self.0.send(Message::Change(change));
        durable
    }

    fn note_soon(&self, key: &[u8], after: &Slot) {
        let (entry, version) = (entry(key, Some(after)), Some(after.version));
        let _ = self.0.send(Message::Change(Change { key: key.into(), entry, version, before: None, done: None }));
    }
}

impl FileJournal {
    /// Writes what is on its way and ends the thread.
    pub(crate) async fn stop(&self) {
        let (done, stopped) = oneshot::channel();
        self.send_stop(done);
        let _ = stopped.await;
    }

    /// The same without waiting.
    pub(crate) fn end(&self) {
        self.send_stop(oneshot::channel().0);
    }

    fn send_stop(&self, stop: oneshot::Sender<()>) {
        let _ = self.0.send(Message::Stop(stop));
    }

    /// Whether the thread is there and not stuck.
    pub(crate) async fn is_writing(&self) -> bool {
        let (here, answer) = oneshot::channel();
        self.0.send(Message::Ping(here)).is_ok() && answer.await.is_ok()
    }
}

/// The bytes of an entry: format, what it is, then end (milliseconds, little endian) and blob of a record, or the key of what
/// was removed.
fn entry(key: &[u8], after: Option<&Slot>) -> Vec<u8> {
    match after {
        Some(slot) => [&[FORMAT, RECORD], &slot.expires_at.millis().to_le_bytes() as &[u8], &slot.blob].concat(),
        None => [&[FORMAT, REMOVAL], key].concat(),
    }
}

/// What an entry says.
enum Said<'a> {
    Stands(&'a [u8], Timestamp),
    Removed(&'a [u8]),
}

fn said(entry: &[u8]) -> Result<Said<'_>, StoreError> {
    const WHAT: &str = "session file";
    match entry {
        [FORMAT, RECORD, rest @ ..] => {
            let (end, blob) = rest.split_first_chunk().ok_or(StoreError::Malformed { what: WHAT })?;
            Ok(Said::Stands(blob, Timestamp::from_millis(i64::from_le_bytes(*end))))
        }
        [FORMAT, REMOVAL, key @ ..] => Ok(Said::Removed(key)),
        [found, ..] if *found > FORMAT => Err(StoreError::NewerFormat { what: WHAT, found: *found, known: FORMAT }),
        _ => Err(StoreError::Malformed { what: WHAT }),
    }
}

/// Loads a table from `disk` and starts its writer.
pub(crate) async fn start<D: Disk>(disk: D) -> Result<(Arc<Table<FileJournal>>, JoinHandle<()>), StoreError> {
    let (sender, receiver) = channel();
    let table = Arc::new(Table::new(FileJournal(sender)));
    let (ready, loaded) = oneshot::channel();
    let path = disk.path().to_owned();
    let writer = Writer { disk, table: Arc::downgrade(&table), unsettled: Vec::new(), length: 0, last: 0 };
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
    /// Entries in the log.
    length: u64,
    /// The place of the youngest one.
    last: u64,
}

/// What one commit does.
#[derive(Default)]
struct Batch {
    cleared: Option<u64>,
    dropped: u64,
    append: Vec<Entry>,
    /// Key and version of what is appended, in the same order; no version where nothing in memory is to know its place.
    places: Vec<(Box<[u8]>, Option<u64>)>,
}

impl Batch {
    fn append(&mut self, last: u64, entry: Vec<u8>, key: Box<[u8]>, version: Option<u64>) {
        self.append.push((last + self.append.len() as u64 + 1, entry));
        self.places.push((key, version));
    }
}

impl<D: Disk> Writer<D> {
    fn run(mut self, ready: oneshot::Sender<Result<(), StoreError>>, receiver: &Receiver<Message>) {
        let loaded = self.load();
        let failed = loaded.is_err();
        if ready.send(loaded).is_err() || failed {
            return;
        }
        while let Ok(first) = receiver.recv() {
            let (group, stop) = linger(gather(Some(first), receiver, GROUP), receiver);
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
        let (length, last) = (&mut self.length, &mut self.last);
        self.disk.load(&mut |place, entry| {
            match said(entry)? {
                Said::Stands(blob, end) => table.load(blob, end, place),
                Said::Removed(key) => table.unload(key),
            }
            *length += 1;
            *last = place;
            Ok(())
        })
    }

    /// Commits a group. Where that fails, so does all that was queued meanwhile, since it may stand upon it; memory goes back
    /// to what is on disk.
    fn settle(&mut self, mut group: Vec<Change>, receiver: &Receiver<Message>) {
        let Some(table) = self.table.upgrade() else { return };
        let outcome = catch_unwind(AssertUnwindSafe(|| self.commit(&table, &mut group)));
        let fact = "the writer failed; see the log".into();
        let outcome = outcome.unwrap_or_else(|_| Err(StoreError::Io { path: self.disk.path().to_owned(), fact }));
        let Err(error) = outcome else {
            group.into_iter().filter_map(|change| change.done).for_each(|done| drop(done.send(Ok(()))));
            return;
        };
        log::error!("{error}");
        let (queued, stop) = gather(None, receiver, usize::MAX);
        group.extend(queued);
        let mut told = Vec::with_capacity(group.len());
        for change in group.into_iter().rev() {
            if change.done.is_some() {
                table.take_back(&change.key, change.version, change.before);
            }
            self.unsettled.push(change.key);
            told.extend(change.done);
        }
        told.into_iter().for_each(|done| drop(done.send(Err(error.clone()))));
        if let Some(stop) = stop {
            table.journal.send_stop(stop);
        }
    }

    fn commit(&mut self, table: &Table<FileJournal>, group: &mut [Change]) -> Result<(), StoreError> {
        let mut batch = Batch::default();
        self.clear_oldest(table, group.len(), &mut batch)?;
        for key in &self.unsettled {
            let (entry, version) = table.peek(key, |slot| (entry(key, slot), slot.map(|slot| slot.version)));
            batch.append(self.last, entry, key.clone(), version);
        }
        for change in group {
            batch.append(self.last, std::mem::take(&mut change.entry), change.key.clone(), change.version);
        }
        self.disk.commit(batch.cleared, &batch.append)?;
        self.unsettled.clear();
        self.length = (self.length + batch.append.len() as u64).saturating_sub(batch.dropped);
        for ((place, _), (key, version)) in batch.append.iter().zip(&batch.places) {
            self.last = *place;
            if let Some(version) = version {
                table.set_place(key, *version, *place);
            }
        }
        Ok(())
    }

    /// Chooses the oldest entries to be dropped, a few for each that comes, and appends those again that still stand.
    fn clear_oldest(&mut self, table: &Table<FileJournal>, coming: usize, batch: &mut Batch) -> Result<(), StoreError> {
        if self.length <= SLACK || self.length <= 2 * table.size().records + SLACK {
            return Ok(());
        }
        for (place, entry) in self.disk.oldest(3 * coming + 8)? {
            batch.cleared = Some(place);
            batch.dropped += 1;
            let Said::Stands(blob, _) = said(&entry)? else { continue };
            let Some(key) = Parts::of(blob).map(|parts| Box::from(parts.key)) else { continue };
            // One without a place was changed in memory by a group that comes later: until then this entry is what counts.
            let standing = table.peek(&key, |slot| slot.map(|slot| (slot.place, slot.version)));
            match standing {
                Some((at, version)) if at == place => batch.append(self.last, entry, key, Some(version)),
                Some((0, _)) => batch.append(self.last, entry, key, None),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Changes to be committed together; and who waits for the end, if it has come.
type Group = (Vec<Change>, Option<oneshot::Sender<()>>);

/// Waits a little for more, as long as nobody waits for any of it.
fn linger((mut group, mut stop): Group, receiver: &Receiver<Message>) -> Group {
    while stop.is_none() && (1..PATIENT).contains(&group.len()) && group.iter().all(|change| change.done.is_none()) {
        let Ok(next) = receiver.recv_timeout(PATIENCE) else { break };
        let (more, end) = gather(Some(next), receiver, GROUP);
        group.extend(more);
        stop = end;
    }
    (group, stop)
}

/// What is queued, without waiting: while one group is being committed the next one gathers.
fn gather(first: Option<Message>, receiver: &Receiver<Message>, at_most: usize) -> Group {
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
