use std::sync::Arc;

use ambient::{Entropy, Timestamp};
use passwords::{Blacklists, HashPolicy, HashPool};
use realm_model::{DirectGrantOtp, Realm, User};
use realm_store::Users;
use sessions::{Sessions, Subject};

use crate::account::{refuse_disabled, refuse_unfinished_account};
use crate::brute_force::Factor;
use crate::error::{AuthenticationError, Refusal, Trouble};
use crate::guard::Guard;
use crate::turns::Turns;
use crate::verify_otp::MatchedOtp;

/// Authenticates users of all realms. Clones are one: they share the turns of users.
#[derive(Clone)]
pub struct UserAuthentication {
    pub(crate) sessions: Sessions,
    pub(crate) users: Arc<dyn Users>,
    pub(crate) hash_pool: Arc<HashPool>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) turns: Arc<Turns>,
    pub(crate) blacklists: Arc<Blacklists>,
}

/// Where and when somebody is asked.
#[derive(Clone, Copy)]
pub struct At<'a> {
    /// The realm.
    pub realm: &'a Realm,
    /// When the request came.
    pub now: Timestamp,
    /// The address from which it came.
    pub peer: &'a str,
}

/// What somebody presents to the direct grant.
pub struct Presented<'a> {
    /// Username or e-mail address.
    pub username: &'a str,
    /// The password.
    pub password: Option<&'a str>,
    /// The one-time code.
    pub otp: Option<&'a str>,
}

impl At<'_> {
    /// How new passwords are hashed, and what an unknown user costs.
    pub fn hash_policy(&self) -> HashPolicy {
        let parts = self.realm.password_policy.iter().map(|(id, value)| (id.as_str(), value.as_deref()));
        HashPolicy::from_password_policy(parts).unwrap_or_default()
    }
}

impl UserAuthentication {
    /// Over the parts below.
    pub fn new(sessions: Sessions, users: Arc<dyn Users>, hash_pool: Arc<HashPool>, entropy: Arc<dyn Entropy>) -> Self {
        Self { sessions, users, hash_pool, entropy, turns: Arc::default(), blacklists: Arc::default() }
    }

    /// The same, with the lists of policy `passwordBlacklist`.
    #[must_use]
    pub fn with_blacklists(mut self, blacklists: Blacklists) -> Self {
        self.blacklists = Arc::new(blacklists);
        self
    }

    /// The user somebody means by `login`: by e-mail address where the realm allows it, else by username.
    ///
    /// # Errors
    /// Users cannot be reached.
    pub async fn find_by_name_or_email(&self, at: &At<'_>, login: &str) -> Result<Option<Arc<User>>, Trouble> {
        Ok(self.users.find_by_name_or_email(at.realm, login).await?)
    }

    /// Checks a password in a turn of its own. `user`: who was found by the name given; nobody costs what somebody does.
    ///
    /// A success forgets nothing of what failed before: [`Self::forget_failures`] does when the login is over.
    ///
    /// # Errors
    /// Wrong password, unknown, locked (one text for the three), disabled (only with the right password; recording
    /// `login/disabled-user`); or the server cannot say.
    pub async fn verify_password(
        &self,
        at: &At<'_>,
        user: Option<&User>,
        password: Option<&str>,
    ) -> Result<(), AuthenticationError> {
        let Some(user) = user else {
            self.is_password(at, None, password).await?;
            return Err(Refusal::UnknownUser.into());
        };
        let guard = self.enter(at, user).await?;
        self.judge_password(&guard, user, password).await?;
        drop(guard);
        self.hash_outdated_password(at, user, password).await;
        Ok(())
    }

    /// Checks a one-time code in a turn of its own: of the credential with this id, else of any of the user's.
    ///
    /// # Errors
    /// Wrong or used code, locked (one text for both); or the server cannot say.
    pub async fn verify_otp(
        &self,
        at: &At<'_>,
        user: &User,
        (credential, code): (Option<&str>, Option<&str>),
    ) -> Result<MatchedOtp, AuthenticationError> {
        let guard = self.enter(at, user).await?;
        if guard.is_locked() {
            return Err(Refusal::Locked(user.id.clone()).into());
        }
        self.judge_otp(&guard, user, (credential, code)).await
    }

    /// Whether failed logins keep the user out.
    ///
    /// # Errors
    /// Sessions cannot be reached.
    pub async fn is_locked(&self, at: &At<'_>, user: &User) -> Result<bool, Trouble> {
        Ok(self.sessions.is_locked_out(at.realm, &user.id, at.now).await?)
    }

    /// To be called when a login is over, before required actions: nothing of what failed before counts any more.
    ///
    /// # Errors
    /// Sessions cannot be reached.
    pub async fn forget_failures(&self, at: &At<'_>, user: &User) -> Result<(), Trouble> {
        if at.realm.brute_force.protected {
            self.sessions.update_attempts(&at.realm.name, Subject::User(&user.id), at.now, |_| None).await?;
        }
        Ok(())
    }

    /// The direct grant: the user, if everything presented is right and nothing keeps the user out. One turn for all of it.
    ///
    /// # Errors
    /// Every [`Refusal`]; or the server cannot say.
    pub async fn authenticate(&self, at: &At<'_>, presented: &Presented<'_>) -> Result<Arc<User>, AuthenticationError> {
        let Some(user) = self.find_by_name_or_email(at, presented.username).await? else {
            self.is_password(at, None, presented.password).await?; // an unknown user costs what a known one does
            return Err(Refusal::UnknownUser.into());
        };
        let guard = self.enter(at, &user).await?;
        self.judge_password(&guard, &user, presented.password).await?;
        let needs_otp = match at.realm.direct_grant_otp {
            DirectGrantOtp::Disabled => false,
            DirectGrantOtp::Conditional => self.has_otp(&user),
            DirectGrantOtp::Required => true,
        };
        if needs_otp {
            self.judge_otp(&guard, &user, (None, presented.otp)).await?;
        }
        guard.forget_failures().await?;
        drop(guard);
        self.hash_outdated_password(at, &user, presented.password).await;
        refuse_unfinished_account(at, &user)?;
        Ok(user)
    }

    pub(crate) async fn enter<'a>(&'a self, at: &'a At<'a>, user: &'a User) -> Result<Guard<'a>, Trouble> {
        Guard::enter(self, at, (Subject::User(&user.id), user.id.as_str())).await
    }

    async fn judge_password(&self, guard: &Guard<'_>, user: &User, password: Option<&str>) -> Result<(), AuthenticationError> {
        if guard.is_locked() {
            self.is_password(guard.at(), None, password).await?;
            return Err(Refusal::Locked(user.id.clone()).into());
        }
        if !self.is_password(guard.at(), Some(user), password).await? {
            guard.record_failure(Factor::First).await?;
            return Err(Refusal::WrongPassword(user.id.clone()).into());
        }
        // Keycloak: told only to those who know the password (recordings token-password/disabled-user*).
        Ok(refuse_disabled(user)?)
    }

    async fn judge_otp(
        &self,
        guard: &Guard<'_>,
        user: &User,
        presented: (Option<&str>, Option<&str>),
    ) -> Result<MatchedOtp, AuthenticationError> {
        match self.matching_otp(guard.at(), user, presented).await? {
            Some(matched) => Ok(matched),
            None => {
                guard.record_failure(Factor::Second).await?;
                Err(Refusal::WrongOtp(user.id.clone()).into())
            }
        }
    }
}

#[cfg(test)]
mod tests;
