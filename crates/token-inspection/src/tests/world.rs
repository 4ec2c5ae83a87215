//! A realm with two clients and an API, a user, and tokens of them.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};

use ambient::{Clock, Entropy, ManualClock, SeededEntropy, Timestamp};
use async_trait::async_trait;
use oidc_types::{ClientId, Params, RealmName, UserId};
use realm_http::{Arrival, Authority, Hostname, RealmContext, RealmHttp, Realms, Scheme};
use realm_model::file::{SourceFile, read};
use realm_model::{Client, Credential, Realm, User};
use realm_store::{StoreError, Users};
use serde_json::{Map, Value};
use sessions::lifespan::Lifespans;
use sessions::{ClientSession, Inserted, Memory, Replaced, SessionKind, Sessions, UserSession};
use token_issuer::{
    GrantKind, Issue, KeyError, MintContext, Minted, RealmKeys, RefreshIssue, ScopeRequest, SessionFacts, SessionNotes,
    SignedToken, Subject, TokenIssuer, UserInfo,
};

use crate::TokenInspection;
use crate::error::{IntrospectionError, RevocationError, UserInfoError};
use crate::inspection::Inspection;
use crate::introspect::Accepted;
use crate::userinfo::{AuthScheme, Refusal, Shown};

const REALM: &str = r#"{
    "realm": "r", "enabled": true, "ssoSessionIdleTimeout": 600, "accessTokenLifespan": 3600,
    "clients": [
        {"clientId": "app", "publicClient": true, "webOrigins": ["https://app.example"], "protocolMappers": [
            {"name": "api", "protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper",
             "config": {"included.client.audience": "api", "access.token.claim": "true", "id.token.claim": "true"}}]},
        {"clientId": "other", "publicClient": true},
        {"clientId": "light", "publicClient": true, "attributes": {"client.use.lightweight.access.token.enabled": "true"}},
        {"clientId": "api", "secret": "s"}
    ],
    "users": [{"id": "u-1", "username": "ann", "enabled": true, "email": "ann@r.example", "firstName": "Ann",
               "realmRoles": ["offline_access"]}]
}"#;

pub(super) struct World {
    pub(super) clock: ManualClock,
    pub(super) realm: Arc<Realm>,
    users: Arc<OneUser>,
    pub(super) sessions: Sessions,
    issuer: Arc<TokenIssuer>,
    entropy: SeededEntropy,
    inspection: TokenInspection,
}

/// Keys of paper: what is "signed" says under which realm and algorithm.
struct PaperKeys;

#[async_trait]
impl RealmKeys for PaperKeys {
    async fn sign(&self, realm: &Arc<Realm>, algorithm: &str, _: &str, claims: &[u8]) -> Result<String, KeyError> {
        Ok(format!("{}|{algorithm}|{}", realm.name, String::from_utf8_lossy(claims)))
    }

    async fn verify(&self, realm: &Arc<Realm>, token: &str) -> Result<Option<SignedToken>, KeyError> {
        let mut parts = token.splitn(3, '|');
        let (signed_by, algorithm, claims) = (parts.next(), parts.next(), parts.next());
        let signed = signed_by == Some(realm.name.as_str());
        Ok(signed.then(|| SignedToken { algorithm: algorithm.unwrap().to_owned(), claims: claims.unwrap().into() }))
    }
}

/// A realm's only user, found by id.
struct OneUser(Mutex<Option<Arc<User>>>);

#[async_trait]
impl Users for OneUser {
    async fn find_by_id(&self, _: &RealmName, id: &str) -> Result<Option<Arc<User>>, StoreError> {
        Ok(self.0.lock().unwrap().clone().filter(|user| user.id.as_str() == id))
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

    async fn replace_credential(&self, _: &RealmName, user: &UserId, _: &Credential, _: Credential) -> Result<(), StoreError> {
        Err(StoreError::UnknownUser(user.clone()))
    }
}

struct NoRealms;

impl Realms for NoRealms {
    fn realm(&self, _: &str) -> Option<Arc<Realm>> {
        None
    }
}

impl World {
    pub(super) fn new() -> Self {
        let file = SourceFile { name: "r-realm.json".to_owned(), bytes: REALM.into() };
        let loaded = read(&[file], &|_| None).realms.remove(0);
        let users = Arc::new(OneUser(Mutex::new(loaded.users.into_iter().find(|user| user.username == "ann").map(Arc::new))));
        let sessions = Sessions::new(Arc::new(Memory::new()));
        let issuer = Arc::new(TokenIssuer::new(Arc::new(PaperKeys), Arc::new(SeededEntropy::new(1))));
        Self {
            clock: ManualClock::at(Timestamp::from_secs(1_800_000_000)),
            realm: Arc::new(loaded.realm),
            users: users.clone(),
            sessions: sessions.clone(),
            issuer: issuer.clone(),
            entropy: SeededEntropy::new(2),
            inspection: TokenInspection::new(sessions, users, issuer),
        }
    }

    pub(super) fn client(&self, id: &str) -> &Arc<Client> {
        self.realm.client(id).unwrap()
    }

    pub(super) fn user(&self) -> User {
        let reading = read(&[SourceFile { name: "r-realm.json".to_owned(), bytes: REALM.into() }], &|_| None);
        reading.realms.into_iter().flat_map(|loaded| loaded.users).find(|user| user.username == "ann").unwrap()
    }

    pub(super) fn change_user(&self, change: impl FnOnce(&mut User)) {
        let mut user = self.user();
        change(&mut user);
        *self.users.0.lock().unwrap() = Some(Arc::new(user));
    }

    pub(super) fn change_client(&mut self, id: &str, change: impl FnOnce(&mut Client)) {
        let mut client = Client::clone(self.client(id));
        change(&mut client);
        let realm = Arc::make_mut(&mut self.realm);
        realm.generation += 1;
        realm.clients.insert(client.client_id.clone(), Arc::new(client));
    }

    /// A login of `ann` at `client`, in a session of its own.
    pub(super) async fn login(&self, client: &str, scope: &str) -> Minted {
        self.join(client, scope, None).await
    }

    /// Another client's login in the session of `minted`.
    pub(super) async fn single_sign_on(&self, client: &str, minted: &Minted) -> Minted {
        self.join(client, "openid", minted.session_state.clone()).await
    }

    async fn join(&self, client: &str, scope: &str, session: Option<oidc_types::SessionId>) -> Minted {
        let (now, client) = (self.clock.now(), Arc::clone(self.client(client)));
        let request = ScopeRequest::parse(&client, Some(scope)).unwrap();
        let kind = if request.wants_offline(&client) { SessionKind::Offline } else { SessionKind::Online };
        let id = session.unwrap_or_else(|| self.entropy.base64url(18).into());
        let found = self.sessions.find(&self.realm.name, kind, &id, now).await.unwrap();
        let part = ClientSession::new(&client.id, scope, now);
        match found {
            Some(mut seen) => {
                seen.attach(part);
                let replaced = self.sessions.replace(&self.realm.name, &seen, now).await.unwrap();
                assert_eq!(replaced, Replaced::Done);
            }
            None => {
                let mut session = UserSession::new(id.clone(), self.user().id, kind, now);
                session.attach(part);
                session.expires_at = Lifespans::of(&self.realm, &client).record_expires(&session);
                let inserted = self.sessions.record(&self.realm.name, &session, now).await.unwrap();
                assert_eq!(inserted, Inserted::Done);
            }
        }
        self.mint(client, request, kind, id).await
    }

    async fn mint(&self, client: Arc<Client>, request: ScopeRequest, kind: SessionKind, id: oidc_types::SessionId) -> Minted {
        let now = self.clock.now();
        let subject = Subject::new(&self.realm, Arc::new(self.user()));
        let scope = request.grant(&self.realm, &client, &subject);
        let (kind, refresh) = match kind {
            SessionKind::Online => {
                let refresh = RefreshIssue::Refresh { expires: now.plus_secs(600), reuse_id: None };
                (token_issuer::SessionKind::Online, refresh)
            }
            SessionKind::Offline => (token_issuer::SessionKind::Offline, RefreshIssue::Offline { expires: None, reuse_id: None }),
        };
        let notes = SessionNotes::default();
        let session = SessionFacts { kind, id, started: now, ends: None, remember_me: false, notes, acr: "1".into() };
        let grant = GrantKind::Password;
        let issue = Issue { refresh, ..Issue::new(subject, client, scope, session, grant) };
        let context = MintContext { realm: &self.realm, issuer: "http://localhost/realms/r", now };
        self.issuer.mint(&issue, context).await.unwrap()
    }

    pub(super) fn request(&self, origin: Option<&str>) -> RealmContext {
        let http = RealmHttp {
            realms: Arc::new(NoRealms),
            hostname: Arc::new(Hostname::default()),
            clock: Arc::new(ManualClock::at(self.clock.now())),
            entropy: Arc::new(SeededEntropy::new(3)),
        };
        let authority = Authority { host: "localhost".to_owned(), port: None };
        let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let arrival = Arrival { scheme: Scheme::Http, authority, prefix: String::new(), peer };
        RealmContext::new(&http, Arc::clone(&self.realm), arrival, origin)
    }

    /// The claims, or the fact against them.
    pub(super) async fn userinfo(&self, token: &str) -> Result<Map<String, Value>, String> {
        let request = self.request(None);
        let shown = Shown { token: token.to_owned(), scheme: AuthScheme::Bearer, method: "GET", proof: None };
        match crate::userinfo::userinfo(&Inspection { parts: &self.inspection, request: &request }, &shown).await {
            Ok(UserInfo::Plain(json)) => Ok(serde_json::from_slice(&json).unwrap()),
            Ok(UserInfo::Jwt(_)) => panic!("nobody asked for a signature"),
            Err(Refusal::Fact(error)) => Err(UserInfoError::to_string(&error)),
            Err(Refusal::Origin(refused)) => Err(refused.to_string()),
        }
    }

    /// What `caller` is told of a token.
    pub(super) async fn introspect(
        &self,
        caller: &str,
        token: &str,
        hint: Option<&str>,
    ) -> Result<Option<Map<String, Value>>, IntrospectionError> {
        let mut form = vec![("token".to_owned(), token.to_owned())];
        form.extend(hint.map(|hint| ("token_type_hint".to_owned(), hint.to_owned())));
        let request = self.request(None);
        let cx = Inspection { parts: &self.inspection, request: &request };
        let answer = crate::introspect::introspect(&cx, self.client(caller), &Params::from_pairs(form), Accepted::Json).await?;
        Ok(answer.map(|json| serde_json::from_slice(&json).unwrap()))
    }

    /// `jwt` of what `caller` is told of a token when it asks for it; not escaped, though a token of paper has quotes in it.
    pub(super) async fn signed_copy(&self, caller: &str, token: &str) -> Result<Option<String>, IntrospectionError> {
        let form = Params::from_pairs([("token".to_owned(), token.to_owned())]);
        let request = self.request(None);
        let cx = Inspection { parts: &self.inspection, request: &request };
        let answer = crate::introspect::introspect(&cx, self.client(caller), &form, Accepted::Jwt).await?;
        let text = answer.map(|json| String::from_utf8(json).unwrap()).unwrap_or_default();
        Ok(text.split_once(",\"jwt\":\"").and_then(|(_, jwt)| jwt.strip_suffix("\"}")).map(str::to_owned))
    }

    /// Whether the API is told that a token is active.
    pub(super) async fn is_active(&self, token: &str) -> bool {
        self.introspect("api", token, None).await.unwrap().is_some()
    }

    pub(super) async fn revoke(&self, client: &str, token: &str) -> Result<(), RevocationError> {
        let request = self.request(None);
        let cx = Inspection { parts: &self.inspection, request: &request };
        let form = Params::from_pairs([("token".to_owned(), token.to_owned())]);
        crate::revoke::revoke(&cx, self.client(client), &form).await
    }

    pub(super) async fn has_session(&self, kind: SessionKind, minted: &Minted) -> bool {
        let (realm, id): (&RealmName, _) = (&self.realm.name, minted.session_state.as_ref().unwrap());
        self.sessions.find(realm, kind, id, self.clock.now()).await.unwrap().is_some()
    }
}
