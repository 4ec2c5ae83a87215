use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

/// Takes a number that is a keyed hash already as its own hash.
#[derive(Default)]
pub(crate) struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {}

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

pub(crate) type ByHash<V> = HashMap<u64, V, BuildHasherDefault<Hashed>>;

/// Several records of one owner; a name of its own so that the common case, one record, stays small.
#[derive(Default)]
struct Crowd(HashSet<u64, BuildHasherDefault<Hashed>>);

enum Records {
    One(u64),
    Many(Box<Crowd>),
}

/// Which records belong to whom: from the hash of an owner to the hashes of record keys. A hint only: what it names may be
/// gone or, by a collision of hashes, belong to another, so whoever reads it checks the record.
#[derive(Default)]
pub(crate) struct Owners(ByHash<Records>);

impl Owners {
    pub(crate) fn add(&mut self, owner: u64, record: u64) {
        match self.0.entry(owner) {
            Entry::Vacant(place) => {
                place.insert(Records::One(record));
            }
            Entry::Occupied(mut place) => match place.get_mut() {
                Records::One(only) if *only == record => {}
                Records::One(only) => {
                    let crowd = Crowd([*only, record].into_iter().collect());
                    place.insert(Records::Many(Box::new(crowd)));
                }
                Records::Many(crowd) => {
                    crowd.0.insert(record);
                }
            },
        }
    }

    pub(crate) fn drop_record(&mut self, owner: u64, record: u64) {
        let Entry::Occupied(mut place) = self.0.entry(owner) else { return };
        let emptied = match place.get_mut() {
            Records::One(only) => *only == record,
            Records::Many(crowd) => {
                crowd.0.remove(&record);
                crowd.0.is_empty()
            }
        };
        if emptied {
            place.remove();
        }
    }

    pub(crate) fn records(&self, owner: u64) -> Vec<u64> {
        match self.0.get(&owner) {
            None => Vec::new(),
            Some(Records::One(only)) => vec![*only],
            Some(Records::Many(crowd)) => crowd.0.iter().copied().collect(),
        }
    }
}
