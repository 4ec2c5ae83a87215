use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use ambient::Timestamp;
use async_trait::async_trait;
use oidc_types::RealmName;
use redb::{Database, DatabaseError, ReadableDatabase, ReadableTable, StorageError, TableDefinition};

use crate::journal::{After, Disk, Durable, Each, FileJournal, start};
use crate::table::Table;
use crate::{Inserted, Record, RecordKey, RecordKind, RecordStore, Replaced, StoreError, StoreSize, Stored, Version};

/// Records by key. The value: format, end in milliseconds (little endian), rest of the blob.
const RECORDS: TableDefinition<'static, &[u8], &[u8]> = TableDefinition::new("records");

const FORMAT: u8 = 1;

/// Pages that redb keeps in memory: reads are served from the table, so only the writer gains by them.
const CACHE: usize = 4 << 20;

/// Records in one file, served from memory, made durable by one thread that commits in groups.
pub struct Embedded {
    table: Arc<Table<FileJournal>>,
    writer: Option<JoinHandle<()>>,
}

impl Embedded {
    /// Opens the store in `path`, making file and folders where there are none.
    pub async fn open(path: PathBuf) -> Result<Self, StoreError> {
        let (table, writer) = start(File { path, database: None }).await?;
        Ok(Self { table, writer: Some(writer) })
    }
}

/// Ends the writer, so that the file can be opened again at once.
impl Drop for Embedded {
    fn drop(&mut self) {
        self.table.journal.end();
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

/// Waits until a change is durable.
async fn settled<T>((outcome, durable): (T, Option<Durable>)) -> Result<T, StoreError> {
    if let Some(durable) = durable {
        durable.await.unwrap_or(Err(StoreError::Closed))?;
    }
    Ok(outcome)
}

#[async_trait]
impl RecordStore for Embedded {
    async fn insert(&self, key: &RecordKey, record: Record, now: Timestamp) -> Result<Inserted, StoreError> {
        settled(self.table.insert(key, &record, now)).await
    }

    async fn find(&self, key: &RecordKey, now: Timestamp) -> Result<Option<Stored>, StoreError> {
        Ok(self.table.find(key, now))
    }

    async fn replace(&self, key: &RecordKey, seen: Version, record: Record, now: Timestamp) -> Result<Replaced, StoreError> {
        settled(self.table.replace(key, seen, &record, now)).await
    }

    async fn take(&self, key: &RecordKey, now: Timestamp) -> Result<Option<Record>, StoreError> {
        settled(self.table.take(key, now)).await
    }

    async fn remove(&self, key: &RecordKey) -> Result<bool, StoreError> {
        settled(self.table.remove(key)).await
    }

    async fn of_owner(
        &self,
        kind: RecordKind,
        realm: &RealmName,
        owner: &str,
        now: Timestamp,
    ) -> Result<Vec<(RecordKey, Stored)>, StoreError> {
        Ok(self.table.of_owner(kind, realm, owner, now))
    }

    async fn sweep(&self, now: Timestamp, at_most: usize) -> Result<usize, StoreError> {
        settled(self.table.sweep(now, at_most)).await
    }

    /// Asks the writer: it answers between two commits.
    async fn ping(&self) -> Result<(), StoreError> {
        if self.table.journal.is_writing().await { Ok(()) } else { Err(StoreError::Closed) }
    }

    async fn size(&self) -> Result<StoreSize, StoreError> {
        Ok(self.table.size())
    }

    async fn shutdown(&self) -> Result<(), StoreError> {
        self.table.journal.stop().await;
        Ok(())
    }
}

/// The file. `database` is empty before the first use and after a failure: redb refuses everything once the operating system
/// refused it something, until it is opened again.
struct File {
    path: PathBuf,
    database: Option<Database>,
}

impl File {
    fn open(&self) -> Result<Database, StoreError> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder).map_err(|error| self.io(&error))?;
        }
        private(&self.path).map_err(|error| self.io(&error))?;
        Database::builder().set_cache_size(CACHE).set_check_integrity_on_open(true).create(&self.path).map_err(
            |error| match error {
                DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => {
                    StoreError::Locked { path: self.path.clone() }
                }
                DatabaseError::Storage(StorageError::Io(error)) if error.kind() != std::io::ErrorKind::InvalidData => {
                    self.io(&error)
                }
                other => self.corrupt(&other),
            },
        )
    }

    fn io(&self, error: &std::io::Error) -> StoreError {
        StoreError::Io { path: self.path.clone(), fact: error.to_string() }
    }

    fn corrupt(&self, error: &dyn std::error::Error) -> StoreError {
        StoreError::Corrupt { path: self.path.clone(), fact: error.to_string() }
    }

    fn failed(&self, error: impl Into<redb::Error>) -> StoreError {
        match error.into() {
            redb::Error::Io(error) => self.io(&error),
            error @ redb::Error::Corrupted(_) => self.corrupt(&error),
            error => StoreError::Io { path: self.path.clone(), fact: error.to_string() },
        }
    }

    fn write(&self, database: &Database, changes: &BTreeMap<Box<[u8]>, After>) -> Result<(), StoreError> {
        let transaction = database.begin_write().map_err(|error| self.failed(error))?;
        {
            let mut table = transaction.open_table(RECORDS).map_err(|error| self.failed(error))?;
            for (key, after) in changes {
                match after {
                    Some((expires_at, rest)) => {
                        let value = [&[FORMAT] as &[u8], &expires_at.to_le_bytes(), &**rest].concat();
                        table.insert(&**key, &*value).map(drop)
                    }
                    None => table.remove(&**key).map(drop),
                }
                .map_err(|error| self.failed(error))?;
            }
        }
        transaction.commit().map_err(|error| self.failed(error))
    }
}

impl Disk for File {
    fn load(&mut self, each: Each<'_>) -> Result<(), StoreError> {
        let database = self.open()?;
        // Makes the table where there is none, and shows early that the file can be written.
        self.write(&database, &BTreeMap::new())?;
        let transaction = database.begin_read().map_err(|error| self.failed(error))?;
        let table = transaction.open_table(RECORDS).map_err(|error| self.failed(error))?;
        for entry in table.iter().map_err(|error| self.failed(error))? {
            let (key, value) = entry.map_err(|error| self.failed(error))?;
            let (key, value) = (key.value(), value.value());
            match value.split_first() {
                Some((&FORMAT, rest)) => {
                    let Some((expires_at, rest)) = rest.split_first_chunk() else { continue };
                    each(key, i64::from_le_bytes(*expires_at), rest);
                }
                Some((&found, _)) if found > FORMAT => {
                    return Err(StoreError::NewerFormat { what: "session file", found, known: FORMAT });
                }
                _ => return Err(StoreError::Malformed { what: "session file" }),
            }
        }
        drop((table, transaction));
        self.database = Some(database);
        Ok(())
    }

    fn commit(&mut self, changes: &BTreeMap<Box<[u8]>, After>) -> Result<(), StoreError> {
        // Taken out for the time of the commit: after an error or a panic it stays closed and the next commit opens it again.
        let database = match self.database.take() {
            Some(database) => database,
            None => self.open()?,
        };
        self.write(&database, changes)?;
        self.database = Some(database);
        Ok(())
    }

    fn path(&self) -> &Path {
        &self.path
    }
}

/// Makes the file, readable by its owner alone: it holds who is logged in and the keys of realms.
fn private(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

#[cfg(test)]
mod tests;
