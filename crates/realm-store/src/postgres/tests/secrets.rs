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
