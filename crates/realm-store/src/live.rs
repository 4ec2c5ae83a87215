//! The realms in force: what the durable store holds, compiled, and kept up with.

mod build;
mod copies;
mod unserved;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use oidc_types::RealmName;
use realm_model::document::Documents;
use realm_model::{Placeholders, Realm};

use self::copies::{Copies, Copy};
use self::unserved::Unserved;
use crate::stored_users::StoredUsers;
use crate::{Batch, Change, CommitError, RealmStore, RealmWrite, Repository, StoreError, Users, Write};

/// How many realms are read from the store at once when the server starts.
const PAGE: usize = 500;

/// The version of a realm that is served but is to be compiled anew: before any other.
const UNKNOWN: i64 = i64::MIN;

/// Realms and users over a durable store.
///
/// **Invariant:** what [`LiveRealms::commit`] has accepted is durable, and every request of this process that comes after its return sees
/// it, all of one realm at one instant; other processes see it within a second.
pub struct LiveRealms {
    repository: Arc<dyn Repository>,
    placeholders: Arc<dyn Placeholders + Send + Sync>,
    snapshots: Arc<RealmStore>,
    users: Arc<StoredUsers>,
    /// By realm id: the name under which it is served, and the version that is.
    served: Mutex<HashMap<String, (RealmName, i64)>>,
    /// Where nobody is served, in the place of snapshots.
    unserved: Option<Unserved>,
    copies: Copies,
    /// The news that were taken over when this was made.
    opened: Option<i64>,
}

impl LiveRealms {
    /// Takes over all realms of `repository`; `placeholders` gives the values of `${…}` in their documents.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn open(
        repository: Arc<dyn Repository>,
        placeholders: Arc<dyn Placeholders + Send + Sync>,
    ) -> Result<Arc<Self>, StoreError> {
        let mut live = Self::empty(repository, placeholders);
        live.opened = Some(live.take_over_news(None).await?);
        Ok(Arc::new(live))
    }

    /// Over `repository`, with no snapshots: for programs that serve nobody and end soon. What others do to realms it does not learn.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn unserved(
        repository: Arc<dyn Repository>,
        placeholders: Arc<dyn Placeholders + Send + Sync>,
    ) -> Result<Arc<Self>, StoreError> {
        let mut live = Self::empty(repository, placeholders);
        live.unserved = Some(Unserved::of(live.repository.names().await?));
        Ok(Arc::new(live))
    }

    fn empty(repository: Arc<dyn Repository>, placeholders: Arc<dyn Placeholders + Send + Sync>) -> Self {
        let snapshots = Arc::new(RealmStore::default());
        let users = Arc::new(StoredUsers::new(Arc::clone(&repository), Arc::clone(&snapshots)));
        Self {
            repository,
            placeholders,
            snapshots,
            users,
            served: Mutex::default(),
            unserved: None,
            copies: Copies::default(),
            opened: None,
        }
    }

    /// The snapshots that requests see.
    pub fn snapshots(&self) -> &Arc<RealmStore> {
        &self.snapshots
    }

    /// The users, as endpoints find them.
    pub fn users(&self) -> Arc<dyn Users> {
        Arc::<StoredUsers>::clone(&self.users)
    }

    /// The store itself, for what has no snapshot: searching users, what files declared.
    pub fn repository(&self) -> &Arc<dyn Repository> {
        &self.repository
    }

    /// The values of placeholders.
    pub fn placeholders(&self) -> &Arc<dyn Placeholders + Send + Sync> {
        &self.placeholders
    }

    /// The id of the realm of this name.
    pub fn realm_id(&self, name: &str) -> Option<Arc<str>> {
        match &self.unserved {
            None => self.snapshots.realm(name).map(|realm| Arc::clone(&realm.id)),
            Some(unserved) => unserved.id(name),
        }
    }

    /// The names of all realms, in order.
    pub fn names(&self) -> Vec<String> {
        match &self.unserved {
            None => self.snapshots.realms().map(|name| name.to_string()).collect(),
            Some(unserved) => unserved.names(),
        }
    }

    /// All entities of the realm of this name as they are in force, placeholders as they were written. What another process changed
    /// within the last second may be missing.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn documents(&self, name: &str) -> Result<Option<Arc<Documents>>, StoreError> {
        Ok(self.copy(name).await?.map(|copy| copy.written))
    }

    /// Like [`LiveRealms::documents`], with the values of placeholders in their place.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn resolved(&self, name: &str) -> Result<Option<Arc<Documents>>, StoreError> {
        Ok(self.copy(name).await?.map(|copy| copy.resolved))
    }

    async fn copy(&self, name: &str) -> Result<Option<Copy>, StoreError> {
        let Some(id) = self.realm_id(name) else { return Ok(None) };
        let version = self.served().get(&*id).map_or(0, |(_, version)| *version);
        if let Some(copy) = self.copies.find(&id, version) {
            return Ok(Some(copy));
        }
        let Some(stored) = self.repository.realm(&id).await? else { return Ok(None) };
        let copy = build::copy(&stored, self.placeholders.as_ref());
        self.copies.hold(copy.clone());
        Ok(Some(copy))
    }

    /// Makes the changes of `batch`, durably; when it returns they are in force here.
    ///
    /// # Errors
    /// See [`CommitError`]; nothing has changed then.
    pub async fn commit(&self, batch: Batch) -> Result<(), CommitError> {
        let realm_id = batch.realm_id.clone();
        let entities = batch.realm != RealmWrite::Keep || batch.writes.iter().any(concerns_entities);
        let outcome = self.write(batch).await;
        // Also after a failure: whoever lost a race must see what the winner did.
        if entities {
            self.refresh_if_possible(&realm_id).await;
        }
        outcome.map(|_| ())
    }

    /// Makes the realm of `batch`, durably, where `realm` is what [`realm_model::compile::realm`] makes of its documents; when this
    /// returns it is in force here. The same as [`LiveRealms::commit`], without reading what was written.
    ///
    /// # Errors
    /// See [`CommitError`]; nothing has changed then.
    pub async fn create(&self, batch: Batch, realm: Realm) -> Result<(), CommitError> {
        let realm_id = batch.realm_id.clone();
        match self.write(batch).await {
            Ok(version) => {
                self.serve(&realm_id, realm, version);
                Ok(())
            }
            Err(error) => {
                self.refresh_if_possible(&realm_id).await;
                Err(error)
            }
        }
    }

    /// Whether there is a realm of this name or id.
    pub fn is_known(&self, name: &str, id: &str) -> bool {
        let has_id = |unserved: &Unserved| unserved.has(id);
        self.realm_id(name).is_some() || self.served().contains_key(id) || self.unserved.as_ref().is_some_and(has_id)
    }

    /// Commits; what is held of the users concerned is forgotten.
    async fn write(&self, batch: Batch) -> Result<i64, CommitError> {
        let many_users = batch.writes.iter().any(|write| matches!(write, Write::Rename { .. } | Write::ForgetMembership(_)));
        let touched: Vec<String> = batch.writes.iter().filter_map(user_of).collect();
        let (realm_id, realm) = (batch.realm_id.clone(), batch.realm.clone());
        let outcome = self.repository.commit(batch).await;
        if let (Some(unserved), true) = (&self.unserved, outcome.is_ok()) {
            unserved.follow(&realm_id, &realm);
        }
        if many_users {
            self.users.forget_all();
        }
        touched.iter().for_each(|user| self.users.forget(user));
        outcome
    }

    async fn refresh_if_possible(&self, realm_id: &str) {
        if self.unserved.is_some() {
            return;
        }
        if let Err(error) = self.refresh(realm_id).await {
            // What was committed is durable all the same: the news of it are taken over as soon as the store answers.
            log::warn!("a change is not in force yet: {error}");
        }
    }

    /// Takes over what other processes commit; never returns.
    pub async fn follow(self: Arc<Self>) {
        let (mut until, mut was_told) = (self.opened, false);
        loop {
            match self.take_over_news(until).await {
                Ok(reached) => (until, was_told) = (Some(reached), false),
                // Once, not every second while the store is away.
                Err(error) if !was_told => {
                    log::warn!("changes of other nodes are not known at the moment: {error}");
                    was_told = true;
                }
                Err(_) => {}
            }
            self.repository.wait_for_news().await;
        }
    }

    /// Takes over what has changed since `since`; `None`: all of it. Returns the point that was reached.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn take_over_news(&self, since: Option<i64>) -> Result<i64, StoreError> {
        let news = self.repository.news(since.unwrap_or_default()).await?;
        let known = news.changes.filter(|_| since.is_some());
        let Some(changes) = known else {
            self.load_all().await?;
            return Ok(news.until);
        };
        let mut realms: Vec<String> = Vec::new();
        for change in changes {
            match change {
                Change::Realm(id) if realms.contains(&id) => {}
                Change::Realm(id) => realms.push(id),
                Change::User(_, user) => self.users.forget(&user),
                Change::Users(_) => self.users.forget_all(),
            }
        }
        for id in realms {
            self.refresh(&id).await?;
        }
        Ok(news.until)
    }

    /// Compiles every realm anew: the values of placeholders may be others than they were.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn renew(&self) -> Result<(), StoreError> {
        self.served().values_mut().for_each(|(_, version)| *version = UNKNOWN);
        self.copies.forget_all();
        self.load_all().await
    }

    /// Reads every realm anew.
    async fn load_all(&self) -> Result<(), StoreError> {
        let mut found = std::collections::HashSet::new();
        let mut page = self.repository.realms(None, PAGE).await?;
        while let Some(last) = page.last() {
            let after = last.realm.name.clone();
            found.extend(page.iter().map(|stored| stored.realm.id.clone()));
            let behind: Vec<_> =
                page.into_iter().filter(|stored| self.is_behind(&stored.realm.id, stored.realm.version)).collect();
            // The next are read while these are compiled.
            let next = self.repository.realms(Some(&after), PAGE);
            let (built, next) = futures_util::future::join(build::all(behind, &self.placeholders), next).await;
            built.into_iter().for_each(|(id, realm, version)| self.serve(&id, realm, version));
            page = next?;
        }
        let gone: Vec<String> = self.served().keys().filter(|id| !found.contains(*id)).cloned().collect();
        for id in gone {
            // Read again: one that was made or renamed while the pages were read was on none of them.
            self.refresh(&id).await?;
        }
        self.users.forget_all();
        Ok(())
    }

    /// Reads one realm anew.
    async fn refresh(&self, id: &str) -> Result<(), StoreError> {
        match self.repository.realm(id).await? {
            None => self.withdraw(id),
            Some(stored) if !self.is_behind(id, stored.realm.version) => {}
            Some(stored) => {
                let before = self.held(id);
                let copy = build::copy(&stored, self.placeholders.as_ref());
                let realm = build::next(before.as_ref(), &copy.written, self.placeholders.as_ref());
                self.copies.hold(copy);
                self.serve(id, realm, stored.realm.version);
            }
        }
        Ok(())
    }

    /// The documents and the snapshot that are served of a realm, of one version, where they are at hand.
    fn held(&self, id: &str) -> Option<(Arc<Documents>, Arc<Realm>)> {
        let served = self.served();
        let (name, version) = served.get(id)?;
        Some((self.copies.find(id, *version)?.written, self.snapshots.realm(name.as_str())?))
    }

    fn served(&self) -> std::sync::MutexGuard<'_, HashMap<String, (RealmName, i64)>> {
        self.served.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_behind(&self, id: &str, version: i64) -> bool {
        self.served().get(id).is_none_or(|(_, served)| *served < version)
    }

    /// Serves `realm` unless a later version is served already: two changes may be read in either order.
    fn serve(&self, id: &str, realm: Realm, version: i64) {
        let mut served = self.served();
        if served.get(id).is_some_and(|(_, served)| *served >= version) {
            return;
        }
        let name = realm.name.clone();
        if let Some((before, _)) = served.insert(id.to_owned(), (name.clone(), version))
            && before != name
        {
            self.give_up(&before, id);
        }
        self.snapshots.set(realm);
    }

    fn withdraw(&self, id: &str) {
        let mut served = self.served();
        if let Some((name, _)) = served.remove(id) {
            self.give_up(&name, id);
        }
    }

    /// The realm of this id is served under `name` no more; another one may be by now.
    fn give_up(&self, name: &RealmName, id: &str) {
        if self.snapshots.realm(name.as_str()).is_some_and(|realm| &*realm.id == id) {
            self.snapshots.remove(name.as_str());
        }
    }
}

fn concerns_entities(write: &Write) -> bool {
    matches!(write, Write::Put { .. } | Write::Delete { .. } | Write::Rename { .. })
}

fn user_of(write: &Write) -> Option<String> {
    match write {
        Write::PutUser { record, .. } => Some(record.id().to_owned()),
        Write::DeleteUser { id, .. } => Some(id.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
