//! The database goes away and comes back.

use std::net::TcpListener;

use super::*;
use crate::UserKey;

/// No call takes longer while nobody answers: all attempts to connect and a wait for a free connection together.
const SOON: Duration = Duration::from_secs(8);

fn is_unavailable<T>(outcome: Result<T, StoreError>) -> bool {
    matches!(outcome, Err(StoreError::Unavailable(_)))
}

/// Calls every method; each says within [`SOON`] that the database is away.
async fn assert_away(store: &Postgres) {
    let all = async {
        assert!(is_unavailable(store.ping().await));
        assert!(is_unavailable(store.realms(None, 1).await));
        assert!(is_unavailable(store.realm(ACME).await));
        assert!(is_unavailable(store.declared(ACME, DeclaredUsers::Include).await));
        assert!(is_unavailable(store.add_users(ACME, vec![crate::contract::new_user(record("bob", json!({})))]).await));
        assert!(is_unavailable(store.user(ACME, UserKey::Username("ann")).await));
        assert!(is_unavailable(store.users(ACME, &UserQuery::default()).await));
        assert!(is_unavailable(store.count_users(ACME, &UserQuery::default()).await));
        assert!(is_unavailable(store.news(1).await));
        let written = commit(store, [put_user(record("bob", json!({})), Expected::Absent)]).await;
        assert!(matches!(written, Err(CommitError::Store(StoreError::Unavailable(_)))));
        store.wait_for_news().await;
    };
    timeout(SOON, all).await.expect("hangs");
}

/// Until the store works again.
async fn returned(store: &Postgres) {
    let again = async {
        while store.ping().await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(20), again).await.expect("stays away");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_away_comes_back_by_itself() {
    let Some(server) = PostgresServer::start() else { return };
    let config = config(&server);
    let store = Postgres::open(&config).await.unwrap();
    acme(&store).await;
    for round in 0..2 {
        let users = [format!("ann{round}"), format!("ben{round}")];
        commit(&store, [put_user(record(&users[0], json!({})), Expected::Absent)]).await.unwrap();
        // Several connections, all of them lost.
        let many = (0..4).map(|_| store.ping());
        assert!(futures_util::future::join_all(many).await.iter().all(Result::is_ok));
        server.stop();
        assert_away(&store).await;
        assert!(matches!(Postgres::open(&config).await, Err(OpenError::Store(StoreError::Unavailable(_)))));
        server.start_again();
        returned(&store).await;
        let ann = store.user(ACME, UserKey::Id(&id_of(&users[0]))).await.unwrap();
        assert_eq!(ann.unwrap().record.username(), users[0]);
        commit(&store, [put_user(record(&users[1], json!({})), Expected::Absent)]).await.unwrap();
        let heard = async {
            let begin = store.news(0).await.unwrap().until;
            let second = Postgres::open(&config).await.unwrap();
            commit(&second, [put_user(record(&users[1], json!({})), Expected::Version(1))]).await.unwrap();
            while store.news(begin).await.unwrap().changes == Some(vec![]) {
                store.wait_for_news().await;
            }
        };
        timeout(Duration::from_secs(10), heard).await.expect("no news");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_stops_answering_is_told_and_its_connections_are_given_up() {
    let Some(server) = PostgresServer::start() else { return };
    let store = Postgres::open(&config(&server)).await.unwrap();
    acme(&store).await;
    server.freeze();
    for _ in 0..2 {
        assert!(is_unavailable(timeout(SOON, store.ping()).await.expect("hangs")));
    }
    server.thaw();
    returned(&store).await;
    assert!(store.realm(ACME).await.unwrap().is_some());
}

#[tokio::test]
async fn nobody_there_is_told_soon() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for address in [silent.local_addr().unwrap(), gone] {
        let config = PostgresConfig {
            url: format!("jdbc:postgresql://{address},{address}/kc"),
            username: Some("ann".to_owned()),
            password: Some(Secret::new("hunter2".to_owned())),
            schema: None,
            pool_max: 2,
        };
        let error = timeout(SOON, Postgres::open(&config)).await.expect("hangs").err().unwrap();
        assert!(matches!(error, OpenError::Store(StoreError::Unavailable(_))), "{error}");
        assert!(!format!("{error} {error:?} {config:?}").contains("hunter2"));
    }
}

#[tokio::test]
async fn whoever_finds_all_connections_in_use_is_told() {
    let Some(server) = PostgresServer::shared() else { return };
    let store = Postgres::open(&PostgresConfig { pool_max: 1, ..config(server) }).await.unwrap();
    let busy = store.client().await.unwrap();
    let error = timeout(SOON, store.ping()).await.expect("hangs").unwrap_err();
    assert!(error.to_string().contains("all connections"), "{error}");
    drop(busy);
    store.ping().await.unwrap();
}

#[tokio::test]
async fn a_connection_that_was_ended_is_replaced() {
    let Some(server) = PostgresServer::shared() else { return };
    let config = config(server);
    let store = Postgres::open(&config).await.unwrap();
    let client = store.client().await.unwrap();
    let process: i32 = client.query_one("SELECT pg_backend_pid()", &[]).await.unwrap().get(0);
    drop(client);
    let _ = beside(server).await.execute("SELECT pg_terminate_backend($1, 5000)", &[&process]).await.unwrap();
    returned(&store).await;
}
