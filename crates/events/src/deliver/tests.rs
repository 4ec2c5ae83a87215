use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Mutex;

use ambient::{ManualClock, SeededEntropy, Timestamp};
use oidc_types::EventType;
use realm_model::file::{SourceFile, read};
use realm_store::{Batch, EventKind, EventQuery, RealmWrite, Repository, Sqlite};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::*;
use crate::Events;

const PEER: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const SECRET: &str = "0123456789abcdef01234567";

/// One message as it came.
#[derive(Clone)]
struct Received {
    headers: String,
    body: Value,
}

impl Received {
    fn header(&self, name: &str) -> &str {
        let line = self.headers.lines().find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}: ")));
        line.and_then(|line| line.split_once(": ")).map(|(_, value)| value).unwrap()
    }
}

/// A subscriber that answers with `status` and remembers what came.
struct Sink {
    address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    task: JoinHandle<()>,
}

impl Sink {
    async fn start(at: &str, status: u16) -> Self {
        let listener = TcpListener::bind(at).await.unwrap();
        let address = listener.local_addr().unwrap();
        let received = Arc::new(Mutex::new(Vec::new()));
        let task = tokio::spawn({
            let received = Arc::clone(&received);
            async move {
                loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    if let Some(message) = take(stream, status).await {
                        received.lock().unwrap().push(message);
                    }
                }
            }
        });
        Self { address, received, task }
    }

    /// It is gone, and its port is free.
    async fn kill(self) -> SocketAddr {
        self.task.abort();
        let _ = self.task.await;
        self.address
    }

    fn clients(&self) -> Vec<String> {
        let all = self.received.lock().unwrap();
        all.iter().map(|message| message.body["data"]["clientId"].as_str().unwrap().to_owned()).collect()
    }
}

async fn take(mut stream: TcpStream, status: u16) -> Option<Received> {
    let mut text = String::new();
    loop {
        let mut part = [0; 4096];
        let count = stream.read(&mut part).await.ok()?;
        text.push_str(&String::from_utf8_lossy(&part[..count]));
        if let Some((headers, body)) = text.split_once("\r\n\r\n")
            && let Ok(body) = serde_json::from_str(body)
        {
            let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.ok()?;
            return Some(Received { headers: headers.to_owned(), body });
        }
        if count == 0 {
            return None;
        }
    }
}

struct World {
    realm: Arc<Realm>,
    events: Events,
    deliverer: Deliverer,
    clock: Arc<ManualClock>,
    writer: JoinHandle<()>,
}

impl World {
    async fn new(sink: SocketAddr, types: Value) -> Self {
        let hook = json!({ "name": "audit", "url": format!("http://{sink}/in"), "secret": SECRET, "types": types });
        let file = json!({ "id": "r-1", "realm": "r", "enabled": true, "attributes": { "latchkey.webhooks": json!([hook]).to_string() } });
        let source = SourceFile { name: "r.json".to_owned(), bytes: file.to_string().into() };
        let realm = Arc::new(read(&[source], &|_| None).realms.remove(0).realm);
        let store: Arc<dyn Repository> = Arc::new(Sqlite::in_memory().unwrap());
        let make = RealmWrite::Create { name: "r".to_owned(), template: "26.7".to_owned() };
        store.commit(Batch { realm: make, ..Batch::within("r-1") }).await.unwrap();
        let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_700_000_000)));
        let (events, writer) = Events::kept_in(store, clock.clone(), Arc::new(SeededEntropy::new(1)));
        let outbound =
            Outbound::new(&outbound_http::Config { allow: vec!["loopback".to_owned()], ..Default::default() }).unwrap();
        let deliverer = events.deliverer(Arc::new(RealmStore::default()), outbound).unwrap();
        Self { realm, events, deliverer, clock, writer: tokio::spawn(writer.run()) }
    }

    async fn happen(&self, clients: &[&str]) {
        for client in clients {
            let now = Timestamp::from_secs(1_700_000_000);
            self.events.at(&self.realm, now, PEER).error(EventType::Login, "user_not_found", |event| event.client(*client));
        }
        self.events.flush().await;
    }

    async fn tell(&self) {
        self.deliverer.tell(&self.realm, &self.realm.events.webhooks[0]).await;
    }

    async fn state(&self) -> crate::WebhookState {
        self.events.webhooks(&self.realm).await.unwrap().remove(0)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.writer.abort();
    }
}

#[tokio::test]
async fn messages_are_signed_and_say_what_happened() {
    let sink = Sink::start("127.0.0.1:0", 200).await;
    let world = World::new(sink.address, json!([])).await;
    world.happen(&["app"]).await;
    world.tell().await;
    let message = sink.received.lock().unwrap()[0].clone();
    assert_eq!((&message.body["type"], &message.body["data"]["error"]), (&json!("LOGIN_ERROR"), &json!("user_not_found")));
    let (id, timestamp) = (message.header("webhook-id"), message.header("webhook-timestamp").parse().unwrap());
    let signed = webhook::signature(&world.realm.events.webhooks[0], (id, timestamp, &message.body.to_string())).unwrap();
    assert_eq!(message.header("webhook-signature"), signed);
    assert_eq!(timestamp, 1_700_000_000);
}

#[tokio::test]
async fn what_happens_while_a_subscriber_is_away_comes_in_order_when_it_is_back() {
    let sink = Sink::start("127.0.0.1:0", 200).await;
    let world = World::new(sink.address, json!([])).await;
    world.happen(&["a", "b"]).await;
    world.tell().await;
    assert_eq!(sink.clients(), ["a", "b"]);
    let address = sink.kill().await;
    world.happen(&["c", "d"]).await;
    world.tell().await;
    let state = world.state().await;
    assert!(state.failures == 1 && state.error.is_some() && state.offset > 0, "{state:?}");
    let sink = Sink::start(&address.to_string(), 200).await;
    world.happen(&["e"]).await;
    world.tell().await;
    assert!(sink.clients().is_empty(), "it is not tried again at once");
    world.clock.advance_secs(2);
    world.tell().await;
    assert_eq!(sink.clients(), ["c", "d", "e"]);
    assert_eq!((world.state().await.failures, world.state().await.error), (0, None));
}

#[tokio::test]
async fn a_message_that_is_refused_comes_again_under_the_same_id() {
    let refusing = Sink::start("127.0.0.1:0", 503).await;
    let world = World::new(refusing.address, json!([])).await;
    world.happen(&["a", "b"]).await;
    world.tell().await;
    let refused = refusing.received.lock().unwrap().clone();
    assert_eq!(refused.len(), 1, "the second waits for the first");
    let sink = Sink::start(&refusing.kill().await.to_string(), 204).await;
    world.clock.advance_secs(2);
    world.tell().await;
    assert_eq!(sink.clients(), ["a", "b"]);
    assert_eq!(sink.received.lock().unwrap()[0].header("webhook-id"), refused[0].header("webhook-id"));
}

#[tokio::test]
async fn events_are_sent_again_from_a_place_on() {
    let sink = Sink::start("127.0.0.1:0", 200).await;
    let world = World::new(sink.address, json!([])).await;
    world.happen(&["a", "b", "c"]).await;
    world.tell().await;
    let second = sink.received.lock().unwrap()[1].body["offset"].as_i64().unwrap();
    assert!(world.events.replay(&world.realm, &world.realm.events.webhooks[0], second).await.unwrap());
    world.tell().await;
    assert_eq!(sink.clients(), ["a", "b", "c", "b", "c"]);
}

#[tokio::test]
async fn a_subscriber_gets_the_types_it_wants_and_the_admin_api_shows_none_of_them() {
    let sink = Sink::start("127.0.0.1:0", 200).await;
    let world = World::new(sink.address, json!(["LOGOUT"])).await;
    world.happen(&["a"]).await;
    let now = Timestamp::from_secs(1_700_000_000);
    world.events.at(&world.realm, now, PEER).success(EventType::Logout, |event| event.client("b"));
    world.events.flush().await;
    world.tell().await;
    assert_eq!(sink.clients(), ["b"]);
    assert!(world.events.list(&world.realm, EventKind::User, EventQuery::default()).await.unwrap().is_empty());
}

#[tokio::test]
async fn of_two_replicas_one_sends() {
    let sink = Sink::start("127.0.0.1:0", 200).await;
    let world = World::new(sink.address, json!([])).await;
    world.happen(&["a", "b", "c", "d"]).await;
    tokio::join!(world.tell(), world.tell(), world.tell());
    assert_eq!(sink.clients(), ["a", "b", "c", "d"]);
}
