//! What recordings do not show: failures, private addresses, what leaves the server.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use ambient::{ManualClock, SeededEntropy, Timestamp};
use async_trait::async_trait;
use outbound_http::Config;
use realm_http::{Arrival, Authority, Hostname, RealmContext, RealmHttp, Realms, Scheme};
use realm_model::Realm;
use realm_model::file::{SourceFile, read};
use serde_json::{Value, json};
use sessions::{ClientSession, SessionKind, UserSession};
use token_issuer::{AdminAction, KeyError, RealmKeys, SignedToken};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::*;

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

/// Keys of paper: a token is its algorithm, type and claims.
struct PaperKeys;

#[async_trait]
impl RealmKeys for PaperKeys {
    async fn sign(&self, _: &Arc<Realm>, algorithm: &str, typ: &str, claims: &[u8]) -> Result<String, KeyError> {
        if algorithm == "none" {
            return Err(KeyError::NoSigner(algorithm.to_owned()));
        }
        Ok(format!("{algorithm}|{typ}|{}", String::from_utf8_lossy(claims)))
    }

    async fn verify(&self, _: &Arc<Realm>, _: &str) -> Result<Option<SignedToken>, KeyError> {
        unreachable!("nothing is verified")
    }
}

/// A client that answers its calls one after the other with `statuses`, the last one for all that follow.
struct Site {
    url: String,
    asked: mpsc::UnboundedReceiver<(String, String)>,
}

impl Site {
    async fn serve(statuses: &'static [u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (tell, asked) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let mut next = 0;
            while let Ok((mut stream, _)) = listener.accept().await {
                let status = statuses.get(next).or(statuses.last()).unwrap();
                next += 1;
                let _ = tell.send(request_of(&mut stream).await);
                let answer = format!("HTTP/1.1 {status} Told\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        Self { url, asked }
    }

    /// The path and the body of the calls up to now.
    fn calls(&mut self) -> Vec<(String, String)> {
        std::iter::from_fn(|| self.asked.try_recv().ok()).collect()
    }
}

async fn request_of(stream: &mut tokio::net::TcpStream) -> (String, String) {
    let mut all = Vec::new();
    loop {
        let mut part = [0; 4096];
        let length = stream.read(&mut part).await.unwrap();
        all.extend_from_slice(&part[..length]);
        let text = String::from_utf8_lossy(&all).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.to_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        if body.len() >= length.unwrap_or(0) {
            return (head.split(' ').nth(1).unwrap().to_owned(), body.to_owned());
        }
    }
}

struct NoRealms;

impl Realms for NoRealms {
    fn realm(&self, _: &str) -> Option<Arc<Realm>> {
        None
    }
}

/// A request to a realm with a plain client and one that knows users by other names, both of this `rootUrl` and these attributes.
fn request(root: &str, attributes: &Value) -> RealmContext {
    let realm = json!({"realm": "r", "enabled": true, "clients": [
        {"id": "app-id", "clientId": "app", "secret": "s", "rootUrl": root, "attributes": attributes},
        {"id": "pair-id", "clientId": "pair", "secret": "s", "rootUrl": root, "attributes": attributes,
            "redirectUris": ["https://pair.example/cb"], "protocolMappers": [{"name": "sub", "protocol": "openid-connect",
                "protocolMapper": "oidc-sha256-pairwise-sub-mapper", "config": {"pairwiseSubAlgorithmSalt": "s"}}]}]});
    let file = SourceFile { name: "r-realm.json".to_owned(), bytes: realm.to_string().into() };
    let realm = Arc::new(read(&[file], &|_| None).realms.remove(0).realm);
    let http = RealmHttp {
        realms: Arc::new(NoRealms),
        hostname: Arc::new(Hostname::default()),
        clock: Arc::new(ManualClock::at(NOW)),
        entropy: Arc::new(SeededEntropy::new(3)),
    };
    let authority = Authority { host: "localhost".to_owned(), port: None };
    let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
    RealmContext::new(&http, realm, Arrival { scheme: Scheme::Http, authority, prefix: String::new(), peer }, None)
}

fn notifications(allow: &[&str]) -> (ClientNotifications, Retries) {
    let config = Config { allow: allow.iter().map(|&word| word.to_owned()).collect(), ..Config::default() };
    let issuer = TokenIssuer::new(Arc::new(PaperKeys), Arc::new(SeededEntropy::new(1)));
    ClientNotifications::new(Arc::new(issuer), Outbound::new(&config).unwrap())
}

fn session_of(client: &str) -> UserSession {
    let mut session = UserSession::new("sid".into(), "u-1".into(), SessionKind::Online, NOW);
    session.attach(ClientSession::new(client, "", NOW));
    session
}

/// What the client hears of a logout, and after all further attempts.
async fn heard(site: &mut Site, request: &RealmContext, session: UserSession) -> (usize, usize) {
    let (notifications, retries) = notifications(&["loopback"]);
    notifications.sessions_ended(request, &[session]).await;
    let at_once = site.calls().len();
    drop(notifications);
    retries.at_once().run().await;
    (at_once, at_once + site.calls().len())
}

#[tokio::test]
async fn a_logout_token_says_what_the_client_wants_to_know() {
    let mut site = Site::serve(&[204]).await;
    let (told, _) = notifications(&["loopback"]);
    let events = json!({"http://schemas.openid.net/event/backchannel-logout": {}});
    let mut with_offline = events.clone();
    with_offline["revoke_offline_access"] = true.into();
    for (name, sid, events, algorithm) in [
        ("backchannel.logout.session.required", json!("sid"), &events, "RS256"),
        ("backchannel.logout.revoke.offline.tokens", Value::Null, &with_offline, "RS256"),
        ("id.token.signed.response.alg", Value::Null, &events, "ES256"),
    ] {
        let value = if algorithm == "RS256" { "true" } else { algorithm };
        let request = request(&site.url, &json!({"backchannel.logout.url": "/out?x=1", name: value}));
        told.sessions_ended(&request, &[session_of("app-id")]).await;
        let (path, body) = site.calls().remove(0);
        assert_eq!(path, "/out?x=1");
        let token: Vec<&str> = body.strip_prefix("logout_token=").unwrap().splitn(3, '|').collect();
        assert_eq!(token[..2], [algorithm, "logout+jwt"]);
        let claims: Value = serde_json::from_str(token[2]).unwrap();
        assert_eq!(claims["sid"], sid);
        assert_eq!(claims["events"], *events);
        assert_eq!((&claims["aud"], &claims["sub"], &claims["typ"]), (&json!("app"), &json!("u-1"), &json!("Logout")));
        assert_eq!(claims["exp"], NOW.secs() + 120);
    }
}

#[tokio::test]
async fn a_client_that_has_no_part_in_the_session_hears_nothing() {
    let mut site = Site::serve(&[200]).await;
    let request = request(&site.url, &json!({"backchannel.logout.url": "/out"}));
    assert_eq!(heard(&mut site, &request, session_of("other-id")).await, (0, 0));
}

#[tokio::test]
async fn a_client_that_is_out_of_order_hears_again_until_it_listens() {
    for (statuses, expected) in [
        (&[200][..], (1, 1)),
        (&[503, 200], (1, 2)),
        (&[503, 429, 500, 200], (1, 4)),
        (&[503], (1, 4)),
        (&[400], (1, 1)),
        (&[503, 400], (1, 2)),
        (&[302], (1, 1)),
    ] {
        let mut site = Site::serve(statuses).await;
        let request = request(&site.url, &json!({"backchannel.logout.url": "/out"}));
        assert_eq!(heard(&mut site, &request, session_of("app-id")).await, expected, "{statuses:?}");
    }
}

#[tokio::test]
async fn a_private_address_hears_nothing_unless_allowed() {
    let mut site = Site::serve(&[200]).await;
    let request = request(&site.url, &json!({"backchannel.logout.url": "/out"}));
    let (told, retries) = notifications(&[]);
    told.sessions_ended(&request, &[session_of("app-id")]).await;
    let targets = [AdminUrls { client_id: "app".into(), urls: vec![site.url.clone()] }];
    let result = told.tell_admin_urls(&request, &targets, AdminAction::Logout(5)).await;
    assert_eq!(result.failed_requests, [site.url.clone()]);
    drop(told);
    retries.at_once().run().await;
    assert_eq!(site.calls(), []);
}

#[tokio::test]
async fn an_adapter_is_told_what_to_do() {
    let mut site = Site::serve(&[204]).await;
    let (told, _) = notifications(&["loopback"]);
    let targets = [AdminUrls { client_id: "app".into(), urls: vec![format!("{}/app/", site.url)] }];
    for (action, path, word, not_before) in [
        (AdminAction::PushNotBefore(7), "/app/k_push_not_before", "PUSH_NOT_BEFORE", json!(7)),
        (AdminAction::Logout(8), "/app/k_logout", "LOGOUT", json!(8)),
        (AdminAction::TestAvailability, "/app/k_test_available", "TEST_AVAILABILITY", Value::Null),
    ] {
        let result = told.tell_admin_urls(&request("", &json!({})), &targets, action).await;
        assert_eq!((&result.success_requests, result.failed_requests.len()), (&targets[0].urls, 0));
        let (asked, body) = site.calls().remove(0);
        assert_eq!(asked, path);
        let claims: Value = serde_json::from_str(body.strip_prefix("RS256|JWT|").unwrap()).unwrap();
        assert_eq!((&claims["action"], &claims["notBefore"]), (&json!(word), &not_before));
        assert_eq!((&claims["resource"], &claims["expiration"]), (&json!("app"), &json!(NOW.secs() + 30)));
    }
}

#[tokio::test]
async fn more_waiting_messages_than_fit_are_given_up() {
    let (told, mut retries) = notifications(&[]);
    let message = Message {
        realm: "r".into(),
        client_id: "app".into(),
        url: "https://app.example".to_owned(),
        content_type: "text/plain",
        body: bytes::Bytes::new(),
    };
    for _ in 0..=LONGEST_QUEUE {
        told.try_later(message.clone());
    }
    assert_eq!(retries.count_waiting(), LONGEST_QUEUE);
}

#[test]
fn each_node_has_its_url() {
    let urls = |nodes: &[&str]| AdminUrls::on_nodes("app".into(), "http://app.example:8080/x", nodes.iter().copied()).urls;
    assert_eq!(urls(&[]), ["http://app.example:8080/x"]);
    assert_eq!(urls(&["n1", "10.0.0.1"]), ["http://n1:8080/x", "http://10.0.0.1:8080/x"]);
}

#[tokio::test]
async fn a_client_that_knows_users_by_other_names_is_told_its_own() {
    let mut site = Site::serve(&[204]).await;
    let (told, _) = notifications(&["loopback"]);
    told.sessions_ended(&request(&site.url, &json!({"backchannel.logout.url": "/out"})), &[session_of("pair-id")]).await;
    let (_, body) = site.calls().remove(0);
    let claims: Value = serde_json::from_str(body.strip_prefix("logout_token=RS256|logout+jwt|").unwrap()).unwrap();
    assert_eq!(claims["aud"], "pair");
    assert_ne!(claims["sub"], "u-1");
}
