//! The one thread that writes: what waits at the same time becomes durable together.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::StoreError;

/// So many changes share one write to the disk at most.
const TOGETHER: usize = 64;

/// How long a change takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Size {
    /// It may share a transaction with others.
    Small,
    /// Others would wait for it: it has a transaction of its own.
    Large,
}

/// Told whether the transaction was committed; the text says why not.
type Answer = Box<dyn FnOnce(Result<(), String>) + Send>;

/// A change, given a transaction or why there is none; `None`: it failed, has told so already, and is undone.
type Work = Box<dyn FnOnce(Result<&Connection, &str>) -> Option<Answer> + Send>;

struct Job {
    size: Size,
    work: Work,
}

/// Owns the connection that writes.
pub(super) struct Writer {
    queue: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(connection: Connection) -> Result<Self, StoreError> {
        let (queue, jobs) = mpsc::channel();
        let thread = std::thread::Builder::new().name("sqlite-writer".to_owned()).spawn(move || run(&connection, &jobs));
        let thread = thread.map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Does `work` in a transaction; returns when it is durable, or undone where it failed.
    pub(super) async fn write<T, E, W>(&self, size: Size, work: W) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        W: FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let unavailable = |why: &str| E::from(StoreError::Unavailable(why.to_owned()));
        let work: Work = Box::new(move |connection| match connection.map_err(unavailable).and_then(work) {
            Ok(value) => Some(Box::new(move |committed: Result<(), String>| {
                let _ = answer.send(committed.map(|()| value).map_err(|error| StoreError::Unavailable(error).into()));
            })),
            Err(error) => {
                let _ = answer.send(Err(error));
                None
            }
        });
        if let Some(queue) = &self.queue {
            let _ = queue.send(Job { size, work });
        }
        answered.await.unwrap_or_else(|_| Err(StoreError::Unavailable("a change could not be carried out".to_owned()).into()))
    }
}

/// Ends the thread when all is written, so that the file can be opened or taken away at once.
impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(connection: &Connection, jobs: &Receiver<Job>) {
    let mut next = None;
    while let Some(first) = next.take().or_else(|| jobs.recv().ok()) {
        let mut together = vec![first];
        while together.len() < TOGETHER && together.iter().all(|job| job.size == Size::Small) {
            match jobs.try_recv() {
                Ok(job) if job.size == Size::Small => together.push(job),
                Ok(job) => {
                    next = Some(job);
                    break;
                }
                Err(_) => break,
            }
        }
        transact(connection, together);
    }
}

fn transact(connection: &Connection, together: Vec<Job>) {
    let mut answers: Vec<Answer> = Vec::with_capacity(together.len());
    let mut outcome = connection.execute_batch("BEGIN IMMEDIATE").map_err(|error| error.to_string());
    for job in together {
        match &outcome {
            Ok(()) => outcome = one(connection, job.work).map(|answer| answers.extend(answer)).map_err(|error| error.to_string()),
            Err(why) => drop((job.work)(Err(why))),
        }
    }
    let outcome = outcome.and_then(|()| connection.execute_batch("COMMIT").map_err(|error| error.to_string()));
    if outcome.is_err() && !connection.is_autocommit() {
        let _ = connection.execute_batch("ROLLBACK");
    }
    answers.into_iter().for_each(|answer| answer(outcome.clone()));
}

/// An error: nothing of the whole transaction stays.
fn one(connection: &Connection, work: Work) -> rusqlite::Result<Option<Answer>> {
    connection.prepare_cached("SAVEPOINT one")?.execute([])?;
    let answer = catch_unwind(AssertUnwindSafe(|| work(Ok(connection)))).ok().flatten();
    if answer.is_none() {
        connection.prepare_cached("ROLLBACK TO one")?.execute([])?;
    }
    connection.prepare_cached("RELEASE one")?.execute([])?;
    Ok(answer)
}
