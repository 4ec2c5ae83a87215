use ambient::Clock;
use serde_json::{Value, json};

use super::{Terminal, granted, outcome, server};
use crate::harness::client::Reply;
use crate::harness::replayer::claims;
use crate::harness::repository;
use crate::harness::server::TestServer;

fn claims_of(reply: &Reply, token: &str) -> Value {
    claims(&reply.text(token)).unwrap()
}

fn refresh(terminal: &Terminal, token: &str) -> Reply {
    terminal.ask(&[("grant_type", "refresh_token"), ("client_id", "clientid"), ("refresh_token", token)], None)
}

#[test]
fn an_access_token_has_the_claims_of_the_example_and_no_other() {
    let server = server();
    let answer = Terminal::of(&server).log_in();
    let claims = claims_of(&answer, "access_token");
    let names: Vec<_> = claims.as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["aud", "user_name", "scope", "organization", "exp", "authorities", "jti", "client_id"]);
    assert_eq!(claims["aud"], json!(["spms-oauth2-resource"]));
    assert_eq!(claims["user_name"], "hello");
    assert_eq!(claims["scope"], json!(["All"]));
    assert_eq!(claims["authorities"], json!(["ADMIN"]));
    assert_eq!(claims["client_id"], "clientid");
    assert_eq!(claims["jti"], answer.json()["jti"]);
}

#[test]
fn a_refresh_token_names_its_access_token() {
    let server = server();
    let answer = Terminal::of(&server).log_in();
    let claims = claims_of(&answer, "refresh_token");
    let names: Vec<_> = claims.as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["aud", "user_name", "scope", "organization", "ati", "exp", "authorities", "jti", "client_id"]);
    assert_eq!(claims["ati"], answer.json()["jti"]);
}

#[test]
fn a_refresh_token_extends_the_login_and_renews_the_cookie() {
    let server = server();
    let terminal = Terminal::of(&server);
    let first = terminal.log_in();
    server.clock.advance_secs(3000);
    let second = granted(refresh(&terminal, &first.text("refresh_token")));
    assert_ne!(first.text("jti"), second.text("jti"));
    assert_ne!(super::key(&first), super::key(&second));
}

#[test]
fn refresh_tokens_of_another_form_or_time_are_bad_credentials() {
    let server = server();
    let terminal = Terminal::of(&server);
    let answer = terminal.log_in();
    let rows = [("grant_type", "password"), ("client_id", "clientid"), ("username", "hello"), ("password", "world")];
    let of_keycloak = terminal.client.token("spms", &rows).text("refresh_token");
    for token in [answer.text("access_token"), of_keycloak, format!("{}x", answer.text("refresh_token"))] {
        assert_eq!(outcome(&refresh(&terminal, &token)), "400 invalid_grant");
    }
    server.clock.advance_secs(6 * 3600 + 1);
    assert_eq!(outcome(&refresh(&terminal, &answer.text("refresh_token"))), "400 invalid_grant");
}

#[test]
fn the_realms_own_endpoint_takes_no_refresh_token_of_the_dialect() {
    let server = server();
    let terminal = Terminal::of(&server);
    let token = terminal.log_in().text("refresh_token");
    let rows = [("grant_type", "refresh_token"), ("client_id", "clientid"), ("refresh_token", token.as_str())];
    assert_eq!(terminal.client.token("spms", &rows).status, 400);
}

/// The repository's realm with `more` settings, in a folder of its own that keeps sessions and keys.
struct Changed {
    folder: tempfile::TempDir,
    realm: String,
}

impl Changed {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), realm: std::fs::read_to_string(repository("realms/spms.json")).unwrap() }
    }

    fn start(&self, more: &str) -> TestServer {
        let file = self.folder.path().join("spms.json");
        std::fs::write(&file, self.realm.replacen('{', &format!("{{{more},"), 1)).unwrap();
        TestServer::with_data(vec![file], &self.folder.path().join("data"))
    }
}

#[test]
fn a_refresh_token_from_before_the_realms_not_before_is_bad_credentials() {
    let realm = Changed::new();
    let server = realm.start(r#""notBefore": 0"#);
    let token = Terminal::of(&server).log_in().text("refresh_token");
    let now = Clock::now(&*server.clock).secs();
    drop(server);
    let same = realm.start(&format!("\"notBefore\": {now}"));
    granted(refresh(&Terminal::of(&same), &token));
    drop(same);
    let later = realm.start(&format!("\"notBefore\": {}", now + 1));
    assert_eq!(outcome(&refresh(&Terminal::of(&later), &token)), "400 invalid_grant");
}

#[test]
fn a_session_that_ends_before_its_idle_time_is_refreshed_until_then() {
    let server = Changed::new().start(r#""clientSessionMaxLifespan": 600, "revokeRefreshToken": true"#);
    let terminal = Terminal::of(&server);
    let mut answer = terminal.log_in();
    for _ in 0..5 {
        server.clock.advance_secs(100);
        answer = granted(refresh(&terminal, &answer.text("refresh_token")));
    }
    server.clock.advance_secs(101);
    assert_eq!(outcome(&refresh(&terminal, &answer.text("refresh_token"))), "400 invalid_grant");
}

#[test]
fn a_lock_for_good_ends_the_sessions_of_its_user_and_a_lock_for_a_while_does_not() {
    for (permanent, expected) in [("true", "400 invalid_grant"), ("false", "200 -")] {
        let server = Changed::new().start(&format!("\"permanentLockout\": {permanent}"));
        let terminal = Terminal::of(&server);
        let token = terminal.log_in().text("refresh_token");
        for _ in 0..5 {
            let wrong = [("grant_type", "password"), ("client_id", "clientid"), ("username", "hello"), ("password", "no")];
            assert_eq!(terminal.ask(&wrong, None).status, 400);
        }
        assert_eq!(outcome(&refresh(&terminal, &token)), expected);
    }
}
