//! Every login and refresh of the recordings, minted here and compared claim by claim.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ambient::{Clock, ManualClock, SeededEntropy, Timestamp};
use key_rotation::Keyrings;
use realm_model::file::{SourceFile, read};
use realm_model::{Client, Realm, RefreshTokenPolicy, User};
use serde_json::Value;
use sessions::lifespan::Lifespans;
use sessions::{ClientSession, Memory, UserSession};

use crate::*;

mod encryption;
mod expected;
mod mappers;
mod organizations;
mod tokens;

const BASE: &str = "http://localhost:8181";
const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

struct Loaded {
    realm: Arc<Realm>,
    users: Vec<Arc<User>>,
}

pub(crate) struct World {
    realms: BTreeMap<String, Loaded>,
    pub(crate) issuer: TokenIssuer,
    clock: Arc<ManualClock>,
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

impl World {
    pub(crate) fn new() -> Self {
        let folder = repository().join("tests/keycloak/realms");
        let mut files = Vec::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ext| ext == "json") {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                files.push(SourceFile { name, bytes: std::fs::read(path).unwrap() });
            }
        }
        let reading = read(&files, &|_| None);
        assert!(!reading.has_errors(), "{:#?}", reading.diagnostics);
        let realms = reading.realms.into_iter().map(|loaded| {
            let users = loaded.users.into_iter().map(Arc::new).collect();
            (loaded.realm.name.to_string(), Loaded { realm: Arc::new(loaded.realm), users })
        });
        let clock = Arc::new(ManualClock::at(NOW));
        let entropy = Arc::new(SeededEntropy::new(7));
        let keys = Keyrings::new(Arc::new(Memory::new()), clock.clone(), entropy.clone());
        Self { realms: realms.collect(), issuer: TokenIssuer::new(Arc::new(keys), entropy), clock }
    }

    pub(crate) fn realm(&self, name: &str) -> &Arc<Realm> {
        &self.realms[name].realm
    }

    pub(crate) fn user(&self, realm: &str, login: &str) -> Arc<User> {
        let login = login.to_lowercase();
        let is = |user: &&Arc<User>| user.username == login || user.email.as_ref() == Some(&login);
        Arc::clone(self.realms[realm].users.iter().find(is).unwrap_or_else(|| panic!("no user {login}")))
    }

    pub(crate) fn issuer_url(&self, realm: &str) -> String {
        let base = self.realm(realm).frontend_url.clone().unwrap_or_else(|| BASE.to_owned());
        format!("{base}/realms/{realm}")
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

fn lifespans(realm: &Realm, client: &Client) -> Lifespans {
    let of = |attribute: &str, field: i64| client.number(attribute).filter(|n| *n > 0).unwrap_or(field);
    let l = &realm.lifespans;
    Lifespans {
        sso_idle: l.sso_session_idle,
        sso_max: l.sso_session_max,
        sso_idle_remember_me: l.sso_session_idle_remember_me,
        sso_max_remember_me: l.sso_session_max_remember_me,
        remembers: realm.login.remember_me,
        client_idle: of("client.session.idle.timeout", l.client_session_idle),
        client_max: of("client.session.max.lifespan", l.client_session_max),
        offline_idle: l.offline_session_idle,
        offline_max: l.offline_session_max,
        client_offline_idle: of("client.offline.session.idle.timeout", l.client_offline_session_idle),
        client_offline_max: of("client.offline.session.max.lifespan", l.client_offline_session_max),
    }
}

/// What a grant hands over: for a session that began at `started`, used at `now`.
pub(crate) struct Login {
    pub(crate) subject: Subject,
    pub(crate) grant: GrantKind,
    pub(crate) started: Timestamp,
    pub(crate) now: Timestamp,
}

impl Login {
    pub(crate) fn issue(self, realm: &Realm, client: &Arc<Client>, scope: GrantedScope, refresh_scope: GrantedScope) -> Issue {
        let service = self.subject.user().service_account_client.is_some();
        let transient = service && !client.is_on("client_credentials.use_refresh_token");
        let kind = match (transient, refresh_scope.has_offline_access()) {
            (true, _) => SessionKind::Transient,
            (false, true) => SessionKind::Offline,
            (false, false) => SessionKind::Online,
        };
        let stored = if kind == SessionKind::Offline { sessions::SessionKind::Offline } else { sessions::SessionKind::Online };
        let id = "0123456789abcdefghijklmn".into();
        let mut session = UserSession::new(id, self.subject.user().id.clone(), stored, self.started);
        let mut own = ClientSession::new(&client.id, "", self.started);
        (session.last_refresh, own.last_refresh) = (self.now, self.now);
        let lifespans = lifespans(realm, client);
        let reuse_id = matches!(realm.refresh_tokens, RefreshTokenPolicy::Rotating { .. })
            .then(|| "6131a9c7-9a77-4fbc-ad2f-5acd9433a824".to_owned());
        let expires = lifespans.refresh_expires(&session, &own);
        let facts = SessionFacts {
            kind,
            id: session.id.clone(),
            started: self.started,
            ends: lifespans.client_ends(&session, &own).max,
            remember_me: false,
            notes: match service {
                true => SessionNotes::of_service_account(client.client_id.as_str(), "127.0.0.1"),
                false => SessionNotes::default(),
            },
            acr: "1".into(),
        };
        Issue {
            refresh_scope,
            refresh: match kind {
                SessionKind::Offline => RefreshIssue::Offline { expires, reuse_id },
                SessionKind::Online => RefreshIssue::Refresh { expires: expires.unwrap(), reuse_id },
                _ => RefreshIssue::Without,
            },
            ..Issue::new(self.subject, Arc::clone(client), scope, facts, self.grant)
        }
    }
}

/// A scenario being played.
struct Play<'a> {
    world: &'a World,
    /// Refresh tokens by variable, with the start of their session and their user.
    captured: BTreeMap<String, (String, Timestamp, Arc<User>)>,
    compared: usize,
    wrong: Vec<String>,
}

impl Play<'_> {
    async fn step(&mut self, scenario: &str, step: &Value) {
        let (request, response) = (&step["request"], &step["response"]);
        self.world.clock.advance_secs(step["sleep"].as_f64().unwrap_or(0.0).ceil() as i64);
        let path = request["path"].as_str().unwrap_or_default();
        let realm = path.strip_prefix("/realms/").and_then(|rest| rest.strip_suffix("/protocol/openid-connect/token"));
        let Some(realm) = realm.filter(|_| response["status"] == 200) else { return };
        if request["form"]["username"].as_str().is_some_and(|name| name.contains("{{")) {
            return; // a user that the scenario makes itself
        }
        let issue = self.issue(realm, request).await;
        let issuer = self.world.issuer_url(realm);
        let cx = MintContext { realm: self.world.realm(realm), issuer: &issuer, now: self.world.now() };
        let minted = self.world.issuer.mint(&issue, cx).await.unwrap();
        for (variable, how) in step["capture"].as_object().into_iter().flatten() {
            if how == "body.refresh_token" {
                let token = minted.refresh_token.clone().unwrap_or_default();
                let row = (token, issue.session.started, Arc::clone(issue.subject.user()));
                self.captured.insert(variable.clone(), row);
            }
        }
        if step["setup"] == true {
            return;
        }
        self.compared += 1;
        let at = format!("{scenario}, {}", step["name"].as_str().unwrap());
        let answered = serde_json::to_value(&minted).unwrap();
        let wrong = expected::differences(self.world, realm, &response["body"], &answered);
        self.wrong.extend(wrong.into_iter().map(|what| format!("{at}: {what}")));
    }

    async fn issue(&self, name: &str, request: &Value) -> Issue {
        let realm = self.world.realm(name);
        let plain = |text: &str| text.chars().filter(|c| !c.is_ascii_control()).collect::<String>(); // as the form's reader does
        let form: BTreeMap<_, _> =
            request["form"].as_object().unwrap().iter().map(|(k, v)| (&**k, v.as_str().map(plain))).collect();
        let param = |key: &str| form.get(key).and_then(|value| value.as_deref());
        let header = request["headers"]["Authorization"].as_str().unwrap_or_default();
        let basic = header.strip_prefix("{{basic:").and_then(|rest| rest.split(':').next());
        let client = realm.client(param("client_id").or(basic).unwrap()).unwrap();
        let requested = ScopeRequest::parse(client, param("scope")).unwrap();
        let now = self.world.now();
        if param("grant_type") == Some("refresh_token") {
            let variable = param("refresh_token").unwrap().trim_matches(['{', '}']);
            let (text, started, user) = &self.captured[variable];
            let issuer = self.world.issuer_url(name);
            let cx = VerifyContext { realm, issuer: &issuer, accepts_issuer: &|_| false, now };
            let claims = self.world.issuer.verify_refresh_token(text, cx).await.unwrap();
            assert_eq!(claims.client_id, client.client_id);
            let subject = Subject::new(realm, Arc::clone(user));
            let full = GrantedScope::of_refresh_token(realm, client, &subject, &claims.scope);
            let narrowed = full.narrowed_to(client, &requested);
            return Login { subject, grant: GrantKind::Refresh, started: *started, now }.issue(realm, client, narrowed, full);
        }
        let service = format!("service-account-{}", client.client_id);
        let (login, grant) = match param("username").filter(|_| param("grant_type") == Some("password")) {
            Some(username) => (username, GrantKind::Password),
            None => (service.as_str(), GrantKind::ClientCredentials),
        };
        let subject = Subject::new(realm, self.world.user(name, login));
        let granted = requested.grant(realm, client, &subject);
        Login { subject, grant, started: now, now }.issue(realm, client, granted.clone(), granted)
    }
}

/// Plays all scenarios in `folder`; how many answers were compared.
async fn replay(folder: PathBuf) -> usize {
    let world = World::new();
    let mut play = Play { world: &world, captured: BTreeMap::new(), compared: 0, wrong: Vec::new() };
    for entry in std::fs::read_dir(folder).unwrap() {
        let scenario: Value = serde_json::from_slice(&std::fs::read(entry.unwrap().path()).unwrap()).unwrap();
        for step in scenario["steps"].as_array().unwrap() {
            play.step(scenario["name"].as_str().unwrap(), step).await;
        }
    }
    assert!(play.wrong.is_empty(), "{} differences:\n{}", play.wrong.len(), play.wrong.join("\n"));
    play.compared
}

fn shared(topic: &str) -> PathBuf {
    repository().join("tests/keycloak/recordings").join(topic)
}

#[tokio::test]
async fn password_logins_give_the_recorded_tokens() {
    assert!(replay(shared("token-password")).await > 25);
}

#[tokio::test]
async fn refreshes_give_the_recorded_tokens() {
    assert!(replay(shared("token-refresh")).await > 50);
}

#[tokio::test]
async fn service_accounts_get_the_recorded_tokens() {
    assert!(replay(shared("token-client-credentials")).await > 10);
}

#[tokio::test]
async fn offline_logins_give_the_recorded_tokens() {
    assert!(replay(shared("offline-tokens")).await > 10);
}

#[tokio::test]
async fn scopes_and_mappers_give_the_recorded_tokens() {
    assert!(replay(Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings/scopes-and-mappers")).await > 25);
}
