use bytes::Bytes;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::*;

/// A server on this machine that gives every caller the same answer, and tells what it was asked.
struct Site {
    url: String,
    asked: mpsc::UnboundedReceiver<String>,
}

impl Site {
    /// An empty `answer` is none at all: the connection stays open.
    async fn serve(answer: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (tell, asked) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let mut open = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = vec![0; 4096];
                let length = stream.read(&mut request).await.unwrap();
                tell.send(String::from_utf8_lossy(&request[..length]).into_owned()).unwrap();
                let _ = stream.write_all(answer.as_bytes()).await;
                if answer.is_empty() {
                    open.push(stream);
                }
            }
        });
        Self { url, asked }
    }

    async fn json(status: &str, body: &str) -> Self {
        Self::serve(format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        ))
        .await
    }
}

fn outbound(allow: &[&str]) -> Outbound {
    Outbound::new(&Config { allow: allow.iter().map(|word| (*word).to_owned()).collect(), ..Config::default() }).unwrap()
}

#[tokio::test]
async fn an_allowed_address_answers() {
    let mut site = Site::json("200 OK", r#"{"a":1}"#).await;
    assert_eq!(outbound(&["loopback"]).get_json::<Value>(&format!("{}/keys", site.url)).await, Ok(json!({"a": 1})));
    let asked = site.asked.recv().await.unwrap();
    assert!(asked.starts_with("GET /keys HTTP/1.1\r\n") && asked.contains("accept: application/json"), "{asked}");
}

#[tokio::test]
async fn a_post_carries_headers_and_body_and_any_status_is_an_answer() {
    let mut site = Site::json("503 Service Unavailable", "{}").await;
    let headers = [("authorization", "Bearer x"), ("content-type", "application/json")];
    let answer = outbound(&["loopback"]).post(&site.url, &headers, Bytes::from_static(b"{}")).await.unwrap();
    assert_eq!((answer.status, answer.is_success(), &answer.body[..]), (503, false, &b"{}"[..]));
    let asked = site.asked.recv().await.unwrap();
    assert!(asked.contains("authorization: Bearer x\r\n") && asked.ends_with("\r\n\r\n{}"), "{asked}");
}

/// CVE-2026-1180, CVE-2026-4874
#[tokio::test]
async fn ssrf_to_an_address_that_is_not_public_is_refused_before_anything_is_connected() {
    let mut site = Site::json("200 OK", "{}").await;
    let port = site.url.rsplit_once(':').unwrap().1.to_owned();
    for host in ["127.0.0.1", "127.1", "0x7f000001", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "localhost"] {
        for scheme in ["http", "https"] {
            let got = outbound(&[]).get(&format!("{scheme}://{host}:{port}/"), "*/*").await;
            assert!(matches!(got, Err(OutboundError::Address(_))), "{scheme} {host}: {got:?}");
        }
    }
    for url in ["http://169.254.169.254/latest/meta-data", "https://10.0.0.1/", "https://[fd00::1]/"] {
        let got = outbound(&["loopback"]).get(url, "*/*").await;
        assert!(matches!(got, Err(OutboundError::Address(_))), "{url}: {got:?}");
    }
    assert!(site.asked.try_recv().is_err());
}

#[tokio::test]
async fn a_name_is_judged_by_the_address_it_leads_to() {
    let site = Site::json("200 OK", "{}").await;
    let url = site.url.replace("127.0.0.1", "localhost");
    assert!(outbound(&["loopback"]).get(&url, "*/*").await.is_ok());
    let got = outbound(&["private"]).get(&url, "*/*").await;
    assert_eq!(got, Err(OutboundError::Address("localhost".to_owned())));
}

#[tokio::test]
async fn plain_http_goes_only_where_the_operator_allows() {
    let got = outbound(&["loopback"]).get("http://8.8.8.8/", "*/*").await;
    assert_eq!(got, Err(OutboundError::PlainHttp("8.8.8.8".to_owned())));
}

/// CVE-2026-4366
#[tokio::test]
async fn ssrf_by_redirect_is_not_followed() {
    let mut inner = Site::json("200 OK", "{}").await;
    let answer = format!("HTTP/1.1 302 Found\r\nlocation: {}/\r\ncontent-length: 0\r\n\r\n", inner.url);
    let site = Site::serve(answer).await;
    let got = outbound(&["loopback"]).get_json::<Value>(&site.url).await;
    assert_eq!(got, Err(OutboundError::Status { host: "127.0.0.1".to_owned(), status: 302 }));
    assert!(inner.asked.try_recv().is_err());
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    let config = Config { allow: vec!["loopback".to_owned()], max_response_bytes: 10, ..Config::default() };
    let outbound = Outbound::new(&config).unwrap();
    for head in ["content-length: 11\r\n\r\n", "connection: close\r\n\r\n", "transfer-encoding: chunked\r\n\r\nb\r\n"] {
        let site = Site::serve(format!("HTTP/1.1 200 OK\r\n{head}12345678901")).await;
        assert_eq!(outbound.get(&site.url, "*/*").await, Err(OutboundError::TooLarge("127.0.0.1".to_owned())), "{head}");
    }
}

#[tokio::test]
async fn silence_ends_in_time() {
    let config = Config { allow: vec!["loopback".to_owned()], timeout_ms: 30, ..Config::default() };
    let site = Site::serve(String::new()).await;
    let got = Outbound::new(&config).unwrap().get(&site.url, "*/*").await;
    assert_eq!(got, Err(OutboundError::Timeout("127.0.0.1".to_owned())));
}

#[tokio::test]
async fn what_is_no_url_is_refused() {
    for url in [
        "",
        "keys",
        "/keys",
        "file:///etc/passwd",
        "ftp://x/",
        "gopher://x/",
        "https://user@x.example/",
        "https://u:p@x.example/",
        "https://",
    ] {
        assert_eq!(outbound(&["loopback"]).get(url, "*/*").await, Err(OutboundError::Url), "{url}");
    }
}

#[tokio::test]
async fn a_proxy_carries_what_is_allowed_and_nothing_else() {
    let mut proxy = Site::json("200 OK", "{}").await;
    let config = Config { allow: vec!["10.9.8.7".to_owned()], http_proxy: Some(proxy.url.clone()), ..Config::default() };
    let outbound = Outbound::new(&config).unwrap();
    assert!(outbound.get("http://10.9.8.7/keys", "*/*").await.is_ok());
    assert!(proxy.asked.recv().await.unwrap().starts_with("GET http://10.9.8.7/keys HTTP/1.1\r\n"));
    assert!(matches!(outbound.get("http://10.9.8.8/", "*/*").await, Err(OutboundError::Address(_))));
    assert!(matches!(outbound.get("http://name.example/", "*/*").await, Err(OutboundError::PlainHttp(_))));
    assert!(proxy.asked.try_recv().is_err());
}

#[tokio::test]
async fn no_error_prints_the_url() {
    let site = Site::json("404 Not Found", "").await;
    let error = outbound(&["loopback"]).get(&format!("{}/hunter2?hunter2", site.url), "*/*").await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hunter2"));
    drop(site);
    let error = outbound(&["loopback"]).get("http://127.0.0.1:1/hunter2", "*/*").await.unwrap_err();
    assert!(matches!(error, OutboundError::Unreachable { .. }) && !format!("{error} {error:?}").contains("hunter2"), "{error}");
}
