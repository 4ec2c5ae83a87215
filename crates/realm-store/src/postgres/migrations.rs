//! The tables, made or brought up to date when the store is opened.

use deadpool_postgres::{Client, Transaction};

use super::read::get;
use super::statement::{changed, optional};
use super::{Failure, quoted};
use crate::StoreError;
use crate::migrations::{Migration, Tables, pending};

/// In order. **Never changed once released.**
const ALL: [Migration; 2] = [
    Migration { version: 1, oldest: 1, sql: include_str!("../migrations/postgres-1.sql") },
    Migration { version: 2, oldest: 1, sql: include_str!("../migrations/postgres-2.sql") },
];

/// The first half of the advisory lock for which replicas that start at once queue.
const LOCK: i32 = 0x6c_61_74_63;

/// Makes the schema and its tables what this version needs.
pub(super) async fn run(client: &mut Client, schema: &str) -> Result<(), StoreError> {
    migrate(client, schema, &ALL).await
}

async fn migrate(client: &mut Client, schema: &str, all: &[Migration]) -> Result<(), StoreError> {
    let tx = client.transaction().await.map_err(Failure::from)?;
    let execute = async |sql: &str| tx.batch_execute(sql).await.map_err(Failure::from);
    // Somebody else may be at it: wait for them as long as it takes them, but not for ever.
    execute("SET LOCAL lock_timeout = '120s'; SET LOCAL statement_timeout = '600s'").await?;
    let _ = optional(&tx, "SELECT pg_advisory_xact_lock($1, hashtext($2))", &[&LOCK, &schema]).await?;
    // Asked first: whoever may not create schemas may use one that is there.
    if optional(&tx, "SELECT 1 FROM pg_namespace WHERE nspname = $1", &[&schema]).await?.is_none() {
        execute(&format!("CREATE SCHEMA {}", quoted(schema))).await?;
    }
    for step in pending(all, found(&tx, schema).await?)? {
        execute(step.sql).await?;
        let sql = "UPDATE latchkey_tables SET version = $1, oldest = $2";
        let _ = changed(&tx, sql, &[&step.version, &step.oldest]).await?;
    }
    tx.commit().await.map_err(Failure::from)?;
    Ok(())
}

/// What the tables say of themselves; nothing in an empty schema.
async fn found(tx: &Transaction<'_>, schema: &str) -> Result<Option<Tables>, Failure> {
    let sql = "SELECT 1 FROM pg_tables WHERE schemaname = $1 AND tablename = 'latchkey_tables'";
    if optional(tx, sql, &[&schema]).await?.is_none() {
        return Ok(None);
    }
    let row = optional(tx, "SELECT version, oldest FROM latchkey_tables", &[]).await?;
    row.map(|row| Ok(Tables { version: get(&row, 0)?, oldest: get(&row, 1)? })).transpose()
}

#[cfg(test)]
mod tests;
