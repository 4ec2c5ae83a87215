//! What the recordings cannot show without login pages, and what must not happen.

use std::sync::{Arc, Mutex};

use ambient::{Entropy, ManualClock, SeededEntropy, Timestamp};
use async_trait::async_trait;
use key_rotation::{Keyrings, SealPurpose};
use oidc_types::{BadVerifier, ClientId, RealmName, SessionId, UserId};
use passwords::HashPool;
use realm_model::file::{SourceFile, read};
use realm_model::{Credential, Realm, User};
use realm_store::Users;
use sessions::{
    ClientSession, Decision, Decoupled, Inserted, LoginAttempts, Memory, SessionKind, Sessions, Subject, UserSession,
    WaitingAuthorization,
};
use token_issuer::{GrantKind, Issue, RefreshIssue, TokenIssuer};
use user_authentication::UserAuthentication;

use super::*;
use crate::TokenEndpoint;
use crate::endpoint::{Grant, decide};
use crate::grant::ciba::Ciba;
use crate::grant::device_code::DeviceCode;

const REALM: &str = r#"{
    "realm": "r", "enabled": true, "bruteForceProtected": true,
    "clients": [
        {"id": "tv", "clientId": "tv", "publicClient": true, "attributes": {"oauth2.device.authorization.grant.enabled": "true"},
         "optionalClientScopes": ["offline_access"]},
        {"id": "radio", "clientId": "radio", "publicClient": true, "attributes": {"oauth2.device.authorization.grant.enabled": "true"}},
        {"id": "off", "clientId": "off", "publicClient": true},
        {"id": "bank", "clientId": "bank", "secret": "s", "attributes": {"oidc.ciba.grant.enabled": "true"}},
        {"id": "shop", "clientId": "shop", "secret": "s", "attributes": {"oidc.ciba.grant.enabled": "true"}},
        {"id": "open", "clientId": "open", "publicClient": true, "attributes": {"oidc.ciba.grant.enabled": "true"}}
    ],
    "users": [{"id": "u-1", "username": "ann", "enabled": true, "email": "ann@r.example", "firstName": "Ann", "lastName": "Able",
               "realmRoles": ["offline_access"]}]
}"#;

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(1_800_000_000 + secs)
}

/// A realm's only user.
struct OneUser(Mutex<User>);

#[async_trait]
impl Users for OneUser {
    async fn find_by_id(&self, _: &RealmName, id: &str) -> Result<Option<Arc<User>>, realm_store::StoreError> {
        let user = self.0.lock().unwrap().clone();
        Ok((user.id.as_str() == id).then(|| Arc::new(user)))
    }

    async fn find_by_username(&self, _: &RealmName, _: &str) -> Result<Option<Arc<User>>, realm_store::StoreError> {
        Ok(None)
    }

    async fn find_by_email(&self, _: &RealmName, _: &str) -> Result<Option<Arc<User>>, realm_store::StoreError> {
        Ok(None)
    }

    async fn find_service_account(&self, _: &RealmName, _: &ClientId) -> Result<Option<Arc<User>>, realm_store::StoreError> {
        Ok(None)
    }

    async fn find_by_identity(&self, _: &RealmName, _: &str, _: &str) -> Result<Option<Arc<User>>, realm_store::StoreError> {
        Ok(None)
    }

    async fn find_by_card(&self, _: &RealmName, _: &str) -> Result<Option<Arc<User>>, realm_store::StoreError> {
        Ok(None)
    }

    async fn replace_credential(
        &self,
        _: &RealmName,
        _: &UserId,
        _: &Credential,
        _: Credential,
    ) -> Result<(), realm_store::StoreError> {
        Ok(())
    }
}

struct World {
    realm: Arc<Realm>,
    user: Arc<OneUser>,
    sessions: Sessions,
    keyrings: Arc<Keyrings>,
    endpoint: TokenEndpoint,
}

impl World {
    fn new() -> Self {
        let file = SourceFile { name: "r-realm.json".to_owned(), bytes: REALM.into() };
        let mut loaded = read(&[file], &|_| None).realms.remove(0);
        let place = loaded.users.iter().position(|user| user.username == "ann").unwrap();
        let user = Arc::new(OneUser(Mutex::new(loaded.users.remove(place))));
        let store = Arc::new(Memory::new());
        let sessions = Sessions::new(store.clone());
        let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(1));
        let keyrings = Arc::new(Keyrings::new(store, Arc::new(ManualClock::at(at(0))), Arc::clone(&entropy)));
        let issuer = Arc::new(TokenIssuer::new(keyrings.clone(), Arc::clone(&entropy)));
        let pool = Arc::new(HashPool::new(&passwords::Config::default()));
        let authentication = UserAuthentication::new(sessions.clone(), user.clone(), pool, Arc::clone(&entropy));
        let endpoint = TokenEndpoint::new((sessions.clone(), user.clone()), authentication, keyrings.clone(), issuer, entropy);
        Self { realm: Arc::new(loaded.realm), user, sessions, keyrings, endpoint }
    }

    /// A request of `client` that waits since `at(0)`, polled every 5 s, for a minute.
    fn waiting(&self, client: &str) -> WaitingAuthorization {
        WaitingAuthorization {
            client: client.to_owned(),
            user: None,
            scope: Some("openid".to_owned()),
            interval: 5,
            expires_at: at(60),
            polled: None,
            decision: Decision::Pending,
            notes: vec![("nonce".to_owned(), "n-1".to_owned())],
        }
    }

    async fn record(&self, by: Decoupled, waiting: &WaitingAuthorization) {
        let recorded = self.sessions.record_waiting((by, &self.realm.name, "code"), waiting, at(0)).await.unwrap();
        assert_eq!(recorded, Inserted::Done);
    }

    /// What a login page does with a yes: a session of ann, and her answer.
    async fn approved(&self) -> Decision {
        let mut session = UserSession::new("sid".into(), "u-1".into(), SessionKind::Online, at(0));
        session.set_note("AUTH_TIME", "1800000000");
        session.attach(ClientSession::new("tv", "openid", at(0)));
        session.expires_at = at(3600);
        let _ = self.sessions.record(&self.realm.name, &session, at(0)).await.unwrap();
        Decision::Approved { user: "u-1".into(), session: Some(SessionId::from("sid")) }
    }

    /// A device authorization of `tv` that ann has approved.
    async fn approved_device(&self, change: impl FnOnce(&mut WaitingAuthorization)) {
        let mut waiting = self.waiting("tv");
        waiting.decision = self.approved().await;
        change(&mut waiting);
        self.record(Decoupled::Device, &waiting).await;
    }

    async fn ask(&self, client: &str, grant: &Grant<'_>, now: Timestamp) -> Result<Issue, GrantError> {
        let client = self.realm.client(client).unwrap();
        let cx = Exchange {
            parts: &self.endpoint.parts,
            realm: &self.realm,
            client,
            issuer: "https://id.example/realms/r",
            accepts_issuer: &|_| false,
            peer: "192.0.2.1",
            certificate: None,
            form: None,
            proof: None,
            now,
        };
        decide(&cx, grant).await
    }

    async fn poll(&self, client: &str, verifier: Option<&str>, now: Timestamp) -> Result<Issue, WaitingError> {
        let grant = Grant::DeviceCode(DeviceCode { device_code: Some("code"), code_verifier: verifier });
        self.ask(client, &grant, now).await.map_err(fact)
    }

    /// A back-channel request of `bank` for ann, with this answer; its `auth_req_id`.
    async fn backchannel(&self, decision: Decision) -> String {
        self.record(Decoupled::Backchannel, &WaitingAuthorization { decision, ..self.waiting("bank") }).await;
        self.keyrings.seal(&self.realm, SealPurpose::AuthReqId, b"code").await.unwrap()
    }

    async fn poll_ciba(&self, client: &str, id: Option<&str>, now: Timestamp) -> Result<Issue, WaitingError> {
        self.ask(client, &Grant::Ciba(Ciba { auth_req_id: id }), now).await.map_err(fact)
    }

    async fn lock(&self) {
        let locked = |_| Some(LoginAttempts { failures: 3, not_before: at(600), ..LoginAttempts::default() });
        self.sessions.update_attempts(&self.realm.name, Subject::User(&"u-1".into()), at(0), locked).await.unwrap();
    }
}

fn fact(error: GrantError) -> WaitingError {
    match error {
        GrantError::Waiting { error, .. } => error,
        other => panic!("{other:?}"),
    }
}

fn yes() -> Decision {
    Decision::Approved { user: "u-1".into(), session: None }
}

#[tokio::test]
async fn an_approved_device_joins_the_session_once() {
    let world = World::new();
    world.approved_device(|_| ()).await;
    let issue = world.poll("tv", None, at(1)).await.unwrap();
    assert_eq!((issue.grant, issue.session.id.as_str()), (GrantKind::DeviceCode, "sid"));
    assert_eq!((issue.nonce.as_deref(), issue.session.notes.get("AUTH_TIME")), (Some("n-1"), Some("1800000000")));
    assert!(issue.scope.has_openid() && matches!(issue.refresh, RefreshIssue::Refresh { .. }));
    assert_eq!(world.poll("tv", None, at(9)).await.unwrap_err(), WaitingError::CodeUnknown);
}

#[tokio::test]
async fn of_many_polls_at_once_one_gets_tokens() {
    let world = World::new();
    world.approved_device(|waiting| waiting.interval = 0).await;
    let polls = (0..32).map(|_| world.poll("tv", None, at(1)));
    let outcomes = futures_util::future::join_all(polls).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
}

#[tokio::test]
async fn refuses_a_device_code_that_another_client_began() {
    let world = World::new();
    world.approved_device(|_| ()).await;
    assert_eq!(world.poll("radio", None, at(1)).await.unwrap_err(), WaitingError::OtherClient);
    assert_eq!(world.poll("off", None, at(1)).await.unwrap_err(), WaitingError::FlowOff);
    assert!(world.poll("tv", None, at(1)).await.is_ok());
}

#[tokio::test]
async fn a_poll_that_comes_too_early_moves_nothing() {
    let world = World::new();
    world.record(Decoupled::Device, &world.waiting("tv")).await;
    for (secs, expected) in [
        (0, WaitingError::Pending),
        (4, WaitingError::TooEarly),
        (5, WaitingError::Pending),
        (9, WaitingError::TooEarly),
        (60, WaitingError::Expired),
        (74, WaitingError::Expired),
        (75, WaitingError::CodeUnknown),
    ] {
        assert_eq!(world.poll("tv", None, at(secs)).await.unwrap_err(), expected, "{secs}");
    }
}

#[tokio::test]
async fn a_no_stays_a_no() {
    let world = World::new();
    world.record(Decoupled::Device, &WaitingAuthorization { decision: Decision::Denied, ..world.waiting("tv") }).await;
    for secs in [1, 6] {
        assert_eq!(world.poll("tv", None, at(secs)).await.unwrap_err(), WaitingError::Denied);
    }
}

#[tokio::test]
async fn a_wrong_verifier_does_not_burn_the_code() {
    let world = World::new();
    world
        .approved_device(|waiting| {
            waiting.set_note("code_challenge", CHALLENGE);
            waiting.set_note("code_challenge_method", "S256");
        })
        .await;
    for (secs, verifier, expected) in [(0, None, BadVerifier::Missing), (5, Some(CHALLENGE), BadVerifier::Mismatch)] {
        assert_eq!(world.poll("tv", verifier, at(secs)).await.unwrap_err(), WaitingError::Verifier(expected));
    }
    assert!(world.poll("tv", Some(VERIFIER), at(10)).await.is_ok());
}

#[tokio::test]
async fn refuses_a_verifier_that_nothing_asked_for() {
    let world = World::new();
    world.approved_device(|_| ()).await;
    assert_eq!(world.poll("tv", Some(VERIFIER), at(1)).await.unwrap_err(), WaitingError::Verifier(BadVerifier::Unasked));
}

#[tokio::test]
async fn a_lock_after_failed_logins_keeps_tokens_back_from_devices_and_back_channel_clients() {
    let world = World::new();
    world.approved_device(|_| ()).await;
    let id = world.backchannel(yes()).await;
    world.lock().await;
    let locked = WaitingError::UserDisabled("u-1".into());
    assert_eq!(world.poll("tv", None, at(1)).await.unwrap_err(), locked);
    assert_eq!(world.poll_ciba("bank", Some(&id), at(1)).await.unwrap_err(), locked);
}

#[tokio::test]
async fn a_disabled_or_unfinished_user_gets_no_tokens() {
    let world = World::new();
    world.approved_device(|_| ()).await;
    let id = world.backchannel(yes()).await;
    world.user.0.lock().unwrap().required_actions = vec!["UPDATE_PASSWORD".into()];
    assert_eq!(world.poll_ciba("bank", Some(&id), at(0)).await.unwrap_err(), WaitingError::NotFullySetUp("u-1".into()));
    world.user.0.lock().unwrap().enabled = false;
    assert_eq!(world.poll("tv", None, at(1)).await.unwrap_err(), WaitingError::UserDisabled("u-1".into()));
    assert_eq!(world.poll_ciba("bank", Some(&id), at(5)).await.unwrap_err(), WaitingError::UserDisabled("u-1".into()));
}

#[tokio::test]
async fn a_session_that_ended_gives_no_tokens() {
    let world = World::new();
    world.approved_device(|_| ()).await;
    world.sessions.remove(&world.realm.name, SessionKind::Online, &"sid".into()).await.unwrap();
    assert_eq!(world.poll("tv", None, at(1)).await.unwrap_err(), WaitingError::SessionAbsent);
}

#[tokio::test]
async fn an_offline_session_stands_beside_the_one_that_was_joined() {
    let world = World::new();
    world.approved_device(|waiting| waiting.scope = Some("openid offline_access".to_owned())).await;
    let issue = world.poll("tv", None, at(1)).await.unwrap();
    assert_eq!(issue.session.kind, token_issuer::SessionKind::Offline);
    assert!(matches!(issue.refresh, RefreshIssue::Offline { .. }));
    for kind in [SessionKind::Online, SessionKind::Offline] {
        assert!(world.sessions.find(&world.realm.name, kind, &"sid".into(), at(1)).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_back_channel_client_gets_tokens_once_for_the_id_that_it_was_given() {
    let world = World::new();
    let id = world.backchannel(yes()).await;
    let poll = async |client, id: Option<&str>| world.poll_ciba(client, id, at(1)).await;
    for (client, id, expected) in [
        ("bank", None, WaitingError::CodeMissing),
        ("bank", Some(""), WaitingError::CodeUnreadable),
        ("bank", Some("code"), WaitingError::CodeUnreadable),
        ("shop", Some(id.as_str()), WaitingError::OtherClient),
        ("tv", Some(id.as_str()), WaitingError::FlowOff),
        ("open", Some(id.as_str()), WaitingError::FlowOff),
    ] {
        assert_eq!(poll(client, id).await.unwrap_err(), expected, "{client} {id:?}");
    }
    let issue = poll("bank", Some(&id)).await.unwrap();
    assert_eq!((issue.grant, issue.session.notes.get("AUTH_TIME")), (GrantKind::Ciba, Some("1800000001")));
    assert_eq!(poll("bank", Some(&id)).await.unwrap_err(), WaitingError::CodeUnknown);
}
