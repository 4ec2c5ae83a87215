//! Assertions: what the recordings do not show.

use std::sync::Arc;

use ambient::Timestamp;
use oidc_types::Params;
use outbound_http::{Config, Outbound};
use realm_http::{PeerCertificate, RealmContext, Trust};
use realm_model::Realm;
use realm_model::file::{SourceFile, read};
use serde_json::{Value, json};
use sessions::{Memory, Sessions};

use super::keys::{CallersKey, encode};
use super::request;
use super::site::Site;
use crate::assertion::JWT_BEARER;
use crate::*;

const NOW: i64 = 1_800_000_000;
const ISSUER: &str = "https://idp.example/realms/r";
const CLUSTER: &str = "https://cluster.example";

struct World {
    client_auth: ClientAuth,
    request: RealmContext,
    key: CallersKey,
}

fn realm(value: &Value) -> Realm {
    let file = SourceFile { name: "r.json".to_owned(), bytes: value.to_string().into_bytes() };
    read(&[file], &|_| None).realms.remove(0).realm
}

fn client(id: &str, authenticator: &str, attributes: Value) -> Value {
    json!({"clientId": id, "clientAuthenticatorType": authenticator, "secret": "new-secret", "attributes": attributes})
}

fn provider(alias: &str, kind: &str, enabled: bool, config: Value) -> Value {
    json!({"alias": alias, "providerId": kind, "enabled": enabled, "config": config})
}

impl World {
    /// `keys_at`: where the client `remote` and the providers have their keys.
    fn new(keys_at: &str, allow: &[&str]) -> Self {
        let key = CallersKey::new();
        let own = json!({"keys": [key.jwk("k")]}).to_string();
        let oidc = |issuer: &str| json!({"issuer": issuer, "supportsClientAssertions": "true", "useJwksUrl": "true", "jwksUrl": keys_at});
        let realm = realm(&json!({
            "realm": "r", "enabled": true,
            "clients": [
                client("own", "client-jwt", json!({"use.jwks.string": "true", "jwks.string": own})),
                client("remote", "client-jwt", json!({"use.jwks.url": "true", "jwks.url": keys_at})),
                client("hmac", "client-secret-jwt", json!({})),
                client("rotated", "client-secret", json!({
                    "client.secret.rotated": "old-secret", "client.secret.rotated.expiration.time": (NOW + 60).to_string()})),
                client("lapsed", "client-secret", json!({
                    "client.secret.rotated": "old-secret", "client.secret.rotated.expiration.time": NOW.to_string()})),
                client("tls", "client-x509", json!({"x509.subjectdn": "CN=worker,O=Acme\\, Inc.,C=DE"})),
                client("tls-pattern", "client-x509", json!({
                    "x509.subjectdn": "CN=work.*, O=.*", "x509.allow.regex.pattern.comparison": "true"})),
                client("tls-own", "client-x509", json!({"use.jwks.string": "true", "jwks.string": own})),
                client("tls-nothing", "client-x509", json!({})),
                client("workload", "federated-jwt", json!({"jwt.credential.issuer": "peer", "jwt.credential.sub": "them"})),
                client("off", "federated-jwt", json!({"jwt.credential.issuer": "peer-off", "jwt.credential.sub": "them"})),
                client("pod", "federated-jwt", json!({"jwt.credential.issuer": "cluster", "jwt.credential.sub": "sa"})),
            ],
            "identityProviders": [
                provider("peer", "oidc", true, oidc("https://peer.example")),
                provider("peer-off", "oidc", false, oidc("https://off.example")),
                provider("cluster", "kubernetes", true, json!({"issuer": keys_at.strip_suffix("/keys").unwrap_or(CLUSTER)})),
            ],
        }));
        let config = Config { allow: allow.iter().map(|word| (*word).to_owned()).collect(), ..Config::default() };
        let client_auth = ClientAuth::new(Sessions::new(Arc::new(Memory::new())), Outbound::new(&config).unwrap());
        Self { client_auth, request: request(realm), key }
    }

    async fn form(&self, pairs: &[(&str, &str)]) -> Result<(String, Method), ClientAuthError> {
        let form = Params::from_pairs(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let presented = Presented { authorization: None, form: Some(&form) };
        let caller = self.client_auth.authenticate(&self.request, presented).await?;
        Ok((caller.client().client_id.to_string(), caller.method()))
    }

    async fn assertion(&self, assertion: &str) -> Result<(String, Method), ClientAuthError> {
        self.form(&[("client_assertion_type", JWT_BEARER), ("client_assertion", assertion)]).await
    }

    async fn by_certificate(&mut self, client: &str, der: &[u8], trust: Trust) -> Result<(String, Method), ClientAuthError> {
        self.request.certificate = Some(PeerCertificate::new(der, trust));
        self.form(&[("client_id", client)]).await
    }
}

fn claims(client: &str, jti: &str) -> Value {
    json!({"iss": client, "sub": client, "aud": ISSUER, "jti": jti, "iat": NOW, "exp": NOW + 30})
}

fn fault(answer: Result<(String, Method), ClientAuthError>) -> AssertionError {
    match answer {
        Err(ClientAuthError::Assertion(_, fault)) => fault,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_client_comes_in_by_its_own_key() {
    let world = World::new("https://nowhere.example/keys", &[]);
    let token = world.key.sign(&json!({"alg": "ES256", "kid": "k"}), &claims("own", "1"));
    assert_eq!(world.assertion(&token).await, Ok(("own".to_owned(), Method::Assertion(SignedBy::Key))));
    assert_eq!(fault(world.assertion(&token).await), AssertionError::Replayed);
}

/// CVE-2026-11800
#[tokio::test]
async fn refuses_an_assertion_with_another_algorithm_than_its_key_is_for() {
    let world = World::new("https://nowhere.example/keys", &[]);
    let public = world.key.jwk("k").to_string();
    let input = format!("{}.{}", encode(&json!({"alg": "HS256", "kid": "k"})), encode(&claims("own", "1")));
    let mac = {
        use hmac::{Hmac, KeyInit, Mac};
        let mac = <Hmac<sha2::Sha256> as KeyInit>::new_from_slice(public.as_bytes()).unwrap();
        base64_simd::URL_SAFE_NO_PAD.encode_to_string(mac.chain_update(&input).finalize().into_bytes())
    };
    assert_eq!(fault(world.assertion(&format!("{input}.{mac}")).await), AssertionError::Algorithm);
    for algorithm in ["RS256", "ES384", "EdDSA", "PS256"] {
        let token = world.key.sign(&json!({"alg": algorithm, "kid": "k"}), &claims("own", "1"));
        assert_eq!(fault(world.assertion(&token).await), AssertionError::Signature(SignedBy::Key), "{algorithm}");
    }
    let token = world.key.sign(&json!({"alg": "ES256", "kid": "k"}), &claims("hmac", "1"));
    assert_eq!(fault(world.assertion(&token).await), AssertionError::KeyForSecret);
}

/// CVE-2026-16093
#[tokio::test]
async fn refuses_an_unsigned_assertion_and_keys_that_come_in_its_header() {
    let world = World::new("https://nowhere.example/keys", &[]);
    for algorithm in ["none", "Ed25519"] {
        let token = format!("{}.{}.", encode(&json!({"alg": algorithm})), encode(&claims("own", "1")));
        assert_eq!(fault(world.assertion(&token).await), AssertionError::Algorithm, "{algorithm}");
    }
    let stranger = CallersKey::new();
    let empty = format!("{}.{}.", encode(&json!({"alg": "ES256", "kid": "k"})), encode(&claims("own", "1")));
    let with_key = stranger.sign(&json!({"alg": "ES256", "jwk": stranger.jwk("k")}), &claims("own", "1"));
    for token in [empty, with_key] {
        assert_eq!(fault(world.assertion(&token).await), AssertionError::Signature(SignedBy::Key));
    }
}

/// CVE-2026-1180
#[tokio::test]
async fn refuses_to_fetch_keys_from_an_address_that_is_not_public() {
    let site = Site::serve(|_, _| "{}".to_owned()).await;
    let world = World::new(&format!("{}/keys", site.url), &[]);
    let token = world.key.sign(&json!({"alg": "ES256", "kid": "k"}), &claims("remote", "1"));
    assert!(matches!(fault(world.assertion(&token).await), AssertionError::NoKey(_)));
    assert_eq!(site.asked(), 0);
}

#[tokio::test]
async fn keys_at_a_url_are_kept_asked_for_seldom_and_outlive_their_site() {
    let key = CallersKey::new();
    let published = json!({"keys": [key.jwk("k")]}).to_string();
    let mut site = Site::serve(move |_, _| published.clone()).await;
    let mut world = World::new(&format!("{}/keys", site.url), &["loopback"]);
    let token = |kid: &str, jti: &str| key.sign(&json!({"alg": "ES256", "kid": kid}), &claims("remote", jti));
    assert!(world.assertion(&token("k", "1")).await.is_ok());
    assert!(world.assertion(&token("k", "2")).await.is_ok());
    assert_eq!(site.asked(), 1);
    // A key that is not there is a reason to ask again, though not for every stranger.
    for jti in ["3", "4", "5"] {
        assert!(matches!(fault(world.assertion(&token("other", jti)).await), AssertionError::NoKey(_)));
    }
    assert_eq!(site.asked(), 1);
    world.request.now = Timestamp::from_secs(NOW + 10);
    for jti in ["6", "7"] {
        assert!(matches!(fault(world.assertion(&token("other", jti)).await), AssertionError::NoKey(_)));
    }
    assert_eq!(site.asked(), 2);
    site.close().await;
    world.request.now = Timestamp::from_secs(NOW + 20);
    assert!(matches!(fault(world.assertion(&token("other", "8")).await), AssertionError::NoKey(_)));
    assert!(world.assertion(&token("k", "9")).await.is_ok());
}

#[tokio::test]
async fn an_identity_provider_vouches_for_its_clients_and_no_others() {
    let key = CallersKey::new();
    let published = json!({"keys": [key.jwk("k")]}).to_string();
    let site = Site::serve(move |_, _| published.clone()).await;
    let world = World::new(&format!("{}/keys", site.url), &["loopback"]);
    let said = |change: &dyn Fn(&mut Value), key: &CallersKey| {
        let mut claims = claims("them", "1");
        claims["iss"] = json!("https://peer.example");
        change(&mut claims);
        key.sign(&json!({"alg": "ES256", "kid": "k"}), &claims)
    };
    let token = said(&|_| {}, &key);
    assert_eq!(world.assertion(&token).await, Ok(("workload".to_owned(), Method::Assertion(SignedBy::Provider))));
    assert_eq!(fault(world.assertion(&token).await), AssertionError::Replayed);
    let unknown = ClientAuthError::Unknown;
    for (change, expected) in [
        (&(|c: &mut Value| c["sub"] = json!("you")) as &dyn Fn(&mut Value), unknown.clone()),
        (&|c: &mut Value| c["iss"] = json!("https://elsewhere.example"), unknown.clone()),
        (&|c: &mut Value| c["iss"] = json!("https://off.example"), unknown), // CVE-2026-3009: a provider that is switched off
    ] {
        assert_eq!(world.assertion(&said(change, &key)).await, Err(expected));
    }
    let token_endpoint = format!("{ISSUER}/protocol/openid-connect/token");
    let for_endpoint = said(&|c| c["aud"] = json!(token_endpoint), &key);
    assert_eq!(fault(world.assertion(&for_endpoint).await), AssertionError::Audience);
    let future = said(&|c| c["iat"] = json!(NOW + 5), &key);
    assert_eq!(fault(world.assertion(&future).await), AssertionError::Lifetime(LifetimeError::Future));
    let forged = said(&|c| c["jti"] = json!("2"), &CallersKey::new());
    assert_eq!(fault(world.assertion(&forged).await), AssertionError::Signature(SignedBy::Provider));
}

#[tokio::test]
async fn tokens_of_a_cluster_serve_until_they_expire_by_the_keys_its_issuer_publishes() {
    let key = CallersKey::new();
    let published = json!({"keys": [key.jwk("k")]}).to_string();
    let site = Site::serve(move |own, path| match path {
        "/.well-known/openid-configuration" => json!({"issuer": own, "jwks_uri": format!("{own}/openid/v1/jwks")}).to_string(),
        _ => published.clone(),
    })
    .await;
    let world = World::new(&format!("{}/keys", site.url), &["loopback"]);
    let claims = json!({"iss": site.url, "sub": "sa", "aud": [ISSUER], "iat": NOW - 3000, "exp": NOW + 600});
    let token = key.sign(&json!({"alg": "ES256", "kid": "k"}), &claims);
    for _ in 0..2 {
        assert_eq!(world.assertion(&token).await, Ok(("pod".to_owned(), Method::Assertion(SignedBy::Provider))));
    }
    assert_eq!(site.asked(), 2);
}

#[tokio::test]
async fn a_secret_that_was_rotated_away_is_good_for_its_grace() {
    let world = World::new("https://nowhere.example/keys", &[]);
    let with = |id, secret| [("client_id", id), ("client_secret", secret)];
    for (id, secret, comes_in) in [
        ("rotated", "new-secret", true),
        ("rotated", "old-secret", true),
        ("rotated", "older-secret", false),
        ("lapsed", "new-secret", true),
        ("lapsed", "old-secret", false),
    ] {
        assert_eq!(world.form(&with(id, secret)).await.is_ok(), comes_in, "{id} {secret}");
    }
}

/// CVE-2023-2422
#[tokio::test]
async fn refuses_a_client_with_the_certificate_of_another() {
    let mut world = World::new("https://nowhere.example/keys", &[]);
    let key = CallersKey::new();
    let (worker, other) = (key.certificate("worker"), key.certificate("other"));
    for (client, der, trust, expected) in [
        ("tls", &worker, Trust::Issuer, None),
        ("tls", &other, Trust::Issuer, Some(CertificateError::Other)),
        ("tls", &worker, Trust::Nobody, Some(CertificateError::NotTrusted)),
        ("tls", &b"no certificate".to_vec(), Trust::Issuer, Some(CertificateError::Unreadable)),
        ("tls", &key.certificate("Worker"), Trust::Issuer, Some(CertificateError::Other)),
        ("tls", &key.certificate("worker,O=Acme"), Trust::Issuer, Some(CertificateError::Other)),
        ("tls", &key.certificate("worker\0"), Trust::Issuer, Some(CertificateError::Other)),
        ("tls-pattern", &worker, Trust::Issuer, None),
        ("tls-pattern", &other, Trust::Issuer, Some(CertificateError::Other)),
        ("tls-pattern", &key.certificate("no CN=worker"), Trust::Issuer, Some(CertificateError::Other)),
        ("tls-pattern", &worker, Trust::Nobody, Some(CertificateError::NotTrusted)),
        ("tls-own", &worker, Trust::Nobody, Some(CertificateError::Other)),
        ("tls-nothing", &worker, Trust::Issuer, Some(CertificateError::NotDeclared)),
    ] {
        let answer = world.by_certificate(client, der, trust).await;
        let expected = match expected {
            None => Ok((client.to_owned(), Method::Certificate)),
            Some(fault) => Err(ClientAuthError::Certificate(client.into(), fault)),
        };
        assert_eq!(answer, expected, "{client} {trust:?}");
    }
    let own = world.key.certificate("whatever");
    assert!(world.by_certificate("tls-own", &own, Trust::Nobody).await.is_ok());
    world.request.certificate = None;
    let none = world.form(&[("client_id", "tls")]).await;
    assert_eq!(none, Err(ClientAuthError::Certificate("tls".into(), CertificateError::Missing)));
}
