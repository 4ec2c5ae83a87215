//! See [`crate::EventLog`].

use async_trait::async_trait;
use deadpool_postgres::Client;

use super::connection::within;
use super::read::get;
use super::statement::{Failure, changed, optional, rows};
use super::{LONG, Postgres, SHORT};
use crate::{EventCursor, EventKind, EventLog, EventOrder, EventQuery, EventRow, NumberedEvent, Shown, StoreError};

/// The advisory lock under which events get their places: they are seen in this order.
const PLACES: i32 = 0x6c_61_74_65;

#[async_trait]
impl EventLog for Postgres {
    async fn append_events(&self, events: Vec<EventRow>) -> Result<(), StoreError> {
        let mut client = self.client().await?;
        within(LONG, append(&mut client, &events)).await.on(client)
    }

    async fn events(&self, realm_id: &str, kind: EventKind, query: &EventQuery) -> Result<Vec<String>, StoreError> {
        let client = self.client().await?;
        within(LONG, find(&client, (realm_id, kind), query)).await.on(client)
    }

    async fn clear_events(&self, realm_id: &str, kind: EventKind, expires: i64) -> Result<(), StoreError> {
        let client = self.client().await?;
        let work = async {
            let sql =
                "UPDATE latchkey_event SET shown = false, expires = least(expires, $3) WHERE realm = $1 AND kind = $2 AND shown";
            let _ = changed(&client, sql, &[&realm_id, &kind.as_str(), &expires]).await?;
            Ok(())
        };
        let done = within(LONG, work).await;
        done.on(client)
    }

    async fn expire_events(&self, now: i64) -> Result<u64, StoreError> {
        let client = self.client().await?;
        let work = async { Ok(changed(&client, "DELETE FROM latchkey_event WHERE expires <= $1", &[&now]).await?) };
        let done = within(LONG, work).await;
        done.on(client)
    }

    async fn events_after(&self, realm_id: &str, seq: i64, limit: i64) -> Result<Vec<NumberedEvent>, StoreError> {
        let client = self.client().await?;
        let done = within(SHORT, after(&client, realm_id, (seq, limit))).await;
        done.on(client)
    }

    async fn last_event(&self) -> Result<i64, StoreError> {
        let client = self.client().await?;
        let work = async {
            let row = optional(&client, "SELECT coalesce(max(seq), 0) FROM latchkey_event", &[]).await?;
            Ok(row.map(|row| get(&row, 0)).transpose()?.unwrap_or_default())
        };
        let done = within(SHORT, work).await;
        done.on(client)
    }

    async fn event_cursor(&self, realm_id: &str, name: &str) -> Result<Option<EventCursor>, StoreError> {
        let client = self.client().await?;
        let work = async {
            let sql = "SELECT version, body FROM latchkey_event_cursor WHERE realm = $1 AND name = $2";
            let row = optional(&client, sql, &[&realm_id, &name]).await?;
            Ok(row.map(|row| Ok::<_, Failure>(EventCursor { version: get(&row, 0)?, body: get(&row, 1)? })).transpose()?)
        };
        let done = within(SHORT, work).await;
        done.on(client)
    }

    async fn move_event_cursor(&self, realm_id: &str, name: &str, from: i64, body: String) -> Result<bool, StoreError> {
        let client = self.client().await?;
        let work = async {
            let moved = match from {
                0 => {
                    let sql = "INSERT INTO latchkey_event_cursor (realm, name, version, body) VALUES ($1, $2, 1, $3) \
                               ON CONFLICT DO NOTHING";
                    changed(&client, sql, &[&realm_id, &name, &body]).await?
                }
                _ => {
                    let sql = "UPDATE latchkey_event_cursor SET version = version + 1, body = $3 \
                               WHERE realm = $1 AND name = $2 AND version = $4";
                    changed(&client, sql, &[&realm_id, &name, &body, &from]).await?
                }
            };
            Ok(moved == 1)
        };
        let done = within(SHORT, work).await;
        done.on(client)
    }
}

async fn append(client: &mut Client, events: &[EventRow]) -> Result<(), StoreError> {
    let tx = client.transaction().await.map_err(Failure::from)?;
    let _ = optional(&tx, "SELECT pg_advisory_xact_lock($1, hashtext(current_schema()))", &[&PLACES]).await?;
    let sql = "INSERT INTO latchkey_event (realm, kind, shown, time, expires, type, client, user_id, ip, resource, path, auth_realm, body) \
               SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13 WHERE EXISTS (SELECT 1 FROM latchkey_realm WHERE id = $1)";
    for event in events {
        let shown = event.shown == Shown::ToAll;
        let _ = changed(
            &tx,
            sql,
            &[
                &event.realm_id,
                &event.kind.as_str(),
                &shown,
                &event.time,
                &event.expires,
                &event.event_type,
                &event.client,
                &event.user,
                &event.ip_address,
                &event.resource_type,
                &event.resource_path,
                &event.auth_realm,
                &event.body,
            ],
        )
        .await?;
    }
    tx.commit().await.map_err(Failure::from)?;
    Ok(())
}

async fn find(client: &Client, (realm_id, kind): (&str, EventKind), query: &EventQuery) -> Result<Vec<String>, StoreError> {
    let order = match query.order {
        EventOrder::Descending => "DESC",
        EventOrder::Ascending => "ASC",
    };
    let sql = format!(
        "SELECT body FROM latchkey_event WHERE realm = $1 AND kind = $2 AND shown AND (expires IS NULL OR expires > $3) \
         AND (cardinality($4::text[]) = 0 OR type = ANY($4)) AND (cardinality($5::text[]) = 0 OR resource = ANY($5)) \
         AND ($6::text IS NULL OR client = $6) AND ($7::text IS NULL OR user_id = $7) AND ($8::text IS NULL OR ip = $8) \
         AND ($9::text IS NULL OR auth_realm = $9) AND ($10::text IS NULL OR path LIKE $10) \
         AND ($11::bigint IS NULL OR time >= $11) AND ($12::bigint IS NULL OR time <= $12) \
         ORDER BY time {order}, seq {order} LIMIT $13 OFFSET $14"
    );
    let path = query.resource_path.as_deref().map(pattern);
    let found = rows(
        client,
        &sql,
        &[
            &realm_id,
            &kind.as_str(),
            &query.now,
            &query.types,
            &query.resource_types,
            &query.client,
            &query.user,
            &query.ip_address,
            &query.auth_realm,
            &path,
            &query.from,
            &query.until,
            &query.max,
            &query.first,
        ],
    )
    .await?;
    Ok(found.iter().map(|row| get(row, 0)).collect::<Result<_, Failure>>()?)
}

/// A pattern in which only `*` has a meaning.
fn pattern(path: &str) -> String {
    path.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_").replace('*', "%")
}

async fn after(client: &Client, realm_id: &str, (seq, limit): (i64, i64)) -> Result<Vec<NumberedEvent>, StoreError> {
    let sql = "SELECT seq, time, kind, type, body FROM latchkey_event WHERE realm = $1 AND seq > $2 ORDER BY seq LIMIT $3";
    let found = rows(client, sql, &[&realm_id, &seq, &limit]).await?;
    let numbered = found.iter().map(|row| {
        let kind = if get::<&str>(row, 2)? == "admin" { EventKind::Admin } else { EventKind::User };
        Ok(NumberedEvent { seq: get(row, 0)?, time: get(row, 1)?, kind, event_type: get(row, 3)?, body: get(row, 4)? })
    });
    Ok(numbered.collect::<Result<_, Failure>>()?)
}
