//! What must not happen, and what no recording shows.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use ambient::{Clock, Entropy, ManualClock, SeededEntropy, Timestamp};
use async_trait::async_trait;
use client_auth::ClientAuth;
use events::Events;
use key_rotation::{Algorithm, Keyrings, sign_compact};
use oidc_types::{ClientId, Params, RealmName, UserId};
use outbound_http::{Outbound, OutboundError};
use realm_http::{Arrival, Authority, Hostname, RealmContext, RealmHttp, Realms, Scheme};
use realm_model::file::{SourceFile, read};
use realm_model::{Credential, Realm, User};
use realm_store::{StoreError, Users};
use sessions::{Decision, Decoupled, LoginAttempts, Memory, Sessions, Subject, UserCode, WaitingAuthorization};
use token_issuer::TokenIssuer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::DecoupledLogin;
use crate::error::{BackchannelError, CallbackError, DeviceError};

const REALM: &str = r#"{
    "realm": "r", "enabled": true, "bruteForceProtected": true,
    "attributes": {"oauth2DeviceCodeLifespan": "300", "oauth2DevicePollingInterval": "7"},
    "clients": [
        {"id": "tv", "clientId": "tv", "publicClient": true, "attributes": {"oauth2.device.authorization.grant.enabled": "true"}},
        {"id": "off", "clientId": "off", "publicClient": true},
        {"id": "bank", "clientId": "bank", "secret": "s", "attributes": {
            "oidc.ciba.grant.enabled": "true", "ciba.backchannel.token.delivery.mode": "ping",
            "ciba.backchannel.client.notification.endpoint": "ENDPOINT"}}
    ],
    "users": [{"id": "u-1", "username": "ann", "enabled": true, "email": "ann@r.example"}]
}"#;

fn now() -> Timestamp {
    Timestamp::from_secs(1_800_000_000)
}

/// A realm's only user.
struct OneUser(Arc<User>);

#[async_trait]
impl Users for OneUser {
    async fn find_by_id(&self, _: &RealmName, id: &str) -> Result<Option<Arc<User>>, StoreError> {
        Ok(Some(Arc::clone(&self.0)).filter(|user| user.id.as_str() == id))
    }

    async fn find_by_username(&self, _: &RealmName, username: &str) -> Result<Option<Arc<User>>, StoreError> {
        Ok(Some(Arc::clone(&self.0)).filter(|user| user.username == username))
    }

    async fn find_by_email(&self, _: &RealmName, email: &str) -> Result<Option<Arc<User>>, StoreError> {
        Ok(Some(Arc::clone(&self.0)).filter(|user| user.email.as_deref() == Some(email)))
    }

    async fn find_by_identity(&self, _: &RealmName, _: &str, _: &str) -> Result<Option<Arc<User>>, StoreError> {
        Ok(None)
    }

    async fn find_service_account(&self, _: &RealmName, _: &ClientId) -> Result<Option<Arc<User>>, StoreError> {
        Ok(None)
    }

    async fn find_by_card(&self, _: &RealmName, _: &str) -> Result<Option<Arc<User>>, StoreError> {
        Ok(None)
    }

    async fn replace_credential(&self, _: &RealmName, _: &UserId, _: &Credential, _: Credential) -> Result<(), StoreError> {
        Ok(())
    }
}

struct NoRealms;

impl Realms for NoRealms {
    fn realm(&self, _: &str) -> Option<Arc<Realm>> {
        None
    }
}

struct World {
    realm: Arc<Realm>,
    login: DecoupledLogin,
}

impl World {
    /// With a ping client whose endpoint this is; calls go to the public internet alone.
    fn new(endpoint: &str) -> Self {
        Self::of(REALM.replace("ENDPOINT", endpoint))
    }

    fn of(realm: String) -> Self {
        let bytes = realm.into();
        let mut loaded = read(&[SourceFile { name: "r-realm.json".to_owned(), bytes }], &|_| None).realms.remove(0);
        let place = loaded.users.iter().position(|user| user.username == "ann").unwrap();
        let user = Arc::new(loaded.users.remove(place));
        let store = Arc::new(Memory::new());
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(now()));
        let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(1));
        let keyrings = Arc::new(Keyrings::new(store.clone(), clock, Arc::clone(&entropy)));
        let login = DecoupledLogin {
            sessions: Sessions::new(store),
            users: Arc::new(OneUser(user)),
            token_issuer: Arc::new(TokenIssuer::new(keyrings.clone(), entropy)),
            keyrings,
            outbound: Outbound::new(&outbound_http::Config::default()).unwrap(),
            channel: None,
            events: Events::default(),
        };
        Self { realm: Arc::new(loaded.realm), login }
    }

    fn request(&self) -> RealmContext {
        let http = RealmHttp {
            realms: Arc::new(NoRealms),
            hostname: Arc::new(Hostname::default()),
            clock: Arc::new(ManualClock::at(now())),
            entropy: Arc::new(SeededEntropy::new(3)),
        };
        let authority = Authority { host: "localhost".to_owned(), port: None };
        let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let arrival = Arrival { scheme: Scheme::Http, authority, prefix: String::new(), peer };
        RealmContext::new(&http, Arc::clone(&self.realm), arrival, None)
    }

    async fn start_device(&self, client: &str, form: &str) -> Result<serde_json::Value, DeviceError> {
        let form = Params::parse(form.as_bytes()).unwrap();
        let client = self.realm.client(client).unwrap();
        let answer = self.login.start_device(&self.request(), client, &form).await?;
        Ok(serde_json::to_value(answer).unwrap())
    }

    /// Keys of clients may stand on this machine.
    async fn start_backchannel(&self, form: &str) -> BackchannelError {
        let form = Params::parse(form.as_bytes()).unwrap();
        let client = self.realm.client("bank").unwrap();
        let config = outbound_http::Config { allow: vec!["loopback".to_owned()], ..outbound_http::Config::default() };
        let client_auth = ClientAuth::new(self.login.sessions.clone(), Outbound::new(&config).unwrap());
        self.login.start_backchannel((&self.request(), &client_auth), client, &form).await.unwrap_err()
    }
}

#[tokio::test]
async fn a_device_is_given_codes_that_lead_to_one_request() {
    let world = World::new("https://bank.example/cb");
    let answer = world.start_device("tv", "scope=openid&nonce=n&client_secret=s").await.unwrap();
    assert_eq!(answer["expires_in"], 300);
    assert_eq!(answer["interval"], 7);
    assert_eq!(answer["verification_uri"], "http://localhost/realms/r/device");
    let (realm, sessions) = (&world.realm.name, &world.login.sessions);
    let code = answer["device_code"].as_str().unwrap();
    let found = sessions.find_waiting((Decoupled::Device, realm, code), now()).await.unwrap().unwrap().value;
    assert_eq!((found.client.as_str(), found.scope.as_deref(), found.note("nonce")), ("tv", Some("openid"), Some("n")));
    assert_eq!(found.note("client_secret"), None);
    let entered = sessions.enter_user_code(realm, (answer["user_code"].as_str().unwrap(), "192.0.2.1"), now()).await.unwrap();
    assert!(matches!(entered, UserCode::Known(waiting) if *waiting == found));
}

#[tokio::test]
async fn refuses_devices_in_keycloaks_order() {
    let world = World::new("https://bank.example/cb");
    for (client, form, expected) in [
        ("off", "a=1&a=2", "the device flow is off for the client"),
        ("tv", "a=1&a=2&request=x", "a repeated parameter"),
        ("tv", "request=x&code_challenge=short", "a request object, which is not served here"),
        ("tv", "code_challenge=short", "a code_challenge of the wrong form"),
    ] {
        assert_eq!(world.start_device(client, form).await.unwrap_err().to_string(), expected, "{form}");
    }
}

/// CVE-2026-1518
#[tokio::test]
async fn a_notification_goes_to_no_private_address() {
    for endpoint in
        ["http://127.0.0.1:9/", "https://127.0.0.1:9/", "https://169.254.169.254/latest", "https://[::1]:9/", "https://10.0.0.1/"]
    {
        let world = World::new(endpoint);
        let notes = [("auth_req_id", "id"), ("client_notification_token", "t")];
        let waiting = WaitingAuthorization {
            client: "bank".to_owned(),
            user: Some("u-1".into()),
            scope: None,
            interval: 5,
            expires_at: now().plus_secs(60),
            polled: None,
            decision: Decision::Pending,
            notes: notes.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        };
        let refused = world.login.notify(&world.request(), &waiting).await.unwrap_err();
        let CallbackError::Notification(OutboundError::Address(_)) = refused else { panic!("{endpoint}: {refused}") };
    }
}

#[tokio::test]
async fn a_user_locked_after_failed_logins_is_asked_nothing() {
    let world = World::new("https://bank.example/cb");
    let form = "scope=openid&login_hint=ann&client_notification_token=t";
    assert!(matches!(world.start_backchannel(form).await, BackchannelError::NoChannel));
    let locked = |_| Some(LoginAttempts { failures: 3, not_before: now().plus_secs(1), ..LoginAttempts::default() });
    let subject = Subject::User(&world.login.users.find_by_username(&world.realm.name, "ann").await.unwrap().unwrap().id.clone());
    world.login.sessions.update_attempts(&world.realm.name, subject, now(), locked).await.unwrap();
    assert!(matches!(world.start_backchannel(form).await, BackchannelError::InvalidUser("locked after failed logins")));
}

#[tokio::test]
async fn refuses_back_channel_requests_in_keycloaks_order() {
    let world = World::new("https://bank.example/cb");
    let user = "login_hint=ann%40r.example";
    for (form, expected) in [
        ("requested_expiry=x".to_owned(), "requested_expiry is no number"),
        ("scope=nope".to_owned(), "no login_hint"),
        ("login_hint=nobody".to_owned(), "the user is unknown"),
        (user.to_owned(), "no scope"),
        (format!("{user}&scope=nope&binding_message=a+b"), "scope words that the client does not have"),
        (format!("{user}&scope=openid&binding_message=a+b"), "a binding_message of the wrong form"),
        (format!("{user}&scope=openid&user_code=1"), "no client_notification_token from a ping client"),
        (format!("{user}&scope=openid&client_notification_token=t&user_code=1"), "a user_code"),
        ("request=x&request_uri=y".to_owned(), "request and request_uri together"),
        ("request=eyJhbGciOiJub25lIn0.e30.".to_owned(), "the signed request: it is not signed"),
        ("request=eyJhbGciOiJIUzI1NiJ9.e30.AA".to_owned(), "the signed request: it is signed with a shared secret"),
        ("request=eyJhbGciOiJFUzI1NiJ9.e30.AA".to_owned(), "the signed request: its algorithm is not the client's"),
    ] {
        assert_eq!(world.start_backchannel(&form).await.to_string(), expected, "{form}");
    }
}

/// A site on this machine that publishes `keys`.
async fn publish(keys: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/keys", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", keys.len());
            let _ = stream.write_all(&[head.as_bytes(), &keys].concat()).await;
        }
    });
    url
}

#[tokio::test]
async fn a_signed_request_is_checked_by_the_keys_at_the_clients_url() {
    let signer = World::new("https://bank.example/cb");
    let keys = signer.login.keyrings.of(&signer.realm).await.unwrap().jwks_json().to_vec();
    let url = publish(keys).await;
    let attributes = format!(
        r#""use.jwks.url": "true", "jwks.url": "{url}", "ciba.backchannel.auth.request.signing.alg": "RS256", "oidc.ciba.grant.enabled""#
    );
    let world = World::of(REALM.replace(r#""oidc.ciba.grant.enabled""#, &attributes));
    let claims = br#"{"login_hint": "nobody"}"#;
    let rs256 = signer.login.keyrings.signer(&signer.realm, Algorithm::Rs256).await.unwrap();
    let token = sign_compact(&*rs256, "JWT", claims).unwrap();
    assert_eq!(world.start_backchannel(&format!("request={token}")).await.to_string(), "the user is unknown");
    let (input, _) = token.rsplit_once('.').unwrap();
    let forged = format!("request={input}.{}", "A".repeat(342));
    let expected = "the signed request: its signature is not the client's";
    assert_eq!(world.start_backchannel(&forged).await.to_string(), expected);
}
