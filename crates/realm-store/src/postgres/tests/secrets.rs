//! What nobody may read in a log.

use super::*;
use crate::Write;

#[tokio::test]
async fn a_wrong_password_is_refused_and_not_repeated() {
    let Some(server) = PostgresServer::shared() else { return };
    let right = config(server);
    let url = server.url().replace("//", &format!("//{USER}:hunter3@"));
    let wrong = [
        PostgresConfig { password: Some(Secret::new("hunter3".to_owned())), ..right.clone() },
        PostgresConfig { url: url.clone(), ..right.clone() },
        PostgresConfig { url: format!("{url}?sslmode=require"), ..right.clone() },
        PostgresConfig { url: format!("{url}?sslrootcert=/nowhere&sslmode=verify-full"), ..right.clone() },
        PostgresConfig { url: url.replace("postgres://", "mysql://"), ..right },
    ];
    for config in wrong {
        let error = Postgres::open(&config).await.err().unwrap();
        assert!(!format!("{error} {error:?} {config:?}").contains("hunter"), "{error}");
    }
}

#[tokio::test]
async fn an_error_repeats_nothing_of_what_was_to_be_stored() {
    let Some(server) = PostgresServer::shared() else { return };
    let store = Postgres::open(&config(server)).await.unwrap();
    acme(&store).await;
    let user = record("ann", json!({ "attributes": { "a": ["hunter2\u{0}"] }, "credentials": [{ "value": "hunter2" }] }));
    let error = commit(&store, [put_user(user, Expected::Absent)]).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    let key = crate::contract::client("app");
    let put = Write::Put { key, id: "1".to_owned(), body: "hunter2\u{0}".to_owned(), expected: Expected::Absent };
    let error = commit(&store, [put]).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
}

/// Keeps what is logged.
struct Kept(std::sync::Mutex<String>);

impl log::Log for Kept {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        use std::fmt::Write as _;
        writeln!(self.0.lock().unwrap(), "{}", record.args()).unwrap();
    }

    fn flush(&self) {}
}

#[tokio::test]
async fn no_level_of_the_log_shows_what_is_stored() {
    static KEPT: Kept = Kept(std::sync::Mutex::new(String::new()));
    let Some(server) = PostgresServer::shared() else { return };
    // Another test of this process may have its own; then nothing is seen here.
    let is_mine = log::set_logger(&KEPT).is_ok();
    log::set_max_level(log::LevelFilter::Trace);
    let store = Postgres::open(&config(server)).await.unwrap();
    acme(&store).await;
    let user = |name: &str| record(name, json!({ "credentials": [{ "value": "hunter4" }], "attributes": { "a": ["hunter4"] } }));
    commit(&store, [put_user(user("ann"), Expected::Absent)]).await.unwrap();
    store.add_users(ACME, vec![crate::contract::new_user(user("bob"))]).await.unwrap();
    let (key, of) = (crate::contract::client("app"), crate::DeclaredKey::User("ann".to_owned()));
    let put = Write::Put { key, id: "1".to_owned(), body: "hunter4".to_owned(), expected: Expected::Absent };
    commit(&store, [put, Write::Declare { of, base: Some(("hunter4".to_owned(), "f".to_owned())) }]).await.unwrap();
    store.users(ACME, &UserQuery { search: Some("hunter4".to_owned()), ..UserQuery::default() }).await.unwrap();
    let logged = KEPT.0.lock().unwrap();
    assert!(!is_mine || logged.contains("INSERT INTO latchkey_user"), "nothing was logged");
    for secret in ["hunter4", PASSWORD] {
        assert!(!logged.contains(secret), "{}", logged.lines().find(|line| line.contains(secret)).unwrap_or_default());
    }
}
