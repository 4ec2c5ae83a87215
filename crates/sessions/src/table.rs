use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use ambient::Timestamp;
use oidc_types::RealmName;

use crate::owners::Owners;
use crate::shard::{Parts, Shard, Slot, key_bytes};
use crate::{Inserted, Record, RecordKey, RecordKind, Replaced, StoreSize, Stored, Version};

const SHARDS: usize = 64;

/// Names looked at under one hold of a shard's lock: some tens of microseconds.
const SWEPT_AT_ONCE: usize = 64;

/// Is told of every change but the sweeping of what is expired, while the lock of its shard is held: changes of one key arrive in
/// the order they happened.
pub(crate) trait Journal: Send + Sync {
    /// What the caller of a verb waits for.
    type Receipt: Send;

    /// `after` stands in place of `before`; `None` is absent. `key` is the beginning of their blobs.
    fn note(&self, key: &[u8], after: Option<&Slot>, before: Option<Slot>) -> Self::Receipt;

    /// The same where nobody waits: `after` stands, whatever becomes of its writing.
    fn note_soon(&self, key: &[u8], after: &Slot);
}

/// The journal of what need not outlive the process.
pub(crate) struct NoJournal;

impl Journal for NoJournal {
    type Receipt = ();

    fn note(&self, _: &[u8], _: Option<&Slot>, _: Option<Slot>) {}

    fn note_soon(&self, _: &[u8], _: &Slot) {}
}

/// Records in memory, in shards with a lock each that is held for one verb and never across an `.await`. Locks are taken in
/// the order shard, owners.
pub(crate) struct Table<J: Journal> {
    shards: Vec<Mutex<Shard>>,
    owners: Vec<Mutex<Owners>>,
    hasher: RandomState,
    versions: AtomicU64,
    sweeping: AtomicUsize,
    pub(crate) journal: J,
}

/// What became of a verb, and what to await before it may be told to anybody.
pub(crate) type Outcome<T, J> = (T, Option<<J as Journal>::Receipt>);

impl<J: Journal> Table<J> {
    pub(crate) fn new(journal: J) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::new(Shard::new())).collect(),
            owners: (0..SHARDS).map(|_| Mutex::default()).collect(),
            hasher: RandomState::new(),
            versions: AtomicU64::new(1),
            sweeping: AtomicUsize::new(0),
            journal,
        }
    }

    fn hash_key(&self, key: &[u8]) -> u64 {
        self.hasher.hash_one(key)
    }

    fn hash_owner(&self, kind: RecordKind, realm: &str, owner: &str) -> u64 {
        self.hasher.hash_one((kind as u8, realm, owner))
    }

    fn new_version(&self) -> u64 {
        self.versions.fetch_add(1, Ordering::Relaxed)
    }

    /// The shard of a hash; its bits 32 up, since the map inside uses the low ones and the top ones.
    #[allow(clippy::indexing_slicing)] // modulo the length
    fn shard(&self, hash: u64) -> MutexGuard<'_, Shard> {
        lock(&self.shards[(hash >> 32) as usize % SHARDS])
    }

    #[allow(clippy::indexing_slicing)] // modulo the length
    fn owners(&self, hash: u64) -> MutexGuard<'_, Owners> {
        lock(&self.owners[(hash >> 32) as usize % SHARDS])
    }

    /// Puts a slot, tells the journal.
    fn put(&self, shard: &mut Shard, hash: u64, key: &[u8], slot: Slot) -> J::Receipt {
        let owner = self.owner_of(&slot);
        let before = shard.put(hash, key, slot);
        let owner_before = before.as_ref().and_then(|slot| self.owner_of(slot));
        if owner != owner_before {
            self.forget_owner(shard, owner_before, hash);
        }
        if let Some(owner) = owner {
            self.owners(owner).add(owner, hash);
        }
        self.journal.note(key, shard.find(hash, key), before)
    }

    /// Takes a record out, tells the journal.
    fn take_out(&self, shard: &mut Shard, hash: u64, key: &[u8]) -> Option<(Option<Stored>, J::Receipt)> {
        let slot = self.drop_slot(shard, hash, key)?;
        let stored = slot.stored();
        Some((stored, self.journal.note(key, None, Some(slot))))
    }

    fn owner_of(&self, slot: &Slot) -> Option<u64> {
        let parts = Parts::of(&slot.blob)?;
        Some(self.hash_owner(parts.kind, parts.realm, parts.owner?))
    }

    /// Removes a record from the owner's; not while another record has the same hash, which would be forgotten with it.
    fn forget_owner(&self, shard: &Shard, owner: Option<u64>, hash: u64) {
        let Some(owner) = owner else { return };
        if shard.with_hash(hash).all(|slot| self.owner_of(slot) != Some(owner)) {
            self.owners(owner).drop_record(owner, hash);
        }
    }

    pub(crate) fn insert(&self, key: &RecordKey, record: &Record, now: Timestamp) -> Outcome<Inserted, J> {
        let key = key_bytes(key);
        let hash = self.hash_key(&key);
        let slot = Slot::new(&key, record, self.new_version());
        let mut shard = self.shard(hash);
        if shard.find(hash, &key).is_some_and(|slot| slot.is_live(now)) {
            return (Inserted::Exists, None);
        }
        (Inserted::Done, Some(self.put(&mut shard, hash, &key, slot)))
    }

    /// The same with nothing to await.
    pub(crate) fn insert_soon(&self, key: &RecordKey, record: &Record, now: Timestamp) -> Inserted {
        let key = key_bytes(key);
        let hash = self.hash_key(&key);
        let slot = Slot::new(&key, record, self.new_version());
        let mut shard = self.shard(hash);
        if shard.find(hash, &key).is_some_and(|slot| slot.is_live(now)) {
            return Inserted::Exists;
        }
        self.drop_slot(&mut shard, hash, &key); // an expired one
        self.put_quietly(&mut shard, hash, &key, slot);
        if let Some(slot) = shard.find(hash, &key) {
            self.journal.note_soon(&key, slot);
        }
        Inserted::Done
    }

    pub(crate) fn find(&self, key: &RecordKey, now: Timestamp) -> Option<Stored> {
        let key = key_bytes(key);
        let hash = self.hash_key(&key);
        self.shard(hash).find(hash, &key).filter(|slot| slot.is_live(now))?.stored()
    }

    pub(crate) fn replace(&self, key: &RecordKey, seen: Version, record: &Record, now: Timestamp) -> Outcome<Replaced, J> {
        let key = key_bytes(key);
        let hash = self.hash_key(&key);
        let slot = Slot::new(&key, record, self.new_version());
        let mut shard = self.shard(hash);
        match shard.find(hash, &key).filter(|slot| slot.is_live(now)) {
            None => return (Replaced::Absent, None),
            Some(present) if present.version != seen.0 => return (Replaced::Lost, None),
            Some(_) => {}
        }
        if !slot.is_live(now) {
            return (Replaced::Done, self.take_out(&mut shard, hash, &key).map(|(_, receipt)| receipt));
        }
        (Replaced::Done, Some(self.put(&mut shard, hash, &key, slot)))
    }

    pub(crate) fn take(&self, key: &RecordKey, now: Timestamp) -> Outcome<Option<Record>, J> {
        let key = key_bytes(key);
        let hash = self.hash_key(&key);
        let mut shard = self.shard(hash);
        match self.take_out(&mut shard, hash, &key) {
            None => (None, None),
            Some((stored, receipt)) => {
                (stored.map(|stored| stored.record).filter(|record| record.expires_at > now), Some(receipt))
            }
        }
    }

    pub(crate) fn remove(&self, key: &RecordKey) -> Outcome<bool, J> {
        let key = key_bytes(key);
        let hash = self.hash_key(&key);
        let mut shard = self.shard(hash);
        let taken = self.take_out(&mut shard, hash, &key);
        (taken.is_some(), taken.map(|(_, receipt)| receipt))
    }

    pub(crate) fn of_owner(&self, kind: RecordKind, realm: &RealmName, owner: &str, now: Timestamp) -> Vec<(RecordKey, Stored)> {
        let owner_hash = self.hash_owner(kind, realm.as_str(), owner);
        let hashes = self.owners(owner_hash).records(owner_hash);
        let mut found = Vec::with_capacity(hashes.len());
        for hash in hashes {
            let shard = self.shard(hash);
            for slot in shard.with_hash(hash).filter(|slot| slot.is_live(now)) {
                let Some(parts) = Parts::of(&slot.blob) else { continue };
                if parts.kind == kind && parts.realm == realm.as_str() && parts.owner == Some(owner) {
                    let key = RecordKey { kind, realm: realm.clone(), id: parts.id.into() };
                    found.extend(slot.stored().map(|stored| (key, stored)));
                }
            }
        }
        found
    }

    /// Looks at about `at_most` names of the expiry index and drops what is expired, a little at a time from one shard after
    /// the other. Gives how many were looked at.
    pub(crate) fn sweep(&self, now: Timestamp, at_most: usize) -> usize {
        let mut looked_at = 0;
        let mut idle = 0;
        while idle < SHARDS && looked_at < at_most {
            let at = self.sweeping.load(Ordering::Relaxed) % SHARDS;
            let Some(shard) = self.shards.get(at) else { break };
            let mut shard = lock(shard);
            let (keys, seen) = shard.expired(now, SWEPT_AT_ONCE);
            for key in keys {
                let hash = self.hash_key(&key);
                self.drop_slot(&mut shard, hash, &key);
            }
            looked_at += seen;
            if seen < SWEPT_AT_ONCE {
                idle += 1;
                self.sweeping.store(at + 1, Ordering::Relaxed);
            } else {
                idle = 0;
            }
        }
        looked_at
    }

    /// Takes a record out and tells nobody.
    fn drop_slot(&self, shard: &mut Shard, hash: u64, key: &[u8]) -> Option<Slot> {
        let slot = shard.take(hash, key)?;
        self.forget_owner(shard, self.owner_of(&slot), hash);
        Some(slot)
    }

    /// Puts a record as it was read from disk; one of the same key that was read before gives way.
    pub(crate) fn load(&self, blob: &[u8], expires_at: Timestamp, place: u64) {
        let Some(parts) = Parts::of(blob) else {
            log::error!("a record of the session store is damaged and left out");
            return;
        };
        let key = parts.key;
        let mut slot = Slot::of_blob(blob.into(), expires_at, self.new_version());
        slot.place = place;
        let hash = self.hash_key(key);
        let mut shard = self.shard(hash);
        self.drop_slot(&mut shard, hash, key);
        self.put_quietly(&mut shard, hash, key, slot);
    }

    /// Removes what was read from disk before its removal.
    pub(crate) fn unload(&self, key: &[u8]) {
        let hash = self.hash_key(key);
        self.drop_slot(&mut self.shard(hash), hash, key);
    }

    fn put_quietly(&self, shard: &mut Shard, hash: u64, key: &[u8], slot: Slot) {
        if let Some(owner) = self.owner_of(&slot) {
            self.owners(owner).add(owner, hash);
        }
        shard.put(hash, key, slot);
    }

    /// Shows what stands under a key now.
    pub(crate) fn peek<T>(&self, key: &[u8], look: impl FnOnce(Option<&Slot>) -> T) -> T {
        let hash = self.hash_key(key);
        look(self.shard(hash).find(hash, key))
    }

    /// Notes where on disk the writing of `version` stands, unless another one came after it.
    pub(crate) fn set_place(&self, key: &[u8], version: u64, place: u64) {
        let hash = self.hash_key(key);
        if let Some(slot) = self.shard(hash).find_mut(hash, key).filter(|slot| slot.version == version) {
            slot.place = place;
        }
    }

    /// Takes the change that made `version` (`None`: removed) back, so that `before` stands again; not when another change came
    /// after it. The journal is not told.
    pub(crate) fn take_back(&self, key: &[u8], version: Option<u64>, before: Option<Slot>) {
        let hash = self.hash_key(key);
        let mut shard = self.shard(hash);
        if shard.find(hash, key).map(|slot| slot.version) != version {
            return;
        }
        self.drop_slot(&mut shard, hash, key);
        if let Some(slot) = before {
            self.put_quietly(&mut shard, hash, key, slot);
        }
    }

    pub(crate) fn size(&self) -> StoreSize {
        self.shards.iter().fold(StoreSize::default(), |size, shard| {
            let shard = lock(shard);
            StoreSize { records: size.records + shard.count, bytes: size.bytes + shard.bytes }
        })
    }
}

/// A poisoned lock is taken all the same: no verb leaves a shard half changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
