//! A realm with one user, for tests.

use std::sync::{Arc, Mutex};

use ambient::{SeededEntropy, Timestamp};
use async_trait::async_trait;
use oidc_types::{ClientId, RealmName, UserId};
use passwords::HashPool;
use realm_model::document::UserRecord;
use realm_model::file::{SourceFile, read};
use realm_model::{Credential, Realm, User, compile};
use realm_store::{CommitError, StoreError, Users};
use serde_json::{Value, json};
use sessions::{Memory, Sessions};

use crate::{At, UserAuthentication};

pub(crate) struct OneUser {
    realm: Mutex<Arc<Realm>>,
    record: Mutex<UserRecord>,
}

impl OneUser {
    fn user(&self) -> Arc<User> {
        Arc::new(compile::user(&self.record.lock().unwrap(), &self.realm.lock().unwrap()))
    }
}

#[async_trait]
impl Users for OneUser {
    async fn find_by_id(&self, _: &RealmName, id: &str) -> Result<Option<Arc<User>>, StoreError> {
        Ok(Some(self.user()).filter(|user| user.id.as_str() == id))
    }

    async fn find_by_username(&self, _: &RealmName, name: &str) -> Result<Option<Arc<User>>, StoreError> {
        Ok(Some(self.user()).filter(|user| user.username == name.to_lowercase()))
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

    async fn replace_credential(
        &self,
        realm: &RealmName,
        user: &UserId,
        old: &Credential,
        new: Credential,
    ) -> Result<(), StoreError> {
        let mut put = |record: &mut UserRecord| {
            for body in record.0.get_mut("credentials").unwrap().as_array_mut().unwrap() {
                if compile::credential(body).unwrap().is_same(old) {
                    *body = compile::credential_body(&new);
                }
            }
        };
        self.change_user(realm, user, &mut put).await.map_err(|_| StoreError::UnknownUser(user.clone()))
    }

    async fn change_user(
        &self,
        _: &RealmName,
        _: &UserId,
        work: &mut (dyn for<'r> FnMut(&'r mut UserRecord) + Send),
    ) -> Result<(), CommitError> {
        work(&mut self.record.lock().unwrap());
        Ok(())
    }
}

pub(crate) struct World {
    pub(crate) realm: Arc<Realm>,
    users: Arc<OneUser>,
    pub(crate) authentication: UserAuthentication,
}

/// Of user `ann`, whose password is `Password1`.
const HASH: passwords::HashPolicy = passwords::HashPolicy { algorithm: passwords::HashAlgorithm::Argon2, iterations: Some(1) };

impl World {
    /// A realm of which `settings` say more. Three failures lock.
    pub(crate) fn new(settings: Value) -> Self {
        let mut realm =
            json!({"id": "r", "realm": "r", "bruteForceProtected": true, "failureFactor": 3, "quickLoginCheckMilliSeconds": 0});
        realm.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        let file = SourceFile { name: "r-realm.json".to_owned(), bytes: realm.to_string().into_bytes() };
        let realm = Arc::new(read(&[file], &|_| None).realms.remove(0).realm);
        let entropy = Arc::new(SeededEntropy::new(1));
        let (secret, data) = passwords::hash("Password1", &HASH, &*entropy).to_keycloak();
        let password = json!({"id": "p-1", "type": "password", "secretData": secret, "credentialData": data, "createdDate": 1});
        let record =
            json!({"id": "u-1", "username": "ann", "enabled": true, "email": "ann@r.example", "credentials": [password]});
        let record = Mutex::new(UserRecord(record.as_object().unwrap().clone()));
        let users = Arc::new(OneUser { realm: Mutex::new(Arc::clone(&realm)), record });
        let pool = Arc::new(HashPool::new(&passwords::Config { threads: 1, queue: 100 }));
        let sessions = Sessions::new(Arc::new(Memory::new()));
        let authentication = UserAuthentication::new(sessions, Arc::<OneUser>::clone(&users), pool, entropy);
        Self { realm, users, authentication }
    }

    pub(crate) fn at(&self, secs: i64) -> At<'_> {
        At { realm: &self.realm, now: Timestamp::from_secs(1_800_000_000 + secs), peer: "198.51.100.7" }
    }

    pub(crate) fn ann(&self) -> Arc<User> {
        self.users.user()
    }

    pub(crate) fn record(&self) -> UserRecord {
        self.users.record.lock().unwrap().clone()
    }

    pub(crate) fn add(&self, credential: Value) {
        self.users.record.lock().unwrap().0.get_mut("credentials").unwrap().as_array_mut().unwrap().push(credential);
    }

    pub(crate) fn set(&self, member: &str, value: Value) {
        self.users.record.lock().unwrap().0.insert(member.to_owned(), value);
    }
}
