//! How the realm files stand: for health and metrics.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ambient::Timestamp;
use realm_model::Diagnostic;

/// How the realm files stand; shared by who keeps them in force and who asks.
#[derive(Debug, Default)]
pub struct Status(Mutex<Standing>);

/// How they stand at one moment.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// The files that cannot be used, with what is wrong: what they said before holds on.
    pub broken: BTreeMap<String, Broken>,
    /// When something was last applied.
    pub applied_at: Option<Timestamp>,
    /// How often a realm was changed by a file.
    pub applied: u64,
    /// How often a file could not be used or a plan was refused.
    pub failed: u64,
    /// How many realms have a file.
    pub realms: usize,
}

/// A file or folder that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// What is wrong with it.
    pub diagnostics: Vec<Diagnostic>,
    /// Since when.
    pub since: Timestamp,
}

impl Status {
    /// As they stand now.
    pub fn now(&self) -> Standing {
        self.lock().clone()
    }

    /// What is wrong with any file.
    pub fn broken(&self) -> Vec<Diagnostic> {
        self.lock().broken.values().flat_map(|broken| broken.diagnostics.iter().cloned()).collect()
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Standing> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
