//! Connections and the tables behind them.

use std::fs::{self, OpenOptions};
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};

use crate::StoreError;
use crate::migrations::{Migration, Tables, pending};

/// The steps by which the tables came to be.
const MIGRATIONS: [Migration; 2] = [
    Migration { version: 1, oldest: 1, sql: include_str!("../migrations/sqlite-1.sql") },
    Migration { version: 2, oldest: 1, sql: include_str!("../migrations/sqlite-2.sql") },
];

/// So long a connection waits for another process that writes.
const PATIENCE: Duration = Duration::from_secs(30);

/// Statements kept prepared by each connection.
const STATEMENTS: usize = 128;

/// For every connection that writes.
///
/// `synchronous`: a commit is on the disk before it is answered, also against a loss of power.
/// `secure_delete`: a secret that was replaced does not stay in free pages.
/// `cache_size`, `wal_autocheckpoint`: 32 and 64 MiB, so that a million users do not write every index page a hundred times.
const WRITING: &str = "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA cache_size = -32768; \
     PRAGMA wal_autocheckpoint = 16384; PRAGMA journal_size_limit = 0; PRAGMA temp_store = MEMORY;";

/// For every connection that only reads; 4 MiB of pages each, the rest is the operating system's.
const READING: &str = "PRAGMA query_only = ON; PRAGMA cache_size = -4096; PRAGMA temp_store = MEMORY;";

/// The connection that writes, tables made.
pub(super) fn writing(path: &Path) -> Result<Connection, StoreError> {
    private(path).map_err(|error| StoreError::Unavailable(format!("{}: {error}", path.display())))?;
    let mut connection = Connection::open(path)?;
    connection.busy_timeout(PATIENCE)?;
    write_ahead(&connection)?;
    prepare(&mut connection)?;
    Ok(connection)
}

/// A store that ends with its connection, tables made.
pub(super) fn in_memory() -> Result<Connection, StoreError> {
    let mut connection = Connection::open_in_memory()?;
    prepare(&mut connection)?;
    Ok(connection)
}

/// A connection that only reads.
pub(super) fn reading(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(PATIENCE)?;
    connection.execute_batch(READING)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

fn prepare(connection: &mut Connection) -> Result<(), StoreError> {
    connection.execute_batch(WRITING)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    migrate(connection)
}

/// The mode stays with the file. SQLite does not wait for others here, so this does.
fn write_ahead(connection: &Connection) -> Result<(), StoreError> {
    let mut attempts = 0;
    loop {
        match connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get::<_, String>(0)) {
            Err(error) if attempts < 200 && is_busy(&error) => attempts += 1,
            outcome => return outcome.map(|_| ()).map_err(StoreError::from),
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked};
    matches!(error.sqlite_error_code(), Some(DatabaseBusy | DatabaseLocked))
}

/// Two processes that begin at once do this one after the other.
fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut found = tables(&transaction)?;
    for step in pending(&MIGRATIONS, found)? {
        if found.is_none() {
            transaction.execute_batch("CREATE TABLE schema_version (version INTEGER NOT NULL, oldest INTEGER NOT NULL)")?;
            found = Some(Tables { version: 0, oldest: 0 });
        }
        transaction.execute_batch(step.sql)?;
        transaction.execute("DELETE FROM schema_version", [])?;
        transaction.execute("INSERT INTO schema_version (version, oldest) VALUES (?1, ?2)", (step.version, step.oldest))?;
    }
    transaction.commit()?;
    Ok(())
}

fn tables(transaction: &Transaction<'_>) -> Result<Option<Tables>, StoreError> {
    // Asked of the file: what this connection knows of the tables may be from before the transaction.
    if !transaction.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'schema_version'")?.exists([])? {
        return Ok(None);
    }
    let read = |row: &rusqlite::Row<'_>| Ok(Tables { version: row.get(0)?, oldest: row.get(1)? });
    Ok(transaction.query_row("SELECT version, oldest FROM schema_version", [], read).optional()?)
}

/// Makes the file so that only its owner reads it, before there is anything in it. What SQLite puts beside it is as it is.
fn private(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(|_| ())
}
