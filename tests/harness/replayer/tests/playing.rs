use std::cell::Cell;
use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc;

use serde_json::{Value, json};

use crate::harness::departures::{Departures, read};
use crate::harness::replayer::{Replayer, StepDifference, Time, Verdict};
use crate::harness::tests;

#[derive(Default)]
struct Passed(Cell<i64>);

impl Time for Passed {
    fn now(&self) -> i64 {
        1_780_000_000 + self.0.get() / 1000
    }

    fn pass(&self, millis: i64) {
        self.0.set(self.0.get() + millis);
    }
}

/// Plays `scenario` against a server that gives `answers` one after the other; also what the server was sent.
fn play(scenario: &Value, answers: &[&str]) -> (Verdict, Vec<String>, i64) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let (heard, sent) = mpsc::channel();
    let answers: Vec<_> = answers.iter().map(|answer| (*answer).to_owned()).collect();
    let server = std::thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut buffer = [0; 4096];
            let read = stream.read(&mut buffer).unwrap();
            heard.send(String::from_utf8_lossy(&buffer[..read]).into_owned()).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    let time = Passed::default();
    let keys = tests("keycloak/realms/keys");
    let replayer = Replayer { origin, prefix: String::new(), admin: None, time: &time, users: HashMap::new(), keys, sink: None };
    let verdict = replayer.play(scenario);
    server.join().unwrap();
    (verdict, sent.iter().collect(), time.0.get())
}

const OK: &str =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nSet-Cookie: S=1; Path=/\r\nContent-Length: 13\r\n\r\n{\"token\":\"t\"}";
const REFUSED: &str = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";

fn answer_of_ok() -> Value {
    let cookie = json!({"S": {"value": "set", "path": "/"}});
    json!({"status": 200, "header": {"content-type": "application/json"}, "cookie": cookie, "kind": "json", "body": {"token": "t"}})
}

#[test]
fn a_scenario_holds_when_every_answer_is_as_recorded() {
    let refused = json!({"status": 400, "header": {}, "kind": "empty"});
    let scenario = json!({"steps": [
        {"name": "first", "request": {"method": "POST", "path": "/t", "form": {"a": ["1", "2"]}}, "capture": {"t": "body.token"}, "response": answer_of_ok()},
        {"name": "second", "sleep": 1.5, "request": {"path": "/r", "query": {"q": "{{t}}"}, "headers": {"X": "{{now}}"}}, "response": refused},
    ]});
    let (verdict, sent, passed) = play(&scenario, &[OK, REFUSED]);
    assert!(matches!(verdict, Verdict::Held), "{verdict:?}");
    assert!(sent[0].starts_with("POST /t HTTP/1.1\r\nHost: 127.0.0.1:") && sent[0].contains("Accept: */*\r\n"), "{}", sent[0]);
    assert!(sent[0].contains("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 7\r\n\r\n"), "{}", sent[0]);
    assert!(sent[1].starts_with("GET /r?q=t HTTP/1.1\r\n") && sent[1].contains("Cookie: S=1\r\n"), "{}", sent[1]);
    assert!(sent[1].contains("X: 1780000001\r\n"), "{}", sent[1]);
    assert_eq!(passed, 1520, "waiting is the clock's business");
}

#[test]
fn a_wrong_field_is_said_with_step_path_expected_and_got() {
    let mut wanted = answer_of_ok();
    wanted["body"]["token"] = "another".into();
    let scenario = json!({"steps": [{"name": "login", "request": {"path": "/"}, "response": wanted}]});
    let (Verdict::Differs(found), ..) = play(&scenario, &[OK]) else { panic!("no difference found") };
    let said: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(said, ["step \"login\": body.token: expected \"another\", got \"t\""]);
}

#[test]
fn a_failed_setup_a_missing_capture_and_a_dead_server_are_differences() {
    let scenario = json!({"steps": [
        {"name": "setup", "setup": true, "request": {"path": "/"}, "capture": {"x": "body.x"}},
        {"name": "uses it", "request": {"path": "/{{x}}"}, "response": {}},
        {"name": "no answer", "request": {"path": "/"}, "response": {}},
    ]});
    let (Verdict::Differs(found), ..) = play(&scenario, &[REFUSED]) else { panic!("no difference found") };
    let paths: Vec<_> = found.iter().map(|difference| difference.field.path.as_str()).collect();
    assert_eq!(paths, ["capture x", "status", "request", "connection"]);
}

#[test]
fn ignored_fields_are_not_compared_and_administrators_are_missed() {
    let scenario = json!({"ignore": ["cookie"], "steps": [{"name": "a", "ignore": ["body.token"], "request": {"path": "/"},
        "response": {"status": 200, "header": {"content-type": "application/json"}, "kind": "json", "body": {}}}]});
    assert!(matches!(play(&scenario, &[OK]).0, Verdict::Held));
    assert!(matches!(play(&json!({"needs": "admin", "steps": []}), &[]).0, Verdict::Skipped(_)));
    assert!(matches!(play(&json!({"steps": [{"name": "m", "mail": {}}]}), &[]).0, Verdict::Skipped(_)));
}

const TABLES: &str = "
## Departures
| Recording | Step | Fields | Keycloak | Latchkey | Reason |
|---|---|---|---|---|---|
| `errors/nul` | `nul byte` | `status`, `body` | 500 | 400 | bad input is the caller's fault |
| `errors/gone` | `x` | `status` | 500 | 400 | bad input is the caller's fault |
## Waiting
| Recording | What brings it |
|---|---|
| `cors/admin` | the Admin REST API |
## Else
| `a/b` | no row |
";

#[test]
fn a_row_excuses_its_step_and_fields_only_and_is_stale_when_it_excuses_nothing() {
    let mut rows = Departures::new(read(TABLES).unwrap());
    let difference = |step: &str, path: &str| StepDifference {
        step: step.to_owned(),
        field: crate::harness::replayer::Difference { path: path.to_owned(), expected: json!(1), got: json!(2) },
    };
    assert!(rows.excuse("errors/nul", &difference("nul byte", "body.error")));
    assert!(!rows.excuse("errors/nul", &difference("nul byte", "header.allow")));
    assert!(!rows.excuse("errors/nul", &difference("another", "status")));
    assert!(!rows.excuse("errors/else", &difference("nul byte", "status")));
    assert!(rows.excuse("cors/admin", &difference("any", "anything")));
    assert_eq!(rows.stale().map(|row| row.recording.as_str()).collect::<Vec<_>>(), ["errors/gone"]);
}

#[test]
fn a_row_without_a_reason_or_with_missing_cells_is_refused() {
    let departures = |row: &str| read(&format!("## Departures\n{row}\n"));
    assert!(departures("| a/b | s | status | 500 | 400 |  |").is_err());
    assert!(departures("| a/b | s | because it is so |").is_err());
    assert!(departures("| a/b | s | status | 500 | 400 | because it is so |").is_ok());
}
