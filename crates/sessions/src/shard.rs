use std::collections::BTreeMap;
use std::mem;

use ambient::Timestamp;

use crate::codec::{put_number, take_number};
use crate::owners::ByHash;
use crate::{Record, RecordKey, RecordKind, Stored, Version};

const NONE: u32 = u32::MAX;

/// Seconds of expiry that share one bucket of the index: a record is swept up to this much after its end.
const BUCKET_SECS: i64 = 16;

/// The bytes of a key: kind, realm, id, each with its length, so that no key is the beginning of another.
pub(crate) fn key_bytes(key: &RecordKey) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(key.realm.as_str().len() + key.id.len() + 8);
    bytes.push(key.kind as u8);
    for part in [key.realm.as_str(), &key.id] {
        put_number(&mut bytes, part.len() as u64);
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes
}

/// A record in one piece of memory: key, owner, value.
pub(crate) struct Parts<'a> {
    pub(crate) kind: RecordKind,
    pub(crate) realm: &'a str,
    pub(crate) id: &'a str,
    pub(crate) key: &'a [u8],
    pub(crate) owner: Option<&'a str>,
    pub(crate) value: &'a [u8],
}

impl<'a> Parts<'a> {
    /// Takes a blob apart; `None` where it is none.
    pub(crate) fn of(blob: &'a [u8]) -> Option<Self> {
        let (kind, mut rest) = blob.split_first()?;
        let realm = take_text(&mut rest)?;
        let id = take_text(&mut rest)?;
        let key = blob.get(..blob.len() - rest.len())?;
        let owner = match take_number(&mut rest)? {
            0 => None,
            length => {
                let (owner, after) = rest.split_at_checked(usize::try_from(length - 1).ok()?)?;
                rest = after;
                Some(std::str::from_utf8(owner).ok()?)
            }
        };
        Some(Self { kind: RecordKind::from_number(*kind)?, realm, id, key, owner, value: rest })
    }
}

fn take_text<'a>(rest: &mut &'a [u8]) -> Option<&'a str> {
    let length = usize::try_from(take_number(rest)?).ok()?;
    let (text, after) = rest.split_at_checked(length)?;
    *rest = after;
    std::str::from_utf8(text).ok()
}

/// One record as held. `blob` is empty in a free slot, where `next` is the next free one.
pub(crate) struct Slot {
    pub(crate) blob: Box<[u8]>,
    pub(crate) version: u64,
    pub(crate) expires_at: Timestamp,
    /// Where it stands in the log on disk; 0: not there yet, or there is no disk.
    pub(crate) place: u64,
    /// The next slot whose key has the same hash.
    next: u32,
    /// The bucket of the expiry index that names this slot.
    bucket: u32,
}

impl Slot {
    pub(crate) fn new(key: &[u8], record: &Record, version: u64) -> Self {
        let owner = record.owner.as_deref();
        let mut blob = Vec::with_capacity(key.len() + owner.map_or(0, str::len) + record.value.len() + 5);
        blob.extend_from_slice(key);
        put_number(&mut blob, owner.map_or(0, |owner| owner.len() as u64 + 1));
        blob.extend_from_slice(owner.unwrap_or_default().as_bytes());
        blob.extend_from_slice(&record.value);
        Self::of_blob(blob.into(), record.expires_at, version)
    }

    pub(crate) const fn of_blob(blob: Box<[u8]>, expires_at: Timestamp, version: u64) -> Self {
        Self { blob, version, expires_at, place: 0, next: NONE, bucket: NONE }
    }

    pub(crate) fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at > now
    }

    pub(crate) fn stored(&self) -> Option<Stored> {
        let parts = Parts::of(&self.blob)?;
        let record = Record { expires_at: self.expires_at, owner: parts.owner.map(Into::into), value: parts.value.to_vec() };
        Some(Stored { version: Version(self.version), record })
    }
}

/// The bucket a moment of expiry falls into; `NONE` for never.
fn bucket_of(expires_at: Timestamp) -> u32 {
    if expires_at == Timestamp::MAX {
        return NONE;
    }
    u32::try_from((expires_at.secs() / BUCKET_SECS).clamp(0, i64::from(NONE - 1))).unwrap_or(NONE - 1)
}

/// A part of the records: slots in a row, found by the hash of their key, dropped by the time they expire.
///
/// Every slot that expires is named by exactly one bucket (its `bucket`); names left over from earlier lives of a slot are
/// passed over. A record that lives longer by then moves on to its present bucket, so extending a session costs nothing.
pub(crate) struct Shard {
    slots: Vec<Slot>,
    free: u32,
    by_hash: ByHash<u32>,
    due: BTreeMap<u32, Vec<u32>>,
    pub(crate) count: u64,
    pub(crate) bytes: u64,
}

impl Shard {
    pub(crate) fn new() -> Self {
        Self { slots: Vec::new(), free: NONE, by_hash: ByHash::default(), due: BTreeMap::new(), count: 0, bytes: 0 }
    }

    fn slot(&self, at: u32) -> Option<&Slot> {
        self.slots.get(at as usize)
    }

    fn slot_mut(&mut self, at: u32) -> Option<&mut Slot> {
        self.slots.get_mut(at as usize)
    }

    /// The slots whose keys have this hash.
    pub(crate) fn with_hash(&self, hash: u64) -> impl Iterator<Item = &Slot> {
        let mut at = self.by_hash.get(&hash).copied().unwrap_or(NONE);
        std::iter::from_fn(move || {
            let slot = self.slot(at)?;
            at = slot.next;
            Some(slot)
        })
    }

    pub(crate) fn find(&self, hash: u64, key: &[u8]) -> Option<&Slot> {
        self.with_hash(hash).find(|slot| slot.blob.starts_with(key))
    }

    pub(crate) fn find_mut(&mut self, hash: u64, key: &[u8]) -> Option<&mut Slot> {
        let mut at = self.by_hash.get(&hash).copied().unwrap_or(NONE);
        loop {
            let slot = self.slot(at)?;
            if slot.blob.starts_with(key) {
                return self.slot_mut(at);
            }
            at = slot.next;
        }
    }

    /// Puts a slot in the place of the one with its key, or anew; gives back what was there.
    pub(crate) fn put(&mut self, hash: u64, key: &[u8], slot: Slot) -> Option<Slot> {
        let mut at = self.by_hash.get(&hash).copied().unwrap_or(NONE);
        self.bytes += slot.blob.len() as u64;
        while let Some(present) = self.slot_mut(at) {
            if !present.blob.starts_with(key) {
                at = present.next;
                continue;
            }
            let next = present.next;
            let bucket = present.bucket;
            let before = mem::replace(present, Slot { next, bucket, ..slot });
            self.bytes -= before.blob.len() as u64;
            self.name_again(at, bucket);
            return Some(before);
        }
        self.put_anew(hash, slot);
        None
    }

    fn put_anew(&mut self, hash: u64, slot: Slot) {
        let bucket = bucket_of(slot.expires_at);
        let next = self.by_hash.get(&hash).copied().unwrap_or(NONE);
        let slot = Slot { next, bucket, ..slot };
        let free = self.free;
        let at = match self.slot_mut(free) {
            Some(place) => {
                let next_free = place.next;
                *place = slot;
                self.free = next_free;
                free
            }
            None => {
                let at = u32::try_from(self.slots.len()).unwrap_or(NONE);
                self.slots.push(slot);
                at
            }
        };
        self.by_hash.insert(hash, at);
        self.count += 1;
        if bucket != NONE {
            self.due.entry(bucket).or_default().push(at);
        }
    }

    /// Names a slot in an earlier bucket when its end came nearer; a later end is noticed when the old bucket is due.
    fn name_again(&mut self, at: u32, named: u32) {
        let Some(slot) = self.slot_mut(at) else { return };
        let bucket = bucket_of(slot.expires_at);
        if bucket < named {
            slot.bucket = bucket;
            self.due.entry(bucket).or_default().push(at);
        }
    }

    /// Takes out the record with this key.
    pub(crate) fn take(&mut self, hash: u64, key: &[u8]) -> Option<Slot> {
        let mut before = NONE;
        let mut at = self.by_hash.get(&hash).copied().unwrap_or(NONE);
        while let Some(slot) = self.slot(at) {
            let next = slot.next;
            if slot.blob.starts_with(key) {
                self.unlink(hash, before, next);
                return self.vacate(at);
            }
            before = at;
            at = next;
        }
        None
    }

    fn unlink(&mut self, hash: u64, before: u32, next: u32) {
        if let Some(slot) = self.slot_mut(before) {
            slot.next = next;
        } else if next == NONE {
            self.by_hash.remove(&hash);
        } else {
            self.by_hash.insert(hash, next);
        }
    }

    fn vacate(&mut self, at: u32) -> Option<Slot> {
        let next = self.free;
        let slot = self.slot_mut(at)?;
        let empty = Slot { next, ..Slot::of_blob(Box::default(), Timestamp::MAX, 0) };
        let taken = mem::replace(slot, empty);
        self.free = at;
        self.count -= 1;
        self.bytes -= taken.blob.len() as u64;
        Some(taken)
    }

    /// The keys of up to `at_most` expired records, and how many names were looked at. The caller takes them out.
    pub(crate) fn expired(&mut self, now: Timestamp, at_most: usize) -> (Vec<Box<[u8]>>, usize) {
        let mut keys = Vec::new();
        let mut seen = 0;
        let present = bucket_of(now);
        while seen < at_most {
            let Some(mut first) = self.due.first_entry().filter(|entry| *entry.key() < present) else { break };
            let bucket = *first.key();
            let Some(at) = first.get_mut().pop() else {
                first.remove();
                continue;
            };
            seen += 1;
            let Some(slot) = self.slots.get_mut(at as usize) else { continue };
            if slot.blob.is_empty() || slot.bucket != bucket {
                continue;
            }
            if !slot.is_live(now) {
                keys.extend(Parts::of(&slot.blob).map(|parts| parts.key.into()));
                continue;
            }
            slot.bucket = bucket_of(slot.expires_at);
            if slot.bucket != NONE {
                let bucket = slot.bucket;
                self.due.entry(bucket).or_default().push(at);
            }
        }
        (keys, seen)
    }
}
