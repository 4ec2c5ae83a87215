//! Statements, prepared once per connection, and what their failures mean.

use std::fmt;

use bytes::BytesMut;
use deadpool_postgres::GenericClient;
use deadpool_postgres::tokio_postgres::error::SqlState;
use deadpool_postgres::tokio_postgres::types::{IsNull, ToSql, Type};
use deadpool_postgres::tokio_postgres::{Error, Row};
use futures_util::TryStreamExt;

use crate::{CommitError, StoreError};

/// Why PostgreSQL did not do what it was told. Prints neither parameters nor rows.
#[derive(Debug, thiserror::Error)]
#[error("{}", told(.0))]
pub(super) struct Failure(#[from] Error);

/// What PostgreSQL says of it: never its details, for they repeat values.
fn told(error: &Error) -> String {
    match error.as_db_error() {
        Some(said) => format!("PostgreSQL says: {} ({})", said.message(), said.code().code()),
        None if error.is_closed() => "the connection to PostgreSQL is closed".to_owned(),
        None => match std::error::Error::source(error) {
            Some(cause) => format!("PostgreSQL: {error}: {cause}"),
            None => format!("PostgreSQL: {error}"),
        },
    }
}

impl Failure {
    /// The unique constraint that was violated.
    pub(super) fn violated(&self) -> Option<&str> {
        let said = self.0.as_db_error().filter(|said| *said.code() == SqlState::UNIQUE_VIOLATION)?;
        said.constraint()
    }

    fn is_lost_race(&self) -> bool {
        matches!(self.0.code(), Some(&SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED))
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        Self::Unavailable(failure.to_string())
    }
}

impl From<Failure> for CommitError {
    fn from(failure: Failure) -> Self {
        if failure.is_lost_race() { Self::Conflict("the realm".to_owned()) } else { Self::Store(failure.into()) }
    }
}

/// What stands for `$1`, `$2`, … in a statement.
pub(super) type Parameters<'p> = &'p [&'p (dyn ToSql + Sync)];

/// A parameter that prints nothing: the driver writes parameters to the log at level DEBUG, and secrets are among them.
struct Quiet<'p>(&'p (dyn ToSql + Sync));

impl fmt::Debug for Quiet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

type Encoded = Result<IsNull, Box<dyn std::error::Error + Sync + Send>>;

impl ToSql for Quiet<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Encoded {
        self.0.to_sql_checked(kind, out)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn to_sql_checked(&self, kind: &Type, out: &mut BytesMut) -> Encoded {
        self.0.to_sql_checked(kind, out)
    }
}

/// All rows of a query.
pub(super) async fn rows<C: GenericClient>(client: &C, sql: &str, parameters: Parameters<'_>) -> Result<Vec<Row>, Failure> {
    let statement = client.prepare_cached(sql).await?;
    Ok(client.query_raw(&statement, parameters.iter().map(|value| Quiet(*value))).await?.try_collect().await?)
}

/// All rows of a query that is not kept prepared.
pub(super) async fn rows_once<C: GenericClient>(client: &C, sql: &str, parameters: Parameters<'_>) -> Result<Vec<Row>, Failure> {
    let statement = client.prepare(sql).await?;
    Ok(client.query_raw(&statement, parameters.iter().map(|value| Quiet(*value))).await?.try_collect().await?)
}

/// The row of a query that has one or none.
pub(super) async fn optional<C: GenericClient>(
    client: &C,
    sql: &str,
    parameters: Parameters<'_>,
) -> Result<Option<Row>, Failure> {
    Ok(rows(client, sql, parameters).await?.into_iter().next())
}

/// How many rows a statement changed.
pub(super) async fn changed<C: GenericClient>(client: &C, sql: &str, parameters: Parameters<'_>) -> Result<u64, Failure> {
    let statement = client.prepare_cached(sql).await?;
    Ok(client.execute_raw(&statement, parameters.iter().map(|value| Quiet(*value))).await?)
}
