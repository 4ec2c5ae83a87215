//! See [`crate::EventLog`].

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::writer::Size;
use super::{Reads, Sqlite};
use crate::{EventCursor, EventKind, EventLog, EventOrder, EventQuery, EventRow, NumberedEvent, Shown, StoreError};

#[async_trait]
impl EventLog for Sqlite {
    async fn append_events(&self, events: Vec<EventRow>) -> Result<(), StoreError> {
        self.writer.write(Size::Large, move |connection| append(connection, &events)).await
    }

    async fn events(&self, realm_id: &str, kind: EventKind, query: &EventQuery) -> Result<Vec<String>, StoreError> {
        let (realm_id, query) = (realm_id.to_owned(), query.clone());
        self.read(Reads::Many, move |connection| find(connection, (&realm_id, kind), &query)).await
    }

    async fn clear_events(&self, realm_id: &str, kind: EventKind, expires: i64) -> Result<(), StoreError> {
        let realm_id = realm_id.to_owned();
        self.writer
            .write(Size::Large, move |connection| {
                let sql = "UPDATE event SET shown = 0, expires = min(coalesce(expires, ?3), ?3) WHERE realm = ?1 AND kind = ?2 AND shown";
                connection.execute(sql, (&realm_id, kind.as_str(), expires))?;
                Ok(())
            })
            .await
    }

    async fn expire_events(&self, now: i64) -> Result<u64, StoreError> {
        let work = move |connection: &Connection| {
            Ok(connection.execute("DELETE FROM event WHERE expires IS NOT NULL AND expires <= ?1", [now])?)
        };
        let gone: Result<usize, StoreError> = self.writer.write(Size::Large, work).await;
        Ok(u64::try_from(gone?).unwrap_or(u64::MAX))
    }

    async fn events_after(&self, realm_id: &str, seq: i64, limit: i64) -> Result<Vec<NumberedEvent>, StoreError> {
        let realm_id = realm_id.to_owned();
        self.read(Reads::Many, move |connection| {
            let sql = "SELECT seq, time, kind, type, body FROM event WHERE realm = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3";
            let mut statement = connection.prepare_cached(sql)?;
            let found = statement.query_map((&realm_id, seq, limit), numbered)?;
            Ok(found.collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn last_event(&self) -> Result<i64, StoreError> {
        self.read(Reads::Single, |connection| {
            let sql = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'event'";
            Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
        })
        .await
    }

    async fn event_cursor(&self, realm_id: &str, name: &str) -> Result<Option<EventCursor>, StoreError> {
        let (realm_id, name) = (realm_id.to_owned(), name.to_owned());
        self.read(Reads::Single, move |connection| {
            let sql = "SELECT version, body FROM event_cursor WHERE realm = ?1 AND name = ?2";
            let cursor = |row: &Row<'_>| Ok(EventCursor { version: row.get(0)?, body: row.get(1)? });
            Ok(connection.prepare_cached(sql)?.query_row((&realm_id, &name), cursor).optional()?)
        })
        .await
    }

    async fn move_event_cursor(&self, realm_id: &str, name: &str, from: i64, body: String) -> Result<bool, StoreError> {
        let (realm_id, name) = (realm_id.to_owned(), name.to_owned());
        self.writer
            .write(Size::Small, move |connection| {
                let moved = match from {
                    0 => connection
                        .prepare_cached("INSERT OR IGNORE INTO event_cursor (realm, name, version, body) VALUES (?1, ?2, 1, ?3)")?
                        .execute((&realm_id, &name, &body))?,
                    _ => connection
                        .prepare_cached(
                            "UPDATE event_cursor SET version = version + 1, body = ?3 WHERE realm = ?1 AND name = ?2 AND version = ?4",
                        )?
                        .execute((&realm_id, &name, &body, from))?,
                };
                Ok(moved == 1)
            })
            .await
    }
}

fn append(connection: &Connection, events: &[EventRow]) -> Result<(), StoreError> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO event (realm, kind, shown, time, expires, type, client, user, ip, resource, path, auth_realm, body) \
         SELECT :realm, :kind, :shown, :time, :expires, :type, :client, :user, :ip, :resource, :path, :auth_realm, :body \
         WHERE EXISTS (SELECT 1 FROM realm WHERE id = :realm)",
    )?;
    for event in events {
        insert.execute(named_params! {
            ":realm": event.realm_id,
            ":kind": event.kind.as_str(),
            ":shown": event.shown == Shown::ToAll,
            ":time": event.time,
            ":expires": event.expires,
            ":type": event.event_type,
            ":client": event.client,
            ":user": event.user,
            ":ip": event.ip_address,
            ":resource": event.resource_type,
            ":path": event.resource_path,
            ":auth_realm": event.auth_realm,
            ":body": event.body,
        })?;
    }
    Ok(())
}

fn find(connection: &Connection, (realm_id, kind): (&str, EventKind), query: &EventQuery) -> Result<Vec<String>, StoreError> {
    let order = match query.order {
        EventOrder::Descending => "DESC",
        EventOrder::Ascending => "ASC",
    };
    let sql = format!(
        "SELECT body FROM event WHERE realm = :realm AND kind = :kind AND shown AND (expires IS NULL OR expires > :now) \
         AND (:types = '[]' OR type IN (SELECT value FROM json_each(:types))) \
         AND (:resources = '[]' OR resource IN (SELECT value FROM json_each(:resources))) \
         AND (:client IS NULL OR client = :client) AND (:user IS NULL OR user = :user) AND (:ip IS NULL OR ip = :ip) \
         AND (:auth_realm IS NULL OR auth_realm = :auth_realm) AND (:path IS NULL OR path GLOB :path) \
         AND (:from IS NULL OR time >= :from) AND (:until IS NULL OR time <= :until) \
         ORDER BY time {order}, seq {order} LIMIT :max OFFSET :first"
    );
    let list = |all: &[String]| serde_json::Value::from(all.to_vec()).to_string();
    let mut statement = connection.prepare_cached(&sql)?;
    let found = statement.query_map(
        named_params! {
            ":realm": realm_id,
            ":kind": kind.as_str(),
            ":now": query.now,
            ":types": list(&query.types),
            ":resources": list(&query.resource_types),
            ":client": query.client,
            ":user": query.user,
            ":ip": query.ip_address,
            ":auth_realm": query.auth_realm,
            ":path": query.resource_path.as_deref().map(pattern),
            ":from": query.from,
            ":until": query.until,
            ":max": query.max.unwrap_or(-1),
            ":first": query.first,
        },
        |row| row.get(0),
    )?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// A pattern in which only `*` has a meaning.
fn pattern(path: &str) -> String {
    path.replace('[', "[[]").replace('?', "[?]")
}

fn numbered(row: &Row<'_>) -> rusqlite::Result<NumberedEvent> {
    let kind = if row.get::<_, String>(2)? == "admin" { EventKind::Admin } else { EventKind::User };
    Ok(NumberedEvent { seq: row.get(0)?, time: row.get(1)?, kind, event_type: row.get(3)?, body: row.get(4)? })
}
