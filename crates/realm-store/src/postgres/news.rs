//! What changed: read in the order of commits, told to those who wait.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::tokio_postgres::AsyncMessage;
use deadpool_postgres::{Client, Transaction};
use futures_util::stream::{StreamExt, poll_fn};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::Failure;
use super::connection::Route;
use super::statement::{changed, optional, rows};
use crate::{Change, News, StoreError};

/// So many commits are remembered: whoever knows less reads everything anew.
const REMEMBERED: i64 = 10_000;

/// After so many commits those that are too old are taken away.
const SWEEP: i64 = 1_000;

/// More changes than this are not told one by one.
const MOST: usize = if cfg!(test) { 500 } else { 10_000 };

/// How often one looks, told or not: what nobody told is seen within a second all the same.
const POLL: Duration = Duration::from_millis(900);

/// How often the connection that listens is asked whether it is still there.
const CHECK: Duration = Duration::from_secs(15);

/// Writes down what a transaction changes; the last thing that it does.
pub(super) async fn record(tx: &Transaction<'_>, schema: &str, changes: &[Change]) -> Result<(), Failure> {
    if changes.is_empty() {
        return Ok(());
    }
    let (realms, users): (Vec<&str>, Vec<Option<&str>>) = changes.iter().map(parts).unzip();
    // Notifications go to the whole database: the schema says whose it is.
    let sql = "WITH feed AS (UPDATE latchkey_feed SET last = last + 1 RETURNING last), \
               noted AS (INSERT INTO latchkey_change (seq, realm_id, user_id) \
                         SELECT feed.last, t.* FROM feed, unnest($1::text[], $2::text[]) AS t) \
               SELECT last, pg_notify('latchkey_changes', $3) FROM feed";
    let last = match optional(tx, sql, &[&realms, &users, &schema]).await? {
        Some(row) => row.try_get::<_, i64>(0)?,
        None => 0,
    };
    if last % SWEEP == 0 {
        let _ = changed(tx, "DELETE FROM latchkey_change WHERE seq <= $1", &[&(last - REMEMBERED)]).await?;
    }
    Ok(())
}

/// Realm and user of a change, as they stand in the table.
fn parts(change: &Change) -> (&str, Option<&str>) {
    match change {
        Change::Realm(realm) => (realm, None),
        Change::User(realm, user) => (realm, Some(user)),
        Change::Users(realm) => (realm, Some("")),
    }
}

fn change(realm: String, user: Option<String>) -> Change {
    match user {
        None => Change::Realm(realm),
        Some(user) if user.is_empty() => Change::Users(realm),
        Some(user) => Change::User(realm, user),
    }
}

/// What has changed after `since`.
pub(super) async fn news(client: &Client, since: i64) -> Result<News, StoreError> {
    // One statement: the number and the changes up to it are of one moment.
    let sql = "SELECT f.last, c.realm_id, c.user_id FROM latchkey_feed f \
               LEFT JOIN latchkey_change c ON c.seq > $1 AND c.seq > f.last - $2 AND $1 > 0 ORDER BY c.seq LIMIT $3";
    let limit = i64::try_from(MOST + 1).unwrap_or(i64::MAX);
    let found = rows(client, sql, &[&since, &REMEMBERED, &limit]).await?;
    read_news(&found, since).map_err(|error| Failure::from(error).into())
}

fn read_news(found: &[tokio_postgres::Row], since: i64) -> Result<News, tokio_postgres::Error> {
    let mut changes = Vec::new();
    let mut until = 0;
    for row in found {
        until = row.try_get(0)?;
        if let Some(realm) = row.try_get(1)? {
            changes.push(change(realm, row.try_get(2)?));
        }
    }
    let is_new_here = since == 0 && until > 0;
    // A number beyond the last: the database is another, or an older one was put back.
    let is_known = !is_new_here && since <= until && since >= until - REMEMBERED && changes.len() <= MOST;
    Ok(News { until, changes: is_known.then_some(changes) })
}

/// Listens on a connection of its own, and comes back by itself.
pub(super) struct Listener {
    heard: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Listener {
    /// Begins to listen.
    pub(super) fn start(route: Route) -> Self {
        let heard = Arc::new(Notify::new());
        let task = tokio::spawn(listen(route, Arc::clone(&heard)));
        Self { heard, task }
    }

    /// There may be news.
    pub(super) fn wake(&self) {
        wake(&self.heard);
    }

    /// Returns when there may be.
    pub(super) async fn wait(&self) {
        let _ = timeout(POLL, self.heard.notified()).await;
    }

    /// Returns when somebody told so.
    #[cfg(test)]
    pub(super) async fn heard(&self) {
        self.heard.notified().await;
    }

    /// As if the connection were lost for good.
    #[cfg(test)]
    pub(super) fn stop(&self) {
        self.task.abort();
    }
}

/// Everybody who waits, and else whoever waits next.
fn wake(heard: &Notify) {
    heard.notify_waiters();
    heard.notify_one();
}

async fn listen(mut route: Route, heard: Arc<Notify>) {
    route.config.application_name("latchkey changes");
    let mut was_told = false;
    loop {
        let lost = match listen_once(&route, &heard, &mut was_told).await {
            Ok(()) => "the connection was closed".to_owned(),
            Err(error) => error.to_string(),
        };
        // Once, not every second while the database is away.
        if !was_told {
            log::warn!("changes of other replicas are asked for, not told, until the database answers: {lost}");
            was_told = true;
        }
        sleep(POLL).await;
    }
}

/// Until the connection is lost.
async fn listen_once(route: &Route, heard: &Notify, was_told: &mut bool) -> Result<(), StoreError> {
    let (client, mut connection) = route.connect().await?;
    let mut messages = poll_fn(move |context| connection.poll_message(context));
    let hear = async {
        while let Some(message) = messages.next().await {
            match message.map_err(Failure::from)? {
                AsyncMessage::Notification(told) if told.payload() != route.schema => {}
                AsyncMessage::Notification(_) => wake(heard),
                _ => {}
            }
        }
        Ok(())
    };
    let keep = async {
        client.batch_execute("LISTEN latchkey_changes").await.map_err(Failure::from)?;
        *was_told = false;
        wake(heard);
        loop {
            sleep(CHECK).await;
            let answered = timeout(CHECK, client.batch_execute("")).await;
            answered.map_err(|_| StoreError::Unavailable("no answer".to_owned()))?.map_err(Failure::from)?;
        }
    };
    tokio::select! {
        ended = hear => ended,
        failed = keep => failed,
    }
}
