use std::sync::Arc;

use actix_web::http::header::HeaderMap;
use actix_web::middleware::from_fn;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::{App, web};
use ambient::{Clock, Entropy, ManualClock, SystemEntropy, Timestamp};
use realm_http::http::{front_door, mount};
use realm_http::{Hostname, RealmHttp, Realms};
use realm_model::{Realm, SslRequired};
use serde_json::Value;
use sessions::Memory;

use super::*;
use crate::documents::tests::realm;

struct Two(Arc<Realm>, Arc<Realm>);

impl Realms for Two {
    fn realm(&self, name: &str) -> Option<Arc<Realm>> {
        [&self.0, &self.1].into_iter().find(|r| r.name.as_str() == name).cloned()
    }
}

struct Answer(u16, HeaderMap, Vec<u8>);

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.1.get(name).and_then(|v| v.to_str().ok())
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.2).unwrap()
    }
}

async fn ask(requests: Vec<TestRequest>) -> Vec<Answer> {
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(Timestamp::from_secs(1_700_000_000)));
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
    let mut tls_only = realm("tlsonly");
    tls_only.ssl_required = SslRequired::All;
    tls_only.not_before = 7;
    let shared = RealmHttp {
        realms: Arc::new(Two(Arc::new(realm("minimal")), Arc::new(tls_only))),
        hostname: Arc::new(Hostname::default()),
        clock: Arc::clone(&clock),
        entropy: Arc::clone(&entropy),
    };
    let keyrings = Arc::new(Keyrings::new(Arc::new(Memory::new()), clock, entropy));
    let app = App::new()
        .wrap(from_fn(front_door))
        .app_data(web::Data::new(Discovery::new(keyrings)))
        .configure(|cfg| mount(cfg, shared, routes));
    let app = init_service(app).await;
    let mut answers = Vec::new();
    for request in requests {
        let response = call_service(&app, request.insert_header(("host", "localhost:8080")).to_request()).await;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        answers.push(Answer(status, headers, read_body(response).await.to_vec()));
    }
    answers
}

fn get(path: &str) -> TestRequest {
    TestRequest::get().uri(path)
}

#[actix_web::test]
async fn documents_are_never_cached_and_open_to_any_origin() {
    let origin = ("origin", "https://any.example");
    let answers = ask(vec![
        get("/realms/minimal/.well-known/openid-configuration").insert_header(origin),
        get("/realms/minimal/.well-known/openid-configuration/").insert_header(origin),
        get("/realms/minimal/.well-known/oauth-authorization-server").insert_header(origin),
        get("/.well-known/oauth-authorization-server/realms/minimal").insert_header(origin),
    ])
    .await;
    for answer in &answers {
        assert_eq!((answer.0, answer.header("content-type")), (200, Some("application/json")));
        assert_eq!(answer.header("cache-control"), Some("no-cache, must-revalidate, no-transform, no-store"));
        assert_eq!(answer.header("access-control-allow-origin"), Some("https://any.example"));
        assert_eq!(answer.header("access-control-expose-headers"), None);
        assert_eq!(answer.2, answers[0].2);
    }
    assert_eq!(answers[0].json()["issuer"], "http://localhost:8080/realms/minimal");
}

#[actix_web::test]
async fn the_realm_page_shows_the_key_that_signs() {
    let answers = ask(vec![get("/realms/minimal"), get("/realms/tlsonly")]).await;
    let page = answers[0].json();
    assert_eq!(answers[0].header("content-type"), Some("application/json;charset=UTF-8"));
    assert_eq!(answers[0].header("cache-control"), Some("no-cache"));
    assert_eq!(page["token-service"], "http://localhost:8080/realms/minimal/protocol/openid-connect");
    assert_eq!(page["account-service"], "http://localhost:8080/realms/minimal/account");
    assert!(page["public_key"].as_str().unwrap().starts_with("MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A"));
    assert_eq!(answers[1].json()["tokens-not-before"], 7);
}

#[actix_web::test]
async fn a_realm_that_demands_https_shows_its_page_only() {
    let answers = ask(vec![
        get("/realms/tlsonly/.well-known/openid-configuration").insert_header(("origin", "https://any.example")),
        get("/realms/tlsonly/.well-known/uma2-configuration"),
        get("/realms/tlsonly"),
    ])
    .await;
    assert_eq!(answers.iter().map(|a| a.0).collect::<Vec<_>>(), [403, 403, 200]);
    assert_eq!(answers[0].json()["error_description"], "HTTPS required");
    assert_eq!(answers[0].header("access-control-expose-headers"), Some("Access-Control-Allow-Methods"));
}

#[actix_web::test]
async fn verbs_and_media_types_are_judged_as_keycloak_does() {
    let path = "/realms/minimal/.well-known/openid-configuration";
    let answers = ask(vec![
        TestRequest::post().uri(path),
        TestRequest::post().uri("/realms/minimal"),
        TestRequest::with_uri(path).method(actix_web::http::Method::HEAD),
        get(path).insert_header(("accept", "image/png")),
        get(path).insert_header(("accept", "text/html, */*")),
        get("/realms/minimal/.well-known/nothing"),
        get("/realms/nowhere/.well-known/openid-configuration"),
        get(path).insert_header(("accept", "application/jwt")),
        get(path).insert_header(("accept", "*")),
        get("/realms/minimal").insert_header(("accept", "*")),
    ])
    .await;
    assert_eq!(answers.iter().map(|a| a.0).collect::<Vec<_>>(), [404, 405, 200, 406, 200, 404, 404, 200, 200, 406]);
    assert_eq!(answers[3].json()["error"], "The accept header value did not match the value in @Produces");
    assert_eq!(answers[9].json()["error"], "HTTP 406 Not Acceptable");
}
