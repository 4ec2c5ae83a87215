use std::sync::Arc;

use oidc_types::SessionId;
use realm_model::User;
use sessions::{ClientSession, Inserted, SessionKind, UserSession};
use token_issuer::{GrantKind, Issue, ScopeRequest, SessionNotes, Subject};

use crate::{SignOn, SignOnError, new_session_id};

/// Who logged in, how, and for what.
pub struct Login {
    /// Who.
    pub user: Arc<User>,
    /// For what.
    pub scope: ScopeRequest,
    /// How.
    pub grant: GrantKind,
    /// What is known of the login.
    pub notes: SessionNotes,
}

impl SignOn<'_> {
    /// Records a session for a login without a browser and says what to issue. With `offline_access` it is an offline session and no
    /// online one is left behind (wire.md section 1.6).
    ///
    /// # Errors
    /// [`SignOnError`]
    pub async fn open(&self, login: Login) -> Result<Issue, SignOnError> {
        let subject = Subject::new(self.realm, login.user);
        let scope = login.scope.grant(self.realm, self.client, &subject);
        let wants_offline = login.scope.wants_offline(self.client);
        if wants_offline && !scope.has_offline_access() {
            return Err(SignOnError::OfflineAccessNotGranted);
        }
        let kind = if wants_offline { SessionKind::Offline } else { SessionKind::Online };
        let mut session = UserSession::new(self.new_id(), subject.user().id.clone(), kind, self.now);
        session.notes = login.notes.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        session.attach(ClientSession::new(&self.client.id, scope.full_text(), self.now));
        session.expires_at = self.lifespans().record_expires(&session);
        while self.sessions.record(&self.realm.name, &session, self.now).await? == Inserted::Exists {
            session.id = self.new_id();
        }
        let refresh = self.first_refresh(&session);
        let session = self.session_facts(&session, login.notes);
        Ok(Issue { refresh, ..Issue::new(subject, Arc::clone(self.client), scope, session, login.grant) })
    }

    fn new_id(&self) -> SessionId {
        new_session_id(self.realm, self.entropy)
    }
}
