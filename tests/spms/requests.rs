use serde_json::json;

use super::{LOGIN, Terminal, granted, outcome, server};

/// The login with one field changed, or taken away.
fn login_with<'a>(name: &'a str, value: Option<&'a str>) -> Vec<(&'a str, &'a str)> {
    let kept = LOGIN.iter().copied().filter(|(field, _)| *field != name);
    kept.chain(value.map(|value| (name, value))).collect()
}

#[test]
fn answers_a_login_with_the_seven_members_of_the_page() {
    let server = server();
    let answer = Terminal::of(&server).log_in().json();
    let members: Vec<_> = answer.as_object().unwrap().keys().cloned().collect();
    assert_eq!(members, ["access_token", "token_type", "refresh_token", "expires_in", "scope", "organization", "jti"]);
    assert_eq!(answer["token_type"], "bearer");
    assert_eq!(answer["expires_in"], "3600");
    assert_eq!(answer["scope"], "All");
    assert_eq!(answer["organization"], "COMPANY");
}

#[test]
fn reads_json_as_it_reads_forms() {
    let server = server();
    granted(Terminal::of(&server).ask_json(&LOGIN));
}

#[test]
fn checks_every_field_before_anything_else() {
    let server = server();
    let terminal = Terminal::of(&server);
    for (name, value) in [
        ("client_id", Some("client-id")),
        ("client_id", None),
        ("grant_type", Some("client_credentials")),
        ("grant_type", None),
        ("username", Some("x")),
        ("username", Some("a user")),
        ("username", None),
        ("password", Some("it's")),
        ("password", None),
        ("contactlessId", Some("04-A2")),
        ("refresh_token", Some("not a token")),
    ] {
        let reply = terminal.ask(&login_with(name, value), None);
        assert_eq!(outcome(&reply), "400 invalid_request", "{name} {value:?}");
    }
}

#[test]
fn words_refusals_as_the_page_does() {
    let server = server();
    let terminal = Terminal::of(&server);
    let bad = json!({"error": "invalid_grant", "error_description": "Bad credentials"});
    for (name, value) in [("password", "word"), ("username", "nobody")] {
        let reply = terminal.ask(&login_with(name, Some(value)), None);
        assert_eq!((reply.status, reply.json()), (400, bad.clone()), "{name}");
    }
    let stranger = terminal.ask(&login_with("client_id", Some("stranger")), None);
    assert_eq!(outcome(&stranger), "400 invalid_client");
}

#[test]
fn tells_the_lock_in_minutes_even_with_the_right_password() {
    let server = server();
    let terminal = Terminal::of(&server);
    for _ in 0..5 {
        assert_eq!(terminal.ask(&login_with("password", Some("wrong")), None).status, 400);
    }
    let locked = terminal.ask(&LOGIN, None);
    assert_eq!(locked.status, 403);
    let told = json!({"error": "access_denied", "error_description": "The user has been locked out for 30 mins"});
    assert_eq!(locked.json(), told);
    server.clock.advance_secs(30 * 60 + 1);
    granted(terminal.ask(&LOGIN, None));
}
