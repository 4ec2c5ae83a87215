use std::sync::Arc;

use super::*;
use crate::contract::{Handles, Made, contract};

mod in_memory {
    use super::*;

    async fn make() -> Made {
        let store: Arc<dyn Repository> = Arc::new(Sqlite::in_memory().unwrap());
        Made { second: Arc::clone(&store), store, handles: Handles::One, guard: Box::new(()) }
    }

    contract!(make);
}

mod in_a_file {
    use super::*;

    async fn make() -> Made {
        let folder = tempfile::tempdir().unwrap();
        let open = || Arc::new(Sqlite::open(&folder.path().join("realms.db")).unwrap());
        Made { store: open(), second: open(), handles: Handles::Two, guard: Box::new(folder) }
    }

    contract!(make);
}

/// What belongs to the file alone.
mod file {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use realm_model::document::{Key, Kind};
    use serde_json::json;

    use super::*;
    use crate::contract::{acme, by_name, client, commit, put, put_user, record, row};
    use crate::{Expected, UserKey, UserQuery};

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    #[tokio::test]
    async fn what_was_committed_is_there_after_opening_again() {
        let folder = folder();
        let path = folder.path().join("deep/er/realms.db");
        let store = Sqlite::open(&path).unwrap();
        acme(&store).await;
        commit(&store, [put(&client("app"), "c1", "{}", Expected::Absent)]).await.unwrap();
        let until = store.news(0).await.unwrap().until;
        drop(store);
        let names: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().map(|file| file.unwrap().file_name()).collect();
        assert_eq!(names, ["realms.db"]);
        let store = Sqlite::open(&path).unwrap();
        assert!(row(&store, &client("app")).await.is_some());
        assert_eq!(store.news(until).await.unwrap().changes, Some(vec![]));
    }

    #[tokio::test]
    async fn only_the_owner_reads_it() {
        let folder = folder();
        let store = Sqlite::open(&folder.path().join("realms.db")).unwrap();
        acme(&store).await;
        let files: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap()).collect();
        assert!(files.len() >= 2);
        assert!(files.iter().all(|file| file.metadata().unwrap().permissions().mode() & 0o777 == 0o600));
    }

    #[tokio::test]
    async fn a_secret_that_was_replaced_is_gone_from_the_file() {
        let folder = folder();
        let path = folder.path().join("realms.db");
        let (first, second) = ("oldsecret-".repeat(2000), "newsecret");
        let body = |secret: &str| json!({ "secret": secret }).to_string();
        let user = |secret: &str| put_user(record("ann", json!({ "credentials": [{ "value": secret }] })), Expected::Anything);
        let store = Sqlite::open(&path).unwrap();
        acme(&store).await;
        for secret in [first.as_str(), "oldsecret", second] {
            commit(&store, [put(&client("app"), "c1", &body(secret), Expected::Anything), user(secret)]).await.unwrap();
        }
        drop(store);
        let file = fs::read(&path).unwrap();
        let holds = |text: &[u8]| file.windows(text.len()).any(|window| window == text);
        assert!(holds(b"newsecret") && !holds(b"oldsecret"));
    }

    #[test]
    fn many_that_open_at_once_do_not_disturb_each_other() {
        let folder = folder();
        let path = folder.path().join("realms.db");
        let threads: Vec<_> = (0..8)
            .map(|_| {
                std::thread::spawn({
                    let path = path.clone();
                    move || Sqlite::open(&path).map(drop)
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap().unwrap();
        }
    }

    fn says(path: &Path, version: i64, oldest: i64) {
        let file = Connection::open(path).unwrap();
        file.execute("UPDATE schema_version SET version = ?1, oldest = ?2", (version, oldest)).unwrap();
        file.execute_batch("ALTER TABLE user ADD COLUMN newer TEXT").unwrap();
    }

    #[tokio::test]
    async fn a_newer_file_is_used_as_long_as_it_allows_it() {
        let folder = folder();
        let path = folder.path().join("realms.db");
        acme(&Sqlite::open(&path).unwrap()).await;
        says(&path, 1_000, 1);
        let store = Sqlite::open(&path).unwrap();
        commit(&store, [put_user(record("ann", json!({})), Expected::Absent)]).await.unwrap();
        by_name(&store, "ann").await;
        drop(store);
        Connection::open(&path).unwrap().execute("UPDATE schema_version SET oldest = 1000", []).unwrap();
        let error = Sqlite::open(&path).err().unwrap().to_string();
        assert!(error.contains("realms.db") && error.contains("a newer program"), "{error}");
    }

    #[test]
    fn what_is_no_store_is_not_touched() {
        let folder = folder();
        let path = folder.path().join("realms.db");
        fs::write(&path, "something else entirely, longer than a header would be, and of no use here").unwrap();
        let before = fs::read(&path).unwrap();
        assert!(Sqlite::open(&path).is_err());
        assert_eq!(fs::read(&path).unwrap(), before);
    }

    #[tokio::test]
    async fn no_question_reads_more_than_its_index() {
        let store = Sqlite::in_memory().unwrap();
        acme(&store).await;
        let keys = [
            UserKey::Id("a"),
            UserKey::Username("a"),
            UserKey::Email("a"),
            UserKey::ServiceAccount("a"),
            UserKey::Card("a"),
            UserKey::Federated("a", "b"),
        ];
        for key in keys {
            let sql = users::Lookup::new("r", key).sql();
            let plan = plan(&store, sql.to_owned()).await;
            assert!(!plan.iter().any(|step| step.starts_with("SCAN") && !step.contains("era")), "{sql}: {plan:?}");
            assert!(
                sql.contains("user_name") || plan.iter().any(|step| step.contains("term=? AND era=? AND value=?")),
                "{plan:?}"
            );
        }
    }

    async fn plan(store: &Sqlite, sql: String) -> Vec<String> {
        store
            .read(Reads::Single, move |connection| {
                let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
                let values = vec![""; statement.parameter_count()];
                let steps = statement.query_map(rusqlite::params_from_iter(values), |row| row.get(3))?;
                Ok(steps.collect::<Result<_, _>>()?)
            })
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn a_group_of_commits_keeps_what_succeeds() {
        let folder = folder();
        let store = Sqlite::open(&folder.path().join("realms.db")).unwrap();
        acme(&store).await;
        let one = |n: usize| {
            let expected = if n.is_multiple_of(3) { Expected::Version(9) } else { Expected::Absent };
            let key = Key::of(Kind::RealmRole, format!("r{n}"));
            let store = &store;
            async move { commit(store, [put(&key, &n.to_string(), "{}", expected)]).await.is_ok() }
        };
        let outcomes = futures_util::future::join_all((0..60).map(one)).await;
        assert_eq!(outcomes.iter().filter(|is_ok| **is_ok).count(), 40);
        assert_eq!(store.realm(crate::contract::ACME).await.unwrap().unwrap().rows.len(), 40);
    }

    #[tokio::test]
    async fn texts_too_long_to_be_searched_find_nobody() {
        let store = Sqlite::in_memory().unwrap();
        acme(&store).await;
        let long = Some("x".repeat(60_000));
        for query in [
            UserQuery { username: long.clone(), ..UserQuery::default() },
            UserQuery { search: long.map(|long| format!("*{long}")), ..UserQuery::default() },
        ] {
            assert_eq!(store.users(crate::contract::ACME, &query).await.unwrap(), []);
        }
    }
}
