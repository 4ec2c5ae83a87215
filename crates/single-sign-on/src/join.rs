use std::sync::Arc;

use oidc_types::{SessionId, UserId};
use realm_model::User;
use sessions::{ClientSession, Inserted, Replaced, Seen, SessionKind, StoreError, UserSession};
use token_issuer::{GrantKind, GrantedScope, Issue, ScopeRequest, Subject};

use crate::facts::{ACR, notes_of};
use crate::{SignOn, SignOnError};

/// Times that a session is read again because another request of it was faster.
const ROUNDS: usize = 64;

/// Who joins what, and for what.
pub struct Joining {
    /// The online session of the login.
    pub session: SessionId,
    /// Whose it is.
    pub user: Arc<User>,
    /// For what.
    pub scope: ScopeRequest,
    /// How.
    pub grant: GrantKind,
    /// `acr`, where a browser's login answered it.
    pub acr: Option<String>,
}

impl SignOn<'_> {
    /// The online session, whether in time or not, if it is one of `user`.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn find_joinable(&self, session: &SessionId, user: &UserId) -> Result<Option<Seen<UserSession>>, StoreError> {
        let found = self.sessions.find(&self.realm.name, SessionKind::Online, session, self.now).await?;
        Ok(found.filter(|session| session.user == *user))
    }

    /// Attaches the client to the session and says what to issue; `None` where the session is gone. With `offline_access` an offline
    /// session with the same id stands beside it (measured on 26.7.4).
    ///
    /// # Errors
    /// [`SignOnError`]
    pub async fn join(&self, joining: Joining) -> Result<Option<Issue>, SignOnError> {
        let Some(online) = self.find_joinable(&joining.session, &joining.user.id).await? else { return Ok(None) };
        let subject = Subject::new(self.realm, joining.user);
        let scope = joining.scope.grant(self.realm, self.client, &subject);
        let wants_offline = joining.scope.wants_offline(self.client);
        if wants_offline && !scope.has_offline_access() {
            return Err(SignOnError::OfflineAccessNotGranted);
        }
        let part = Part { scope: &scope, acr: joining.acr.as_deref() };
        let joined = match wants_offline {
            true => self.attach_offline(&online, part).await?,
            false => self.attach((SessionKind::Online, &joining.session), part).await?,
        };
        let Some(session) = joined else { return Ok(None) };
        let refresh = self.first_refresh(&session);
        let facts = self.session_facts(&session, notes_of(&session));
        Ok(Some(Issue { refresh, ..Issue::new(subject, Arc::clone(self.client), scope, facts, joining.grant) }))
    }

    /// The client takes part in the session from now on, with no token yet: whoever ends the session tells it. `None` where the
    /// session is gone.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn attend(&self, mut session: Seen<UserSession>) -> Result<Option<UserSession>, StoreError> {
        for _ in 0..ROUNDS {
            if session.client(&self.client.id).is_some() {
                return Ok(Some(session.value));
            }
            session.attach(ClientSession::new(&self.client.id, "", self.now));
            match self.sessions.replace(&self.realm.name, &session, self.now).await? {
                Replaced::Done => return Ok(Some(session.value)),
                Replaced::Absent => return Ok(None),
                Replaced::Lost => {}
            }
            let found = self.sessions.find(&self.realm.name, session.kind, &session.id, self.now).await?;
            let Some(found) = found else { return Ok(None) };
            session = found;
        }
        Err(StoreError::Contended { what: "user session" })
    }

    async fn attach_offline(&self, online: &UserSession, part: Part<'_>) -> Result<Option<UserSession>, StoreError> {
        let mut offline = UserSession::new(online.id.clone(), online.user.clone(), SessionKind::Offline, self.now);
        offline.notes.clone_from(&online.notes);
        self.renew(&mut offline, part);
        match self.sessions.record(&self.realm.name, &offline, self.now).await? {
            Inserted::Done => Ok(Some(offline)),
            Inserted::Exists => self.attach((SessionKind::Offline, &online.id), part).await,
        }
    }

    async fn attach(&self, (kind, id): (SessionKind, &SessionId), part: Part<'_>) -> Result<Option<UserSession>, StoreError> {
        for _ in 0..ROUNDS {
            let Some(mut session) = self.sessions.find(&self.realm.name, kind, id, self.now).await? else { return Ok(None) };
            self.renew(&mut session, part);
            match self.sessions.replace(&self.realm.name, &session, self.now).await? {
                Replaced::Done => return Ok(Some(session.value)),
                Replaced::Absent => return Ok(None),
                Replaced::Lost => {}
            }
        }
        Err(StoreError::Contended { what: "user session" })
    }

    /// The client's part begins, or goes on with another scope.
    fn renew(&self, session: &mut UserSession, part: Part<'_>) {
        if session.client(&self.client.id).is_none() {
            session.attach(ClientSession::new(&self.client.id, part.scope.full_text(), self.now));
        }
        if let Some(present) = session.client_mut(&self.client.id) {
            present.scope = part.scope.full_text().to_string();
            present.last_refresh = present.last_refresh.max(self.now);
            if let Some(acr) = part.acr {
                present.set_note(ACR, acr);
            }
        }
        session.last_refresh = session.last_refresh.max(self.now);
        session.expires_at = self.lifespans().record_expires(session);
    }
}

/// What a client's part of a session says.
#[derive(Clone, Copy)]
struct Part<'a> {
    scope: &'a GrantedScope,
    acr: Option<&'a str>,
}
