//! What is equal is there once in a process: thousands of small realms say the same.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};

use crate::EntityMap;

/// Values that are in use somewhere, by their hash. It keeps nothing alive: whatever nobody uses any more is gone, secrets among it.
pub(crate) struct Pool<T: ?Sized> {
    hasher: RandomState,
    shards: [Mutex<Shard<T>>; SHARDS],
}

/// Threads that build different realms seldom meet.
const SHARDS: usize = 16;

struct Shard<T: ?Sized> {
    known: HashMap<u64, Weak<T>>,
    /// So many entries, and those that nobody uses any more are looked for.
    sweep_at: usize,
}

impl<T: ?Sized> Default for Pool<T> {
    fn default() -> Self {
        let shards = std::array::from_fn(|_| Mutex::new(Shard { known: HashMap::new(), sweep_at: 64 }));
        Self { hasher: RandomState::new(), shards }
    }
}

impl<T: ?Sized> Pool<T> {
    /// The hash of what `write` feeds it.
    pub(crate) fn hash(&self, write: impl FnOnce(&mut dyn Hasher)) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        write(&mut hasher);
        hasher.finish()
    }

    /// The one value with this hash that `is_same`, else the one that `make` gives. Two different ones of one hash are not shared.
    pub(crate) fn get_or(&self, hash: u64, is_same: impl Fn(&T) -> bool, make: impl FnOnce() -> Arc<T>) -> Arc<T> {
        let index = usize::try_from(hash % SHARDS as u64).unwrap_or_default();
        let Some(shard) = self.shards.get(index) else { return make() };
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        let known = shard.known.get(&hash).and_then(Weak::upgrade);
        match known {
            Some(known) if is_same(&known) => known,
            Some(_) => make(),
            None => {
                let made = make();
                shard.insert(hash, Arc::downgrade(&made));
                made
            }
        }
    }
}

impl<T: ?Sized> Shard<T> {
    fn insert(&mut self, hash: u64, value: Weak<T>) {
        if self.known.len() >= self.sweep_at {
            self.known.retain(|_, known| known.strong_count() > 0);
            self.known.shrink_to_fit();
            self.sweep_at = (2 * self.known.len()).max(64);
        }
        self.known.insert(hash, value);
    }
}

/// The one instance of a text.
pub(crate) fn text(text: &str) -> Arc<str> {
    static TEXTS: LazyLock<Pool<str>> = LazyLock::new(Pool::default);
    let hash = TEXTS.hash(|hasher| hasher.write(text.as_bytes()));
    TEXTS.get_or(hash, |known| known == text, || text.into())
}

/// The one instance of `value` in `pool`.
pub(crate) fn one<T: Hash + Eq>(pool: &Pool<T>, value: T) -> Arc<T> {
    let hash = pool.hash(|mut hasher| value.hash(&mut hasher));
    let value = Arc::new(value);
    pool.get_or(hash, |known| *known == *value, || Arc::clone(&value))
}

/// The one instance of a list of shared texts.
pub(crate) fn list(texts: &[Arc<str>]) -> Arc<[Arc<str>]> {
    static LISTS: LazyLock<Pool<[Arc<str>]>> = LazyLock::new(Pool::default);
    let hash = LISTS.hash(|mut hasher| texts.hash(&mut hasher));
    LISTS.get_or(hash, |known| known == texts, || texts.into())
}

/// Maps of the same shared entities: the sets of them that were asked for last.
pub(crate) struct Maps<K, V>(Mutex<Vec<Known<K, V>>>);

struct Known<K, V> {
    entities: Vec<Arc<V>>,
    map: EntityMap<K, V>,
}

/// So many sets are remembered.
const SETS: usize = 32;

impl<K, V> Default for Maps<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Clone + Eq + Hash, V> Maps<K, V> {
    /// The map of `entities`, each the one instance of its value: the same map for the same ones in the same order.
    pub(crate) fn of(&self, entities: Vec<Arc<V>>, key: impl Fn(&V) -> K) -> EntityMap<K, V> {
        let mut sets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_same = |known: &Known<K, V>| {
            known.entities.len() == entities.len()
                && known.entities.iter().zip(&entities).all(|(one, other)| Arc::ptr_eq(one, other))
        };
        let known = match sets.iter().position(is_same) {
            Some(at) => sets.remove(at),
            None => {
                let map = entities.iter().map(|entity| (key(entity), Arc::clone(entity))).collect();
                Known { entities, map }
            }
        };
        let map = known.map.clone();
        sets.insert(0, known);
        sets.truncate(SETS);
        map
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_entities_are_one_map() {
        let maps = Maps::default();
        let (one, two) = (Arc::new("one"), Arc::new("two"));
        let map = maps.of(vec![Arc::clone(&one), Arc::clone(&two)], |text| text.len());
        assert!(map.ptr_eq(&maps.of(vec![Arc::clone(&one), Arc::clone(&two)], |text| text.len())));
        assert!(!map.ptr_eq(&maps.of(vec![one, Arc::new("two")], |text| text.len())));
    }

    #[test]
    fn equal_values_are_there_once_and_are_gone_when_nobody_uses_them() {
        static NUMBERS: LazyLock<Pool<u32>> = LazyLock::new(Pool::default);
        let first = one(&NUMBERS, 7);
        assert!(Arc::ptr_eq(&first, &one(&NUMBERS, 7)));
        assert!(!Arc::ptr_eq(&first, &one(&NUMBERS, 8)));
        let gone = Arc::downgrade(&first);
        drop(first);
        assert!(gone.upgrade().is_none());
    }

    #[test]
    fn what_is_gone_leaves_no_entry_behind() {
        let pool = Pool::default();
        for number in 0..100_000_u32 {
            one(&pool, number);
        }
        let entries: usize = pool.shards.iter().map(|shard| shard.lock().unwrap().known.len()).sum();
        assert!(entries <= 64 * SHARDS, "{entries}");
    }

    #[test]
    fn two_values_of_one_hash_are_told_apart() {
        let pool = Pool::default();
        let first = pool.get_or(1, |_| false, || Arc::new("a"));
        assert_eq!(*pool.get_or(1, |known| *known == "b", || Arc::new("b")), "b");
        assert!(Arc::ptr_eq(&first, &pool.get_or(1, |known| *known == "a", || Arc::new("a"))));
    }
}
