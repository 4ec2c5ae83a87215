//! The durable store in a PostgreSQL database, shared by all replicas.
//!
//! **Invariant:** while the database is away every call fails within seconds, and works again as soon as it is back.

mod bulk;
mod commit;
mod connection;
mod entities;
mod events;
mod memberships;
mod migrations;
mod news;
mod read;
mod search;
mod statement;
#[cfg(test)]
mod tests;
mod tls;
mod users;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use deadpool_postgres::{Object, Pool};
use oidc_types::Secret;
use thiserror::Error;

use self::connection::{Route, within};
use self::news::Listener;
use self::statement::Failure;
use crate::database_url::DatabaseUrlError;
use crate::{
    Batch, CommitError, Declared, DeclaredUsers, NewUser, News, Repository, StoreError, StoredRealm, UserKey, UserQuery, UserRow,
};

/// What a request waits for: one user, news, the answer to a ping.
const SHORT: Duration = Duration::from_secs(5);

/// What reads or changes much.
const LONG: Duration = Duration::from_secs(30);

/// How a PostgreSQL server is reached: Keycloak's `db-…` options.
#[derive(Clone)]
pub struct PostgresConfig {
    /// `db-url`: as [`crate::database_url::DatabaseUrl::parse`] reads it.
    pub url: String,
    /// `db-username`, unless the URL names a user.
    pub username: Option<String>,
    /// `db-password`, unless there is one in the URL.
    pub password: Option<Secret<String>>,
    /// `db-schema`; else the URL's `currentSchema`, else `public`. It is made where it is missing.
    pub schema: Option<String>,
    /// `db-pool-max-size`: connections at most, beside one that listens.
    pub pool_max: usize,
}

/// Prints no URL, for a password may be in it.
impl fmt::Debug for PostgresConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresConfig").field("username", &self.username).field("schema", &self.schema).finish_non_exhaustive()
    }
}

/// Why a PostgreSQL database cannot be used. No message has a password in it.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The URL.
    #[error(transparent)]
    Url(#[from] DatabaseUrlError),
    /// Certificates or keys that the URL names cannot be used.
    #[error("the certificates for connections to the database cannot be used: {0}")]
    Tls(String),
    /// The pool cannot be made.
    #[error("connections to the database cannot be pooled: {0}")]
    Pool(String),
    /// The database does not answer, or refuses.
    #[error("the database cannot be used: {0}")]
    Store(#[from] StoreError),
}

impl From<Failure> for OpenError {
    fn from(failure: Failure) -> Self {
        Self::Store(failure.into())
    }
}

/// Realms and users in a PostgreSQL database.
pub struct Postgres {
    pool: Pool,
    schema: String,
    listener: Listener,
}

impl Postgres {
    /// Connects, brings the tables up to date and begins to listen for the changes of other replicas. To be called within a Tokio
    /// runtime that lives as long as the store: it drives the connections made so far.
    ///
    /// # Errors
    /// See [`OpenError`]; also when the database is merely away.
    pub async fn open(config: &PostgresConfig) -> Result<Self, OpenError> {
        let route = Route::new(config)?;
        let pool = connection::pool(&route, config.pool_max)?;
        let mut client = connection::lent(&pool).await?;
        migrations::run(&mut client, &route.schema).await?;
        drop(client);
        Ok(Self { pool, schema: route.schema.clone(), listener: Listener::start(route) })
    }

    async fn client(&self) -> Result<Object, StoreError> {
        connection::lent(&self.pool).await
    }
}

/// `name` as an identifier in a statement.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[async_trait]
impl Repository for Postgres {
    async fn realms(&self, after: Option<&str>, limit: usize) -> Result<Vec<StoredRealm>, StoreError> {
        let client = self.client().await?;
        within(LONG, read::realms(&client, after, limit)).await.on(client)
    }

    async fn names(&self) -> Result<Vec<(String, String)>, StoreError> {
        let client = self.client().await?;
        within(LONG, read::names(&client)).await.on(client)
    }

    async fn realm(&self, id: &str) -> Result<Option<StoredRealm>, StoreError> {
        let client = self.client().await?;
        within(LONG, read::realm(&client, id)).await.on(client)
    }

    async fn declared(&self, realm_id: &str, users: DeclaredUsers) -> Result<Vec<Declared>, StoreError> {
        let client = self.client().await?;
        within(LONG, read::declared(&client, realm_id, users)).await.on(client)
    }

    async fn commit(&self, batch: Batch) -> Result<i64, CommitError> {
        let mut client = self.client().await?;
        // A millisecond for every change on top: whole realms are imported at once.
        let limit = LONG + Duration::from_millis(u64::try_from(batch.writes.len()).unwrap_or(u64::MAX));
        let version = within(limit, commit::commit(&mut client, &self.schema, batch)).await.on(client)?;
        self.listener.wake();
        Ok(version)
    }

    async fn add_users(&self, realm_id: &str, users: Vec<NewUser>) -> Result<u64, StoreError> {
        let mut client = self.client().await?;
        let limit = LONG + Duration::from_millis(u64::try_from(users.len()).unwrap_or(u64::MAX));
        let added = within(limit, commit::add_users(&mut client, &self.schema, (realm_id, &users))).await.on(client)?;
        self.listener.wake();
        Ok(added)
    }

    async fn user(&self, realm_id: &str, key: UserKey<'_>) -> Result<Option<UserRow>, StoreError> {
        let client = self.client().await?;
        within(SHORT, read::user(&client, realm_id, key)).await.on(client)
    }

    async fn users(&self, realm_id: &str, query: &UserQuery) -> Result<Vec<UserRow>, StoreError> {
        let client = self.client().await?;
        within(LONG, search::users(&client, realm_id, query)).await.on(client)
    }

    async fn count_users(&self, realm_id: &str, query: &UserQuery) -> Result<u64, StoreError> {
        let client = self.client().await?;
        within(LONG, search::count(&client, realm_id, query)).await.on(client)
    }

    async fn news(&self, since: i64) -> Result<News, StoreError> {
        let client = self.client().await?;
        within(SHORT, news::news(&client, since)).await.on(client)
    }

    async fn wait_for_news(&self) {
        self.listener.wait().await;
    }

    async fn ping(&self) -> Result<(), StoreError> {
        let client = self.client().await?;
        within(SHORT, read::ping(&client)).await.on(client)
    }
}
