use serde_json::json;

use super::{CARD, LOGIN, Terminal, granted, key, outcome, server, set_cookie};
use crate::harness::repository;
use crate::harness::server::TestServer;

const YEAR: i64 = 365 * 24 * 3600;

#[test]
fn a_card_logs_in_on_a_device_that_knows_a_password_login() {
    let server = server();
    let terminal = Terminal::of(&server);
    let login = terminal.log_in();
    let shown = granted(terminal.show_card(CARD, Some(&key(&login))));
    assert_eq!(shown.text("organization"), "COMPANY");
}

#[test]
fn a_card_without_a_live_cookie_gets_the_problem_of_the_page() {
    let server = server();
    let terminal = Terminal::of(&server);
    let problem = json!({
        "type": "HTTP://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html#sec10.4.2",
        "title": "Unauthorized",
        "detail": "Valid token is required to access this resource",
    });
    for cookie in [None, Some("0".repeat(64)), Some("xyz".to_owned())] {
        let refused = terminal.show_card(CARD, cookie.as_deref());
        assert_eq!((refused.status, refused.json()), (401, problem.clone()), "{cookie:?}");
    }
}

#[test]
fn the_cookie_is_64_upper_case_digits_for_a_year_below_the_path() {
    let server = server();
    let cookie = set_cookie(&Terminal::of(&server).log_in());
    let value = cookie.split(';').next().unwrap().strip_prefix("key=").unwrap();
    assert_eq!(value.len(), 64);
    assert!(value.bytes().all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b)), "{value}");
    let rest: Vec<_> = cookie.split("; ").skip(1).collect();
    // The test clock starts on 2026-06-01.
    assert_eq!(rest, ["Expires=Tue, 01 Jun 2027 00:00:00 GMT", "Path=/spms/access", "HttpOnly", "SameSite=Strict"]);
}

#[test]
fn the_key_before_dies_when_the_new_one_is_first_shown_and_not_sooner() {
    let server = server();
    let terminal = Terminal::of(&server);
    let first = key(&terminal.log_in());
    let lost = key(&granted(terminal.show_card(CARD, Some(&first))));
    // That answer was lost on the way: the device still has its first key.
    let second = key(&granted(terminal.show_card(CARD, Some(&first))));
    granted(terminal.show_card(CARD, Some(&second)));
    for dead in [first, lost] {
        assert_eq!(terminal.show_card(CARD, Some(&dead)).status, 401);
    }
    granted(terminal.show_card(CARD, Some(&second)));
}

#[test]
fn a_key_dies_after_a_year() {
    let server = server();
    let terminal = Terminal::of(&server);
    let key = key(&terminal.log_in());
    server.clock.advance_secs(YEAR - 1);
    granted(terminal.show_card(CARD, Some(&key)));
    server.clock.advance_secs(1);
    assert_eq!(terminal.show_card(CARD, Some(&key)).status, 401);
}

#[test]
fn an_unknown_card_is_bad_credentials_and_guessing_locks_the_device_alone() {
    let server = server();
    let terminal = Terminal::of(&server);
    let device = key(&terminal.log_in());
    for guess in ["A1", "A2", "A3", "A4", "A5"] {
        assert_eq!(outcome(&terminal.show_card(guess, Some(&device))), "400 invalid_grant");
    }
    assert_eq!(outcome(&terminal.show_card(CARD, Some(&device))), "403 access_denied");
    let another = key(&granted(terminal.ask(&LOGIN, None)));
    granted(terminal.show_card(CARD, Some(&another)));
}

#[test]
fn a_lock_of_the_user_holds_for_the_card_too() {
    let server = server();
    let terminal = Terminal::of(&server);
    let device = key(&terminal.log_in());
    for _ in 0..5 {
        terminal.ask(&[("grant_type", "password"), ("client_id", "clientid"), ("username", "hello"), ("password", "no")], None);
    }
    assert_eq!(outcome(&terminal.show_card(CARD, Some(&device))), "403 access_denied");
}

#[test]
fn a_new_cruise_makes_every_device_forget_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let realm = std::fs::read_to_string(repository("realms/spms.json")).unwrap();
    let data = folder.path().join("data");
    let file = folder.path().join("spms.json");
    let start = |cruise: &str| {
        std::fs::write(&file, realm.replace("\"2026-11\"", &format!("\"{cruise}\""))).unwrap();
        TestServer::with_data(vec![file.clone()], &data)
    };
    let server = start("2026-11");
    let cookie = key(&Terminal::of(&server).log_in());
    drop(server);
    let server = start("2026-11");
    let cookie = key(&granted(Terminal::of(&server).show_card(CARD, Some(&cookie))));
    drop(server);
    let server = start("2026-12");
    assert_eq!(Terminal::of(&server).show_card(CARD, Some(&cookie)).status, 401);
}

#[test]
fn a_client_that_may_take_no_passwords_may_take_no_cards() {
    let folder = tempfile::tempdir().unwrap();
    let realm = std::fs::read_to_string(repository("realms/spms.json")).unwrap();
    let file = folder.path().join("spms.json");
    let start = |realm: &str| {
        std::fs::write(&file, realm).unwrap();
        TestServer::with_data(vec![file.clone()], &folder.path().join("data"))
    };
    let server = start(&realm);
    let cookie = key(&Terminal::of(&server).log_in());
    drop(server);
    let server = start(&realm.replace("\"directAccessGrantsEnabled\": true", "\"directAccessGrantsEnabled\": false"));
    assert_eq!(outcome(&Terminal::of(&server).show_card(CARD, Some(&cookie))), "400 invalid_grant");
}
