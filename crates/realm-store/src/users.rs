use std::sync::Arc;

use async_trait::async_trait;
use oidc_types::{ClientId, RealmName, UserId};
use realm_model::document::UserRecord;
use realm_model::{Credential, Realm, User};

use crate::CommitError;

/// Why the store could not answer. It is never about a user that is not there: that is `None`.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store cannot be reached at the moment.
    #[error("the user store is unavailable: {0}")]
    Unavailable(String),
    /// Something was to be changed of a user that is not there (any more).
    #[error("user {0} is not in the store")]
    UnknownUser(UserId),
}

/// Finds users. Every answer is one consistent user; what a caller holds does not change under it.
///
/// A realm that is not there has no users. No lookup costs more with more users or realms.
#[async_trait]
pub trait Users: Send + Sync {
    /// The user with this id.
    async fn find_by_id(&self, realm: &RealmName, id: &str) -> Result<Option<Arc<User>>, StoreError>;

    /// The user with this username, in upper or lower case; spaces count.
    async fn find_by_username(&self, realm: &RealmName, username: &str) -> Result<Option<Arc<User>>, StoreError>;

    /// The user with this e-mail address, in upper or lower case; nobody where several have it.
    async fn find_by_email(&self, realm: &RealmName, email: &str) -> Result<Option<Arc<User>>, StoreError>;

    /// The user somebody means by `login`: by e-mail address where the realm allows it, else by username.
    async fn find_by_name_or_email(&self, realm: &Realm, login: &str) -> Result<Option<Arc<User>>, StoreError> {
        let by_email = realm.login_with_email && login.contains('@');
        if by_email && let Some(user) = self.find_by_email(&realm.name, login).await? {
            return Ok(Some(user));
        }
        self.find_by_username(&realm.name, login).await
    }

    /// The service account of a client.
    async fn find_service_account(&self, realm: &RealmName, client: &ClientId) -> Result<Option<Arc<User>>, StoreError>;

    /// The user whose account is linked with the user `subject` of the identity provider `provider`, an alias; nobody where
    /// several are.
    async fn find_by_identity(&self, realm: &RealmName, provider: &str, subject: &str) -> Result<Option<Arc<User>>, StoreError>;

    /// The user whose card has this hash ([`realm_model::hash_card`]).
    async fn find_by_card(&self, realm: &RealmName, card_hash: &str) -> Result<Option<Arc<User>>, StoreError>;

    /// Puts `new` in the place of `old`: a password hashed anew, or for the first time where it stood plain in a file
    /// ([`Credential::plain_password`]). Atomic: nothing happens where the user has no such credential any more.
    ///
    /// # Errors
    /// Besides unavailability: the user is not there.
    async fn replace_credential(
        &self,
        realm: &RealmName,
        user: &UserId,
        old: &Credential,
        new: Credential,
    ) -> Result<(), StoreError>;

    /// Changes a user: `work` makes of the record as it is what it is to be. It is called again where somebody else changed the user in
    /// the same moment; a record that stays the same is not written.
    ///
    /// # Errors
    /// The user is not there, or now has a username or an address that is somebody else's; or the store.
    async fn change_user(
        &self,
        _realm: &RealmName,
        user: &UserId,
        _work: &mut (dyn for<'r> FnMut(&'r mut UserRecord) + Send),
    ) -> Result<(), CommitError> {
        Err(StoreError::UnknownUser(user.clone()).into())
    }
}
