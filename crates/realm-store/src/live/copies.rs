//! Documents of the realms that were changed or asked for last: who administers a realm asks for many of them in a row.

use std::sync::{Arc, Mutex, PoisonError};

use realm_model::document::Documents;

/// So many entities are held in all; one costs a few KiB.
const HELD: usize = 30_000;

/// The documents of one version of a realm.
#[derive(Clone)]
pub(super) struct Copy {
    /// Placeholders as they were written.
    pub(super) written: Arc<Documents>,
    /// With their values.
    pub(super) resolved: Arc<Documents>,
}

impl Copy {
    fn entities(&self) -> usize {
        self.written.count()
    }
}

/// The last ones, newest last.
#[derive(Default)]
pub(super) struct Copies(Mutex<Vec<(Copy, usize)>>);

impl Copies {
    /// The documents of this version of the realm, if they are held.
    pub(super) fn find(&self, realm_id: &str, version: i64) -> Option<Copy> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = held.iter().position(|(copy, _)| copy.written.realm_id == realm_id && copy.written.version == version)?;
        let found = held.remove(at);
        held.push(found.clone());
        Some(found.0)
    }

    /// Holds none any more.
    pub(super) fn forget_all(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Holds `copy` in the place of whatever is held of its realm; the oldest go where it is too much.
    pub(super) fn hold(&self, copy: Copy) {
        let entities = copy.entities();
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|(other, _)| other.written.realm_id != copy.written.realm_id);
        held.push((copy, entities));
        let mut all: usize = held.iter().map(|(_, entities)| entities).sum();
        while all > HELD && held.len() > 1 {
            all -= held.remove(0).1;
        }
    }
}
