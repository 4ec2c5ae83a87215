//! Requests for tests.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use ambient::{ManualClock, SeededEntropy, Timestamp};
use client_notification::ClientNotifications;
use outbound_http::Outbound;
use realm_http::{Arrival, Authority, Hostname, RealmContext, RealmHttp, Realms, Scheme};
use realm_model::Realm;
use realm_model::file::{SourceFile, read};
use sessions::Sessions;
use token_issuer::TokenIssuer;

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

/// One whose clients are told over the public internet alone.
pub(crate) fn login_flow(sessions: Sessions, issuer: TokenIssuer) -> LoginFlow {
    let issuer = Arc::new(issuer);
    let outbound = Outbound::new(&outbound_http::Config::default()).unwrap();
    let (notifications, _) = ClientNotifications::new(Arc::clone(&issuer), outbound);
    LoginFlow::new(sessions, issuer, notifications)
}
