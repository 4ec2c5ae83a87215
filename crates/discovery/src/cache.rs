use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use oidc_types::RealmName;
use realm_model::Realm;

use crate::documents::{Kind, RealmUrls, write};

/// Documents in one generation of the cache at the most: a client may send any `Host`, so the cache must have an end.
const GENERATION: usize = 128;

/// What a document depends on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    kind: Kind,
    realm: RealmName,
    snapshot: u64,
    urls: RealmUrls,
}

#[derive(Default)]
struct Generations {
    young: HashMap<Key, Bytes>,
    old: HashMap<Key, Bytes>,
}

/// Written documents: two generations, of which the older one is forgotten when the younger one is full.
#[derive(Default)]
pub(crate) struct DocumentCache(Mutex<Generations>);

impl DocumentCache {
    /// The document, written anew where it is not known.
    pub(crate) fn document(&self, kind: Kind, realm: &Realm, urls: RealmUrls) -> Bytes {
        let key = Key { kind, realm: realm.name.clone(), snapshot: realm.generation, urls };
        if let Some(known) = self.find(&key) {
            return known;
        }
        let document = write(kind, realm, &key.urls);
        self.keep(key, document.clone());
        document
    }

    fn find(&self, key: &Key) -> Option<Bytes> {
        let mut generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = generations.young.get(key) {
            return Some(known.clone());
        }
        let (key, known) = generations.old.remove_entry(key)?;
        generations.insert(key, known.clone());
        Some(known)
    }

    fn keep(&self, key: Key, document: Bytes) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key, document);
    }
}

impl Generations {
    fn insert(&mut self, key: Key, document: Bytes) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, document);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::tests::realm;

    fn urls(host: usize) -> RealmUrls {
        RealmUrls { front: format!("http://h{host}/realms/a"), back: format!("http://h{host}/realms/a") }
    }

    #[test]
    fn many_hosts_do_not_fill_the_memory_and_do_not_displace_the_one_in_use() {
        let (cache, realm) = (DocumentCache::default(), realm("a"));
        let first = cache.document(Kind::OpenidConfiguration, &realm, urls(0));
        for host in 1..2_000 {
            cache.document(Kind::OpenidConfiguration, &realm, urls(host));
            let again = cache.document(Kind::OpenidConfiguration, &realm, urls(0));
            assert_eq!(again.as_ptr(), first.as_ptr());
        }
        let generations = cache.0.lock().unwrap();
        assert!(generations.young.len() + generations.old.len() <= 2 * GENERATION);
    }

    #[test]
    fn a_new_snapshot_gets_a_new_document() {
        let (cache, mut realm) = (DocumentCache::default(), realm("a"));
        let before = cache.document(Kind::OpenidConfiguration, &realm, urls(0));
        realm.registration_allowed = true;
        realm.generation += 1;
        assert_ne!(cache.document(Kind::OpenidConfiguration, &realm, urls(0)), before);
    }
}
