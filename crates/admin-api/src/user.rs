//! One user: looked up, changed, shown.

pub(crate) mod search;
pub(crate) mod shown;

use oidc_types::UserId;
use realm_model::compile;
use realm_model::document::UserRecord;
use realm_store::{Batch, CommitError, Expected, Taken, UserKey, UserRow, Write};
use sessions::{SessionKind, Subject, UserSession};
use user_authentication::{At, NewPassword, NewPasswordError};

use crate::call::Call;
use crate::error::AdminError;
use crate::roles::Permission;

/// How often a change is worked out anew.
const ATTEMPTS: usize = 8;

impl Call {
    /// The user that the first parameter of the path names.
    ///
    /// # Errors
    /// Keycloak: who may not list users does not learn which there are.
    pub(crate) async fn user(&self) -> Result<UserRow, AdminError> {
        match self.api.live.repository().user(&self.realm().id, UserKey::Id(self.param(0))).await? {
            Some(row) => Ok(row),
            None if self.may(Permission::QueryUsers) => Err(AdminError::error(404, "User not found")),
            None => Err(AdminError::Forbidden),
        }
    }

    /// The same, once the caller may see it.
    pub(crate) async fn visible_user(&self) -> Result<UserRecord, AdminError> {
        let row = self.user().await?;
        self.refuse_without(Permission::ViewUsers)?;
        Ok(row.record)
    }

    /// Changes that user: `work` says how, and which further writes belong to it. It may be called several times.
    ///
    /// # Errors
    /// Those of `work`, and those of the store.
    pub(crate) async fn change_user<T>(
        &self,
        mut work: impl FnMut(&mut UserRecord, &mut Vec<Write>) -> Result<T, AdminError>,
    ) -> Result<T, AdminError> {
        for _ in 0..ATTEMPTS {
            let UserRow { version, record: before } = self.user().await?;
            let (mut record, mut writes) = (before.clone(), Vec::new());
            let done = work(&mut record, &mut writes)?;
            if record == before {
                return Ok(done);
            }
            let mut batch = Batch::within(&*self.realm().id);
            batch.writes.push(Write::PutUser { record, expected: Expected::Version(version) });
            batch.writes.append(&mut writes);
            match self.api.live.commit(batch).await {
                Ok(()) => return Ok(done),
                Err(CommitError::Conflict(_)) => {}
                Err(error) => return Err(taken(error)),
            }
        }
        Err(AdminError::Unavailable("the user is being changed by others all the time".to_owned()))
    }

    /// Checks a password that a user is to have and hashes it.
    ///
    /// # Errors
    /// 400 where the policy refuses it, 503 where too many wait already.
    pub(crate) async fn take_password(&self, user: &UserRecord, password: &str) -> Result<NewPassword, AdminError> {
        let realm = self.realm();
        let at = At { realm, now: self.context.now, peer: "" };
        let user = compile::user(user, realm);
        self.api.user_authentication.take_password(&at, &user, password).await.map_err(|error| match error {
            NewPasswordError::Refused(ref refusal) => AdminError::Described(400, refusal.message_key(), error.to_string()),
            NewPasswordError::Trouble(trouble) => AdminError::Unavailable(trouble.to_string()),
        })
    }

    /// Ends the sessions of a user, those that are online.
    pub(crate) async fn end_sessions(&self, kind: SessionKind, user: &UserId) -> Result<Vec<UserSession>, AdminError> {
        let (sessions, realm) = (&self.api.sessions, &self.realm().name);
        let mut ended = Vec::new();
        for seen in sessions.of_user(realm, kind, user, self.context.now).await? {
            if sessions.remove(realm, kind, &seen.value.id).await? {
                ended.push(seen.value);
            }
        }
        Ok(ended)
    }

    /// Forgets the failed logins of a user.
    pub(crate) async fn forget_attempts(&self, user: &UserId) -> Result<(), AdminError> {
        let (sessions, realm) = (&self.api.sessions, &self.realm().name);
        sessions.update_attempts(realm, Subject::User(user), self.context.now, |_| None).await?;
        Ok(())
    }
}

/// What a lost race for a username or e-mail address is told as.
pub(crate) fn taken(error: CommitError) -> AdminError {
    match error {
        CommitError::Exists(Taken::Username(_)) => AdminError::message(409, "User exists with same username"),
        CommitError::Exists(Taken::Email(_)) => AdminError::message(409, "User exists with same email"),
        error => error.into(),
    }
}
