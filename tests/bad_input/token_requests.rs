use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{BufReader, ErrorKind, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use proptest::prelude::*;
use serde_json::Value;

use super::change::{Change, changed, changes};
use super::runner;
use crate::harness::client::{Client, Form};
use crate::harness::replayer::read;
use crate::harness::server::TestServer;

/// An answer that takes longer is a connection left hanging.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Debug, Clone)]
struct Request {
    method: &'static str,
    target: String,
    headers: Vec<(&'static str, String)>,
    body: String,
}

/// Where a request is changed; `Wire` breaks the framing too.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Part {
    Target,
    Header,
    Body,
    Wire,
}

/// Whatever is wrong with a request, it is answered, and the answer is not a failure of the server.
#[test]
fn a_broken_request_is_answered_and_never_with_a_server_error() {
    count_panics_of_the_server();
    let server = TestServer::with_recorded_realms();
    let requests = requests(&Client::of(&server));
    let part = prop_oneof![1 => Just(Part::Target), 2 => Just(Part::Header), 5 => Just(Part::Body), 1 => Just(Part::Wire)];
    let case = (0..requests.len(), part, changes());
    let seen: RefCell<BTreeMap<Option<u16>, u32>> = RefCell::default();
    let outcome = runner(3_000).run(&case, |(which, part, changes)| {
        let bytes = broken(&requests[which], part, &changes);
        let status = send(server.host(), &bytes, requests[which].method).map_err(TestCaseError::fail)?;
        prop_assert!(status.is_some() || part == Part::Wire, "closed without an answer");
        prop_assert!(status.unwrap_or_default() < 500, "status {status:?}");
        *seen.borrow_mut().entry(status).or_default() += 1;
        Ok(())
    });
    println!("answers by status: {:?}", seen.borrow());
    outcome.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(PANICS.load(Ordering::SeqCst), 0, "a thread of the server panicked");
    assert_eq!(Client::of(&server).get("/realms/minimal").status, 200, "the server still answers");
}

/// A body that never comes does not keep its connection once the client has gone.
#[test]
fn a_request_that_ends_early_is_let_go() {
    let server = TestServer::with_recorded_realms();
    let head = "POST /realms/minimal/protocol/openid-connect/token HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\ngrant_type=";
    let cut =
        [&head[..20], &head[..70], head, "\r\n", "GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\nabc"];
    for piece in cut {
        let status = send(server.host(), piece.as_bytes(), "POST").unwrap_or_else(|error| panic!("{piece:?}: {error}"));
        assert!(status.unwrap_or_default() < 500, "{piece:?}: {status:?}");
    }
}

fn requests(client: &Client) -> Vec<Request> {
    let token = |realm: &str, form: Form<'_>| client.token(realm, form).json();
    let alice = token(
        "acme",
        &[
            ("grant_type", "password"),
            ("client_id", "cli"),
            ("username", "alice"),
            ("password", "wonderland-1"),
            ("scope", "openid"),
        ],
    );
    let otto = token(
        "legacy",
        &[("grant_type", "password"), ("client_id", "portal"), ("username", "otto"), ("password", "otto-password")],
    );
    let text = |from: &Value, name: &str| from[name].as_str().unwrap_or_else(|| panic!("no {name} in {from}")).to_owned();
    let basic = |login: &str| ("Authorization", format!("Basic {}", base64_simd::STANDARD.encode_to_string(login)));
    let bearer = || ("Authorization", format!("Bearer {}", text(&alice, "access_token")));
    let origin = || ("Origin", "https://app.acme.example".to_owned());
    let post = |path: &str, headers: Vec<(&'static str, String)>, body: String| {
        let form = ("Content-Type", "application/x-www-form-urlencoded".to_owned());
        let headers = [vec![form], headers].concat();
        Request { method: "POST", target: format!("/realms/{path}"), headers, body }
    };
    let get = |path: &str, headers| Request { method: "GET", target: path.to_owned(), headers, body: String::new() };
    const TOKEN: &str = "acme/protocol/openid-connect/token";
    let refresh = format!("grant_type=refresh_token&client_id=cli&scope=openid&refresh_token={}", text(&alice, "refresh_token"));
    let rotated = format!("grant_type=refresh_token&client_id=portal&refresh_token={}", text(&otto, "refresh_token"));
    vec![
        post(TOKEN, vec![], "grant_type=password&client_id=cli&username=alice&password=wonderland-1&scope=openid+email".into()),
        post(
            TOKEN,
            vec![origin()],
            "grant_type=password&client_id=cli&username=frank&password=frank-password&totp=123456".into(),
        ),
        post(TOKEN, vec![], refresh.clone()),
        post(TOKEN, vec![origin()], refresh),
        post("legacy/protocol/openid-connect/token", vec![], rotated),
        post(TOKEN, vec![basic("worker:worker-secret")], "grant_type=client_credentials&scope=openid".into()),
        post(TOKEN, vec![basic("odd%3Aclient%2Fid:s%25c%2Br+t%26%3D%3A%C3%BC")], "grant_type=client_credentials".into()),
        post(TOKEN, vec![], "grant_type=client_credentials&client_id=backend&client_secret=backend-secret".into()),
        post(
            "strict/protocol/openid-connect/token",
            vec![],
            "grant_type=password&client_id=app&username=nora&password=Nora-Password-1".into(),
        ),
        post(
            "acme/protocol/openid-connect/token/introspect",
            vec![basic("introspector:introspector-secret")],
            format!("token={}", text(&alice, "access_token")),
        ),
        post("acme/protocol/openid-connect/revoke", vec![], format!("client_id=cli&token={}", text(&alice, "refresh_token"))),
        get("/realms/acme/protocol/openid-connect/userinfo", vec![bearer()]),
        get("/realms/acme/.well-known/openid-configuration", vec![("Accept", "application/json".into())]),
        get(
            "/realms/acme/protocol/openid-connect/certs?x=1",
            vec![("X-Forwarded-Host", "other.example".into()), ("X-Forwarded-Proto", "https".into())],
        ),
    ]
}

fn broken(request: &Request, part: Part, changes: &[Change]) -> Vec<u8> {
    let change = |bytes: &[u8], here: bool| if here { changed(bytes, changes) } else { bytes.to_vec() };
    // What would end the line that it stands in is a change of the framing.
    let within = |bytes: Vec<u8>| bytes.into_iter().filter(|byte| !b"\r\n\0".contains(byte)).collect::<Vec<_>>();
    let target: Vec<_> = within(change(request.target.as_bytes(), part == Part::Target));
    let target: Vec<_> = target.into_iter().map(|byte| if byte == b' ' { b'+' } else { byte }).collect();
    let body = change(request.body.as_bytes(), part == Part::Body);
    let mut out =
        [request.method.as_bytes(), b" /", target.strip_prefix(b"/").unwrap_or(&target), b" HTTP/1.1\r\nHost: localhost\r\n"]
            .concat();
    for (name, value) in &request.headers {
        out.extend([name.as_bytes(), b": ", &within(change(value.as_bytes(), part == Part::Header)), b"\r\n"].concat());
    }
    if request.method == "POST" {
        out.extend(format!("Content-Length: {}\r\n", body.len()).into_bytes());
    }
    out.extend([b"Connection: close\r\n\r\n", &body[..]].concat());
    change(&out, part == Part::Wire)
}

/// The status of the answer; nothing where the connection was closed without one. An error is a connection that hangs.
/// Reading ends with the answer, or, where its framing is broken, with the connection.
fn send(host: &str, bytes: &[u8], method: &str) -> Result<Option<u16>, String> {
    let mut stream = TcpStream::connect(host).map_err(|error| error.to_string())?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(|error| error.to_string())?;
    let _ = stream.write_all(bytes).and_then(|()| stream.shutdown(Shutdown::Write));
    match read(&mut BufReader::new(stream), method) {
        Ok(answer) => Ok(Some(answer.status)),
        Err(error) if [ErrorKind::WouldBlock, ErrorKind::TimedOut].contains(&error.kind()) => Err("left hanging".into()),
        Err(_) => Ok(None),
    }
}

static PANICS: AtomicUsize = AtomicUsize::new(0);

/// A panic in the server closes one connection and is easily missed.
fn count_panics_of_the_server() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        // The threads of tests are named by their paths.
        let thread = std::thread::current();
        if thread.name().is_some_and(|name| name != "main" && !name.contains("::")) {
            PANICS.fetch_add(1, Ordering::SeqCst);
        }
        before(panic);
    }));
}
