//! A store in memory with what it takes to apply files to it: for tests.

use std::sync::Arc;

use ambient::{ManualClock, SeededEntropy, Timestamp};
use realm_model::document::{Body, Key, Kind};
use realm_store::{Batch, Expected, LiveRealms, Repository, Sqlite, UserKey, UserRow, Write};
use serde_json::{Value, json};

use crate::{ApplyError, FileRealm, KeepPlain, Options, Plan, Reconciler, Source, UsersLookedAt};

/// The name of the file that [`World::apply`] pretends to read.
pub(crate) const FILE: &str = "realms/acme.json";

pub(crate) struct World {
    pub(crate) reconciler: Reconciler,
}

/// A realm with a bit of everything.
pub(crate) fn acme() -> Value {
    json!({
        "realm": "acme", "enabled": true, "accessTokenLifespan": 300, "attributes": {"frontendUrl": "https://id.example"},
        "roles": {"realm": [{"name": "manager"}, {"name": "clerk"}], "client": {"app": [{"name": "admin"}]}},
        "groups": [{"name": "staff", "subGroups": [{"name": "kitchen"}]}],
        "clients": [
            {"clientId": "app", "secret": "app-secret", "redirectUris": ["https://app.example/*"],
             "attributes": {"pkce.code.challenge.method": "S256"},
             "protocolMappers": [{"name": "m", "protocol": "openid-connect", "protocolMapper": "oidc-hardcoded-claim-mapper",
                                  "config": {"claim.name": "x", "claim.value": "1"}}]},
            {"clientId": "machine", "secret": "machine-secret", "serviceAccountsEnabled": true},
        ],
        "users": [
            {"username": "Alice", "enabled": true, "email": "Alice@example.com", "realmRoles": ["manager"],
             "credentials": [{"type": "password", "value": "wonderland"}]},
            {"username": "bob", "enabled": true, "groups": ["/staff"]},
        ],
    })
}

pub(crate) fn file(json: &Value) -> FileRealm {
    let reading = Source::of_text(FILE, &serde_json::to_string_pretty(json).unwrap()).realms(&|_: &str| None);
    let errors: Vec<_> = reading.diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    reading.realms.into_iter().next().unwrap()
}

impl World {
    pub(crate) async fn new() -> Self {
        let repository: Arc<dyn Repository> = Arc::new(Sqlite::in_memory().unwrap());
        let live = LiveRealms::open(repository, Arc::new(|_: &str| None)).await.unwrap();
        let reconciler = Reconciler {
            live,
            seal: Arc::new(KeepPlain),
            entropy: Arc::new(SeededEntropy::new(1)),
            clock: Arc::new(ManualClock::at(Timestamp::from_secs(1_700_000_000))),
        };
        Self { reconciler }
    }

    /// With [`acme`] applied.
    pub(crate) async fn with_acme() -> Self {
        let world = Self::new().await;
        world.apply(&acme()).await;
        world
    }

    pub(crate) async fn try_apply(&self, json: &Value, options: Options) -> Result<Plan, ApplyError> {
        self.reconciler.apply(&file(json), options).await
    }

    pub(crate) async fn apply(&self, json: &Value) -> Plan {
        self.try_apply(json, Options::default()).await.unwrap()
    }

    pub(crate) async fn plan(&self, json: &Value) -> Plan {
        self.reconciler.plan(&file(json), Options::default(), UsersLookedAt::All).await.unwrap()
    }

    pub(crate) async fn find(&self, key: &Key) -> Option<(Body, String, i64)> {
        let documents = self.reconciler.live.documents("acme").await.unwrap().unwrap();
        let entry = documents.get(key)?;
        Some((entry.document.body.clone(), entry.document.id.clone(), entry.version))
    }

    /// A client's representation.
    pub(crate) async fn client(&self, id: &str) -> Option<Body> {
        self.find(&Key::of(Kind::Client, id)).await.map(|(body, ..)| body)
    }

    fn realm_id(&self) -> String {
        self.reconciler.live.realm_id("acme").unwrap().to_string()
    }

    /// What an admin does at run time: makes an entity, or puts members into one that is there.
    pub(crate) async fn edit(&self, key: &Key, members: Value) {
        let (mut body, id, version) = self.find(key).await.unwrap_or_default();
        for (name, value) in members.as_object().unwrap() {
            if value.is_null() {
                body.shift_remove(name);
            } else {
                body.insert(name.clone(), value.clone());
            }
        }
        if key.kind == Kind::Realm {
            body = realm_model::template::sparse_settings(&body, "26.7");
        }
        let expected = if version == 0 { Expected::Absent } else { Expected::Version(version) };
        let id = if id.is_empty() { format!("id of {}", key.name) } else { id };
        let write = Write::Put { key: key.clone(), id, body: Value::Object(body).to_string(), expected };
        self.commit(write).await;
    }

    pub(crate) async fn commit(&self, write: Write) {
        let batch = Batch { writes: vec![write], ..Batch::within(self.realm_id()) };
        self.reconciler.live.commit(batch).await.unwrap();
    }

    pub(crate) async fn user(&self, name: &str) -> Option<UserRow> {
        self.reconciler.live.repository().user(&self.realm_id(), UserKey::Username(name)).await.unwrap()
    }
}
