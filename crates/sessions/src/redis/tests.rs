use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use super::*;
use crate::contract::{self, at, owned, realm, record};
use crate::rotation::Presented;
use crate::{ClientSession, SessionKind, Sessions, UserSession};

/// A Redis of the test's own.
struct Server {
    process: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Server {
    /// Starts one and waits until it listens; `None`, with a note, where Redis is not installed: in CI that is an error.
    fn start(port: u16, options: &[&str]) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let spawned = Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--daemonize", "no"])
            .args(options)
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .spawn();
        let mut process = match spawned {
            Ok(process) => process,
            Err(error) if std::env::var_os("CI").is_some() => panic!("redis-server: {error}"),
            Err(error) => {
                println!("left out, redis-server: {error}");
                return None;
            }
        };
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
        assert!(lines.any(|line| line.contains("Ready to accept connections")), "redis-server did not start");
        std::thread::spawn(move || lines.for_each(drop));
        Some(Self { process, port, _folder: folder })
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }
}

fn free_port() -> u16 {
    // Below 55536, so that the bus port of a cluster (10000 more) exists.
    loop {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        if port < 55_000 && TcpListener::bind(("127.0.0.1", port + 10_000)).is_ok() {
            return port;
        }
    }
}

fn key(id: &str) -> RecordKey {
    RecordKey::new(RecordKind::UserSession, &realm(), id)
}

fn store(url: &str) -> Arc<dyn RecordStore> {
    Arc::new(Redis::open(&[url.to_owned()]).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keeps_the_contract() {
    let Some(server) = Server::start(free_port(), &[]) else { return };
    contract::holds(store(&server.url())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keeps_the_contract_on_a_cluster() {
    let ports = [free_port(), free_port()];
    let start = |port: &u16| Server::start(*port, &["--cluster-enabled", "yes", "--cluster-node-timeout", "2000"]);
    let Some(servers) = ports.iter().map(start).collect::<Option<Vec<_>>>() else { return };
    let mut connections = Vec::new();
    for (server, slots) in servers.iter().zip([[0, 8191], [8192, 16_383]]) {
        let client = Client::open(server.url()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        let () = cmd("CLUSTER").arg("ADDSLOTSRANGE").arg(&slots).query_async(&mut connection).await.unwrap();
        connections.push(connection);
    }
    let meet = cmd("CLUSTER").arg("MEET").arg("127.0.0.1").arg(ports[1]).to_owned();
    let () = meet.query_async(&mut connections[0]).await.unwrap();
    for connection in &mut connections {
        loop {
            let info: String = cmd("CLUSTER").arg("INFO").query_async(connection).await.unwrap();
            if info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:2") {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    let urls: Vec<_> = servers.iter().map(Server::url).collect();
    contract::holds(Arc::new(Redis::open(&urls).unwrap())).await;
}

#[tokio::test]
async fn nobody_there_is_told_soon() {
    for urls in [1, 2] {
        let urls: Vec<_> = (0..urls).map(|_| format!("redis://ann:hunter2@127.0.0.1:{}", free_port())).collect();
        let store = Redis::open(&urls).unwrap();
        let asked = timeout(Duration::from_secs(3), store.find(&key("a"), at(0))).await.expect("hangs");
        let error = asked.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
        assert!(error.to_string().contains("127.0.0.1") && !error.to_string().contains("hunter2"), "{error}");
        assert!(timeout(Duration::from_secs(3), store.ping()).await.expect("hangs").is_err());
    }
}

#[tokio::test]
async fn one_that_never_answers_is_told_soon() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("redis://{}", silent.local_addr().unwrap());
    for urls in [vec![url.clone()], vec![url.clone(), url]] {
        let store = Redis::open(&urls).unwrap();
        let record = owned("ann", "x", at(9));
        let asked = timeout(Duration::from_secs(3), store.insert(&key("a"), record, at(0))).await.expect("hangs");
        assert!(matches!(asked, Err(StoreError::Unavailable { .. })), "{asked:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn comes_back_by_itself() {
    let port = free_port();
    let url = format!("redis://127.0.0.1:{port}");
    let store = store(&url);
    assert!(store.ping().await.is_err());
    for _ in 0..2 {
        let Some(server) = Server::start(port, &[]) else { return };
        let again = async { while store.insert(&key("a"), owned("ann", "x", at(9)), at(0)).await.is_err() {} };
        timeout(Duration::from_secs(20), again).await.expect("stays away");
        assert!(store.find(&key("a"), at(0)).await.unwrap().is_some());
        drop(server);
        let error = store.find(&key("a"), at(0)).await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_not_repeated() {
    let Some(server) = Server::start(free_port(), &["--requirepass", "hunter2"]) else { return };
    let right = store(&format!("redis://:hunter2@127.0.0.1:{}/3", server.port));
    right.ping().await.unwrap();
    for user in ["", ":hunter3@"] {
        let error = store(&format!("redis://{user}127.0.0.1:{}", server.port)).ping().await.unwrap_err();
        assert!(matches!(error, StoreError::Refused { .. }), "{error}");
        assert!(!error.to_string().contains("hunter"), "{error}");
    }
}

#[tokio::test]
async fn a_url_that_is_none_is_not_repeated() {
    let error = Redis::open(&["redis://:hunter2@:x".into()]).err().unwrap().to_string();
    assert!(error.contains("LATCHKEY_SESSIONS") && !error.contains("hunter2"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_serve_one_login_between_them() {
    let Some(server) = Server::start(free_port(), &[]) else { return };
    let nodes = [Sessions::new(store(&server.url())), Sessions::new(store(&server.url()))];
    let mut session = UserSession::new("sid".into(), "ann".into(), SessionKind::Online, at(0));
    session.attach(ClientSession::new("app", "openid", at(0)));
    session.expires_at = at(1800);
    let _ = nodes[0].record(&realm(), &session, at(0)).await.unwrap();
    for n in 1..20 {
        let node = &nodes[n % 2];
        let mut seen = node.find(&realm(), SessionKind::Online, &session.id, at(n as i64)).await.unwrap().unwrap();
        let jti = n.to_string();
        let presented = Presented { jti: &jti, issued_at: at(n as i64 - 1), reuse_id: "family" };
        seen.client_mut("app").unwrap().use_refresh_token(presented, 0, at(n as i64)).unwrap();
        seen.expires_at = at(1800 + n as i64);
        assert_eq!(node.replace(&realm(), &seen, at(n as i64)).await.unwrap(), Replaced::Done);
    }
    assert_eq!(nodes[1].of_user(&realm(), SessionKind::Online, &session.user, at(1810)).await.unwrap().len(), 1);
}

#[tokio::test]
async fn everything_that_expires_has_a_time_to_live() {
    let Some(server) = Server::start(free_port(), &[]) else { return };
    let store = store(&server.url());
    let _ = store.insert(&key("a"), owned("ann", "x", at(100)), at(0)).await.unwrap();
    let seen = store.find(&key("a"), at(0)).await.unwrap().unwrap().version;
    let _ = store.replace(&key("a"), seen, owned("ann", "y", at(90_000)), at(50)).await.unwrap();
    let _ = store.insert(&key("b"), record("x", at(100)), at(0)).await.unwrap();
    let mut connection = Client::open(server.url()).unwrap().get_multiplexed_async_connection().await.unwrap();
    let keys: Vec<String> = cmd("KEYS").arg("*").query_async(&mut connection).await.unwrap();
    assert_eq!(keys.len(), 3);
    for key in keys {
        let lives: i64 = cmd("PTTL").arg(&key).query_async(&mut connection).await.unwrap();
        let least = if key.ends_with(":b") { 100_000 } else { 89_950_000 };
        assert!(lives > least, "{key} lives {lives} ms");
    }
}

#[tokio::test]
async fn the_index_of_an_owner_is_cleared_of_what_is_gone() {
    let Some(server) = Server::start(free_port(), &[]) else { return };
    let store = store(&server.url());
    let mut connection = Client::open(server.url()).unwrap().get_multiplexed_async_connection().await.unwrap();
    for n in 0..40 {
        let _ = store.insert(&key(&n.to_string()), owned("ann", "x", at(5)), at(n)).await.unwrap();
    }
    let records: Vec<String> = cmd("KEYS").arg("latchkey:session:*").query_async(&mut connection).await.unwrap();
    let () = cmd("DEL").arg(records).query_async(&mut connection).await.unwrap(); // as their time to live would
    for n in 100..200 {
        let _ = store.insert(&key(&n.to_string()), owned("ann", "x", at(500)), at(n)).await.unwrap();
    }
    let index = index_name(RecordKind::UserSession, &realm(), "ann");
    let left: u64 = cmd("ZCARD").arg(index).query_async(&mut connection).await.unwrap();
    assert_eq!(left, 100);
}
