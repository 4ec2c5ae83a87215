//! What changed, and being told of it.

use std::future::Future;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::Notify;

use crate::{Change, News, StoreError};

/// So many changes are remembered; whoever asks for older ones must read everything.
pub(super) const KEPT: i64 = if cfg!(test) { 500 } else { 100_000 };

/// How often the file is looked at for what other processes changed.
const INTERVAL: Duration = Duration::from_millis(250);

/// After so many looks a waiter is let go without news.
const LOOKS: usize = 20;

pub(super) fn since(connection: &Connection, since: i64) -> Result<News, StoreError> {
    let bounds = "SELECT coalesce(min(seq), 0), coalesce(max(seq), 0) FROM change";
    let (oldest, until): (i64, i64) = connection.prepare_cached(bounds)?.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if since == until {
        return Ok(News { until, changes: Some(Vec::new()) });
    }
    // Greater: another file was put in the place of the one from which `since` is.
    if since <= 0 || since > until || oldest > since + 1 {
        return Ok(News { until, changes: None });
    }
    let mut statement = connection.prepare_cached("SELECT realm, user FROM change WHERE seq > ?1 ORDER BY seq")?;
    let changes = statement.query_map([since], |row| {
        let realm = row.get(0)?;
        Ok(match row.get::<_, Option<String>>(1)? {
            None => Change::Realm(realm),
            Some(user) if user.is_empty() => Change::Users(realm),
            Some(user) => Change::User(realm, user),
        })
    })?;
    Ok(News { until, changes: Some(changes.collect::<Result<_, _>>()?) })
}

/// [`News::until`] of this moment.
pub(super) fn latest(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.prepare_cached("SELECT coalesce(max(seq), 0) FROM change")?.query_row([], |row| row.get(0))?)
}

/// Writes changes down, and forgets the oldest.
pub(super) fn write(connection: &Connection, changes: &[Change]) -> rusqlite::Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let mut insert = connection.prepare_cached("INSERT INTO change (realm, user) VALUES (?1, ?2)")?;
    for change in changes {
        match change {
            Change::Realm(realm) => insert.execute((realm, None::<&str>))?,
            Change::User(realm, user) => insert.execute((realm, Some(user)))?,
            Change::Users(realm) => insert.execute((realm, Some("")))?,
        };
    }
    let oldest = connection.last_insert_rowid() - KEPT;
    connection.prepare_cached("DELETE FROM change WHERE seq <= ?1")?.execute([oldest])?;
    Ok(())
}

/// Wakes those who wait for news.
#[derive(Default)]
pub(super) struct Bell {
    rung: Notify,
    /// The last [`News::until`] that was told.
    heard: AtomicI64,
}

impl Bell {
    pub(super) fn ring(&self) {
        self.rung.notify_waiters();
    }

    pub(super) fn heard(&self, until: i64) {
        self.heard.store(until, Ordering::SeqCst);
    }

    pub(super) async fn wait<F>(&self, latest: impl Fn() -> F)
    where
        F: Future<Output = Result<i64, StoreError>>,
    {
        for _ in 0..LOOKS {
            let mut rung = std::pin::pin!(self.rung.notified());
            // Counts from here on, before the look.
            rung.as_mut().enable();
            match latest().await {
                Ok(latest) if latest != self.heard.load(Ordering::SeqCst) => return,
                _ => {}
            }
            if tokio::time::timeout(INTERVAL, rung).await.is_ok() {
                return;
            }
        }
    }
}
