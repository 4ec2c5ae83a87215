//! What the claims of one answer cost on this machine, signatures left out: `cargo run --release -p token-issuer --example minting_cost`.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)] // a stopwatch for people

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use ambient::{SystemEntropy, Timestamp};
use async_trait::async_trait;
use realm_model::file::{SourceFile, read};
use realm_model::{Realm, User};
use token_issuer::*;

/// Signs nothing: a token is its claims.
struct Unsigned;

#[async_trait]
impl RealmKeys for Unsigned {
    async fn sign(&self, _: &Arc<Realm>, _: &str, _: &str, claims: &[u8]) -> Result<String, KeyError> {
        Ok(String::from_utf8_lossy(claims).into_owned())
    }

    async fn verify(&self, _: &Arc<Realm>, _: &str) -> Result<Option<SignedToken>, KeyError> {
        Ok(None)
    }
}

const ROUNDS: u32 = 20_000;

fn issue(realm: &Realm, client: &str, user: &Arc<User>, scope: Option<&str>, kind: SessionKind) -> Issue {
    let client = Arc::clone(realm.client(client).unwrap());
    let subject = Subject::new(realm, Arc::clone(user));
    let scope = ScopeRequest::parse(&client, scope).unwrap().grant(realm, &client, &subject);
    let (started, ends) = (Timestamp::from_secs(1_800_000_000), Some(Timestamp::from_secs(1_800_036_000)));
    let notes = match kind {
        SessionKind::Transient => SessionNotes::of_service_account(client.client_id.as_str(), "127.0.0.1"),
        _ => SessionNotes::default(),
    };
    let id = "0123456789abcdefghijklmn".into();
    let session = SessionFacts { kind, id, started, ends, remember_me: false, notes, acr: "1".into() };
    Issue {
        refresh: match kind {
            SessionKind::Transient => RefreshIssue::Without,
            _ => RefreshIssue::Refresh { expires: started.plus_secs(1800), reuse_id: None },
        },
        ..Issue::new(subject, client, scope, session, GrantKind::ClientCredentials)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/keycloak/realms/acme.json");
    let file = SourceFile { name: "acme.json".to_owned(), bytes: std::fs::read(path).unwrap() };
    let loaded = read(&[file], &|_| None).realms.remove(0);
    let (realm, users) = (Arc::new(loaded.realm), loaded.users.into_iter().map(Arc::new).collect::<Vec<_>>());
    let user = |name: &str| users.iter().find(|user| user.username == name).unwrap();
    let issuer = TokenIssuer::new(Arc::new(Unsigned), Arc::new(SystemEntropy));
    for (what, client, name, scope, kind) in [
        ("client_credentials", "worker", "service-account-worker", None, SessionKind::Transient),
        ("password", "cli", "bob", None, SessionKind::Online),
        ("password, openid", "cli", "alice", Some("openid"), SessionKind::Online),
        ("every mapper, openid", "mapped", "alice", Some("openid"), SessionKind::Online),
    ] {
        let user = user(name);
        let start = Instant::now();
        for _ in 0..ROUNDS {
            let issue = issue(&realm, client, user, scope, kind);
            let cx = MintContext {
                realm: &realm,
                issuer: "http://127.0.0.1:8080/realms/acme",
                now: Timestamp::from_secs(1_800_000_000),
            };
            std::hint::black_box(issuer.mint(&issue, cx).await.unwrap());
        }
        println!("{what}: {:.1} \u{b5}s", start.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS));
    }
}
