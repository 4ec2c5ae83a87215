//! Several nodes over one PostgreSQL and one Redis, as processes of their own.

mod database_away;
mod edits;
mod killed;
mod versions;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use ambient::{Clock, SystemClock};
use serde_json::{Value, json};

use crate::harness::client::{Client, Form, Reply};
use crate::harness::postgres::{self, PostgresServer};
use crate::harness::process::{self, Latchkey, Ran, Redis};
use crate::harness::replayer::Call;

/// Who administers all realms.
const ADMIN: (&str, &str) = ("root", "root-of-all-realms");

/// A login of alice in realm acme.
const ALICE: Form<'static> =
    &[("grant_type", "password"), ("client_id", "app"), ("username", "alice"), ("password", "wonderland")];

/// Milliseconds after which a change that is not in force never will be.
const PATIENCE: i64 = 30_000;

/// Asks until there is an answer; gives it with the milliseconds that it took.
fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> (T, i64) {
    let began = SystemClock.now();
    loop {
        let answer = ask();
        let took = SystemClock.now().millis_since(began);
        if let Some(answer) = answer {
            return (answer, took);
        }
        assert!(took < PATIENCE, "this never came: {what}");
        std::thread::park_timeout(Duration::from_millis(2));
    }
}

fn acme() -> Value {
    json!({
        "realm": "acme", "enabled": true, "accessTokenLifespan": 300,
        "clients": [
            {"clientId": "app", "publicClient": true, "directAccessGrantsEnabled": true, "redirectUris": ["https://app.example/"]},
            {"clientId": "machine", "secret": "secret-of-machine", "serviceAccountsEnabled": true},
        ],
        "users": [{
            "username": "alice", "enabled": true, "email": "alice@acme.example", "firstName": "Alice", "lastName": "Liddell",
            "credentials": [{"type": "password", "value": "wonderland"}],
        }],
    })
}

fn write(folder: &Path, realm: &Value) {
    let beside = folder.join("acme.json~");
    std::fs::write(&beside, realm.to_string()).unwrap();
    std::fs::rename(beside, folder.join("acme.json")).unwrap();
}

/// What the nodes share. Nodes are named by what differs: their process.
struct Cluster<'p> {
    postgres: &'p PostgresServer,
    redis: Redis,
    schema: &'static str,
    folder: tempfile::TempDir,
}

impl<'p> Cluster<'p> {
    /// Tables in a schema of their own, and a Redis.
    fn new(postgres: &'p PostgresServer, schema: &'static str) -> Option<Self> {
        Some(Self { postgres, redis: Redis::start()?, schema, folder: tempfile::tempdir().unwrap() })
    }

    /// The binary with `arguments`, over what is shared.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = process::latchkey(self.folder.path(), arguments);
        // As Keycloak is given it.
        let url = format!("jdbc:postgresql://127.0.0.1:{}/postgres", self.postgres.port);
        command.args(["--db", "postgres", "--db-url", &url, "--db-schema", self.schema, "--sessions", &self.redis.url]);
        command.env("KC_DB_USERNAME", postgres::USER).env("KC_DB_PASSWORD", postgres::PASSWORD);
        command.env("KC_BOOTSTRAP_ADMIN_USERNAME", ADMIN.0).env("KC_BOOTSTRAP_ADMIN_PASSWORD", ADMIN.1);
        command
    }

    /// A node with `arguments` that is ready.
    fn start(&self, arguments: &[&str]) -> Node {
        let serve = ["start-dev", "--http-host", "127.0.0.1", "--http-port", "0"];
        let settings = ["--health-enabled", "false", "--metrics-enabled", "false"];
        let latchkey = Latchkey::serve(self.command(&serve).args(settings).args(arguments));
        Node { client: Client::at(&latchkey.address), latchkey }
    }

    /// Realm acme, brought in from a file by a command.
    fn apply(&self, realm: &Value) {
        write(self.folder.path(), realm);
        let ran = Ran::of(&mut self.command(&["apply", "acme.json"]));
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }
}

struct Node {
    latchkey: Latchkey,
    client: Client,
}

impl Node {
    /// Ends as `kill -9` has it.
    fn kill(mut self) {
        self.latchkey.process.kill();
    }
}

/// Another login of the service account.
fn machine(client: &Client) -> Result<Reply, String> {
    let rows = [("grant_type", "client_credentials"), ("client_id", "machine"), ("client_secret", "secret-of-machine")];
    client.post("/realms/acme/protocol/openid-connect/token", &rows)
}

/// How long a token of the service account lives at the moment.
fn lifespan(client: &Client) -> Value {
    machine(client).unwrap().json()["expires_in"].clone()
}

fn login(client: &Client) -> Result<Reply, String> {
    client.post("/realms/acme/protocol/openid-connect/token", ALICE)
}

fn refresh(client: &Client, token: &str) -> Result<Reply, String> {
    let rows = [("grant_type", "refresh_token"), ("client_id", "app"), ("refresh_token", token)];
    client.post("/realms/acme/protocol/openid-connect/token", &rows)
}

/// Whoever administers all realms, at any node.
#[derive(Clone)]
struct Admin {
    token: String,
}

impl Admin {
    /// Logs in, for an hour.
    fn of(client: &Client) -> Self {
        let token = || {
            let rows = [("grant_type", "password"), ("client_id", "admin-cli"), ("username", ADMIN.0), ("password", ADMIN.1)];
            client.token("master", &rows).text("access_token")
        };
        let short = Self { token: token() };
        short.well(client, ("PUT", ""), Some(&json!({"accessTokenLifespan": 3600})), "/admin/realms/master");
        Self { token: token() }
    }

    /// Asks `client` for a path below realm acme.
    fn send(&self, client: &Client, (method, path): (&str, &str), body: Option<&Value>) -> Result<Reply, String> {
        self.ask(client, (method, path), body, "/admin/realms/acme")
    }

    fn ask(&self, client: &Client, (method, path): (&str, &str), body: Option<&Value>, base: &str) -> Result<Reply, String> {
        let headers = [
            ("Authorization".to_owned(), Some(format!("Bearer {}", self.token))),
            ("Content-Type".to_owned(), Some("application/json".to_owned())),
        ];
        let (body, target) = (body.map(Value::to_string), format!("{base}{path}"));
        client.send(&Call { method, target: &target, headers: &headers, body: body.as_ref().map(String::as_bytes) })
    }

    fn well(&self, client: &Client, (method, path): (&str, &str), body: Option<&Value>, base: &str) -> Reply {
        let reply = self.ask(client, (method, path), body, base).unwrap();
        assert!((200..300).contains(&reply.status), "{method} {path}: {} {}", reply.status, String::from_utf8_lossy(&reply.body));
        reply
    }

    fn get(&self, client: &Client, path: &str) -> Value {
        self.well(client, ("GET", path), None, "/admin/realms/acme").json()
    }

    fn put(&self, client: &Client, path: &str, body: &Value) {
        self.well(client, ("PUT", path), Some(body), "/admin/realms/acme");
    }

    /// Sets the lifespan of the service account's tokens.
    fn set_lifespan(&self, client: &Client, seconds: i64) {
        let mut machine = self.get(client, "/clients?clientId=machine")[0].clone();
        machine["attributes"]["access.token.lifespan"] = seconds.to_string().into();
        self.put(client, &format!("/clients/{}", machine["id"].as_str().unwrap()), &machine);
    }

    /// The clients that `client` knows of.
    fn client_ids(&self, client: &Client) -> Vec<String> {
        let clients = self.get(client, "/clients");
        clients.as_array().unwrap().iter().map(|client| client["clientId"].as_str().unwrap().to_owned()).collect()
    }
}

/// The median and the longest of some times.
fn median_and_longest(mut times: Vec<i64>) -> (i64, i64) {
    times.sort_unstable();
    (times[times.len() / 2], times[times.len() - 1])
}
