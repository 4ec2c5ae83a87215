use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use ambient::Timestamp;
use async_trait::async_trait;
use oidc_types::RealmName;
use redb::{AccessGuard, Database, DatabaseError, ReadableDatabase, ReadableTable, StorageError, TableDefinition};

use crate::journal::{Disk, Durable, Each, Entry, FileJournal, start};
use crate::table::Table;
use crate::{Inserted, Record, RecordKey, RecordKind, RecordStore, Replaced, StoreError, StoreSize, Stored, Version};

/// The log of changes by place ([`crate::journal`]).
const LOG: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("log");

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

    async fn insert_soon(&self, key: &RecordKey, record: Record, now: Timestamp) -> Result<Inserted, StoreError> {
        Ok(self.table.insert_soon(key, &record, now))
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
        Ok(self.table.sweep(now, at_most))
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

    fn write(&self, database: &Database, cleared: Option<u64>, append: &[Entry]) -> Result<(), redb::Error> {
        let transaction = database.begin_write()?;
        {
            let mut log = transaction.open_table(LOG)?;
            while let Some(cleared) = cleared {
                if log.first()?.is_none_or(|(place, _)| place.value() > cleared) {
                    break;
                }
                log.pop_first()?;
            }
            for (place, entry) in append {
                log.insert(place, &**entry)?;
            }
        }
        Ok(transaction.commit()?)
    }

    /// Taken out for the time of its use: after an error or a panic the file stays closed, and the next use opens it again.
    fn take(&mut self) -> Result<Database, StoreError> {
        self.database.take().map_or_else(|| self.open(), Ok)
    }
}

impl Disk for File {
    fn load(&mut self, each: Each<'_>) -> Result<(), StoreError> {
        let database = self.open()?;
        // Makes the table where there is none, and shows early that the file can be written.
        self.write(&database, None, &[]).map_err(|error| self.failed(error))?;
        let transaction = database.begin_read().map_err(|error| self.failed(error))?;
        let log = transaction.open_table(LOG).map_err(|error| self.failed(error))?;
        for entry in log.iter().map_err(|error| self.failed(error))? {
            let (place, entry) = entry.map_err(|error| self.failed(error))?;
            each(place.value(), entry.value())?;
        }
        drop((log, transaction));
        self.database = Some(database);
        Ok(())
    }

    fn oldest(&mut self, at_most: usize) -> Result<Vec<Entry>, StoreError> {
        let database = self.take()?;
        let read = || -> Result<Vec<Entry>, redb::Error> {
            let log = database.begin_read()?.open_table(LOG)?;
            let owned = |entry: Result<_, redb::StorageError>| -> Result<Entry, redb::Error> {
                let (place, entry): (AccessGuard<'_, u64>, AccessGuard<'_, &[u8]>) = entry?;
                Ok((place.value(), entry.value().to_vec()))
            };
            log.iter()?.take(at_most).map(owned).collect()
        };
        let oldest = read().map_err(|error| self.failed(error))?;
        self.database = Some(database);
        Ok(oldest)
    }

    fn commit(&mut self, cleared: Option<u64>, append: &[Entry]) -> Result<(), StoreError> {
        let database = self.take()?;
        self.write(&database, cleared, append).map_err(|error| self.failed(error))?;
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
