//! Several replicas on one database.

use futures_util::future::join_all;

use super::*;
use crate::Change;

/// Until the store knows of something after `begin`.
async fn news_after(store: &Postgres, begin: i64) -> Vec<Change> {
    let heard = async {
        loop {
            match store.news(begin).await.unwrap().changes.unwrap() {
                changes if changes.is_empty() => store.wait_for_news().await,
                changes => return changes,
            }
        }
    };
    timeout(Duration::from_secs(10), heard).await.expect("no news")
}

#[tokio::test]
async fn a_replica_is_told_of_a_commit_without_asking() {
    let Some(server) = PostgresServer::shared() else { return };
    let config = config(server);
    let (one, other) = (Postgres::open(&config).await.unwrap(), Postgres::open(&config).await.unwrap());
    acme(&one).await;
    let told = async {
        // Waits for nothing but the notification: nobody asks in between.
        loop {
            other.listener.heard().await;
            if other.news(0).await.unwrap().until > 1 {
                break;
            }
        }
    };
    let written = commit(&one, [put_user(record("ann", json!({})), Expected::Absent)]);
    let (told, written) = futures_util::future::join(timeout(Duration::from_secs(10), told), written).await;
    written.unwrap();
    told.expect("not told");
}

#[tokio::test]
async fn news_are_heard_though_nobody_listens_any_more() {
    let Some(server) = PostgresServer::shared() else { return };
    let config = config(server);
    let (one, other) = (Postgres::open(&config).await.unwrap(), Postgres::open(&config).await.unwrap());
    acme(&one).await;
    let begin = other.news(0).await.unwrap().until;
    other.listener.stop();
    let written = commit(&one, [put_user(record("ann", json!({})), Expected::Absent)]);
    let (changes, written) = futures_util::future::join(news_after(&other, begin), written).await;
    written.unwrap();
    assert_eq!(changes, [Change::User(ACME.to_owned(), id_of("ann"))]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listener_whose_connection_was_ended_listens_again() {
    let Some(server) = PostgresServer::start() else { return };
    let config = config(&server);
    let (one, other) = (Postgres::open(&config).await.unwrap(), Postgres::open(&config).await.unwrap());
    acme(&one).await;
    let beside = beside(&server).await;
    let listening = "SELECT pid FROM pg_stat_activity WHERE application_name = 'latchkey changes' AND query LIKE 'LISTEN%'";
    let processes = async |unlike: &[i32]| {
        let found = async {
            loop {
                let rows = beside.query(listening, &[]).await.unwrap();
                let found: Vec<i32> = rows.iter().map(|row| row.get(0)).filter(|process| !unlike.contains(process)).collect();
                if found.len() == 2 {
                    return found;
                }
            }
        };
        timeout(Duration::from_secs(20), found).await.expect("nobody listens")
    };
    let first = processes(&[]).await;
    for process in &first {
        let _ = beside.execute("SELECT pg_terminate_backend($1, 5000)", &[process]).await.unwrap();
    }
    let begin = other.news(0).await.unwrap().until;
    commit(&one, [put_user(record("ann", json!({})), Expected::Absent)]).await.unwrap();
    assert_eq!(news_after(&other, begin).await.len(), 1);
    processes(&first).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_reads_news_misses_none_of_commits_that_overlap() {
    let Some(server) = PostgresServer::shared() else { return };
    let config = config(server);
    let stores = join_all((0..3).map(|_| Postgres::open(&config))).await;
    let stores: Vec<_> = stores.into_iter().map(Result::unwrap).collect();
    acme(&stores[0]).await;
    let begin = stores[0].news(0).await.unwrap().until;
    let writers = stores.iter().enumerate().map(|(who, store)| async move {
        for n in 0..40 {
            let user = record(&format!("u{who}x{n}"), json!({ "realmRoles": ["r"] }));
            commit(store, [put_user(user, Expected::Absent)]).await.unwrap();
        }
    });
    let reader = async {
        let (mut since, mut seen) = (begin, Vec::new());
        while seen.len() < 120 {
            let news = stores[1].news(since).await.unwrap();
            since = news.until;
            seen.extend(news.changes.unwrap());
        }
        seen
    };
    let both = futures_util::future::join(timeout(Duration::from_secs(60), reader), join_all(writers));
    let mut seen: Vec<String> = both.await.0.expect("changes were missed").iter().map(|change| format!("{change:?}")).collect();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 120);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn schemas_do_not_hear_each_other() {
    let Some(server) = PostgresServer::shared() else { return };
    let (one, other) = (Postgres::open(&config(server)).await.unwrap(), Postgres::open(&config(server)).await.unwrap());
    acme(&one).await;
    assert_eq!(other.news(0).await.unwrap().until, 0);
    assert!(other.realms(None, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn of_many_changes_the_first_that_fails_is_told_and_none_is_made() {
    let Some(server) = PostgresServer::shared() else { return };
    let store = Postgres::open(&config(server)).await.unwrap();
    acme(&store).await;
    let key = |n: usize| crate::contract::client(&format!("c{n}"));
    let put = |n: usize, id: usize| crate::contract::put(&key(n), &format!("i{id}"), "{}", Expected::Absent);
    let writes = |taken: usize| (0..1000).map(move |n| put(n, if n == taken { 3 } else { n }));
    for taken in [7, 450, 999] {
        let error = commit(&store, writes(taken).chain([put(0, 2000)])).await.unwrap_err();
        assert_eq!(error.to_string(), "id \"i3\" exists already");
        assert!(store.realm(ACME).await.unwrap().unwrap().rows.is_empty());
    }
    commit(&store, writes(3)).await.unwrap();
    assert_eq!(store.realm(ACME).await.unwrap().unwrap().rows.len(), 1000);
    let again = [put(1, 1), put(2, 2)];
    assert_eq!(commit(&store, again).await.unwrap_err().to_string(), "client \"c1\" exists already");
}
