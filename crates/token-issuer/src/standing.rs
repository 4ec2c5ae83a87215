//! Whether client, session and user still stand behind a token.

use std::sync::Arc;

use ambient::Timestamp;
use oidc_types::{ClientId, SessionId, UserId};
use realm_model::{Client, Realm, RoleSet, User};
use realm_store::Users;
use sessions::lifespan::Lifespans;
use sessions::{Seen, Sessions, UserSession};
use thiserror::Error;

use crate::{InspectedToken, SessionKind, SessionNotes, Subject};

/// Sessions or users are out of reach; says nothing about the token.
#[derive(Debug, Error)]
pub enum Unreachable {
    /// Sessions.
    #[error(transparent)]
    Sessions(#[from] sessions::StoreError),
    /// Users.
    #[error(transparent)]
    Users(#[from] realm_store::StoreError),
}

/// Why a token that is in order stands for nothing any more.
#[derive(Debug, Error)]
pub enum Fallen {
    /// Its client was removed.
    #[error("its client is unknown")]
    UnknownClient,
    /// Issued before the client's not-before.
    #[error("issued before the not-before of client {0}")]
    BeforeClient(ClientId),
    /// Withdrawn by its client.
    #[error("revoked")]
    Revoked,
    /// Its client is switched off.
    #[error("client {0} is disabled")]
    ClientDisabled(ClientId),
    /// The session ended, or its client's part of it, or its user was removed.
    #[error("its session ended")]
    NoSession,
    /// Its user is switched off.
    #[error("user {0} is disabled")]
    UserDisabled(UserId),
    /// Issued before the user's not-before.
    #[error("issued before the not-before of user {0}")]
    BeforeUser(UserId),
    /// Nothing is known of it.
    #[error(transparent)]
    Unavailable(#[from] Unreachable),
}

impl From<sessions::StoreError> for Fallen {
    fn from(error: sessions::StoreError) -> Self {
        Self::Unavailable(error.into())
    }
}

impl From<realm_store::StoreError> for Fallen {
    fn from(error: realm_store::StoreError) -> Self {
        Self::Unavailable(error.into())
    }
}

/// What stands behind a token.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Whom it is about, with the roles of now.
    pub subject: Subject,
    /// The notes of the session.
    pub notes: SessionNotes,
    /// The session; none where it was never kept (client credentials).
    pub session: Option<Seen<UserSession>>,
}

/// Where to look for it.
#[derive(Clone, Copy)]
pub struct StandingContext<'a> {
    /// The realm.
    pub realm: &'a Arc<Realm>,
    /// Its sessions.
    pub sessions: &'a Sessions,
    /// Its users.
    pub users: &'a dyn Users,
    /// The present.
    pub now: Timestamp,
}

impl<'a> StandingContext<'a> {
    /// The client a token was issued to.
    ///
    /// # Errors
    /// [`Fallen::UnknownClient`]
    pub fn client_of(&self, token: &InspectedToken) -> Result<&'a Arc<Client>, Fallen> {
        self.realm.client(token.client_id.as_str()).ok_or(Fallen::UnknownClient)
    }

    /// Refuses a token that its client or the realm's administrator took back.
    ///
    /// # Errors
    /// [`Fallen::BeforeClient`], [`Fallen::Revoked`]
    pub async fn refuse_withdrawn(&self, token: &InspectedToken, client: &Client) -> Result<(), Fallen> {
        if token.issued < client.not_before {
            return Err(Fallen::BeforeClient(client.client_id.clone()));
        }
        if self.sessions.is_token_revoked(&self.realm.name, &token.id, self.now).await? {
            return Err(Fallen::Revoked);
        }
        Ok(())
    }

    /// The live session and the user of a token.
    ///
    /// # Errors
    /// See [`Fallen`].
    pub async fn standing(&self, token: &InspectedToken, client: &Client) -> Result<Standing, Fallen> {
        let (user, session) = match &token.session {
            None => (self.user_without_session(token).await?, None),
            Some(id) => {
                let session = self.live_session(token, id, client).await?.ok_or(Fallen::NoSession)?;
                let user = self.users.find_by_id(&self.realm.name, session.user.as_str()).await?;
                (user, Some(session))
            }
        };
        let user = user.ok_or(Fallen::NoSession)?;
        refuse_unfit_user(token, &user)?;
        if self.sessions.is_locked_for_good(self.realm, &user.id, self.now).await? {
            return Err(Fallen::UserDisabled(user.id.clone()));
        }
        let notes = session.iter().flat_map(|session| &session.notes).map(|(name, value)| (name.clone(), value.clone()));
        Ok(Standing { notes: notes.collect(), subject: Subject::new(self.realm, user), session })
    }

    /// All of it, for a token that gives access: its client, and what stands behind it.
    ///
    /// # Errors
    /// See [`Fallen`].
    pub async fn of_access_token(&self, token: &InspectedToken) -> Result<Standing, Fallen> {
        let client = self.client_of(token)?;
        self.refuse_withdrawn(token, client).await?;
        refuse_disabled_client(client)?;
        self.standing(token, client).await
    }

    /// The user of a token that never had a session.
    async fn user_without_session(&self, token: &InspectedToken) -> Result<Option<Arc<User>>, Fallen> {
        let realm = &self.realm.name;
        if let Some(subject) = &token.subject
            && let Some(user) = self.users.find_by_id(realm, subject.as_str()).await?
        {
            return Ok(Some(user));
        }
        // A pairwise subject is no user's id.
        Ok(self.users.find_service_account(realm, &token.client_id).await?)
    }

    /// The session of a token, if the client still has a part in it and both are within their lifespans.
    async fn live_session(
        &self,
        token: &InspectedToken,
        id: &SessionId,
        client: &Client,
    ) -> Result<Option<Seen<UserSession>>, Fallen> {
        use sessions::SessionKind::{Offline, Online};
        let kinds: &[sessions::SessionKind] = match token.session_kind() {
            Some(SessionKind::Online | SessionKind::Borrowed) => &[Online],
            Some(SessionKind::Offline | SessionKind::BorrowedOffline) => &[Offline],
            Some(SessionKind::Transient) => &[],
            None => &[Online, Offline], // ID tokens do not say
        };
        for kind in kinds {
            let found = self.sessions.find(&self.realm.name, *kind, id, self.now).await?;
            if let Some(session) = found.filter(|session| self.is_live(session, client, token)) {
                return Ok(Some(session));
            }
        }
        Ok(None)
    }

    fn is_live(&self, session: &UserSession, client: &Client, token: &InspectedToken) -> bool {
        let lifespans = Lifespans::of(self.realm, client);
        let part = session.client(&client.id);
        // A borrowed session has no part of this client; where it has one by now, that is another's affair.
        let borrowed = matches!(token.session_kind(), Some(SessionKind::Borrowed | SessionKind::BorrowedOffline));
        let has_part = part.is_some_and(|part| lifespans.client_ends(session, part).is_live(self.now));
        (borrowed || has_part) && lifespans.session_ends(session).is_live(self.now) && token.issued >= session.started.secs()
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
///
/// # Errors
/// [`Fallen::ClientDisabled`]
pub fn refuse_disabled_client(client: &Client) -> Result<(), Fallen> {
    if client.enabled { Ok(()) } else { Err(Fallen::ClientDisabled(client.client_id.clone())) }
}

/// The roles that a user has at this moment, cut down to what the client may carry. Keycloak: recordings
/// admin-authorization/{role-taken-away,other-client-token}.
pub fn carried_roles(realm: &Realm, client: &Client, user: &User) -> RoleSet {
    let all = realm.roles_of(user);
    if client.full_scope_allowed {
        return all;
    }
    let own = realm.roles.keys().filter(|role| role.client.as_ref() == Some(&client.client_id));
    let scope = realm.expand(own.chain(&client.scope_mappings));
    all.intersection(&scope).cloned().collect()
}
