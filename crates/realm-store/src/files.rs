//! Users of realm files, in memory.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use async_trait::async_trait;
use imbl::HashMap as Shared;
use oidc_types::{ClientId, RealmName, UserId};
use realm_model::{Credential, CredentialKind, User};

use crate::{StoreError, Users};

/// Users as realm files have them. What is replaced in them lasts until the process ends.
///
/// A user costs about 1 KiB: the record, its id, and three index entries that share their texts with it where they can.
#[derive(Default)]
pub struct FileUsers {
    realms: ArcSwap<HashMap<RealmName, Arc<RealmUsers>>>,
}

/// The users of one realm: the records can be exchanged, the indexes are as they were loaded.
struct RealmUsers {
    records: ArcSwap<Shared<UserId, Arc<User>>>,
    by_username: HashMap<Box<str>, UserId>,
    /// `None`: several users have it.
    by_email: HashMap<Box<str>, Option<UserId>>,
    by_client: HashMap<ClientId, UserId>,
    by_card: HashMap<Box<str>, UserId>,
}

impl RealmUsers {
    fn new(users: Vec<User>) -> Self {
        let mut indexed = Self {
            records: ArcSwap::default(),
            by_username: HashMap::with_capacity(users.len()),
            by_email: HashMap::with_capacity(users.len()),
            by_client: HashMap::new(),
            by_card: HashMap::new(),
        };
        let mut records = Shared::new();
        for mut user in users {
            compact(&mut user);
            indexed.by_username.insert(user.username.as_str().into(), user.id.clone());
            if let Some(email) = &user.email {
                indexed
                    .by_email
                    .entry(email.as_str().into())
                    .and_modify(|id| *id = None)
                    .or_insert_with(|| Some(user.id.clone()));
            }
            if let Some(client) = &user.service_account_client {
                indexed.by_client.insert(client.clone(), user.id.clone());
            }
            for card in user.credentials_of(&CredentialKind::ContactlessCard).filter_map(Credential::card_hash) {
                indexed.by_card.insert(card.into(), user.id.clone());
            }
            records.insert(user.id.clone(), Arc::new(user));
        }
        indexed.records.store(Arc::new(records));
        indexed
    }

    fn get(&self, id: &str) -> Option<Arc<User>> {
        self.records.load().get(id).cloned()
    }
}

/// Gives back what the vectors and texts of a user hold in reserve.
fn compact(user: &mut User) {
    user.username.shrink_to_fit();
    user.credentials.shrink_to_fit();
    user.required_actions.shrink_to_fit();
    user.roles.shrink_to_fit();
    user.groups.shrink_to_fit();
}

impl FileUsers {
    /// Puts `users` in the place of those of `realm`.
    pub fn set(&self, realm: RealmName, users: Vec<User>) {
        let users = Arc::new(RealmUsers::new(users));
        self.realms.rcu(|realms| {
            let mut realms = HashMap::clone(realms);
            realms.insert(realm.clone(), Arc::clone(&users));
            realms
        });
    }

    /// Puts `realms` in the place of all there were.
    pub fn set_all(&self, realms: impl IntoIterator<Item = (RealmName, Vec<User>)>) {
        let realms = realms.into_iter().map(|(name, users)| (name, Arc::new(RealmUsers::new(users)))).collect();
        self.realms.store(Arc::new(realms));
    }

    /// How many users `realm` has.
    pub fn count(&self, realm: &RealmName) -> usize {
        self.of(realm).map_or(0, |users| users.records.load().len())
    }

    /// The users of `realm` whose password stands plain in its file, in no order: for checks at the start.
    pub fn with_plain_password(&self, realm: &RealmName) -> Vec<Arc<User>> {
        let plain = |user: &&Arc<User>| user.credentials.iter().any(|credential| credential.plain().is_some());
        self.of(realm).map_or_else(Vec::new, |users| users.records.load().values().filter(plain).cloned().collect())
    }

    fn of(&self, realm: &RealmName) -> Option<Arc<RealmUsers>> {
        self.realms.load().get(realm).cloned()
    }

    fn find(&self, realm: &RealmName, id_of: impl FnOnce(&RealmUsers) -> Option<UserId>) -> Option<Arc<User>> {
        let users = self.of(realm)?;
        let id = id_of(&users)?;
        users.get(id.as_str())
    }
}

#[async_trait]
impl Users for FileUsers {
    async fn find_by_id(&self, realm: &RealmName, id: &str) -> Result<Option<Arc<User>>, StoreError> {
        Ok(self.of(realm).and_then(|users| users.get(id)))
    }

    async fn find_by_username(&self, realm: &RealmName, username: &str) -> Result<Option<Arc<User>>, StoreError> {
        let username = username.to_lowercase();
        Ok(self.find(realm, |users| users.by_username.get(username.as_str()).cloned()))
    }

    async fn find_by_email(&self, realm: &RealmName, email: &str) -> Result<Option<Arc<User>>, StoreError> {
        let email = email.to_lowercase();
        Ok(self.find(realm, |users| users.by_email.get(email.as_str()).cloned().flatten()))
    }

    async fn find_service_account(&self, realm: &RealmName, client: &ClientId) -> Result<Option<Arc<User>>, StoreError> {
        Ok(self.find(realm, |users| users.by_client.get(client).cloned()))
    }

    async fn find_by_card(&self, realm: &RealmName, card_hash: &str) -> Result<Option<Arc<User>>, StoreError> {
        Ok(self.find(realm, |users| users.by_card.get(card_hash).cloned()))
    }

    async fn replace_credential(
        &self,
        realm: &RealmName,
        user: &UserId,
        old: &Credential,
        new: Credential,
    ) -> Result<(), StoreError> {
        let unknown = || StoreError::UnknownUser(user.clone());
        let users = self.of(realm).ok_or_else(unknown)?;
        if users.get(user.as_str()).is_none() {
            return Err(unknown());
        }
        users.records.rcu(|records| {
            let mut records = Shared::clone(records);
            if let Some(record) = records.get_mut(user) {
                let record = Arc::make_mut(record);
                if let Some(credential) = record.credentials.iter_mut().find(|credential| credential.is_same(old)) {
                    let (id, label) = (credential.id.take(), credential.label.take());
                    *credential = new.clone();
                    credential.id = credential.id.take().or(id);
                    credential.label = credential.label.take().or(label);
                }
            }
            records
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests;
