use ambient::Timestamp;
use async_trait::async_trait;
use oidc_types::RealmName;

use crate::table::{NoJournal, Table};
use crate::{Inserted, Record, RecordKey, RecordKind, RecordStore, Replaced, StoreError, StoreSize, Stored, Version};

/// Records that end with the process.
pub struct Memory(Table<NoJournal>);

impl Memory {
    /// An empty store.
    pub fn new() -> Self {
        Self(Table::new(NoJournal))
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl RecordStore for Memory {
    async fn insert(&self, key: &RecordKey, record: Record, now: Timestamp) -> Result<Inserted, StoreError> {
        Ok(self.0.insert(key, &record, now).0)
    }

    async fn find(&self, key: &RecordKey, now: Timestamp) -> Result<Option<Stored>, StoreError> {
        Ok(self.0.find(key, now))
    }

    async fn replace(&self, key: &RecordKey, seen: Version, record: Record, now: Timestamp) -> Result<Replaced, StoreError> {
        Ok(self.0.replace(key, seen, &record, now).0)
    }

    async fn take(&self, key: &RecordKey, now: Timestamp) -> Result<Option<Record>, StoreError> {
        Ok(self.0.take(key, now).0)
    }

    async fn remove(&self, key: &RecordKey) -> Result<bool, StoreError> {
        Ok(self.0.remove(key).0)
    }

    async fn of_owner(
        &self,
        kind: RecordKind,
        realm: &RealmName,
        owner: &str,
        now: Timestamp,
    ) -> Result<Vec<(RecordKey, Stored)>, StoreError> {
        Ok(self.0.of_owner(kind, realm, owner, now))
    }

    async fn sweep(&self, now: Timestamp, at_most: usize) -> Result<usize, StoreError> {
        Ok(self.0.sweep(now, at_most))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn size(&self) -> Result<StoreSize, StoreError> {
        Ok(self.0.size())
    }

    async fn shutdown(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
