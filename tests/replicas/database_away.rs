//! PostgreSQL goes and comes: what does not need it goes on, the rest is told to come again, and all of it recovers by itself.

use ambient::{Clock, SystemClock};
use serde_json::{Value, json};

use super::{Admin, Cluster, acme, lifespan, login, machine, refresh, until};
use crate::harness::client::{Client, Reply};
use crate::harness::postgres::PostgresServer;

/// Milliseconds in which whoever needs the database is refused.
const AT_ONCE: i64 = 10_000;

/// A database that nobody else loses.
fn own() -> Option<PostgresServer> {
    PostgresServer::start()
}

fn refused(what: &str, ask: impl FnOnce() -> Result<Reply, String>) {
    let began = SystemClock.now();
    let reply = ask().unwrap_or_else(|error| panic!("{what}: {error}"));
    let took = SystemClock.now().millis_since(began);
    assert_eq!(reply.status, 503, "{what}: {}", String::from_utf8_lossy(&reply.body));
    assert!(reply.header("retry-after").is_some_and(|seconds| seconds.parse::<u32>().is_ok()), "{what}: {reply:?}");
    let body: Value = reply.json();
    assert!(body.is_object(), "{what}: {body}");
    assert!(!body.to_string().to_lowercase().contains("postgres"), "{what}: {body}");
    assert!(took < AT_ONCE, "{what} took {took} ms");
}

fn goes_on(client: &Client, token: &mut String) {
    let known = machine(client).unwrap();
    assert_eq!(known.status, 200, "{}", known.json());
    let refreshed = refresh(client, token).unwrap();
    assert_eq!(refreshed.status, 200, "{}", refreshed.json());
    *token = refreshed.text("refresh_token");
    for page in ["/realms/acme/protocol/openid-connect/certs", "/realms/acme/.well-known/openid-configuration", "/realms/acme"] {
        assert_eq!(client.get(page).status, 200, "{page}");
    }
}

#[test]
fn what_needs_no_database_goes_on_and_the_rest_is_503_until_it_is_back() {
    let Some(postgres) = own() else { return };
    let Some(cluster) = Cluster::new(&postgres, "away") else { return };
    cluster.apply(&acme());
    let nodes = [cluster.start(&[]), cluster.start(&[])];
    let clients = nodes.each_ref().map(|node| &node.client);
    let admin = Admin::of(clients[0]);
    let mut tokens = clients.map(|client| login(client).unwrap().text("refresh_token"));
    for (client, token) in clients.iter().zip(&mut tokens) {
        goes_on(client, token);
    }
    type Step = fn(&PostgresServer);
    let steps: [(Step, Step); 2] =
        [(PostgresServer::stop, PostgresServer::start_again), (PostgresServer::freeze, PostgresServer::thaw)];
    for (take_away, give_back) in steps {
        take_away(&postgres);
        for (client, token) in clients.iter().zip(&mut tokens) {
            goes_on(client, token);
            refused("a login", || login(client));
            let late = json!({"clientId": "late", "enabled": true});
            refused("a new client", || admin.send(client, ("POST", "/clients"), Some(&late)));
            goes_on(client, token);
        }
        give_back(&postgres);
        for (client, token) in clients.iter().zip(&mut tokens) {
            let (_, took) = until("a login", || (login(client).unwrap().status == 200).then_some(()));
            println!("logins go on {took} ms after the database is back");
            goes_on(client, token);
        }
        assert!(!admin.client_ids(clients[1]).contains(&"late".to_owned()), "what was refused has not happened");
        // Changes are told again.
        let seconds = 500 + lifespan(clients[0]).as_i64().unwrap();
        admin.set_lifespan(clients[0], seconds);
        let (_, took) = until("a change at the other node", || (lifespan(clients[1]) == seconds).then_some(()));
        println!("a change holds at the other node after {took} ms");
    }
}
