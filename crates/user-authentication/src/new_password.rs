//! New passwords: what the realm's policy says of them, their hashes, the ones before them.

use std::sync::Arc;

use ambient::Timestamp;
use oidc_types::Secret;
use passwords::{Owner, PasswordCredential, PasswordPolicy, PasswordRefusal, Rule, refuse_shape};
use realm_editing::body::text;
use realm_model::document::{Body, UserRecord};
use realm_model::{Credential, CredentialKind, User};
use serde_json::Value;
use thiserror::Error;

use crate::authentication::{At, UserAuthentication};
use crate::credentials::{body_of, credentials, put_credentials};
use crate::error::Trouble;

const HISTORY: &str = "password-history";
const DAY: i64 = 86_400;

/// A password that the policy takes, hashed.
pub struct NewPassword {
    credential: Credential,
    kept_before: usize,
    kept_days: i64,
    now: Timestamp,
}

/// Why a password is not taken.
#[derive(Debug, Error)]
pub enum NewPasswordError {
    /// The realm's policy.
    #[error("Invalid password: {0}")]
    Refused(#[from] PasswordRefusal),
    /// The server cannot say.
    #[error(transparent)]
    Trouble(Trouble),
}

impl<E: Into<Trouble>> From<E> for NewPasswordError {
    fn from(trouble: E) -> Self {
        Self::Trouble(trouble.into())
    }
}

impl UserAuthentication {
    /// Gives a user another password.
    ///
    /// # Errors
    /// The realm's policy refuses it; or the server cannot say.
    pub async fn set_password(&self, at: &At<'_>, user: &User, password: &str) -> Result<(), NewPasswordError> {
        let new = self.take_password(at, user, password).await?;
        self.users.change_user(&at.realm.name, &user.id, &mut |record| new.put(record)).await?;
        Ok(())
    }

    /// Checks a password and hashes it. `user`: whose it is to be, with the passwords so far.
    ///
    /// # Errors
    /// The realm's policy refuses it; or the server cannot say.
    pub async fn take_password(&self, at: &At<'_>, user: &User, password: &str) -> Result<NewPassword, NewPasswordError> {
        let owner = Owner { username: &user.username, email: user.email.as_deref() };
        self.take(at, (owner, Some(user)), password).await
    }

    /// The same for somebody who is no user yet, of this username and address.
    ///
    /// # Errors
    /// As [`Self::take_password`].
    pub async fn take_first_password(
        &self,
        at: &At<'_>,
        (username, email): (&str, Option<&str>),
        password: &str,
    ) -> Result<NewPassword, NewPasswordError> {
        self.take(at, (Owner { username, email }, None), password).await
    }

    async fn take(
        &self,
        at: &At<'_>,
        (owner, user): (Owner<'_>, Option<&User>),
        password: &str,
    ) -> Result<NewPassword, NewPasswordError> {
        let policy = PasswordPolicy::of(&at.realm.password_policy);
        for rule in policy.rules() {
            match rule {
                Rule::Shape(id, value) => refuse_shape((id, value), password, owner)?,
                Rule::NotOfTheList(list) => self.refuse_blacklisted(at, list, password)?,
                Rule::NotOfTheLast(count) => {
                    let before = user.map(earlier).unwrap_or_default().into_iter().take(count.saturating_sub(1));
                    if self.is_any_of(at, user.into_iter().flat_map(present).chain(before), password).await? {
                        return Err(PasswordRefusal::History(count).into());
                    }
                }
                Rule::NotOfTheLastDays(days) => {
                    let since = at.now.plus_secs(days.saturating_mul(-DAY)).millis();
                    let young = user
                        .map(earlier)
                        .unwrap_or_default()
                        .into_iter()
                        .filter(|old| old.created_date.unwrap_or_default() >= since);
                    if self.is_any_of(at, user.into_iter().flat_map(present).chain(young), password).await? {
                        return Err(PasswordRefusal::Age(days).into());
                    }
                }
            }
        }
        let secret = Secret::new(password.to_owned());
        let hashed = self.hash_pool.hash(secret, &at.hash_policy(), Arc::clone(&self.entropy)).await?;
        let (secret_data, credential_data) = hashed.to_keycloak();
        let credential = Credential {
            id: Some(self.entropy.uuid().to_string()),
            kind: CredentialKind::Password,
            label: None,
            created_date: Some(at.now.millis()),
            secret_data: Secret::new(secret_data),
            credential_data,
        };
        Ok(NewPassword { credential, kept_before: policy.kept_before(), kept_days: policy.kept_days(), now: at.now })
    }

    /// A list that is not there refuses every password: who named it wanted passwords refused.
    fn refuse_blacklisted(&self, at: &At<'_>, list: &str, password: &str) -> Result<(), PasswordRefusal> {
        let listed = self.blacklists.has(list, password);
        if listed.is_none() {
            log::error!("realm {}: the password list {list:?} is not there: every password is refused", at.realm.name);
        }
        if listed == Some(false) { Ok(()) } else { Err(PasswordRefusal::Blacklisted) }
    }

    async fn is_any_of<'u>(
        &self,
        at: &At<'_>,
        stored: impl Iterator<Item = &'u Credential>,
        password: &str,
    ) -> Result<bool, Trouble> {
        for credential in stored {
            let same = match credential.plain() {
                Some(plain) => plain.matches(password.as_bytes()),
                None => self.is_same(at, credential, password).await?,
            };
            if same {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn is_same(&self, at: &At<'_>, credential: &Credential, password: &str) -> Result<bool, Trouble> {
        let stored = PasswordCredential::from_keycloak(credential.secret_data.expose(), &credential.credential_data);
        let Ok(stored) = stored else { return Ok(false) };
        let password = Secret::new(password.to_owned());
        Ok(self.hash_pool.verify(Some(Arc::new(stored)), password, &at.hash_policy()).await?)
    }
}

fn present(user: &User) -> impl Iterator<Item = &Credential> {
    user.credentials_of(&CredentialKind::Password)
}

/// The passwords before the present one, the latest first.
fn earlier(user: &User) -> Vec<&Credential> {
    let is_earlier = |credential: &&Credential| matches!(&credential.kind, CredentialKind::Other(kind) if kind == HISTORY);
    let mut all: Vec<&Credential> = user.credentials.iter().filter(is_earlier).collect();
    all.sort_by_key(|credential| std::cmp::Reverse(credential.created_date.unwrap_or_default()));
    all
}

impl NewPassword {
    /// Makes it the user's password. The one before stays in the history as long as the policy wants, its id goes on with the new one.
    pub fn put(&self, user: &mut UserRecord) {
        let mut all: Vec<Body> = credentials(user).cloned().collect();
        let mut new = self.credential.clone();
        let keeps = self.kept_before > 0 || self.kept_days > 0;
        let mut history = Vec::new();
        match all.iter_mut().find(|body| text(body, "type") == Some("password")) {
            Some(present) => {
                let mut old = present.clone();
                if let Some(id) = text(&old, "id").map(str::to_owned) {
                    old.insert("id".to_owned(), new.id.take().into());
                    new.id = Some(id);
                }
                new.label = text(&old, "userLabel").map(str::to_owned);
                old.insert("type".to_owned(), HISTORY.into());
                *present = body_of(&new);
                history.extend(keeps.then_some(old));
            }
            None => all.push(body_of(&new)),
        }
        all.append(&mut history);
        self.forget_old(&mut all);
        put_credentials(user, all);
    }

    /// Keycloak: an old password goes when neither its number nor its age keeps it.
    fn forget_old(&self, all: &mut Vec<Body>) {
        let since = self.now.plus_secs(self.kept_days.saturating_mul(-DAY)).millis();
        let mut dates: Vec<i64> = all.iter().filter(|body| text(body, "type") == Some(HISTORY)).map(created).collect();
        dates.sort_by_key(|date| std::cmp::Reverse(*date));
        let latest: Vec<i64> = dates.into_iter().take(self.kept_before).collect();
        let by_age = self.kept_days > 0;
        all.retain(|body| {
            text(body, "type") != Some(HISTORY) || latest.contains(&created(body)) || (by_age && created(body) >= since)
        });
    }
}

fn created(body: &Body) -> i64 {
    body.get("createdDate").and_then(Value::as_i64).unwrap_or_default()
}

#[cfg(test)]
mod tests;
