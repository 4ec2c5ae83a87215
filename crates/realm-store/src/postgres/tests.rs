use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use deadpool_postgres::tokio_postgres::NoTls;
use serde_json::json;
use tokio::time::timeout;

use self::server::{PASSWORD, PostgresServer, USER};
use super::*;
use crate::Expected;
use crate::contract::{ACME, Handles, Made, acme, commit, contract, id_of, put_user, record};

mod away;
mod encrypted;
mod secrets;
#[path = "../../../../tests/harness/postgres.rs"]
pub(super) mod server;
mod together;

/// How the tables of a schema of its own are reached.
pub(super) fn config(server: &PostgresServer) -> PostgresConfig {
    static SCHEMAS: AtomicUsize = AtomicUsize::new(0);
    PostgresConfig {
        url: server.url(),
        username: Some(USER.to_owned()),
        password: Some(Secret::new(PASSWORD.to_owned())),
        schema: Some(format!("Test \"{}\"", SCHEMAS.fetch_add(1, Ordering::Relaxed))),
        pool_max: 4,
    }
}

/// A connection past the store.
async fn beside(server: &PostgresServer) -> tokio_postgres::Client {
    let url = format!("host=127.0.0.1 port={} user={USER} password={PASSWORD} dbname=postgres", server.port);
    let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn make() -> Option<Made> {
    let config = config(PostgresServer::shared()?);
    let store = Arc::new(Postgres::open(&config).await.unwrap());
    let second = Arc::new(Postgres::open(&config).await.unwrap());
    Some(Made { store, second, handles: Handles::Two, guard: Box::new(()) })
}

contract!(make);
