//! From requests to the store: a bounded queue, and the one task that empties it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ambient::{Clock, Entropy, Timestamp};
use realm_store::{EventRow, Repository, Shown};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::{Notify, oneshot};

use crate::{AdminEvent, Event, represent};

/// Events that wait at the most; further ones are lost, and counted.
const LONGEST: usize = 10_000;
/// Events that are written together at the most.
const TOGETHER: usize = 500;
/// How long the first of them waits for others: a write to the disk costs as much CPU as several events.
const GATHERING: Duration = Duration::from_millis(50);
/// How often the store is tried before events are given up.
const TRIES: u32 = 5;
/// How often it is told that events were lost, and what has expired is removed.
const HOUSEKEEPING: Duration = Duration::from_secs(60);

/// For whom an event is kept, and until when.
#[derive(Clone, Copy)]
pub(crate) struct Keep {
    pub(crate) shown: Shown,
    pub(crate) expires: Option<i64>,
}

pub(crate) enum Happened {
    Event(Event),
    Admin(AdminEvent),
}

/// An event on its way to the store.
pub(crate) struct Kept {
    pub(crate) happened: Happened,
    pub(crate) time: Timestamp,
    pub(crate) realm_id: String,
    pub(crate) keep: Keep,
}

pub(crate) enum Message {
    Keep(Box<Kept>),
    /// All before it is to be written.
    Flush(oneshot::Sender<()>),
}

/// What requests and the writer share.
pub(crate) struct Shared {
    pub(crate) store: Arc<dyn Repository>,
    pub(crate) clock: Arc<dyn Clock>,
    queue: Sender<Message>,
    lost: AtomicU64,
    /// Rung when there is something new in the store.
    pub(crate) written: Notify,
}

impl Shared {
    /// Never waits: an event for which there is no room is lost.
    pub(crate) fn keep(&self, kept: Kept) {
        if self.queue.try_send(Message::Keep(Box::new(kept))).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Returns when all that was recorded so far is in the store, or given up.
    pub(crate) async fn flush(&self) {
        let (done, written) = oneshot::channel();
        if self.queue.send(Message::Flush(done)).await.is_ok() {
            let _ = written.await;
        }
    }
}

/// Writes what is recorded.
pub struct EventWriter {
    shared: Arc<Shared>,
    queue: Receiver<Message>,
    entropy: Arc<dyn Entropy>,
}

pub(crate) fn start(store: Arc<dyn Repository>, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> (Arc<Shared>, EventWriter) {
    let (sender, receiver) = channel(LONGEST);
    let shared = Arc::new(Shared { store, clock, queue: sender, lost: AtomicU64::new(0), written: Notify::new() });
    (Arc::clone(&shared), EventWriter { shared, queue: receiver, entropy })
}

impl EventWriter {
    /// Writes until the server ends.
    pub async fn run(mut self) {
        let mut housekeeping = tokio::time::interval(HOUSEKEEPING);
        let mut waiting = Vec::with_capacity(TOGETHER);
        loop {
            tokio::select! {
                count = self.queue.recv_many(&mut waiting, TOGETHER) => {
                    if count == 0 {
                        return;
                    }
                    self.gather(&mut waiting).await;
                    self.write(&mut waiting).await;
                }
                _ = housekeeping.tick() => self.keep_house().await,
            }
        }
    }

    /// Waits for more, unless somebody waits for what is there.
    async fn gather(&mut self, waiting: &mut Vec<Message>) {
        let enough = tokio::time::sleep(GATHERING);
        tokio::pin!(enough);
        let mut seen = 0;
        while waiting.len() < TOGETHER && !waiting.iter().skip(seen).any(|message| matches!(message, Message::Flush(_))) {
            seen = waiting.len();
            tokio::select! {
                more = self.queue.recv_many(waiting, TOGETHER - seen) => if more == 0 { return },
                () = &mut enough => return,
            }
        }
    }

    async fn write(&self, waiting: &mut Vec<Message>) {
        let (mut rows, mut flushed) = (Vec::with_capacity(waiting.len()), Vec::new());
        for message in waiting.drain(..) {
            match message {
                Message::Keep(kept) => rows.push(self.row(*kept)),
                Message::Flush(done) => flushed.push(done),
            }
        }
        if !rows.is_empty() {
            self.append(rows).await;
            self.shared.written.notify_waiters();
        }
        for done in flushed {
            let _ = done.send(());
        }
    }

    async fn append(&self, rows: Vec<EventRow>) {
        let count = rows.len() as u64;
        for attempt in 1..=TRIES {
            match self.shared.store.append_events(rows.clone()).await {
                Ok(()) => return,
                Err(error) if attempt == TRIES => log::error!("events are not kept: {error}"),
                Err(_) => tokio::time::sleep(Duration::from_millis(100 << attempt)).await,
            }
        }
        self.shared.lost.fetch_add(count, Ordering::Relaxed);
    }

    async fn keep_house(&self) {
        let lost = self.shared.lost.swap(0, Ordering::Relaxed);
        if lost > 0 {
            log::warn!("{lost} events are lost: they came faster than the store takes them");
        }
        if let Err(error) = self.shared.store.expire_events(self.shared.clock.now().millis()).await {
            log::debug!("expired events stay for now: {error}");
        }
    }

    fn row(&self, kept: Kept) -> EventRow {
        let id = self.entropy.uuid().to_string();
        represent::row(kept, &id)
    }
}
