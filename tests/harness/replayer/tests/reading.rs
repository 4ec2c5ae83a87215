use std::collections::HashMap;
use std::io::Cursor;

use serde_json::{Value, json};

use crate::harness::replayer::capture::capture;
use crate::harness::replayer::normal::{Detail, Normal};
use crate::harness::replayer::wire::{Answer, read};
use crate::harness::replayer::{token, url};

const ALICE: &str = "11111111-2222-4333-8444-555555555555";

fn normal(answer: &Answer) -> Value {
    let users = HashMap::from([(ALICE.to_owned(), "<user acme/alice>".to_owned())]);
    Normal { origin: "http://127.0.0.1:9", prefix: "/auth", users: &users, detail: Detail::Plain }.answer(answer)
}

fn answer(kind: &str, body: impl Into<Vec<u8>>) -> Answer {
    Answer { status: 200, headers: vec![("Content-Type".into(), kind.into())], body: body.into() }
}

#[test]
fn tokens_stand_decoded_and_moving_values_by_name() {
    let part = |value: Value| token::encode(value.to_string());
    let jwt = [
        part(json!({"alg": "RS256", "kid": "abc"})),
        part(
            json!({"iat": 1_780_000_000, "exp": 1_780_000_300, "sub": ALICE, "sid": "x", "aud": ["b", "a"], "scope": "openid email"}),
        ),
        "c2ln".into(),
    ];
    let body = json!({"access_token": jwt.join("."), "id": "99999999-2222-4333-8444-555555555555", "n": [1], "u": "http://127.0.0.1:9/auth/x"});
    let got = normal(&answer("application/json", body.to_string()));
    let claims = json!({"iat": "<time>", "exp": "iat+300", "sub": "<user acme/alice>", "sid": "<id>", "aud": ["a", "b"], "scope": "email openid"});
    let token = json!({"jwt": {"header": {"alg": "RS256", "kid": "<kid>"}, "claims": claims}});
    assert_eq!(got["body"], json!({"access_token": token, "id": "<uuid>", "n": "<key>", "u": "{{base}}/x"}));
    assert_eq!((&got["kind"], &got["status"]), (&json!("json"), &json!(200)));
}

#[test]
fn headers_are_those_that_matter_in_no_order() {
    let rows = [
        ("Date", "today"),
        ("CACHE-CONTROL", "no-store"),
        ("Content-Type", "text/html ; Charset=UTF-8"),
        ("Allow", "POST, GET"),
        ("Location", "http://127.0.0.1:9/auth/realms/acme?code=c&state=1#f=2"),
        ("Access-Control-Allow-Origin", "http://127.0.0.1:9"),
        ("Vary", "x"),
    ];
    let headers = rows.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let got = normal(&Answer { status: 302, headers, body: Vec::new() });
    let location = json!({"to": "{{base}}/realms/acme", "query": {"code": "<code>", "state": "1"}, "fragment": {"f": "2"}});
    let want = json!({
        "cache-control": "no-store", "content-type": "text/html;charset=utf-8", "allow": "GET, POST",
        "location": location, "access-control-allow-origin": "{{base}}",
    });
    assert_eq!(got, json!({"status": 302, "kind": "empty", "header": want}));
}

#[test]
fn cookies_keep_their_attributes_but_not_their_values() {
    let line = "AUTH_SESSION_ID=abc; Version=1; Path=/auth/realms/acme/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure; HttpOnly; SameSite=None";
    let got = normal(&Answer { status: 200, headers: vec![("Set-Cookie".into(), line.into())], body: Vec::new() });
    let want = json!({"value": "set", "path": "/realms/acme/", "max-age": 0, "expires": "past", "secure": true, "httponly": true, "samesite": "None"});
    assert_eq!(got["cookie"], json!({"AUTH_SESSION_ID": want}));
}

#[test]
fn reads_a_page_as_a_script_does() {
    let html = "<!DOCTYPE html><html><head><title>Sign  in</title><script>if (a<b) {'<form>'}</script></head><body>\
        <h1 id='kc-page-title'>Hello &amp; <b>welcome</b></h1><span id=input-error class=x>No such\n user</span>\
        <form id=\"kc-form\" ACTION=\"http://127.0.0.1:9/auth/realms/acme/login?tab_id=t&amp;a=b\" method=post>\
        <input name=username type=text value='a&quot;b' checked/><button id=go type=submit>Go</button></form></body></html>";
    let page = answer("text/html;charset=utf-8", html);
    let facts = &normal(&page)["body"];
    assert_eq!(facts["title"], "Sign in");
    assert_eq!(facts["heading"], "Hello & welcome");
    assert_eq!(facts["messages"], json!(["No such user"]));
    assert_eq!(facts["forms"], json!([{"id": "kc-form", "method": "post", "action": "/realms/acme/login?a&tab_id"}]));
    assert_eq!(facts["inputs"], json!([{"name": "username", "type": "text", "checked": true}]));
    assert_eq!(facts["buttons"], json!([{"id": "go", "type": "submit"}]));
    assert_eq!(facts["ids"], json!(["kc-form", "kc-page-title"]));
    assert_eq!(capture("html.input[username].value", &page, None).as_deref(), Some("a\"b"));
    assert!(capture("html.form[kc-form].action", &page, None).unwrap().ends_with("?tab_id=t&a=b"));
}

#[test]
fn captures_fields_claims_headers_and_nothing_where_there_is_nothing() {
    let jwt = format!("e30.{}.x", token::encode("{\"sid\":\"s1\"}"));
    let mut got = answer("application/json", json!({"a": {"b": [7, "x"]}, "t": jwt}).to_string());
    got.headers.push(("Location".into(), "/x?code=c%201#state=s".into()));
    let take = |how: &str| capture(how, &got, None);
    assert_eq!(take("body.a.b.1").as_deref(), Some("x"));
    assert_eq!(take("body.a.b").as_deref(), Some("[7, \"x\"]"));
    assert_eq!(take("body.t#sid").as_deref(), Some("s1"));
    assert_eq!(take("header.location?code").as_deref(), Some("c 1"));
    assert_eq!(take("header.location?state").as_deref(), Some("s"));
    assert_eq!(take("re:\"b\":\\[(\\d)").as_deref(), Some("7"));
    assert_eq!((take("body.no"), take("body.t#no"), take("cookie.C")), (None, None, None));
}

#[test]
fn takes_urls_apart_as_the_recorder_does() {
    let parts = url::Parts::of("https://h:1/p/q?x=1#f");
    assert_eq!((parts.scheme, parts.host, parts.path, parts.query, parts.fragment), ("https", "h:1", "/p/q", "x=1", "f"));
    assert_eq!(url::Parts::of("//h/p").target(), "//h/p");
    assert_eq!(
        url::parse_query("a=1+2%20&b&&c=%ff"),
        [("a", "1 2 "), ("b", ""), ("c", "\u{fffd}")].map(|(a, b)| (a.into(), b.into()))
    );
    assert_eq!(url::form(&[("a b".into(), "ü&~".into())]), "a+b=%C3%BC%26~");
}

#[test]
fn reads_answers_of_every_framing() {
    let get = |raw: &str, method: &str| read(&mut Cursor::new(raw.as_bytes()), method);
    let body = |raw: &str| String::from_utf8(get(raw, "GET").unwrap().body).unwrap();
    assert_eq!(body("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabcd"), "ab");
    assert_eq!(body("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x\r\nab\r\n1\r\nc\r\n0\r\n\r\n"), "abc");
    assert_eq!(body("HTTP/1.0 200 OK\r\n\r\nuntil the end"), "until the end");
    let continued =
        get("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 413 Too Large\r\nX: y\r\nContent-Length: 0\r\n\r\n", "POST").unwrap();
    assert_eq!((continued.status, continued.header("x")), (413, Some("y")));
    assert!(get("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "HEAD").unwrap().body.is_empty());
    assert!(get("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", "GET").is_err());
    assert!(get("", "GET").is_err());
    assert!(get("garbage\r\n\r\n", "GET").is_err());
}
