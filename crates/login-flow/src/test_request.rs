//! Requests for tests.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use ambient::{Entropy, ManualClock, SeededEntropy, Timestamp};
use async_trait::async_trait;
use client_notification::ClientNotifications;
use events::Events;
use key_rotation::Keyrings;
use login_pages::Pages;
use mail::Mailer;
use oidc_types::{ClientId, RealmName, UserId};
use outbound_http::Outbound;
use passwords::HashPool;
use realm_http::{Arrival, Authority, Hostname, RealmContext, RealmHttp, Realms, Scheme};
use realm_model::file::{SourceFile, read};
use realm_model::{Credential, Realm, User};
use realm_store::{LiveRealms, Repository, Sqlite, StoreError, Users};
use sessions::Sessions;
use token_issuer::TokenIssuer;
use user_authentication::UserAuthentication;

use crate::LoginFlow;

struct NoRealms;

impl Realms for NoRealms {
    fn realm(&self, _: &str) -> Option<Arc<Realm>> {
        None
    }
}

/// A realm of a file.
pub(crate) fn realm(json: &str) -> Arc<Realm> {
    let file = SourceFile { name: "r-realm.json".to_owned(), bytes: json.into() };
    Arc::new(read(&[file], &|_| None).realms.remove(0).realm)
}

/// A request to `realm` at `now`.
pub(crate) fn request(realm: &Arc<Realm>, now: Timestamp) -> RealmContext {
    let http = RealmHttp {
        realms: Arc::new(NoRealms),
        hostname: Arc::new(Hostname::default()),
        clock: Arc::new(ManualClock::at(now)),
        entropy: Arc::new(SeededEntropy::new(3)),
    };
    let authority = Authority { host: "localhost".to_owned(), port: None };
    let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let arrival = Arrival { scheme: Scheme::Http, authority, prefix: String::new(), peer };
    RealmContext::new(&http, Arc::clone(realm), arrival, None)
}

/// Nobody.
struct NoUsers;

#[async_trait]
impl Users for NoUsers {
    async fn find_by_id(&self, _: &RealmName, _: &str) -> Result<Option<Arc<User>>, StoreError> {
        Ok(None)
    }

    async fn find_by_username(&self, _: &RealmName, _: &str) -> Result<Option<Arc<User>>, StoreError> {
        Ok(None)
    }

    async fn find_by_email(&self, _: &RealmName, _: &str) -> Result<Option<Arc<User>>, StoreError> {
        Ok(None)
    }

    async fn find_service_account(&self, _: &RealmName, _: &ClientId) -> Result<Option<Arc<User>>, StoreError> {
        Ok(None)
    }

    async fn find_by_identity(&self, _: &RealmName, _: &str, _: &str) -> Result<Option<Arc<User>>, StoreError> {
        Ok(None)
    }

    async fn find_by_card(&self, _: &RealmName, _: &str) -> Result<Option<Arc<User>>, StoreError> {
        Ok(None)
    }

    async fn replace_credential(&self, _: &RealmName, _: &UserId, _: &Credential, _: Credential) -> Result<(), StoreError> {
        Ok(())
    }
}

/// No realms at all, opened beside the runtime that a test may run in.
fn no_realms() -> Arc<LiveRealms> {
    let open = || {
        let repository: Arc<dyn Repository> = Arc::new(Sqlite::in_memory().unwrap());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(LiveRealms::open(repository, Arc::new(|_: &str| None))).unwrap()
    };
    std::thread::spawn(open).join().unwrap()
}

/// One whose clients are told over the public internet alone, and where nobody is known.
pub(crate) fn login_flow(sessions: Sessions, issuer: TokenIssuer) -> LoginFlow {
    login_flow_of(Arc::new(NoUsers), sessions, issuer)
}

/// The same, where these are known.
pub(crate) fn login_flow_of(users: Arc<dyn Users>, sessions: Sessions, issuer: TokenIssuer) -> LoginFlow {
    let issuer = Arc::new(issuer);
    let outbound = Outbound::new(&outbound_http::Config::default()).unwrap();
    let (notifications, _) = ClientNotifications::new(Arc::clone(&issuer), outbound);
    let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(5));
    let hash_pool = Arc::new(HashPool::new(&passwords::Config::default()));
    let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_800_000_000)));
    LoginFlow {
        user_authentication: UserAuthentication::new(sessions.clone(), Arc::clone(&users), hash_pool, Arc::clone(&entropy)),
        users,
        token_issuer: issuer,
        keyrings: Arc::new(Keyrings::new(Arc::clone(sessions.store()), clock, entropy)),
        notifications,
        pages: Arc::new(Pages::load(&login_pages::Config::default()).unwrap()),
        mailer: Mailer::new(Arc::new(SeededEntropy::new(6))),
        events: Events::default(),
        live: no_realms(),
        sessions,
    }
}
