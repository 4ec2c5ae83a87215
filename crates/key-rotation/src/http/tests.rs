use std::sync::Arc;

use actix_web::App;
use actix_web::http::header::HeaderMap;
use actix_web::middleware::from_fn;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use ambient::{Clock, Entropy, ManualClock, SystemEntropy, Timestamp};
use realm_http::http::{front_door, mount};
use realm_http::{Hostname, RealmHttp, Realms};
use realm_model::{Realm, SslRequired};
use sessions::Memory;

use super::*;
use crate::test_realm::exported;

struct Realms3;

impl Realms for Realms3 {
    fn realm(&self, name: &str) -> Option<Arc<Realm>> {
        let mut realm = Realm::clone(&exported("bench"));
        match name {
            "bench" => {}
            "disabled" => realm.enabled = false,
            "tlsonly" => realm.ssl_required = SslRequired::All,
            _ => return None,
        }
        realm.name = name.into();
        Some(Arc::new(realm))
    }
}

struct Answer(u16, HeaderMap, String);

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.1.get(name).and_then(|v| v.to_str().ok())
    }
}

const CERTS: &str = "/realms/bench/protocol/openid-connect/certs";

async fn ask(request: TestRequest) -> Answer {
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(Timestamp::from_secs(1_700_000_000)));
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
    let hostname = Arc::new(Hostname::default());
    let shared = RealmHttp { realms: Arc::new(Realms3), hostname, clock: Arc::clone(&clock), entropy: Arc::clone(&entropy) };
    let keyrings = Arc::new(Keyrings::new(Arc::new(Memory::new()), clock, entropy));
    let app = App::new().wrap(from_fn(front_door)).app_data(Data::from(keyrings)).configure(|cfg| mount(cfg, shared, routes));
    let app = init_service(app).await;
    let response = call_service(&app, request.insert_header(("host", "localhost:8080")).to_request()).await;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer(status, headers, String::from_utf8(read_body(response).await.to_vec()).unwrap())
}

fn certs() -> TestRequest {
    TestRequest::get().uri(CERTS)
}

#[actix_web::test]
async fn the_keys_of_a_realm_are_public() {
    let answer = ask(certs().insert_header(("origin", "https://any.example"))).await;
    assert_eq!((answer.0, answer.header("content-type")), (200, Some("application/json")));
    assert_eq!(answer.header("cache-control"), Some("no-cache"));
    assert_eq!(answer.header("access-control-allow-origin"), Some("https://any.example"));
    assert_eq!(answer.header("access-control-expose-headers"), None);
    assert!(answer.2.starts_with(r#"{"keys":[{"kid":"ZBgxp70U3gLeUmFdPGS8vRQXp-MmBt1PmDNavX-zLd0","kty":"RSA","alg":"RS256""#));
}

#[actix_web::test]
async fn the_media_type_of_a_jwk_set_is_given_to_those_who_ask_for_nothing_else() {
    for (accept, expected) in [
        ("application/jwk-set+json", "application/jwk-set+json"),
        ("application/jwk-set+json, application/json", "application/json"),
        ("text/html", "application/json"),
        ("image/png", "application/json"),
    ] {
        let answer = ask(certs().insert_header(("accept", accept))).await;
        assert_eq!((answer.0, answer.header("content-type")), (200, Some(expected)), "{accept}");
    }
}

#[actix_web::test]
async fn a_disabled_realm_still_shows_its_keys() {
    assert_eq!(ask(TestRequest::get().uri(&CERTS.replace("bench", "disabled"))).await.0, 200);
}

#[actix_web::test]
async fn a_realm_that_demands_https_refuses_plain_http() {
    let request = TestRequest::get().uri(&CERTS.replace("bench", "tlsonly")).insert_header(("origin", "https://any.example"));
    let answer = ask(request).await;
    assert_eq!((answer.0, &*answer.2), (403, r#"{"error":"invalid_request","error_description":"HTTPS required"}"#));
    assert_eq!(answer.header("access-control-expose-headers"), Some("Access-Control-Allow-Methods"));
}

#[actix_web::test]
async fn keys_are_read_and_nothing_else() {
    assert_eq!(ask(TestRequest::post().uri(CERTS)).await.0, 405);
}
