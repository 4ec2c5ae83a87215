use std::collections::HashSet;
use std::sync::mpsc;

use super::{LOGIN, login, refresh};
use crate::harness::client::Client;
use crate::harness::process::{Latchkey, Redis};

/// Answers to wait for before the server is killed in the midst of the next ones.
const ANSWERS: usize = 400;
const CLIENTS: usize = 8;

/// Logs in and refreshes with several clients at once, kills the server under way; all refresh tokens that were received.
fn tokens_of_a_killed_server(victim: &mut Latchkey) -> HashSet<String> {
    let client = Client::at(&victim.address);
    let (received, tokens) = mpsc::channel();
    std::thread::scope(|scope| {
        for received in std::iter::repeat_n(received, CLIENTS) {
            let client = &client;
            scope.spawn(move || while log_in_and_refresh(client, &received).is_ok() {});
        }
        let mut kept: HashSet<String> = tokens.iter().take(ANSWERS).collect();
        victim.process.kill();
        kept.extend(tokens);
        kept
    })
}

/// Until the connection is refused: an answer that broke off was not received.
fn log_in_and_refresh(client: &Client, received: &mpsc::Sender<String>) -> Result<(), String> {
    let target = "/realms/bench/protocol/openid-connect/token";
    let mut token = client.post(target, LOGIN)?.text("refresh_token");
    received.send(token.clone()).map_err(|error| error.to_string())?;
    for _ in 0..3 {
        let rows = [("grant_type", "refresh_token"), ("client_id", "app"), ("refresh_token", &token)];
        token = client.post(target, &rows)?.text("refresh_token");
        received.send(token.clone()).map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn all_work(client: &Client, tokens: &HashSet<String>) {
    assert!(tokens.len() >= ANSWERS, "only {} tokens", tokens.len());
    let dead: Vec<_> = tokens.iter().map(|token| refresh(client, token)).filter(|reply| reply.status != 200).collect();
    let first = dead.first().map(|reply| String::from_utf8_lossy(&reply.body).into_owned());
    assert!(dead.is_empty(), "{} of {} refresh tokens are dead: {}", dead.len(), tokens.len(), first.unwrap_or_default());
    println!("{} refresh tokens, all alive", tokens.len());
}

#[test]
fn every_refresh_token_that_was_received_survives_kill_9() {
    let data = tempfile::tempdir().unwrap();
    let mut server = Latchkey::start(data.path(), "embedded");
    let tokens = tokens_of_a_killed_server(&mut server);
    let again = Latchkey::start(data.path(), "embedded");
    all_work(&Client::at(&again.address), &tokens);
}

#[test]
fn every_refresh_token_of_a_killed_node_works_at_the_other() {
    let Some(redis) = Redis::start() else { return };
    let data = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let mut victim = Latchkey::start(data[0].path(), &redis.url);
    let other = Latchkey::start(data[1].path(), &redis.url);
    let client = Client::at(&other.address);
    assert_eq!(login(&client).status, 200);
    let tokens = tokens_of_a_killed_server(&mut victim);
    all_work(&client, &tokens);
}

#[test]
fn a_rotated_refresh_token_stays_dead_after_kill_9() {
    let data = tempfile::tempdir().unwrap();
    let mut server = Latchkey::start(data.path(), "embedded");
    let refresh = |at: &Latchkey, token: &str| {
        let rows = [("grant_type", "refresh_token"), ("client_id", "portal"), ("refresh_token", token)];
        Client::at(&at.address).token("legacy", &rows)
    };
    let rows = [("grant_type", "password"), ("client_id", "portal"), ("username", "otto"), ("password", "otto-password")];
    let first = Client::at(&server.address).token("legacy", &rows).text("refresh_token");
    let second = refresh(&server, &first).text("refresh_token");
    server.process.kill();
    let again = Latchkey::start(data.path(), "embedded");
    let third = refresh(&again, &second);
    assert_eq!(third.status, 200, "the token in force survives");
    assert_eq!(refresh(&again, &second).status, 400, "a token that was used is refused");
    assert_eq!(refresh(&again, &first).status, 400, "also the one used before the crash");
}
