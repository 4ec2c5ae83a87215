use super::{login, refresh};
use crate::harness::client::Client;
use crate::harness::process::Redis;
use crate::harness::server::TestServer;

#[test]
fn a_login_at_one_node_is_known_at_the_other() {
    let Some(redis) = Redis::start() else { return };
    let nodes = [TestServer::with_sessions(&redis.url), TestServer::with_sessions(&redis.url)];
    let [one, other] = nodes.each_ref().map(Client::of);
    let begun = login(&one);
    let refreshed = refresh(&other, &begun.text("refresh_token"));
    assert_eq!(refreshed.status, 200, "{:?}", refreshed.json());
    assert_eq!(refreshed.text("session_state"), begun.text("session_state"));
    assert_eq!(refresh(&one, &refreshed.text("refresh_token")).status, 200, "and the other way round");
}

#[test]
fn nodes_over_one_redis_have_the_same_keys() {
    let Some(redis) = Redis::start() else { return };
    let nodes = [TestServer::with_sessions(&redis.url), TestServer::with_sessions(&redis.url)];
    // A realm without key providers of its own: its keys are generated.
    let [one, other] = nodes.each_ref().map(|node| Client::of(node).get("/realms/minimal/protocol/openid-connect/certs").json());
    assert!(one["keys"].as_array().is_some_and(|keys| !keys.is_empty()), "{one}");
    assert_eq!(one, other);
}

#[test]
fn a_refresh_token_may_be_used_once_whichever_node_is_asked() {
    let Some(redis) = Redis::start() else { return };
    let nodes = [TestServer::with_sessions(&redis.url), TestServer::with_sessions(&redis.url)];
    let clients = nodes.each_ref().map(Client::of);
    let rows = [("grant_type", "password"), ("client_id", "portal"), ("username", "otto"), ("password", "otto-password")];
    let token = clients[0].token("legacy", &rows).text("refresh_token");
    let rows = [("grant_type", "refresh_token"), ("client_id", "portal"), ("refresh_token", token.as_str())];
    let statuses: Vec<_> = std::thread::scope(|scope| {
        let ask = |client: Client| scope.spawn(move || client.token("legacy", &rows).status);
        let asked: Vec<_> = clients.iter().cycle().take(8).cloned().map(ask).collect();
        asked.into_iter().map(|answer| answer.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 400].contains(status)), "{statuses:?}");
}
