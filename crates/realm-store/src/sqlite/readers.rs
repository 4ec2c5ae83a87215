//! Threads that read, each with a connection of its own: whoever asks never waits for a disk on a thread that serves others.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::StoreError;

type Job = Box<dyn FnOnce(&Connection) + Send>;

#[derive(Default)]
struct Queue {
    state: Mutex<State>,
    ready: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    ended: bool,
}

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self) -> Option<Job> {
        let mut state = self.state();
        loop {
            if let Some(job) = state.jobs.pop_front() {
                return Some(job);
            }
            if state.ended {
                return None;
            }
            state = self.ready.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Some threads that share a queue.
pub(super) struct Readers {
    queue: Arc<Queue>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    pub(super) fn start(connections: Vec<Connection>) -> Result<Self, StoreError> {
        let mut readers = Self { queue: Arc::default(), threads: Vec::with_capacity(connections.len()) };
        for connection in connections {
            let queue = Arc::clone(&readers.queue);
            let run = move || {
                while let Some(job) = queue.next() {
                    // Whoever waits learns of a panic by the answer that never comes.
                    let _ = catch_unwind(AssertUnwindSafe(|| job(&connection)));
                }
            };
            let thread = std::thread::Builder::new().name("sqlite-reader".to_owned()).spawn(run);
            readers.threads.push(thread.map_err(|error| StoreError::Unavailable(error.to_string()))?);
        }
        Ok(readers)
    }

    /// Does `work` on one of the threads.
    pub(super) async fn read<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            // Whoever asked may have gone meanwhile.
            if !answer.is_closed() {
                let _ = answer.send(work(connection));
            }
        });
        self.queue.state().jobs.push_back(job);
        self.queue.ready.notify_one();
        answered.await.unwrap_or_else(|_| Err(StoreError::Unavailable("a question could not be answered".to_owned())))
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.queue.state().ended = true;
        self.queue.ready.notify_all();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}
