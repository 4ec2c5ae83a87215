//! Each node is killed and started again while applications and admins work: nothing that was promised is lost.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use super::{Admin, Cluster, acme, login, machine, refresh};
use crate::harness::client::{Client, Reply};
use crate::harness::postgres::PostgresServer;

/// How a request may end.
#[derive(Clone, Copy, PartialEq)]
enum Fate {
    /// Well.
    Answered,
    /// Well, or not at all: its node is killed meanwhile.
    MayBeLost,
}

/// What was promised to applications and admins.
#[derive(Default)]
struct Promised {
    clients: Mutex<Vec<String>>,
    refresh_tokens: Mutex<Vec<String>>,
    lifespan: Mutex<Option<i64>>,
    answers: Mutex<usize>,
}

/// Works at one node until it is stopped.
struct Work<'w> {
    client: &'w Client,
    admin: &'w Admin,
    fate: Fate,
    stop: &'w AtomicBool,
    promised: &'w Promised,
    name: String,
}

impl Work<'_> {
    /// The answer, which must be good; nothing where none came and none had to come.
    fn good(&self, what: &str, answer: Result<Reply, String>) -> Option<Reply> {
        match answer {
            Ok(reply) => {
                let told = String::from_utf8_lossy(&reply.body);
                assert!((200..300).contains(&reply.status), "{what} at {}: {} {told}", self.name, reply.status);
                *self.promised.answers.lock().unwrap() += 1;
                Some(reply)
            }
            Err(_) if self.fate == Fate::MayBeLost => None,
            Err(error) => panic!("{what} at {}: {error}", self.name),
        }
    }

    fn goes_on(&self) -> bool {
        !self.stop.load(Ordering::Relaxed)
    }

    /// Logins, and refreshes of each session that began.
    fn applications(&self) {
        while self.goes_on() {
            let _ = self.good("client credentials", machine(self.client));
            let Some(begun) = self.good("login", login(self.client)) else { break };
            let mut token = begun.text("refresh_token");
            for _ in 0..5 {
                let Some(refreshed) = self.good("refresh", refresh(self.client, &token)) else { break };
                token = refreshed.text("refresh_token");
            }
            self.promised.refresh_tokens.lock().unwrap().push(token);
        }
    }

    /// New clients, one after the other.
    fn registrations(&self) {
        for n in 0.. {
            let id = format!("{}-{n}", self.name);
            let client = json!({"clientId": id, "enabled": true, "redirectUris": [format!("https://{id}.example/")]});
            let made = self.admin.send(self.client, ("POST", "/clients"), Some(&client));
            if !self.goes_on() || self.good("a new client", made).is_none() {
                break;
            }
            self.promised.clients.lock().unwrap().push(id);
        }
    }

    /// A client that changes all the time. Only one does this at a time.
    fn edits(&self, machine: &Value, from: i64) {
        let path = format!("/clients/{}", machine["id"].as_str().unwrap());
        for seconds in from.. {
            let mut machine = machine.clone();
            machine["attributes"]["access.token.lifespan"] = seconds.to_string().into();
            let put = self.admin.send(self.client, ("PUT", &path), Some(&machine));
            if !self.goes_on() || self.good("an edit", put).is_none() {
                break;
            }
            *self.promised.lifespan.lock().unwrap() = Some(seconds);
        }
    }
}

#[test]
fn each_node_is_killed_under_load_in_turn_and_nothing_is_lost() {
    let Some(postgres) = PostgresServer::shared() else { return };
    let Some(cluster) = Cluster::new(postgres, "killed") else { return };
    cluster.apply(&acme());
    let [mut up, mut victim] = [cluster.start(&[]), cluster.start(&[])];
    let admin = Admin::of(&up.client);
    let client = admin.get(&up.client, "/clients?clientId=machine")[0].clone();
    let promised = Promised::default();
    for (round, from) in [(1, 10_000), (2, 20_000), (3, 30_000), (4, 40_000)] {
        let stop = AtomicBool::new(false);
        let dying = victim.client.clone();
        let work = |client, fate, name: &str| Work {
            client,
            admin: &admin,
            fate,
            stop: &stop,
            promised: &promised,
            name: format!("{name}-{round}"),
        };
        let (safe, doomed) = (work(&up.client, Fate::Answered, "safe"), work(&dying, Fate::MayBeLost, "doomed"));
        let before = *promised.answers.lock().unwrap();
        let next = std::thread::scope(|scope| {
            scope.spawn(|| safe.applications());
            scope.spawn(|| safe.registrations());
            scope.spawn(|| safe.edits(&client, from));
            scope.spawn(|| doomed.applications());
            scope.spawn(|| doomed.registrations());
            let more = |answers: usize| *promised.answers.lock().unwrap() >= before + answers;
            wait(|| more(60));
            victim.kill();
            let next = cluster.start(&[]);
            wait(|| more(120));
            stop.store(true, Ordering::Relaxed);
            next
        });
        holds(&promised, &admin, [&up.client, &next.client]);
        (victim, up) = (up, next);
    }
    let (answers, clients) = (promised.answers.lock().unwrap(), promised.clients.lock().unwrap().len());
    println!("{answers} good answers, {clients} clients made, four nodes killed");
}

fn wait(reached: impl Fn() -> bool) {
    super::until("answers under load", || reached().then_some(()));
}

/// What was promised is so at every node.
fn holds(promised: &Promised, admin: &Admin, clients: [&Client; 2]) {
    let mut tokens: Vec<String> = std::mem::take(&mut *promised.refresh_tokens.lock().unwrap());
    for client in clients {
        let missing = || {
            let known = admin.client_ids(client);
            promised.clients.lock().unwrap().iter().find(|id| !known.contains(id)).cloned()
        };
        super::until(&format!("{:?}", missing()), || missing().is_none().then_some(()));
        for token in &mut tokens {
            let refreshed = refresh(client, token).unwrap();
            assert_eq!(refreshed.status, 200, "{}", refreshed.json());
            *token = refreshed.text("refresh_token");
        }
        // An edit whose answer was not awaited may have been made, too.
        let least = promised.lifespan.lock().unwrap().unwrap();
        super::until("the last edit", || {
            super::lifespan(client).as_i64().filter(|seconds| (least..=least + 1).contains(seconds))
        });
    }
}
