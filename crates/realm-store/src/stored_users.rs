//! Users of the durable store, those asked for lately held in memory.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use oidc_types::{ClientId, RealmName, UserId};
use quick_cache::sync::Cache;
use realm_model::document::UserRecord;
use realm_model::{Credential, Realm, User, compile};
use serde_json::Value;

use crate::{Batch, CommitError, Expected, RealmStore, Repository, StoreError, UserKey, UserRow, Users, Write};

/// So many users are held; one costs about 4 KiB.
const HELD: usize = 10_000;

/// How often a change is worked out anew when somebody else changed the user in the same moment.
const ATTEMPTS: usize = 5;

/// By what a user is held. Logins go to the store: beside a password hash that costs nothing.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Held {
    Id(Box<str>),
    ServiceAccount(ClientId),
}

#[derive(Clone)]
struct Found {
    /// Of the user's stripe when this was read: what is older than the last change is not used.
    stripe: u64,
    /// Of the snapshot by which roles and groups were resolved.
    generation: u64,
    user: Arc<User>,
    /// Of which `user` was made: after a change of the realm it is made anew without asking the store, which may be away.
    record: Arc<UserRecord>,
}

/// Users share so many marks of change: one that shares another's is read anew for nothing.
const STRIPES: usize = 1024;

/// Finds users in a [`Repository`].
pub(crate) struct StoredUsers {
    repository: Arc<dyn Repository>,
    snapshots: Arc<RealmStore>,
    held: Cache<(Arc<str>, Held), Found>,
    /// By a hash of the user's id: rises with every change of one of them.
    stripes: Vec<AtomicU64>,
    hasher: RandomState,
    /// Rises with every change of any user: what was read meanwhile may be old and is not held.
    changes: AtomicU64,
}

impl StoredUsers {
    pub(crate) fn new(repository: Arc<dyn Repository>, snapshots: Arc<RealmStore>) -> Self {
        let stripes = (0..STRIPES).map(|_| AtomicU64::new(0)).collect();
        let (held, hasher) = (Cache::new(HELD), RandomState::new());
        Self { repository, snapshots, held, stripes, hasher, changes: AtomicU64::new(0) }
    }

    /// What is held of one user is old.
    pub(crate) fn forget(&self, user: &str) {
        if let Some(stripe) = self.stripe(user) {
            stripe.fetch_add(1, Ordering::SeqCst);
        }
        self.changes.fetch_add(1, Ordering::SeqCst);
    }

    /// Whatever is held is old.
    pub(crate) fn forget_all(&self) {
        self.changes.fetch_add(1, Ordering::SeqCst);
        // Also what is being put there in this moment.
        for stripe in &self.stripes {
            stripe.fetch_add(1, Ordering::SeqCst);
        }
        self.held.clear();
    }

    fn stripe(&self, user: &str) -> Option<&AtomicU64> {
        let hash = usize::try_from(self.hasher.hash_one(user)).unwrap_or_default();
        self.stripes.get(hash % STRIPES)
    }

    fn stripe_of(&self, user: &User) -> u64 {
        self.stripe(user.id.as_str()).map_or(0, |stripe| stripe.load(Ordering::SeqCst))
    }

    async fn read(&self, realm: &Realm, key: UserKey<'_>) -> Result<Option<Arc<User>>, StoreError> {
        let row = self.repository.user(&realm.id, key).await?;
        Ok(row.map(|row| Arc::new(compile::user(&row.record, realm))))
    }

    async fn held(&self, realm: &RealmName, held: Held) -> Result<Option<Arc<User>>, StoreError> {
        let Some(realm) = self.snapshots.realm(realm.as_str()) else { return Ok(None) };
        let key = (Arc::clone(&realm.id), held);
        let before = self.changes.load(Ordering::SeqCst);
        let current = self.held.get(&key).filter(|found| found.stripe == self.stripe_of(&found.user));
        let record = match current {
            Some(found) if found.generation == realm.generation => return Ok(Some(found.user)),
            Some(found) => found.record,
            None => {
                let wanted = match &key.1 {
                    Held::Id(id) => UserKey::Id(id),
                    Held::ServiceAccount(client) => UserKey::ServiceAccount(client.as_str()),
                };
                let Some(row) = self.repository.user(&realm.id, wanted).await? else { return Ok(None) };
                Arc::new(row.record)
            }
        };
        let user = Arc::new(compile::user(&record, &realm));
        let (stripe, generation) = (self.stripe_of(&user), realm.generation);
        let found = Found { stripe, generation, user: Arc::clone(&user), record };
        if self.changes.load(Ordering::SeqCst) == before {
            self.held.insert(key, found);
        }
        Ok(Some(user))
    }

    async fn fresh(&self, realm: &RealmName, key: UserKey<'_>) -> Result<Option<Arc<User>>, StoreError> {
        match self.snapshots.realm(realm.as_str()) {
            None => Ok(None),
            Some(realm) => self.read(&realm, key).await,
        }
    }
}

#[async_trait]
impl Users for StoredUsers {
    async fn find_by_id(&self, realm: &RealmName, id: &str) -> Result<Option<Arc<User>>, StoreError> {
        self.held(realm, Held::Id(id.into())).await
    }

    async fn find_by_username(&self, realm: &RealmName, username: &str) -> Result<Option<Arc<User>>, StoreError> {
        self.fresh(realm, UserKey::Username(&username.to_lowercase())).await
    }

    async fn find_by_email(&self, realm: &RealmName, email: &str) -> Result<Option<Arc<User>>, StoreError> {
        self.fresh(realm, UserKey::Email(&email.to_lowercase())).await
    }

    async fn find_service_account(&self, realm: &RealmName, client: &ClientId) -> Result<Option<Arc<User>>, StoreError> {
        self.held(realm, Held::ServiceAccount(client.clone())).await
    }

    async fn find_by_identity(&self, realm: &RealmName, provider: &str, subject: &str) -> Result<Option<Arc<User>>, StoreError> {
        self.fresh(realm, UserKey::Federated(provider, subject)).await
    }

    async fn find_by_card(&self, realm: &RealmName, card_hash: &str) -> Result<Option<Arc<User>>, StoreError> {
        self.fresh(realm, UserKey::Card(card_hash)).await
    }

    async fn replace_credential(
        &self,
        realm: &RealmName,
        user: &UserId,
        old: &Credential,
        new: Credential,
    ) -> Result<(), StoreError> {
        let mut put = |record: &mut UserRecord| replace(record, old, &new).unwrap_or_default();
        self.change_user(realm, user, &mut put).await.map_err(|error| match error {
            CommitError::Store(error) => error,
            other => StoreError::Unavailable(other.to_string()),
        })
    }

    async fn change_user(
        &self,
        realm: &RealmName,
        user: &UserId,
        work: &mut (dyn for<'r> FnMut(&'r mut UserRecord) + Send),
    ) -> Result<(), CommitError> {
        let unknown = || StoreError::UnknownUser(user.clone());
        let realm = self.snapshots.realm(realm.as_str()).ok_or_else(unknown)?;
        for _ in 0..ATTEMPTS {
            let row = self.repository.user(&realm.id, UserKey::Id(user.as_str())).await?.ok_or_else(unknown)?;
            let UserRow { version, record: before } = row;
            let mut record = before.clone();
            work(&mut record);
            if record == before {
                return Ok(());
            }
            let mut batch = Batch::within(&*realm.id);
            batch.writes.push(Write::PutUser { record, expected: Expected::Version(version) });
            match self.repository.commit(batch).await {
                Ok(_) => {
                    self.forget(user.as_str());
                    return Ok(());
                }
                Err(CommitError::Conflict(_)) => {}
                Err(CommitError::UnknownRealm) => return Err(unknown().into()),
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Unavailable("the user is being changed by others all the time".to_owned()).into())
    }
}

/// Puts `new` in the place of `old`, id and label kept; `None` where the user has no such credential (any more).
fn replace(record: &mut UserRecord, old: &Credential, new: &Credential) -> Option<()> {
    let credentials = record.0.get_mut("credentials")?.as_array_mut()?;
    let same = credentials.iter_mut().find(|body| compile::credential(body).is_some_and(|found| found.is_same(old)))?;
    let Value::Object(mut body) = compile::credential_body(new) else { return None };
    for kept in ["id", "userLabel"] {
        if let Some(value) = same.get(kept).filter(|_| !body.contains_key(kept)) {
            body.insert(kept.to_owned(), value.clone());
        }
    }
    *same = Value::Object(body);
    Some(())
}
