//! Realms of a program that serves nobody.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::RealmWrite;

/// Ids by name.
pub(super) struct Unserved(Mutex<BTreeMap<String, Arc<str>>>);

impl Unserved {
    /// Of names with ids.
    pub(super) fn of(names: Vec<(String, String)>) -> Self {
        Self(Mutex::new(names.into_iter().map(|(name, id)| (name, Arc::from(id))).collect()))
    }

    fn ids(&self) -> MutexGuard<'_, BTreeMap<String, Arc<str>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn id(&self, name: &str) -> Option<Arc<str>> {
        self.ids().get(name).cloned()
    }

    pub(super) fn has(&self, id: &str) -> bool {
        self.ids().values().any(|known| **known == *id)
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.ids().keys().cloned().collect()
    }

    /// This was done to a realm.
    pub(super) fn follow(&self, realm_id: &str, done: &RealmWrite) {
        let mut ids = self.ids();
        if matches!(done, RealmWrite::Rename(_) | RealmWrite::Delete) {
            ids.retain(|_, id| **id != *realm_id);
        }
        if let RealmWrite::Create { name, .. } | RealmWrite::Rename(name) = done {
            ids.insert(name.clone(), Arc::from(realm_id));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn realms_are_known_by_the_name_that_they_got_last() {
        let realms = Unserved::of(vec![("a".to_owned(), "1".to_owned()), ("b".to_owned(), "2".to_owned())]);
        realms.follow("3", &RealmWrite::Create { name: "c".to_owned(), template: String::new() });
        realms.follow("1", &RealmWrite::Rename("z".to_owned()));
        realms.follow("2", &RealmWrite::Delete);
        assert_eq!(realms.names(), ["c", "z"]);
        assert_eq!((realms.id("z").as_deref(), realms.id("a")), (Some("1"), None));
    }
}
