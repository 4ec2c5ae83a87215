use std::sync::Arc;

use ambient::{SeededEntropy, Timestamp};
use async_trait::async_trait;
use realm_model::Realm;
use serde_json::{Value, json};
use sessions::{ClientSession, Inserted, Memory, Sessions, UserSession};
use token_issuer::{RealmKeys, SignedToken, TokenIssuer};

use super::*;
use crate::test_request::{login_flow, realm, request};
use crate::wire::oauth_error;

const REALM: &str = r#"{"realm": "r", "enabled": true, "notBefore": 1, "clients": [
    {"clientId": "app", "publicClient": true}, {"clientId": "other", "publicClient": true}]}"#;

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

/// Keys of paper: a token is its algorithm and its claims.
struct PaperKeys;

#[async_trait]
impl RealmKeys for PaperKeys {
    async fn sign(&self, _: &Arc<Realm>, _: &str, _: &str, _: &[u8]) -> Result<String, KeyError> {
        unreachable!("logout signs nothing")
    }

    async fn verify(&self, _: &Arc<Realm>, token: &str) -> Result<Option<SignedToken>, KeyError> {
        let parts = token.split_once('|');
        Ok(parts.map(|(algorithm, claims)| SignedToken { algorithm: algorithm.to_owned(), claims: claims.into() }))
    }
}

struct World {
    realm: Arc<Realm>,
    sessions: Sessions,
    login_flow: LoginFlow,
}

impl World {
    /// With a session `s` of each kind, in which both clients take part.
    async fn new() -> Self {
        let realm = realm(REALM);
        let sessions = Sessions::new(Arc::new(Memory::new()));
        for kind in [SessionKind::Online, SessionKind::Offline] {
            let mut session = UserSession::new("s".into(), "u".into(), kind, NOW);
            for client in ["app", "other"] {
                session.attach(ClientSession::new(&realm.client(client).unwrap().id, "", NOW));
            }
            assert_eq!(sessions.record(&realm.name, &session, NOW).await.unwrap(), Inserted::Done);
        }
        let issuer = TokenIssuer::new(Arc::new(PaperKeys), Arc::new(SeededEntropy::new(1)));
        Self { realm, login_flow: login_flow(sessions.clone(), issuer), sessions }
    }

    /// What `client` is told when it logs out with a refresh token of these claims, a minute later.
    async fn log_out(&self, client: &str, claims: &Value) -> Result<(), String> {
        let now = NOW.plus_secs(60);
        let request = request(&self.realm, now);
        assert_eq!(request.now, now);
        let done =
            self.login_flow.log_out(&request, self.realm.client(client).unwrap(), (&format!("HS512|{claims}"), None)).await;
        done.map_err(|error| oauth_error(&error, &request.issuer()).description.into_owned())
    }

    async fn live(&self) -> Vec<SessionKind> {
        let mut live = Vec::new();
        for kind in [SessionKind::Online, SessionKind::Offline] {
            if self.sessions.find(&self.realm.name, kind, &"s".into(), NOW).await.unwrap().is_some() {
                live.push(kind);
            }
        }
        live
    }
}

/// A refresh token of the session, issued when that began and expired a minute ago.
fn claims() -> Value {
    json!({
        "exp": NOW.secs(), "iat": NOW.secs(), "jti": "j", "iss": "http://localhost/realms/r", "sub": "u", "typ": "Refresh",
        "azp": "app", "sid": "s"
    })
}

fn with(name: &str, value: impl Into<Value>) -> Value {
    let mut claims = claims();
    claims[name] = value.into();
    claims
}

#[tokio::test]
async fn ends_the_session_for_all_who_take_part_and_no_other_kind_of_it() {
    for (typ, left) in [("Refresh", SessionKind::Offline), ("Offline", SessionKind::Online)] {
        let world = World::new().await;
        assert_eq!(world.log_out("app", &with("typ", typ)).await, Ok(()));
        assert_eq!(world.live().await, [left]);
        assert_eq!(world.log_out("app", &with("typ", typ)).await, Ok(()));
    }
}

#[tokio::test]
async fn whoever_may_not_end_the_session_ends_nothing() {
    const OTHER_ISSUER: &str = "Invalid token issuer. Expected 'http://localhost/realms/r'";
    const OTHER_CLIENT: &str = "Invalid refresh token. Token client and authorized client don't match";
    let world = World::new().await;
    for (client, claims, told) in [
        ("app", with("typ", "Bearer"), "Invalid refresh token"),
        ("app", with("typ", "ID"), "Invalid refresh token"),
        ("app", with("azp", "other"), OTHER_CLIENT),
        ("other", claims(), OTHER_CLIENT),
        ("app", with("iss", "http://elsewhere/realms/r"), OTHER_ISSUER),
        ("app", with("iat", NOW.secs() - 1), "Refresh token issued before the user session started"),
        ("app", Value::Null, "Invalid refresh token"),
    ] {
        assert_eq!(world.log_out(client, &claims).await, Err(told.to_owned()), "{claims}");
    }
    assert_eq!(world.live().await.len(), 2);
}
