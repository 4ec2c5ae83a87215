use tokio_postgres::NoTls;

use super::*;
use crate::postgres::tests::config;
use crate::postgres::tests::server::{PASSWORD, PostgresServer, USER};
use crate::postgres::{OpenError, Postgres};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_that_start_at_once_make_the_tables_once() {
    let Some(server) = PostgresServer::shared() else { return };
    let config = config(server);
    let opened = futures_util::future::join_all((0..4).map(|_| Postgres::open(&config))).await;
    for store in opened {
        assert!(crate::Repository::realms(&store.unwrap(), None, 1).await.unwrap().is_empty());
    }
}

/// The version of the tables that this version of the server makes.
fn newest() -> i64 {
    ALL.iter().map(|migration| migration.version).max().unwrap()
}

const LATER: &str = "ALTER TABLE latchkey_realm ADD COLUMN later text NOT NULL DEFAULT 'x'";

#[tokio::test]
async fn the_version_before_runs_beside_the_version_after_as_long_as_that_allows_it() {
    let Some(server) = PostgresServer::shared() else { return };
    let config = config(server);
    let before = Postgres::open(&config).await.unwrap();
    let mut client = before.client().await.unwrap();
    let newest = newest();
    let next = |sql| Migration { version: newest + 1, oldest: 1, sql };
    migrate(&mut client, &before.schema, &[next(LATER)]).await.unwrap();
    crate::contract::acme(&before).await;
    let beside = Postgres::open(&config).await.unwrap();
    assert_eq!(crate::Repository::realms(&beside, None, 1).await.unwrap().len(), 1);
    let alone = Migration { version: newest + 2, oldest: newest + 1, sql: "SELECT 1" };
    migrate(&mut client, &before.schema, &[next("fails"), alone]).await.unwrap();
    let error = Postgres::open(&config).await.err().unwrap();
    assert!(matches!(error, OpenError::Store(_)) && error.to_string().contains("newer"), "{error}");
}

#[tokio::test]
async fn a_step_that_fails_leaves_nothing() {
    let Some(server) = PostgresServer::shared() else { return };
    let store = Postgres::open(&config(server)).await.unwrap();
    let mut client = store.client().await.unwrap();
    let version = newest() + 1;
    let broken = Migration { version, oldest: version, sql: "CREATE TABLE latchkey_half (); SELECT 1 / 0" };
    migrate(&mut client, &store.schema, &[broken]).await.unwrap_err();
    assert!(optional(&client, "SELECT 1 FROM pg_tables WHERE tablename = 'latchkey_half'", &[]).await.unwrap().is_none());
}

#[tokio::test]
async fn whoever_may_not_make_schemas_may_use_one() {
    let Some(server) = PostgresServer::shared() else { return };
    let url = format!("host=127.0.0.1 port={} user={USER} password={PASSWORD} dbname=postgres", server.port);
    let (owner, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
    tokio::spawn(connection);
    let make = "CREATE ROLE tenant LOGIN PASSWORD 'secret'; CREATE SCHEMA tenant AUTHORIZATION tenant";
    owner.batch_execute(make).await.unwrap();
    let mut config = config(server);
    config.username = Some("tenant".to_owned());
    config.password = Some(oidc_types::Secret::new("secret".to_owned()));
    let error = Postgres::open(&config).await.err().unwrap();
    assert!(error.to_string().contains("permission denied"), "{error}");
    config.schema = None;
    config.url.push_str("?currentSchema=tenant,public");
    crate::contract::acme(&Postgres::open(&config).await.unwrap()).await;
}
