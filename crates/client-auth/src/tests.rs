mod assertions;
mod keys;
mod site;

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::sync::Arc;

use ambient::{ManualClock, SeededEntropy, Timestamp};
use oidc_types::{ErrorCode, OAuthError, Params};
use outbound_http::Outbound;
use realm_http::{Arrival, Authority, Hostname, HostnameConfig, RealmContext, RealmHttp, Realms, Scheme};
use realm_model::file::{SourceFile, read};
use realm_model::{ClientAuthenticator, Realm, SecretTransport};
use sessions::{Memory, Sessions};

use crate::*;

const GENERIC: &str = "Invalid client or Invalid client credentials";

fn acme() -> Realm {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/keycloak/realms/acme.json");
    let file = SourceFile { name: "acme.json".to_owned(), bytes: std::fs::read(path).unwrap() };
    read(&[file], &|_| None).realms.remove(0).realm
}

/// What it shows, the `Authorization` header, the form, and what comes of it.
type Row<'a, T> = (&'a str, Option<String>, &'a str, T);

fn basic(credentials: &[u8]) -> String {
    format!("Basic {}", base64_simd::STANDARD.encode_to_string(credentials))
}

struct NoRealms;

impl Realms for NoRealms {
    fn realm(&self, _: &str) -> Option<Arc<Realm>> {
        None
    }
}

fn client_auth() -> ClientAuth {
    ClientAuth::new(Sessions::new(Arc::new(Memory::new())), Outbound::new(&Default::default()).unwrap())
}

/// A request to `realm` at `https://idp.example`.
fn request(realm: Realm) -> RealmContext {
    let shared = RealmHttp {
        realms: Arc::new(NoRealms),
        hostname: Arc::new(Hostname::new(&HostnameConfig::default()).unwrap()),
        clock: Arc::new(ManualClock::at(Timestamp::from_secs(1_800_000_000))),
        entropy: Arc::new(SeededEntropy::new(3)),
    };
    let arrival = Arrival {
        scheme: Scheme::Https,
        authority: Authority { host: "idp.example".to_owned(), port: None },
        prefix: String::new(),
        peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
    };
    RealmContext::new(&shared, Arc::new(realm), arrival, None)
}

async fn answer(request: &RealmContext, authorization: Option<&str>, form: &str) -> Result<(String, Method), ClientAuthError> {
    let params = Params::parse(form.as_bytes()).unwrap();
    let presented = Presented { authorization, form: Some(&params) };
    let caller = client_auth().authenticate(request, presented).await?;
    Ok((caller.client().client_id.to_string(), caller.method()))
}

/// `(status, error, description)` on the wire.
fn wire(fact: &ClientAuthError) -> (u16, ErrorCode, String) {
    let error = OAuthError::from(fact);
    (error.status, error.code, error.description.into_owned())
}

#[tokio::test]
async fn clients_that_show_who_they_are_come_in() {
    let request = request(acme());
    let (by_basic, by_post) = (Method::Secret(SecretTransport::Basic), Method::Secret(SecretTransport::Post));
    let rows: &[Row<'_, (&str, Method)>] = &[
        ("basic", Some(basic(b"worker:worker-secret")), "", ("worker", by_basic)),
        ("the scheme in any case", Some("basic d29ya2VyOndvcmtlci1zZWNyZXQ=".to_owned()), "", ("worker", by_basic)),
        ("base64 without padding", Some("Basic d29ya2VyOndvcmtlci1zZWNyZXQ".to_owned()), "", ("worker", by_basic)),
        ("two spaces", Some("Basic  d29ya2VyOndvcmtlci1zZWNyZXQ=".to_owned()), "", ("worker", by_basic)),
        ("post", None, "client_id=worker&client_secret=worker-secret", ("worker", by_post)),
        (
            "both the same",
            Some(basic(b"worker:worker-secret")),
            "client_id=worker&client_secret=worker-secret",
            ("worker", by_post),
        ),
        ("the form overrides", Some(basic(b"worker:wrong")), "client_id=worker&client_secret=worker-secret", ("worker", by_post)),
        ("client_id beside basic", Some(basic(b"worker:worker-secret")), "client_id=worker", ("worker", by_basic)),
        (
            "two clients",
            Some(basic(b"worker:worker-secret")),
            "client_id=backend&client_secret=backend-secret",
            ("backend", by_post),
        ),
        (
            "encoded halves",
            Some(basic("odd%3Aclient%2Fid:s%25c%2Br+t%26%3D%3A%C3%BC".as_bytes())),
            "",
            ("odd:client/id", by_basic),
        ),
        ("another scheme", Some("Bearer abc".to_owned()), "client_id=worker&client_secret=worker-secret", ("worker", by_post)),
        ("public", None, "client_id=cli", ("cli", Method::None)),
        ("public with a secret", None, "client_id=cli&client_secret=anything", ("cli", Method::None)),
        ("public by basic", Some(basic(b"cli:")), "", ("cli", Method::None)),
        ("allowed transport basic", Some(basic(b"basic-only:basic-only-secret")), "", ("basic-only", by_basic)),
        ("allowed transport post", None, "client_id=post-only&client_secret=post-only-secret", ("post-only", by_post)),
    ];
    for (what, header, form, (client, method)) in rows {
        assert_eq!(answer(&request, header.as_deref(), form).await, Ok(((*client).to_owned(), *method)), "{what}");
    }
}

async fn check_refusals(rows: &[Row<'_, (u16, ErrorCode, &str)>]) {
    let request = request(acme());
    for (what, header, form, (status, code, description)) in rows {
        let fact = answer(&request, header.as_deref(), form).await.unwrap_err();
        assert_eq!(wire(&fact), (*status, *code, (*description).to_owned()), "{what}");
    }
}

#[tokio::test]
async fn others_are_refused_with_the_recorded_texts() {
    let unknown = (401, ErrorCode::InvalidClient, GENERIC);
    let wrong = (401, ErrorCode::UnauthorizedClient, GENERIC);
    let rows: &[Row<'_, (u16, ErrorCode, &str)>] = &[
        ("nothing", None, "", unknown),
        ("empty client_id", None, "client_id=", unknown),
        ("empty client_id beside basic", Some(basic(b"worker:worker-secret")), "client_id=", unknown),
        ("unknown", None, "client_id=no-such&client_secret=x", unknown),
        ("another case", None, "client_id=Worker&client_secret=worker-secret", unknown),
        ("disabled", None, "client_id=switched-off&client_secret=switched-off-secret", unknown),
        ("empty basic", Some("Basic".to_owned()), "", unknown),
        ("blank basic", Some("Basic ".to_owned()), "", unknown),
        ("not base64", Some("Basic %%%".to_owned()), "", unknown),
        ("without colon", Some(basic(b"worker")), "", unknown),
        ("not base64, client in the form", Some("Basic %%%".to_owned()), "client_id=worker", wrong),
        ("no secret", None, "client_id=worker", wrong),
        ("empty secret", None, "client_id=worker&client_secret=", wrong),
        ("empty secret by basic", Some(basic(b"worker:")), "", wrong),
        ("wrong secret", None, "client_id=worker&client_secret=worker-secre", wrong),
        ("wrong secret in the form", Some(basic(b"worker:worker-secret")), "client_id=worker&client_secret=wrong", wrong),
        ("another client's secret", Some(basic(b"worker:worker-secret")), "client_id=backend", wrong),
        ("bytes that are no UTF-8", Some(basic(b"worker:worker-secret\xff")), "", wrong),
        ("escapes that are no UTF-8", Some(basic(b"worker:worker%ffsecret")), "", wrong),
        ("no stored secret", None, "client_id=saml-app&client_secret=x", wrong),
        ("no stored secret, an empty one sent", None, "client_id=saml-app&client_secret=", wrong),
    ];
    check_refusals(rows).await;
}

#[tokio::test]
async fn ways_that_a_client_may_not_take_are_refused_with_the_recorded_texts() {
    let wrong = (401, ErrorCode::UnauthorizedClient, GENERIC);
    let encoding = (400, ErrorCode::UnauthorizedClient, "Unexpected error when authenticating client");
    let assertion = (400, ErrorCode::InvalidClient, "Parameter client_assertion_type is missing");
    let use_basic = (
        401,
        ErrorCode::UnauthorizedClient,
        "Invalid method used to get client secret. Client requires method 'client_secret_basic' to obtain client secret from the request",
    );
    let use_post = (
        401,
        ErrorCode::UnauthorizedClient,
        "Invalid method used to get client secret. Client requires method 'client_secret_post' to obtain client secret from the request",
    );
    let bearer = (400, ErrorCode::InvalidClient, "Bearer-only not allowed");
    let rows: &[Row<'_, (u16, ErrorCode, &str)>] = &[
        ("raw percent in the secret", Some(basic("odd%3Aclient%2Fid:s%c+r t&=:ü".as_bytes())), "", encoding),
        ("raw percent in the name", Some(basic(b"cli%:x")), "", encoding),
        ("raw percent beside a good form", Some(basic(b"x:%")), "client_id=worker&client_secret=worker-secret", encoding),
        ("half an escape", Some(basic(b"worker:%f")), "", encoding),
        ("basic only", None, "client_id=basic-only&client_secret=basic-only-secret", use_basic),
        ("basic only, wrong secret", None, "client_id=basic-only&client_secret=wrong", use_basic),
        ("basic only, both", Some(basic(b"basic-only:basic-only-secret")), "client_secret=basic-only-secret", use_basic),
        ("post only", Some(basic(b"post-only:post-only-secret")), "", use_post),
        ("client-jwt, nothing", None, "client_id=jwt-key", assertion),
        (
            "client-secret-jwt, secret",
            None,
            "client_id=jwt-secret&client_secret=a-shared-secret-of-at-least-32-bytes!",
            assertion,
        ),
        ("client-secret-jwt, basic", Some(basic(b"jwt-secret:a-shared-secret-of-at-least-32-bytes!")), "", assertion),
        ("bearer-only", None, "client_id=invoices&client_secret=invoices-secret", bearer),
        ("bearer-only, wrong secret", None, "client_id=invoices&client_secret=x", wrong),
    ];
    check_refusals(rows).await;
}

#[tokio::test]
async fn a_client_of_a_method_that_is_not_served_is_not_found() {
    let mut realm = acme();
    let mut worker = (**realm.client("worker").unwrap()).clone();
    worker.authenticator = ClientAuthenticator::ClientX509;
    realm.clients.insert(worker.client_id.clone(), worker.into());
    let fact = answer(&request(realm), None, "client_id=worker&client_secret=worker-secret").await.unwrap_err();
    assert_eq!(wire(&fact), (401, ErrorCode::InvalidClient, GENERIC.to_owned()));
}

#[tokio::test]
async fn no_form_leaves_the_header_alone_in_charge() {
    let header = basic(b"worker:worker-secret");
    let presented = Presented { authorization: Some(&header), form: None };
    assert!(client_auth().authenticate(&request(acme()), presented).await.is_ok());
}

#[tokio::test]
async fn introspection_is_open_to_bearer_only_clients() {
    let params = Params::parse(b"client_id=invoices&client_secret=invoices-secret").unwrap();
    let presented = Presented { authorization: None, form: Some(&params) };
    assert!(client_auth().authenticate_any(&request(acme()), presented).await.is_ok());
}

#[tokio::test]
async fn no_failure_prints_a_secret() {
    let fact = answer(&request(acme()), None, "client_id=worker&client_secret=hunter2").await.unwrap_err();
    assert!(!format!("{fact} {fact:?}").contains("hunter2"));
}
