use std::collections::HashMap;
use std::sync::Arc;

use actix_web::{App, HttpServer};
use ambient::{ManualClock, SeededEntropy, Timestamp};
use realm_model::{Realm, SslRequired};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;
use crate::test_realm::realm;
use crate::{Expose, Hostname, HostnameConfig, Realms};

mod answers;
mod limits;

struct Fixed(HashMap<String, Arc<Realm>>);

impl Realms for Fixed {
    fn realm(&self, name: &str) -> Option<Arc<Realm>> {
        self.0.get(name).cloned()
    }

    fn realm_of_token_path(&self, path: &str) -> Option<Arc<Realm>> {
        self.0.values().find(|r| r.attribute("latchkey.token-path") == Some(path)).cloned()
    }
}

fn shared(config: &HostnameConfig) -> RealmHttp {
    let mut tls_only = realm("tlsonly");
    tls_only.ssl_required = SslRequired::All;
    let mut spms = realm("spms");
    spms.attributes.insert("latchkey.token-path".to_owned(), "/spms/access/token".to_owned());
    let mut old = realm("old");
    old.compat = realm_model::Compat::of_version(24, 0);
    let realms = [realm("acme"), tls_only, spms, old].map(|r| (r.name.as_str().to_owned(), Arc::new(r)));
    RealmHttp {
        realms: Arc::new(Fixed(realms.into_iter().collect())),
        hostname: Arc::new(Hostname::new(config).unwrap()),
        clock: Arc::new(ManualClock::at(Timestamp::from_secs(1_000_000))),
        entropy: Arc::new(SeededEntropy::new(1)),
    }
}

async fn page(request: RealmRequest) -> Reply {
    request.cors.allow_any(Expose::Nothing);
    Reply::json(&serde_json::json!({ "issuer": request.issuer() })).cache(CachePolicy::NoCache)
}

async fn token(request: RealmRequest, body: RawBody) -> Result<Reply, Rejection> {
    answer(&request, &body).map_err(|rejection| rejection.cache(CachePolicy::NoStore))
}

fn answer(request: &RealmRequest, body: &RawBody) -> Result<Reply, Rejection> {
    let form = body.form()?;
    request.refuse_plain_http()?;
    request.cors.judge(&["https://app.example".to_owned()])?;
    let seen = serde_json::json!({ "fields": form.len(), "by": request.token_path, "now": request.now.secs() });
    Ok(Reply::json(&seen).cache(CachePolicy::NoStore))
}

fn routes(cfg: &mut ServiceConfig) {
    cfg.service(endpoint("").route(get().to(page)));
    cfg.service(endpoint(";well-known/oauth-authorization-server").route(get().to(page)));
    cfg.service(endpoint("protocol/openid-connect/token").route(post().to(token)));
}

struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// How many of the five security headers there are.
    fn security(&self) -> usize {
        crate::security::headers(&crate::default_headers(), crate::security::AnswerKind::Json)
            .filter(|(name, value)| self.header(name) == Some(value))
            .count()
    }

    fn brief(&self) -> (u16, usize, &str) {
        (self.status, self.security(), &self.body)
    }
}

struct Server(std::net::SocketAddr, actix_web::dev::ServerHandle);

impl Server {
    async fn start(config: &HostnameConfig) -> Self {
        let shared = shared(config);
        let server = HttpServer::new(move || {
            let shared = shared.clone();
            App::new().wrap(from_fn(front_door)).configure(|cfg| mount(cfg, shared, routes))
        })
        .workers(1)
        .disable_signals()
        .bind(("127.0.0.1", 0))
        .unwrap();
        let address = server.addrs()[0];
        let server = server.run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Self(address, handle)
    }

    async fn stop(self) {
        self.1.stop(false).await;
    }

    /// Sends a request as it stands and reads the answer.
    async fn send(&self, request: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.0).await.unwrap();
        stream.write_all(request).await.unwrap();
        let mut raw = Vec::new();
        stream.read_to_end(&mut raw).await.unwrap();
        let text = String::from_utf8(raw).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines.map(|l| l.split_once(": ").unwrap()).map(|(n, v)| (n.to_lowercase(), v.to_owned())).collect();
        Answer { status, headers, body: body.to_owned() }
    }

    async fn ask(&self, method: &str, target: &str, headers: &str) -> Answer {
        self.send(format!("{method} {target} HTTP/1.1\r\nHost: localhost:8080\r\nConnection: close\r\n{headers}\r\n").as_bytes())
            .await
    }

    async fn post(&self, target: &str, headers: &str, body: &str) -> Answer {
        let length = body.len();
        let head = format!("POST {target} HTTP/1.1\r\nHost: localhost:8080\r\nConnection: close\r\nContent-Length: {length}\r\n");
        self.send(format!("{head}{headers}\r\n{body}").as_bytes()).await
    }
}
