//! What is changed at one node is in force at the other within a second.

use serde_json::json;

use super::{Admin, Cluster, acme, lifespan, login, median_and_longest, refresh, until, write};
use crate::harness::client::Client;
use crate::harness::postgres::PostgresServer;

/// Milliseconds until a change of one node holds at another: the median. One late answer of a busy machine says nothing.
const SECOND: i64 = 1_000;

fn until_lifespan(client: &Client, seconds: i64) -> i64 {
    until(&format!("a lifespan of {seconds} s"), || (lifespan(client) == seconds).then_some(())).1
}

fn judge(what: &str, times: Vec<i64>) {
    let (median, longest) = median_and_longest(times);
    println!("{what}: in force at other nodes after {median} ms at the median, {longest} ms at most");
    assert!(median <= SECOND, "{what}: {median} ms");
}

#[test]
fn a_change_through_one_node_or_by_a_command_holds_at_the_other_within_a_second() {
    let Some(postgres) = PostgresServer::shared() else { return };
    let Some(cluster) = Cluster::new(postgres, "edits") else { return };
    let mut realm = acme();
    cluster.apply(&realm);
    let nodes = [cluster.start(&[]), cluster.start(&[])];
    let clients = nodes.each_ref().map(|node| node.client.clone());
    assert_eq!(clients.each_ref().map(lifespan), [300, 300].map(|seconds| json!(seconds)));

    let mut times = Vec::new();
    for seconds in 1001..1006 {
        realm["accessTokenLifespan"] = seconds.into();
        cluster.apply(&realm);
        times.extend(clients.each_ref().map(|client| until_lifespan(client, seconds)));
    }
    judge("latchkey apply", times);

    let admin = Admin::of(&clients[0]);
    let mut times = Vec::new();
    for seconds in 2001..2011 {
        let (here, there) = (&clients[seconds as usize % 2], &clients[(seconds as usize + 1) % 2]);
        admin.set_lifespan(here, seconds);
        assert_eq!(lifespan(here), seconds, "at the node that was asked it holds at once");
        times.push(until_lifespan(there, seconds));
    }
    judge("the Admin API", times);
}

#[test]
fn a_user_who_is_changed_is_changed_at_every_node() {
    let Some(postgres) = PostgresServer::shared() else { return };
    let Some(cluster) = Cluster::new(postgres, "users") else { return };
    let mut realm = acme();
    cluster.apply(&realm);
    let nodes = [cluster.start(&[]), cluster.start(&[])];
    let clients = nodes.each_ref().map(|node| &node.client);
    // Both know her.
    let mut tokens = clients.map(|client| login(client).unwrap().text("refresh_token"));
    let mut refreshed = |status: u16| {
        let times = clients.iter().zip(&mut tokens).map(|(client, token)| {
            let ask = || refresh(client, token).ok().filter(|reply| reply.status == status);
            let (reply, took) = until(&format!("a refresh that ends with {status}"), ask);
            if status == 200 {
                *token = reply.text("refresh_token");
            }
            took
        });
        times.collect::<Vec<_>>()
    };
    refreshed(200);
    let mut times = Vec::new();
    for _ in 0..3 {
        for (enabled, status) in [(false, 400), (true, 200)] {
            realm["users"][0]["enabled"] = enabled.into();
            cluster.apply(&realm);
            times.extend(refreshed(status));
        }
    }
    judge("a user", times);
}

#[test]
fn a_file_that_one_node_follows_holds_at_the_other_within_a_second() {
    let Some(postgres) = PostgresServer::shared() else { return };
    let Some(cluster) = Cluster::new(postgres, "files") else { return };
    let files = tempfile::tempdir().unwrap();
    let mut realm = acme();
    write(files.path(), &realm);
    let [follows, other] = [cluster.start(&["--realms", files.path().to_str().unwrap()]), cluster.start(&[])];
    assert_eq!((lifespan(&follows.client), lifespan(&other.client)), (json!(300), json!(300)));
    let mut times = Vec::new();
    for seconds in 1001..1011 {
        realm["accessTokenLifespan"] = seconds.into();
        write(files.path(), &realm);
        times.push(until_lifespan(&other.client, seconds));
    }
    judge("a realm file", times);
    assert_eq!(lifespan(&follows.client), 1010);
}
