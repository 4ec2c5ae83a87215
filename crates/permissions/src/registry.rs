//! What was registered at a resource server while it runs: records of their own, so that each costs the same however many there are
//! (docs/decisions/0007). Declared resources that were changed have a record, too, which holds as long as the file says what it said then.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use ambient::Timestamp;
use oidc_types::{ClientId, RealmName};
use realm_model::{Client, Realm};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sessions::{Inserted, Record, RecordKey, RecordKind, RecordStore, Replaced, StoreError};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::{Owner, Resource, ResourceServer, Sharing};

/// Rounds of find and replace before a caller gives up.
const ROUNDS: usize = 64;

/// The resource servers of all realms.
#[derive(Clone)]
pub struct Permissions {
    store: Arc<dyn RecordStore>,
    compiled: Arc<RwLock<HashMap<(RealmName, ClientId), Compiled>>>,
}

/// From what, and what became of it.
type Compiled = (Arc<Value>, Arc<ResourceServer>);

impl Permissions {
    /// Resource servers kept compiled at the most; past it all are dropped and made anew when needed.
    const MOST: usize = 4096;

    /// Over the store of what is registered.
    pub fn new(store: Arc<dyn RecordStore>) -> Self {
        Self { store, compiled: Arc::default() }
    }

    /// The resource server that `client` is; `None` where it is none.
    pub fn server(&self, realm: &Realm, client: &Client) -> Option<Arc<ResourceServer>> {
        let settings = client.authorization_settings.as_ref()?;
        let key = (realm.name.clone(), client.client_id.clone());
        let known = self.compiled.read().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some((of, server)) = known
            && Arc::ptr_eq(&of, settings)
        {
            return Some(server);
        }
        let server = Arc::new(ResourceServer::compile(client, settings));
        let mut compiled = self.compiled.write().unwrap_or_else(PoisonError::into_inner);
        if compiled.len() >= Self::MOST {
            compiled.clear();
        }
        compiled.insert(key, (Arc::clone(settings), Arc::clone(&server)));
        Some(server)
    }

    /// What is registered at `server`.
    pub fn registry<'a>(&'a self, realm: &'a Realm, server: &'a ResourceServer, now: Timestamp) -> Registry<'a> {
        Registry { store: &*self.store, realm: &realm.name, server, now }
    }
}

/// Why the registry could not do its work.
#[derive(Debug, Error)]
pub enum RegistryError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is to be stored cannot be written.
    #[error("a resource cannot be written as JSON")]
    Json(#[from] serde_json::Error),
}

/// Whether a resource was registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Registered {
    /// It is there now.
    Done,
    /// Its owner has another of this name.
    NameTaken,
    /// There is one of this id.
    IdTaken,
}

/// What is kept of a resource.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// The resource; `None`: a declared one that was taken away.
    resource: Option<Arc<Resource>>,
    /// What the file said of it when this was written, for one that the file declares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base: Option<Resource>,
}

/// Resources, scopes and sharing of one resource server: what its file declares and what was registered.
///
/// **Invariant:** nothing of another resource server can be reached through it, whatever the id.
#[derive(Clone, Copy)]
pub struct Registry<'a> {
    store: &'a dyn RecordStore,
    realm: &'a RealmName,
    server: &'a ResourceServer,
    now: Timestamp,
}

impl Registry<'_> {
    /// The resource of this id.
    ///
    /// # Errors
    /// See [`RegistryError`].
    pub async fn find(&self, id: &str) -> Result<Option<Arc<Resource>>, RegistryError> {
        let kept = self.read::<Kept>(&self.key(RecordKind::Resource, id)).await?;
        Ok(self.in_force(self.server.declared_by_id(id), kept))
    }

    /// What holds: the file where it says something else than when the record was written.
    fn in_force(&self, declared: Option<&Arc<Resource>>, kept: Option<Kept>) -> Option<Arc<Resource>> {
        match (kept, declared) {
            (None, declared) => declared.cloned(),
            (Some(Kept { resource, base: None }), _) => resource,
            (Some(Kept { resource, base: Some(base) }), Some(declared)) if **declared == base => resource,
            (Some(_), declared) => declared.cloned(),
        }
    }

    /// The resource of this name among those of one owner.
    ///
    /// # Errors
    /// See [`RegistryError`].
    pub async fn find_named(&self, owner: &Owner, name: &str) -> Result<Option<Arc<Resource>>, RegistryError> {
        let fits = |resource: &Arc<Resource>| resource.name == name && resource.owner == *owner;
        if let Some(id) = self.read::<String>(&self.name_key(owner, name)).await?
            && let Some(found) = self.find(&id).await?.filter(fits)
        {
            return Ok(Some(found));
        }
        let Some(declared) = self.server.declared().find(|resource| fits(resource)) else { return Ok(None) };
        Ok(self.find(&declared.id).await?.filter(fits))
    }

    /// All resources: the declared ones in the order of the file, then the others by name.
    ///
    /// # Errors
    /// See [`RegistryError`].
    pub async fn all(&self) -> Result<Vec<Arc<Resource>>, RegistryError> {
        let mut kept: HashMap<String, Kept> = self.read_all(RecordKind::Resource).await?;
        let declared = self.server.declared().filter_map(|declared| self.in_force(Some(declared), kept.remove(&declared.id)));
        let mut all: Vec<_> = declared.collect();
        let rest = kept.into_values().filter(|kept| kept.base.is_none()).filter_map(|kept| kept.resource);
        let mut rest: Vec<_> = rest.collect();
        rest.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        all.extend(rest);
        Ok(all)
    }

    /// Registers a resource. Of any number of callers at once with one name and owner exactly one gets [`Registered::Done`].
    ///
    /// # Errors
    /// See [`RegistryError`].
    pub async fn register(&self, resource: &Resource) -> Result<Registered, RegistryError> {
        if self.server.declared_by_id(&resource.id).is_some() {
            return Ok(Registered::IdTaken);
        }
        if !self.claim_name(resource).await? {
            return Ok(Registered::NameTaken);
        }
        let kept = Kept { resource: Some(Arc::new(resource.clone())), base: None };
        match self.store.insert(&self.key(RecordKind::Resource, &resource.id), self.record(&kept)?, self.now).await? {
            Inserted::Done => Ok(Registered::Done),
            Inserted::Exists => {
                self.store.remove(&self.name_key(&resource.owner, &resource.name)).await?;
                Ok(Registered::IdTaken)
            }
        }
    }

    /// Takes the name for the resource; `false` where another one has it. A name whose resource is gone is free.
    async fn claim_name(&self, resource: &Resource) -> Result<bool, RegistryError> {
        if self.find_named(&resource.owner, &resource.name).await?.is_some_and(|found| found.id != resource.id) {
            return Ok(false);
        }
        let key = self.name_key(&resource.owner, &resource.name);
        for _ in 0..ROUNDS {
            if self.store.insert(&key, self.record(&resource.id)?, self.now).await? == Inserted::Done {
                return Ok(true);
            }
            let Some(seen) = self.store.find(&key, self.now).await? else { continue };
            let holder: String = decode(&seen.record.value)?;
            if holder == resource.id {
                return Ok(true);
            }
            if self.find(&holder).await?.is_some_and(|found| found.name == resource.name && found.owner == resource.owner) {
                return Ok(false);
            }
            if self.store.replace(&key, seen.version, self.record(&resource.id)?, self.now).await? == Replaced::Done {
                return Ok(true);
            }
        }
        Err(StoreError::Contended { what: "resource" }.into())
    }

    /// Puts `next` in the place of `before`, which has the same id and owner; `false` where its new name is taken.
    ///
    /// # Errors
    /// See [`RegistryError`].
    pub async fn change(&self, before: &Resource, next: &Resource) -> Result<bool, RegistryError> {
        if before.name != next.name && !self.claim_name(next).await? {
            return Ok(false);
        }
        self.keep(&next.id, Some(Arc::new(next.clone()))).await?;
        if before.name != next.name {
            self.store.remove(&self.name_key(&before.owner, &before.name)).await?;
        }
        Ok(true)
    }

    /// Takes a resource away, with all that was shared of it.
    ///
    /// # Errors
    /// See [`RegistryError`].
    pub async fn remove(&self, resource: &Resource) -> Result<(), RegistryError> {
        match self.server.declared_by_id(&resource.id) {
            Some(_) => self.keep(&resource.id, None).await?,
            None => drop(self.store.remove(&self.key(RecordKind::Resource, &resource.id)).await?),
        }
        self.store.remove(&self.key(RecordKind::ResourceSharing, &resource.id)).await?;
        self.store.remove(&self.name_key(&resource.owner, &resource.name)).await?;
        Ok(())
    }

    /// Writes the record of a resource, whatever was there.
    async fn keep(&self, id: &str, resource: Option<Arc<Resource>>) -> Result<(), RegistryError> {
        let key = self.key(RecordKind::Resource, id);
        let base = self.server.declared_by_id(id).map(|declared| (**declared).clone());
        let record = self.record(&Kept { resource, base })?;
        for _ in 0..ROUNDS {
            let done = match self.store.find(&key, self.now).await? {
                Some(seen) => self.store.replace(&key, seen.version, record.clone(), self.now).await? == Replaced::Done,
                None => self.store.insert(&key, record.clone(), self.now).await? == Inserted::Done,
            };
            if done {
                return Ok(());
            }
        }
        Err(StoreError::Contended { what: "resource" }.into())
    }

    /// With whom a resource is shared.
    ///
    /// # Errors
    /// See [`RegistryError`].
    pub async fn sharing(&self, resource: &str) -> Result<Option<Sharing>, RegistryError> {
        self.read(&self.key(RecordKind::ResourceSharing, resource)).await
    }

    /// All that is shared, by resource.
    ///
    /// # Errors
    /// See [`RegistryError`].
    pub async fn all_sharing(&self) -> Result<HashMap<String, Sharing>, RegistryError> {
        self.read_all(RecordKind::ResourceSharing).await
    }

    /// Changes with whom a resource is shared; `change` may be asked several times, and nothing is written where it says `None`.
    ///
    /// # Errors
    /// See [`RegistryError`].
    pub async fn change_sharing<T>(
        &self,
        resource: &str,
        mut change: impl FnMut(&mut Sharing) -> Option<T> + Send,
    ) -> Result<Option<T>, RegistryError> {
        let key = self.key(RecordKind::ResourceSharing, resource);
        for _ in 0..ROUNDS {
            let seen = self.store.find(&key, self.now).await?;
            let mut sharing: Sharing = match &seen {
                Some(seen) => decode(&seen.record.value)?,
                None => Sharing::default(),
            };
            let Some(outcome) = change(&mut sharing) else { return Ok(None) };
            let record = self.record(&sharing)?;
            let done = match seen {
                Some(seen) => self.store.replace(&key, seen.version, record, self.now).await? == Replaced::Done,
                None => self.store.insert(&key, record, self.now).await? == Inserted::Done,
            };
            if done {
                return Ok(Some(outcome));
            }
        }
        Err(StoreError::Contended { what: "sharing of a resource" }.into())
    }

    /// Whether there is a scope of this name.
    ///
    /// # Errors
    /// See [`RegistryError`].
    pub async fn has_scope(&self, name: &str) -> Result<bool, RegistryError> {
        if self.server.declares_scope(name) {
            return Ok(true);
        }
        Ok(self.store.find(&self.scope_key(name), self.now).await?.is_some())
    }

    /// Registers the scopes that are not there yet.
    ///
    /// # Errors
    /// See [`RegistryError`].
    pub async fn add_scopes(&self, names: &[String]) -> Result<(), RegistryError> {
        for name in names.iter().filter(|name| !self.server.declares_scope(name)) {
            let _ = self.store.insert(&self.scope_key(name), self.record(name)?, self.now).await?; // there already: as well
        }
        Ok(())
    }

    /// The scopes that one may ask for of `resource`: its own, and those that resources of its type have at the server.
    pub fn scopes_of(&self, resource: &Resource, all: &[Arc<Resource>]) -> Vec<String> {
        let mut scopes = resource.scopes.clone();
        if resource.owner != Owner::Server && resource.kind.is_some() {
            let of_type = all.iter().filter(|other| other.owner == Owner::Server && other.kind == resource.kind);
            for scope in of_type.flat_map(|other| &other.scopes) {
                if !scopes.contains(scope) {
                    scopes.push(scope.clone());
                }
            }
        }
        scopes
    }

    async fn read<T: DeserializeOwned>(&self, key: &RecordKey) -> Result<Option<T>, RegistryError> {
        let found = self.store.find(key, self.now).await?;
        Ok(found.map(|found| decode(&found.record.value)).transpose()?)
    }

    /// All records of a kind of this server, by the id without the server's.
    async fn read_all<T: DeserializeOwned>(&self, kind: RecordKind) -> Result<HashMap<String, T>, RegistryError> {
        let found = self.store.of_owner(kind, self.realm, &self.server.client, self.now).await?;
        let mut all = HashMap::with_capacity(found.len());
        for (key, stored) in found {
            if let Some((_, id)) = key.id.split_once('/') {
                all.insert(id.to_owned(), decode(&stored.record.value)?);
            }
        }
        Ok(all)
    }

    fn record<T: Serialize + ?Sized>(&self, value: &T) -> Result<Record, RegistryError> {
        let value = serde_json::to_vec(value)?;
        Ok(Record { expires_at: Timestamp::MAX, owner: Some(Arc::clone(&self.server.client)), value })
    }

    fn key(&self, kind: RecordKind, id: &str) -> RecordKey {
        RecordKey::new(kind, self.realm, &format!("{}/{id}", self.server.client))
    }

    fn name_key(&self, owner: &Owner, name: &str) -> RecordKey {
        self.key(RecordKind::ResourceName, &hashed(&[owner.word(), name]))
    }

    fn scope_key(&self, name: &str) -> RecordKey {
        self.key(RecordKind::ResourceScope, &hashed(&[name]))
    }
}

fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(bytes).map_err(|_| StoreError::Malformed { what: "registered resource" })
}

/// Names of any length and any characters become keys of one form.
fn hashed(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    base64_simd::URL_SAFE_NO_PAD.encode_to_string(hash.finalize())
}

#[cfg(test)]
mod tests;
