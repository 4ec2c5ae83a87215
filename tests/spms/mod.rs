//! The SPMS token call (docs/spms.md), on the realm file that the repository ships.

mod cards;
mod requests;
mod tokens;

use serde_json::json;

use crate::harness::client::{Client, Reply};
use crate::harness::replayer::Call;
use crate::harness::repository;
use crate::harness::server::TestServer;

const PATH: &str = "/spms/access/token";
/// A card of user `hello` in realms/spms.json.
const CARD: &str = "04A2B9C2D45E80";
const LOGIN: [(&str, &str); 4] =
    [("grant_type", "password"), ("client_id", "clientid"), ("username", "hello"), ("password", "world")];

/// A terminal: it keeps the cookie it was sent last, unless told otherwise.
struct Terminal {
    client: Client,
}

impl Terminal {
    fn of(server: &TestServer) -> Self {
        Self { client: Client::of(server) }
    }

    fn ask(&self, rows: &[(&str, &str)], cookie: Option<&str>) -> Reply {
        let body: Vec<String> = rows.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        self.post("application/x-www-form-urlencoded", body.join("&").as_bytes(), cookie)
    }

    fn ask_json(&self, rows: &[(&str, &str)]) -> Reply {
        let body: serde_json::Map<_, _> = rows.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        self.post("application/json", serde_json::to_vec(&body).unwrap().as_slice(), None)
    }

    fn post(&self, media_type: &str, body: &[u8], cookie: Option<&str>) -> Reply {
        let headers = [
            ("Content-Type".to_owned(), Some(media_type.to_owned())),
            ("Cookie".to_owned(), cookie.map(|key| format!("other=1; key={key}"))),
        ];
        self.client.send(&Call { method: "POST", target: PATH, headers: &headers, body: Some(body) }).unwrap()
    }

    fn log_in(&self) -> Reply {
        granted(self.ask(&LOGIN, None))
    }

    fn show_card(&self, card: &str, cookie: Option<&str>) -> Reply {
        self.ask(&[("grant_type", "contactless"), ("client_id", "clientid"), ("contactlessId", card)], cookie)
    }
}

fn server() -> TestServer {
    TestServer::with_realms(vec![repository("realms/spms.json")])
}

fn granted(reply: Reply) -> Reply {
    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
    reply
}

/// The value of the cookie `key` that an answer sets.
fn key(reply: &Reply) -> String {
    let cookie = set_cookie(reply);
    cookie.split(';').next().unwrap().strip_prefix("key=").unwrap().to_owned()
}

fn set_cookie(reply: &Reply) -> String {
    let found = reply.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
    found.unwrap_or_else(|| panic!("no cookie in {:?}", reply.headers)).1.clone()
}

fn encoded(value: &str) -> String {
    value
        .bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// `status error`, as the tables of these tests have it.
fn outcome(reply: &Reply) -> String {
    let error = reply.json()["error"].as_str().unwrap_or("-").to_owned();
    format!("{} {error}", reply.status)
}
