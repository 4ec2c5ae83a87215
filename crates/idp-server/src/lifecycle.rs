//! Where the server is between its start and its end, and how many requests it is answering.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

/// A phase of the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Not yet ready.
    Starting,
    /// Serving.
    Ready,
    /// Finishing what is in flight.
    Stopping,
}

/// Shared by everything that serves.
#[derive(Debug, Default)]
pub(crate) struct Lifecycle {
    phase: AtomicU8,
    in_flight: AtomicUsize,
}

impl Lifecycle {
    pub(crate) fn phase(&self) -> Phase {
        match self.phase.load(Ordering::Acquire) {
            0 => Phase::Starting,
            1 => Phase::Ready,
            _ => Phase::Stopping,
        }
    }

    pub(crate) fn become_ready(&self) {
        self.phase.store(1, Ordering::Release);
    }

    pub(crate) fn begin_stopping(&self) {
        self.phase.store(2, Ordering::Release);
    }

    /// Requests that are being answered.
    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Acquire)
    }

    /// Counts a request until the guard is dropped.
    pub(crate) fn enter(self: &Arc<Self>) -> InFlight {
        self.in_flight.fetch_add(1, Ordering::AcqRel);
        InFlight(Arc::clone(self))
    }
}

/// One request that is being answered.
#[derive(Debug)]
pub(crate) struct InFlight(Arc<Lifecycle>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_until_the_guard_is_dropped() {
        let lifecycle = Arc::new(Lifecycle::default());
        let guard = lifecycle.enter();
        assert_eq!(lifecycle.in_flight(), 1);
        drop(guard);
        assert_eq!(lifecycle.in_flight(), 0);
    }

    #[test]
    fn goes_from_starting_to_ready_to_stopping() {
        let lifecycle = Lifecycle::default();
        assert_eq!(lifecycle.phase(), Phase::Starting);
        lifecycle.become_ready();
        assert_eq!(lifecycle.phase(), Phase::Ready);
        lifecycle.begin_stopping();
        assert_eq!(lifecycle.phase(), Phase::Stopping);
    }
}
