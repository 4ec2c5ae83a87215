use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use oidc_types::Secret;
use tokio::sync::oneshot;

use super::PoolFull;
use crate::argon2::Memory;
use crate::credential::PasswordCredential;
use crate::policy::HashPolicy;

/// An idle thread gives its memory back after this.
const IDLE: Duration = Duration::from_secs(5);

/// One password to verify or hash, and where the answer goes.
pub(super) enum Work {
    Verify { credential: Arc<PasswordCredential>, password: Secret<String>, answer: oneshot::Sender<bool> },
    Hash { salt: [u8; 16], policy: HashPolicy, password: Secret<String>, answer: oneshot::Sender<PasswordCredential> },
}

impl Work {
    /// Does it. The receiver may have gone meanwhile; that is no error.
    pub(super) fn run(self, memory: &mut Memory) {
        match self {
            Self::Verify { credential, password, answer } => {
                let _ = answer.send(credential.verify_in(password.expose(), memory));
            }
            Self::Hash { salt, policy, password, answer } => {
                let _ = answer.send(PasswordCredential::create(password.expose(), &policy, salt, memory));
            }
        }
    }

    fn abandoned(&self) -> bool {
        match self {
            Self::Verify { answer, .. } => answer.is_closed(),
            Self::Hash { answer, .. } => answer.is_closed(),
        }
    }
}

/// Jobs in the order they came, at most `capacity`.
pub(super) struct Queue {
    capacity: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Work>,
    closed: bool,
}

impl Queue {
    pub(super) fn new(capacity: usize) -> Self {
        Self { capacity, state: Mutex::default(), changed: Condvar::new() }
    }

    /// Puts a job at the end; abandoned ones make room first.
    pub(super) fn push(&self, work: Work) -> Result<(), PoolFull> {
        let mut state = self.lock();
        if state.waiting.len() >= self.capacity {
            state.waiting.retain(|work| !work.abandoned());
        }
        if state.closed || state.waiting.len() >= self.capacity {
            return Err(PoolFull);
        }
        state.waiting.push_back(work);
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// The next job somebody still waits for; `None` once the queue is closed. Releases `memory` when nothing comes for a while.
    pub(super) fn next(&self, memory: &mut Memory) -> Option<Work> {
        let mut state = self.lock();
        loop {
            while let Some(work) = state.waiting.pop_front() {
                if !work.abandoned() {
                    return Some(work);
                }
            }
            if state.closed {
                return None;
            }
            if memory.is_empty() {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            } else {
                let (after, timeout) = self.changed.wait_timeout(state, IDLE).unwrap_or_else(PoisonError::into_inner);
                state = after;
                if timeout.timed_out() {
                    memory.release();
                }
            }
        }
    }

    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    pub(super) fn len(&self) -> usize {
        self.lock().waiting.len()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Queue({} of {})", self.len(), self.capacity)
    }
}
