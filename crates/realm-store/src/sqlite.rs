//! The embedded durable store: one file.
//!
//! One thread writes and makes durable together what waits at the same time; others read what was last committed. A process that is
//! killed at any moment leaves all of a commit or nothing of it. Secrets that were replaced are overwritten in the file; the log beside
//! it (`-wal`) may hold them until it is next written back, at the latest when the store is closed.

mod batch;
mod bulk;
mod connection;
mod entities;
mod events;
mod index;
mod news;
mod readers;
mod realms;
mod search;
#[cfg(test)]
mod tests;
mod users;
mod writer;

use std::path::Path;

use async_trait::async_trait;
use rusqlite::Connection;

use self::news::Bell;
use self::readers::Readers;
use self::writer::{Size, Writer};
use crate::{
    Batch, CommitError, Declared, DeclaredUsers, NewUser, News, RealmWrite, Repository, StoreError, StoredRealm, UserKey,
    UserQuery, UserRow,
};

/// Threads that look single things up, and threads for what reads more: a search of a second delays no login.
const READERS: usize = 2;

/// A batch of more writes than this has a transaction of its own.
const SMALL: usize = 200;

/// A durable store in one SQLite file, or in memory.
pub struct Sqlite {
    /// None where the store is in memory: its only connection is the writer's.
    readers: Option<Pools>,
    /// Ended last, so that it can write the log back.
    writer: Writer,
    bell: Bell,
}

struct Pools {
    /// For single users and realms.
    single: Readers,
    /// For lists and searches.
    many: Readers,
}

/// How much a question reads.
#[derive(Clone, Copy)]
enum Reads {
    /// One thing by its key.
    Single,
    /// More.
    Many,
}

impl Sqlite {
    /// Opens the store in the file `path`, making file, folders and tables where there are none. Several processes may have it open.
    ///
    /// # Errors
    /// The file cannot be opened or made, is no store, or was written by a program that is too new.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let named = |error: StoreError| match error {
            StoreError::Unavailable(why) => StoreError::Unavailable(format!("{}: {why}", path.display())),
            other => other,
        };
        let writing = connection::writing(path).map_err(named)?;
        let pool = || Readers::start((0..READERS).map(|_| connection::reading(path)).collect::<Result<_, _>>()?);
        let readers = Pools { single: pool().map_err(named)?, many: pool().map_err(named)? };
        Ok(Self { writer: Writer::start(writing)?, readers: Some(readers), bell: Bell::default() })
    }

    /// A store in memory, empty.
    ///
    /// # Errors
    /// There is no memory or no thread to be had.
    pub fn in_memory() -> Result<Self, StoreError> {
        Ok(Self { writer: Writer::start(connection::in_memory()?)?, readers: None, bell: Bell::default() })
    }

    async fn read<T, W>(&self, reads: Reads, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        match (&self.readers, reads) {
            (None, _) => self.writer.write(Size::Small, work).await,
            (Some(pools), Reads::Single) => pools.single.read(work).await,
            (Some(pools), Reads::Many) => pools.many.read(work).await,
        }
    }
}

#[async_trait]
impl Repository for Sqlite {
    async fn realms(&self, after: Option<&str>, limit: usize) -> Result<Vec<StoredRealm>, StoreError> {
        let after = after.map(str::to_owned);
        self.read(Reads::Many, move |connection| {
            consistent(connection, |connection| realms::page(connection, after.as_deref(), limit))
        })
        .await
    }

    async fn names(&self) -> Result<Vec<(String, String)>, StoreError> {
        self.read(Reads::Many, |connection| Ok(realms::names(connection)?)).await
    }

    async fn realm(&self, id: &str) -> Result<Option<StoredRealm>, StoreError> {
        let id = id.to_owned();
        self.read(Reads::Single, move |connection| consistent(connection, |connection| realms::one(connection, &id))).await
    }

    async fn declared(&self, realm_id: &str, users: DeclaredUsers) -> Result<Vec<Declared>, StoreError> {
        let realm_id = realm_id.to_owned();
        self.read(Reads::Many, move |connection| {
            consistent(connection, |connection| realms::declared(connection, &realm_id, users))
        })
        .await
    }

    async fn commit(&self, batch: Batch) -> Result<i64, CommitError> {
        let large = batch.realm == RealmWrite::Delete || batch.writes.len() > SMALL;
        let size = if large { Size::Large } else { Size::Small };
        let version = self.writer.write(size, move |connection| batch::commit(connection, &batch)).await?;
        self.bell.ring();
        Ok(version)
    }

    async fn add_users(&self, realm_id: &str, users: Vec<NewUser>) -> Result<u64, StoreError> {
        let realm_id = realm_id.to_owned();
        let add = move |connection: &Connection, users| batch::add_users(connection, &realm_id, users);
        let added = match &self.readers {
            None => self.writer.write(Size::Large, move |connection| add(connection, bulk::prepare(users))).await?,
            Some(pools) => {
                let users = pools.many.read(move |_| Ok(bulk::prepare(users))).await?;
                self.writer.write(Size::Large, move |connection| add(connection, users)).await?
            }
        };
        self.bell.ring();
        Ok(added)
    }

    async fn user(&self, realm_id: &str, key: UserKey<'_>) -> Result<Option<UserRow>, StoreError> {
        let lookup = users::Lookup::new(realm_id, key);
        self.read(Reads::Single, move |connection| lookup.find(connection)).await
    }

    async fn users(&self, realm_id: &str, query: &UserQuery) -> Result<Vec<UserRow>, StoreError> {
        let (realm_id, query) = (realm_id.to_owned(), query.clone());
        self.read(Reads::Many, move |connection| consistent(connection, |connection| search::find(connection, &realm_id, &query)))
            .await
    }

    async fn count_users(&self, realm_id: &str, query: &UserQuery) -> Result<u64, StoreError> {
        let (realm_id, query) = (realm_id.to_owned(), query.clone());
        self.read(Reads::Many, move |connection| {
            consistent(connection, |connection| search::count(connection, &realm_id, &query))
        })
        .await
    }

    async fn news(&self, since: i64) -> Result<News, StoreError> {
        let news = self
            .read(Reads::Single, move |connection| consistent(connection, |connection| news::since(connection, since)))
            .await?;
        self.bell.heard(news.until);
        Ok(news)
    }

    async fn wait_for_news(&self) {
        self.bell.wait(|| self.read(Reads::Single, news::latest)).await;
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.read(Reads::Single, |connection| {
            connection.prepare_cached("SELECT count(*) FROM schema_version")?.query_row([], |_| Ok(()))?;
            Ok(())
        })
        .await
    }
}

/// Reads several times from one state of the store. In memory it is within a transaction already.
fn consistent<T>(connection: &Connection, work: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
    if !connection.is_autocommit() {
        return work(connection);
    }
    let transaction = connection.unchecked_transaction()?;
    work(&transaction)
}

/// What SQLite says never holds values, only names of tables and columns.
impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<rusqlite::Error> for CommitError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}
