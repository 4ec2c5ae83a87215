//! The version before beside the version after, over one database: the tables go on a step while a server runs.
//!
//! What a next version would do to the tables is done from outside: a new table, a new column, the number of the step. `LATCHKEY_BEFORE`
//! may name the binary of an earlier release: then that one runs beside this build; without, this build stands for both.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use super::{ADMIN, Admin, Cluster, acme, lifespan, login, until, write};
use crate::harness::client::Client;
use crate::harness::postgres::{self, PostgresServer};
use crate::harness::process::{self, Latchkey, Ran};
use crate::harness::{environment, repository};

/// A step that only adds, as every step must, and of which the version before knows nothing.
fn next_step(realm: &str, user: &str, tables: &str) -> String {
    format!(
        "ALTER TABLE {realm} ADD COLUMN of_later TEXT; ALTER TABLE {user} ADD COLUMN of_later TEXT NOT NULL DEFAULT 'x'; \
         CREATE TABLE later (id TEXT); UPDATE {tables} SET version = version + 1"
    )
}

/// Whoever knows less than this step cannot use the tables any more.
fn last_step(tables: &str) -> String {
    format!("UPDATE {tables} SET version = version + 1, oldest = version + 1")
}

/// The binary of an earlier release in the place of this build, if one is named.
fn before(command: &Command) -> Command {
    let program = environment("LATCHKEY_BEFORE").map_or_else(|| process::binary().to_owned(), |path| repository("").join(path));
    let mut earlier = Command::new(program);
    earlier.args(command.get_args()).env_clear().current_dir(command.get_current_dir().unwrap());
    earlier.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    earlier
}

const SERVE: [&str; 5] = ["start-dev", "--http-host", "127.0.0.1", "--http-port", "0"];
const QUIET: [&str; 4] = ["--health-enabled", "false", "--metrics-enabled", "false"];

/// Reads and writes at both, and what one wrote the other reads.
fn both_work(old: &Client, new: &Client, round: i64) {
    // Each knows its own sessions, as far as this test goes.
    let (at_old, at_new) = (Admin::of(old), Admin::of(new));
    let both_ways = [((old, &at_old), (new, &at_new)), ((new, &at_new), (old, &at_old))];
    for (n, ((here, admin), (there, other_admin))) in both_ways.into_iter().enumerate() {
        assert_eq!(login(here).unwrap().status, 200);
        let id = format!("client-{round}-{n}");
        let made = admin.send(here, ("POST", "/clients"), Some(&json!({"clientId": id}))).unwrap();
        assert_eq!(made.status, 201, "{}", String::from_utf8_lossy(&made.body));
        until("a client of the other version", || other_admin.client_ids(there).contains(&id).then_some(()));
        let seconds = 1_000 * round + n as i64;
        admin.set_lifespan(here, seconds);
        until("a change of the other version", || (lifespan(there) == seconds).then_some(()));
    }
}

/// `start` gives the command of a server over one database, `step` changes its tables.
fn versions(start: &dyn Fn() -> Command, step: &dyn Fn(&str), names: [&str; 3]) {
    let [realm, user, tables] = names;
    let serve = |mut command: Command| Latchkey::serve(&mut command);
    let old = serve(before(&start()));
    let old_client = Client::at(&old.address);
    assert_eq!(login(&old_client).unwrap().status, 200);
    step(&next_step(realm, user, tables));
    let new = serve(start());
    both_work(&old_client, &Client::at(&new.address), 1);
    // Back to the version before, by a new process of it: an update that was taken back.
    let again = serve(before(&start()));
    both_work(&old_client, &Client::at(&again.address), 2);
    drop((new, again));
    step(&last_step(tables));
    let ran = Ran::of(&mut before(&start()));
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!((ran.out + &ran.err).contains("it was written by a newer program: its tables are of version"));
}

#[test]
fn the_version_before_goes_on_beside_the_version_after_over_one_postgresql() {
    let Some(postgres) = PostgresServer::shared() else { return };
    let Some(cluster) = Cluster::new(postgres, "versions") else { return };
    cluster.apply(&acme());
    let start = || {
        let mut command = cluster.command(&SERVE);
        command.args(QUIET);
        command
    };
    let step = |sql: &str| {
        let url = format!(
            "host=127.0.0.1 port={} user={} password={} dbname=postgres",
            postgres.port,
            postgres::USER,
            postgres::PASSWORD
        );
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
            let _driven = tokio::spawn(connection);
            client.batch_execute(&format!("BEGIN; SET search_path TO versions; {sql}; COMMIT")).await.unwrap();
        });
    };
    versions(&start, &step, ["latchkey_realm", "latchkey_user", "latchkey_tables"]);
}

#[test]
fn the_version_before_goes_on_beside_the_version_after_over_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let path: &Path = folder.path();
    write(path, &acme());
    let data = ["--data", path.to_str().unwrap()];
    let applied = Ran::of(process::latchkey(path, &["apply", "acme.json"]).args(data));
    assert_eq!(applied.code, Some(0), "{applied:?}");
    let start = || {
        // Two processes over one file of sessions are more than that file allows.
        let mut command = process::latchkey(path, &SERVE);
        command.args(QUIET).args(data).args(["--sessions", "memory"]);
        command.env("KC_BOOTSTRAP_ADMIN_USERNAME", ADMIN.0).env("KC_BOOTSTRAP_ADMIN_PASSWORD", ADMIN.1);
        command
    };
    let step = |sql: &str| rusqlite::Connection::open(path.join("realms.db")).unwrap().execute_batch(sql).unwrap();
    versions(&start, &step, ["realm", "user", "schema_version"]);
}
