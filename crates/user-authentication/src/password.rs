//! Passwords as they are stored: compared, and hashed anew where the realm asks for another hash by now.

use std::sync::Arc;

use oidc_types::Secret;
use passwords::PasswordCredential;
use realm_model::{Credential, CredentialKind, User};

use crate::authentication::{At, UserAuthentication};
use crate::error::Trouble;

impl UserAuthentication {
    /// A password whose hash is not what the realm's policy asks for by now is hashed anew while it is at hand. A login does not fail for it:
    /// where the pool is full or the store away, the next login tries again.
    pub(crate) async fn hash_outdated_password(&self, at: &At<'_>, user: &User, password: Option<&str>) {
        let (Some(password), Some(old)) = (password, user.credentials_of(&CredentialKind::Password).next()) else { return };
        let stored = PasswordCredential::from_keycloak(old.secret_data.expose(), &old.credential_data);
        if stored.is_ok_and(|stored| stored.needs_upgrade(&at.hash_policy()))
            && let Err(error) = self.put_hash(at, user, old, Secret::new(password.to_owned())).await
        {
            log::warn!("realm {}: the password of user {} is not hashed anew: {error}", at.realm.name, user.id);
        }
    }

    /// Whether it is the user's password. `None` costs as much and is `false`.
    pub(crate) async fn is_password(&self, at: &At<'_>, user: Option<&User>, password: Option<&str>) -> Result<bool, Trouble> {
        let stored = user.and_then(|user| user.credentials_of(&CredentialKind::Password).next().map(|c| (user, c)));
        let presented = Secret::new(password.unwrap_or_default().to_owned());
        if let Some((user, credential)) = stored
            && let Some(plain) = credential.plain()
        {
            let right = plain.matches(presented.expose().as_bytes());
            // It stands plain in a realm file: hashed when it is first asked for, which costs what a comparison costs.
            self.put_hash(at, user, credential, plain).await?;
            return Ok(right && password.is_some());
        }
        let credential =
            stored.and_then(|(_, c)| PasswordCredential::from_keycloak(c.secret_data.expose(), &c.credential_data).ok());
        let right = self.hash_pool.verify(credential.map(Arc::new), presented, &at.hash_policy()).await?;
        Ok(right && password.is_some())
    }

    /// Puts a hash of `password`, as the realm's policy wants it, in the place of `old`.
    async fn put_hash(&self, at: &At<'_>, user: &User, old: &Credential, password: Secret<String>) -> Result<(), Trouble> {
        let hashed = self.hash_pool.hash(password, &at.hash_policy(), Arc::clone(&self.entropy)).await?;
        let (secret_data, credential_data) = hashed.to_keycloak();
        let new = Credential {
            id: old.id.clone(),
            kind: CredentialKind::Password,
            label: old.label.clone(),
            created_date: old.created_date,
            secret_data: Secret::new(secret_data),
            credential_data,
        };
        Ok(self.users.replace_credential(&at.realm.name, &user.id, old, new).await?)
    }
}
