//! Whether client, session and user still stand behind a token.

use std::sync::Arc;

use ambient::Timestamp;
use oidc_types::SessionId;
use realm_model::{Client, User};
use sessions::lifespan::Lifespans;
use sessions::{SessionKind, UserSession};
use token_issuer::{InspectedToken, SessionNotes, Subject};

use crate::error::Fallen;
use crate::inspection::Inspection;

/// What stands behind a token.
pub(crate) struct Standing {
    pub(crate) subject: Subject,
    pub(crate) notes: SessionNotes,
    /// The session; none where it was never kept (client credentials).
    pub(crate) session: Option<(SessionKind, SessionId)>,
}

impl Inspection<'_> {
    /// The client a token was issued to.
    pub(crate) fn client_of(&self, token: &InspectedToken) -> Result<&Arc<Client>, Fallen> {
        self.realm().client(token.client_id.as_str()).ok_or(Fallen::UnknownClient)
    }

    /// Refuses a token that its client or the realm's administrator took back.
    pub(crate) async fn refuse_withdrawn(&self, token: &InspectedToken, client: &Client) -> Result<(), Fallen> {
        if token.issued < client.not_before {
            return Err(Fallen::BeforeClient(client.client_id.clone()));
        }
        if self.parts.sessions.is_token_revoked(&self.realm().name, &token.id, self.now()).await? {
            return Err(Fallen::Revoked);
        }
        Ok(())
    }

    /// The live session and the user of a token.
    pub(crate) async fn standing(&self, token: &InspectedToken, client: &Client) -> Result<Standing, Fallen> {
        let (user, session) = match &token.session {
            None => (self.user_without_session(token).await?, None),
            Some(id) => {
                let session = self.live_session(token, id, client).await?.ok_or(Fallen::NoSession)?;
                let user = self.parts.users.find_by_id(&self.realm().name, session.user.as_str()).await?;
                (user, Some(session))
            }
        };
        let user = user.ok_or(Fallen::NoSession)?;
        refuse_unfit_user(token, &user)?;
        if self.parts.sessions.is_locked_for_good(self.realm(), &user.id, self.now()).await? {
            return Err(Fallen::UserDisabled(user.id.clone()));
        }
        let notes = session.iter().flat_map(|session| &session.notes).map(|(name, value)| (name.clone(), value.clone()));
        Ok(Standing {
            notes: notes.collect(),
            subject: Subject::new(self.realm(), user),
            session: session.map(|session| (session.kind, session.id)),
        })
    }

    /// The user of a token that never had a session.
    async fn user_without_session(&self, token: &InspectedToken) -> Result<Option<Arc<User>>, Fallen> {
        let (realm, users) = (&self.realm().name, &self.parts.users);
        if let Some(subject) = &token.subject
            && let Some(user) = users.find_by_id(realm, subject.as_str()).await?
        {
            return Ok(Some(user));
        }
        // A pairwise subject is no user's id.
        Ok(users.find_service_account(realm, &token.client_id).await?)
    }

    /// The session of a token, if the client still has a part in it and both are within their lifespans.
    async fn live_session(&self, token: &InspectedToken, id: &SessionId, client: &Client) -> Result<Option<UserSession>, Fallen> {
        let kinds: &[SessionKind] = match token.session_kind() {
            Some(token_issuer::SessionKind::Online | token_issuer::SessionKind::Borrowed) => &[SessionKind::Online],
            Some(token_issuer::SessionKind::Offline | token_issuer::SessionKind::BorrowedOffline) => &[SessionKind::Offline],
            Some(token_issuer::SessionKind::Transient) => &[],
            None => &[SessionKind::Online, SessionKind::Offline], // ID tokens do not say
        };
        for kind in kinds {
            let found = self.parts.sessions.find(&self.realm().name, *kind, id, self.now()).await?;
            if let Some(session) = found.filter(|session| self.is_live(session, client, token)) {
                return Ok(Some(session.value));
            }
        }
        Ok(None)
    }

    fn is_live(&self, session: &UserSession, client: &Client, token: &InspectedToken) -> bool {
        let lifespans = Lifespans::of(self.realm(), client);
        let Some(part) = session.client(&client.id) else { return false };
        lifespans.session_ends(session).is_live(self.now())
            && lifespans.client_ends(session, part).is_live(self.now())
            && Timestamp::from_secs(token.issued).secs() >= session.started.secs()
    }
}

fn refuse_unfit_user(token: &InspectedToken, user: &User) -> Result<(), Fallen> {
    if !user.enabled {
        return Err(Fallen::UserDisabled(user.id.clone()));
    }
    if token.issued < user.not_before {
        return Err(Fallen::BeforeUser(user.id.clone()));
    }
    Ok(())
}

/// Refuses a client that is switched off.
pub(crate) fn refuse_disabled_client(client: &Client) -> Result<(), Fallen> {
    if client.enabled { Ok(()) } else { Err(Fallen::ClientDisabled(client.client_id.clone())) }
}
