use std::sync::Arc;

use ambient::{SeededEntropy, Timestamp};
use async_trait::async_trait;
use base64_simd::URL_SAFE_NO_PAD;
use client_auth::ClientAuth;
use outbound_http::Outbound;
use realm_model::Client;
use serde_json::{Value, json};
use sessions::{Memory, Sessions, SingleUse, Spent};
use token_issuer::{KeyError, RealmKeys, SignedToken, TokenIssuer};

use super::*;
use crate::authorization::{ObjectFault, Unjudged, Way, request_object};
use crate::test_request::{login_flow, realm, request};

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

const SECRET: &str = "a-secret-of-thirty-two-characters";

struct NoKeys;

#[async_trait]
impl RealmKeys for NoKeys {
    async fn sign(&self, _: &Arc<Realm>, _: &str, _: &str, _: &[u8]) -> Result<String, KeyError> {
        unreachable!("nothing is signed")
    }

    async fn verify(&self, _: &Arc<Realm>, _: &str) -> Result<Option<SignedToken>, KeyError> {
        Ok(None)
    }
}

struct World {
    login_flow: LoginFlow,
    sessions: Sessions,
    realm: Arc<Realm>,
    other_realm: Arc<Realm>,
}

impl World {
    fn new(lifespan: &str) -> Self {
        let file = |name: &str| {
            let uris = json!(["https://a.example/cb"]);
            let clients = json!([
                { "id": "1", "clientId": "app", "secret": SECRET, "redirectUris": uris },
                { "id": "2", "clientId": "other", "redirectUris": uris },
                { "id": "3", "clientId": "es", "redirectUris": uris, "attributes": { "request.object.signature.alg": "ES256" } },
                { "id": "5", "clientId": "plain", "redirectUris": uris, "attributes": { "request.object.signature.alg": "none" } },
                { "id": "6", "clientId": "hs", "secret": SECRET, "redirectUris": uris,
                  "attributes": { "request.object.signature.alg": "HS256" } },
                { "id": "4", "clientId": "must", "redirectUris": uris, "attributes": { "request.object.required": "request only" } },
            ]);
            json!({ "realm": name, "clients": clients, "attributes": { "parRequestUriLifespan": lifespan } }).to_string()
        };
        let sessions = Sessions::new(Arc::new(Memory::new()));
        let issuer = TokenIssuer::new(Arc::new(NoKeys), Arc::new(SeededEntropy::new(1)));
        Self {
            login_flow: login_flow(sessions.clone(), issuer),
            sessions,
            realm: realm(&file("r")),
            other_realm: realm(&file("s")),
        }
    }

    fn client(&self, id: &str) -> Arc<Client> {
        Arc::clone(self.realm.client(id).unwrap())
    }

    async fn push(&self) -> Pushed {
        let client = self.client("app");
        let form =
            Params::parse(b"client_id=app&client_secret=hunter2&response_type=code&redirect_uri=https://a.example/cb&state=s");
        let unjudged = Unjudged {
            client: &client,
            parameters: Parameters::read(&form.unwrap()),
            repeats: false,
            base: "https://id.example",
            way: Way::Push,
        };
        let judged = unjudged.judge().unwrap();
        self.login_flow.keep_pushed(&request(&self.realm, NOW), &judged, judged.parameters()).await.unwrap()
    }

    async fn take(&self, realm: &Arc<Realm>, client: &str, request_uri: &str, later: i64) -> Option<Parameters> {
        self.login_flow.take_pushed(&request(realm, NOW.plus_secs(later)), client, request_uri).await.unwrap()
    }

    async fn unpack(&self, client: &str, object: Option<&str>) -> Result<Parameters, RequestFault> {
        let pairs = object.map(|object| ("request".to_owned(), object.to_owned()));
        let parameters = Parameters::read(&Params::from_pairs(pairs));
        let client_auth = ClientAuth::new(self.sessions.clone(), Outbound::new(&outbound_http::Config::default()).unwrap());
        let request = request(&self.realm, NOW);
        let unpacked = request_object::unpacked((&request, &client_auth), &self.client(client), parameters).await;
        unpacked.map(|unpacked| unpacked.parameters)
    }
}

fn object(header: Value, claims: Value) -> String {
    let part = |json: Value| URL_SAFE_NO_PAD.encode_to_string(json.to_string());
    format!("{}.{}", part(header), part(claims))
}

fn signed_by_secret(claims: Value, secret: &str) -> String {
    use hmac::{KeyInit, Mac};
    let input = object(json!({ "alg": "HS256" }), claims);
    let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(input.as_bytes());
    format!("{input}.{}", URL_SAFE_NO_PAD.encode_to_string(mac.finalize().into_bytes()))
}

#[tokio::test]
async fn what_was_pushed_is_given_to_its_client_once() {
    let world = World::new("60");
    let pushed = world.push().await;
    assert_eq!(pushed.expires_in, 60);
    let parameters = world.take(&world.realm, "1", &pushed.request_uri, 59).await.unwrap();
    assert_eq!(parameters.get("state"), Some("s"));
    assert_eq!(world.take(&world.realm, "1", &pushed.request_uri, 59).await, None);
}

#[tokio::test]
async fn nobody_else_gets_what_was_pushed() {
    let world = World::new("60");
    let pushed = world.push().await;
    let id = pushed.request_uri.strip_prefix(URN).unwrap();
    assert_eq!(world.take(&world.realm, "2", &pushed.request_uri, 0).await, None, "another client");
    assert_eq!(world.take(&world.other_realm, "1", &pushed.request_uri, 0).await, None, "another realm");
    for forged in [id, &format!("{URN}1 {id}"), &format!("{URN}{id} "), "urn:x", "", URN] {
        assert_eq!(world.take(&world.realm, "1", forged, 0).await, None, "{forged}");
    }
    assert!(world.take(&world.realm, "1", &pushed.request_uri, 0).await.is_some(), "and nothing of that has used it up");
}

#[tokio::test]
async fn a_pushed_request_ends_when_the_realm_says() {
    for (lifespan, seconds) in [("2", 2), ("", 60), ("soon", 60), ("0", 60), ("-1", 60)] {
        let world = World::new(lifespan);
        let pushed = world.push().await;
        assert_eq!(pushed.expires_in, seconds, "{lifespan}");
        assert_eq!(world.take(&world.realm, "1", &pushed.request_uri, seconds).await, None, "{lifespan}");
    }
}

// CVE-2026-4282, CVE-2026-4325
#[tokio::test]
async fn a_mark_of_something_else_that_was_used_is_no_pushed_request_and_the_other_way_round() {
    let world = World::new("60");
    let pushed = world.push().await;
    let id = pushed.request_uri.strip_prefix(URN).unwrap();
    for kind in [SingleUse::DpopProof, SingleUse::RequestObject, SingleUse::ActionToken, SingleUse::ClientAssertion] {
        for name in [id, &pushed.request_uri, &kept_under("1", id)] {
            let marked = world.sessions.mark_used((kind, &world.realm.name, name), NOW.plus_secs(60), NOW).await.unwrap();
            assert!(marked, "{kind:?} {name}");
        }
    }
    let as_code = world.sessions.spend_code((&world.realm.name, &kept_under("1", id)), NOW.plus_secs(60), NOW).await.unwrap();
    assert_eq!(as_code, Spent::Absent);
    assert!(world.take(&world.realm, "1", &pushed.request_uri, 0).await.is_some());
}

// CVE-2024-4540
#[tokio::test]
async fn what_is_kept_of_a_request_has_no_secret_of_the_client() {
    let world = World::new("60");
    let pushed = world.push().await;
    let parameters = world.take(&world.realm, "1", &pushed.request_uri, 0).await.unwrap();
    assert!(!format!("{:?}", parameters.pairs()).contains("hunter2"));
    assert!(!format!("{parameters:?}").contains("a.example"));
}

fn plain(claims: Value) -> String {
    format!("{}.", object(json!({ "alg": "none" }), claims))
}

#[tokio::test]
async fn an_object_of_the_client_is_unpacked() {
    let world = World::new("60");
    let claims = |client: &str| json!({ "client_id": client, "state": "inside" });
    for (client, object) in [("plain", plain(claims("plain"))), ("hs", signed_by_secret(claims("hs"), SECRET))] {
        assert_eq!(world.unpack(client, Some(&object)).await.unwrap().get("state"), Some("inside"));
    }
}

#[tokio::test]
async fn each_fault_of_an_object_is_told_apart() {
    let world = World::new("60");
    let fine = || json!({ "client_id": "hs" });
    for (client, text, fault) in [
        ("plain", "garbage".to_owned(), ObjectFault::Unreadable),
        ("plain", String::new(), ObjectFault::Unreadable),
        ("plain", "a.b.c.d.e".to_owned(), ObjectFault::Unreadable),
        ("plain", format!("{}.", object(json!({ "alg": "XX" }), json!({}))), ObjectFault::Unreadable),
        ("plain", format!("{}.", object(json!({ "alg": "none", "crit": ["b64"] }), json!({}))), ObjectFault::Unreadable),
        ("plain", format!("{}AAAA", plain(json!({}))), ObjectFault::BadSignature),
        ("hs", signed_by_secret(fine(), "another-secret-of-thirty-two-chars"), ObjectFault::BadSignature),
        ("es", format!("{}.AAAA", object(json!({ "alg": "ES256" }), json!({}))), ObjectFault::BadSignature),
        ("plain", plain(json!({ "client_id": "other" })), ObjectFault::OtherClient),
        ("plain", plain(json!({ "client_id": ["plain"] })), ObjectFault::OtherClient),
        ("plain", plain(json!({ "request_uri": "urn:x" })), ObjectFault::RequestUriInside),
        ("plain", plain(json!({ "max_age": "soon" })), ObjectFault::BesideUnreadable),
        ("es", plain(json!({})), ObjectFault::OtherAlgorithm),
        ("es", signed_by_secret(json!({}), SECRET), ObjectFault::OtherAlgorithm),
    ] {
        assert_eq!(world.unpack(client, Some(&text)).await.unwrap_err(), fault.into(), "{client} {text}");
    }
}

#[tokio::test]
async fn refuses_an_object_without_a_signature_or_by_the_secret_unless_the_client_says_so() {
    let world = World::new("60");
    for text in [plain(json!({ "client_id": "app" })), signed_by_secret(json!({ "client_id": "app" }), SECRET)] {
        assert_eq!(world.unpack("app", Some(&text)).await.unwrap_err(), ObjectFault::OtherAlgorithm.into(), "{text}");
    }
}

#[tokio::test]
async fn what_an_object_says_of_its_issuer_audience_and_time_holds() {
    let world = World::new("60");
    let (now, issuer) = (NOW.secs(), request(&world.realm, NOW).issuer());
    let (auth, par) =
        (format!("{issuer}/protocol/openid-connect/auth"), format!("{issuer}/protocol/openid-connect/ext/par/request"));
    for (claims, told) in [
        (json!({ "iss": "plain", "aud": issuer, "exp": now + 1, "nbf": now + 15 }), None),
        (json!({ "aud": [issuer, "https://other.example"], "exp": 1_900_000_000.5, "iss": null }), None),
        (json!({ "aud": auth }), None),
        (json!({ "aud": [par] }), None),
        (json!({ "iss": "other" }), Some(ObjectFault::OtherClient)),
        (json!({ "iss": issuer }), Some(ObjectFault::OtherClient)),
        (json!({ "aud": format!("{issuer}x") }), Some(ObjectFault::OtherAudience)),
        (json!({ "aud": format!("{issuer}/protocol/openid-connect/token") }), Some(ObjectFault::OtherAudience)),
        (json!({ "aud": [] }), Some(ObjectFault::OtherAudience)),
        (json!({ "aud": { "a": issuer } }), Some(ObjectFault::OtherAudience)),
        (json!({ "exp": now }), Some(ObjectFault::OutOfTime)),
        (json!({ "exp": i64::MIN }), Some(ObjectFault::OutOfTime)),
        (json!({ "exp": now + 60, "nbf": now + 16 }), Some(ObjectFault::OutOfTime)),
        (json!({ "exp": "never" }), Some(ObjectFault::Unreadable)),
        (json!({ "exp": true }), Some(ObjectFault::Unreadable)),
        (json!({ "nbf": [] }), Some(ObjectFault::Unreadable)),
    ] {
        let refused = world.unpack("plain", Some(&plain(claims.clone()))).await.err();
        assert_eq!(refused, told.map(RequestFault::from), "{claims}");
    }
}

#[tokio::test]
async fn an_object_that_says_which_one_it_is_is_good_once() {
    let world = World::new("60");
    let (plain_client, hs) = (world.client("plain"), world.client("hs"));
    let first = async |client: &Client, claims: Value, later: i64| {
        let of = (&world.realm.name, client);
        request_object::is_first_use(&world.sessions, of, &plain(claims), NOW.plus_secs(later)).await.unwrap()
    };
    let one = || json!({ "jti": "1", "exp": NOW.secs() + 60 });
    assert!(first(&plain_client, one(), 0).await);
    assert!(!first(&plain_client, one(), 59).await);
    assert!(!first(&plain_client, json!({ "jti": "1" }), 1).await, "whatever else it says");
    assert!(first(&hs, one(), 0).await, "ids are each client's own");
    assert!(first(&plain_client, json!({ "jti": "2" }), 0).await);
    assert!(!first(&plain_client, json!({ "jti": "2" }), 86_399).await);
    assert!(first(&plain_client, json!({}), 0).await && first(&plain_client, json!({}), 0).await);
}

#[tokio::test]
async fn a_client_that_must_send_an_object_is_refused_without() {
    let world = World::new("60");
    assert_eq!(world.unpack("must", None).await.unwrap_err(), RequestFault::Unreadable);
    assert!(world.unpack("app", None).await.is_ok());
}

/// CVE-2026-9793: five parts, or the three of one that is signed, around plain JSON.
#[tokio::test]
async fn an_encrypted_object_is_refused_since_it_hides_its_algorithm() {
    let world = World::new("60");
    let part = |text: String| URL_SAFE_NO_PAD.encode_to_string(text.as_bytes());
    let claims = part(json!({ "client_id": "es", "state": "inside" }).to_string());
    for algorithm in ["RSA-OAEP-256", "dir", "ECDH-ES", "A256KW", "none"] {
        let header = part(json!({ "alg": algorithm, "enc": "A256GCM", "cty": "JWT" }).to_string());
        for text in [
            format!("{header}.{claims}.{claims}.{claims}.{claims}"),
            format!("{header}..{claims}.{claims}."),
            format!("{header}.{claims}."),
        ] {
            assert!(world.unpack("es", Some(&text)).await.is_err(), "{algorithm}: {text}");
        }
    }
}
