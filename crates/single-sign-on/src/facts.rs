//! What tokens say of a session.

use oidc_types::SessionId;
use realm_model::RefreshTokenPolicy;
use sessions::{SessionKind, UserSession};
use token_issuer::{RefreshIssue, SessionFacts, SessionNotes};

use crate::SignOn;

/// Note of a client session: `acr` as its last authorization answered it. None: `1`.
pub(crate) const ACR: &str = "acr";

impl SignOn<'_> {
    /// The first refresh token of a login, where the client gets any.
    pub fn first_refresh(&self, session: &UserSession) -> RefreshIssue {
        if self.client.attribute("use.refresh.tokens") == Some("false") {
            return RefreshIssue::Without;
        }
        self.refresh_issue(session, self.new_family())
    }

    /// The family of a login's refresh tokens, where the realm rotates them.
    pub fn new_family(&self) -> Option<String> {
        match self.realm.refresh_tokens {
            RefreshTokenPolicy::Reusable => None,
            RefreshTokenPolicy::Rotating { .. } => Some(self.entropy.uuid().to_string()),
        }
    }

    /// The refresh token that goes with `session` as it now is.
    pub fn refresh_issue(&self, session: &UserSession, reuse_id: Option<String>) -> RefreshIssue {
        let Some(client) = session.client(&self.client.id) else { return RefreshIssue::Without };
        let expires = self.lifespans().refresh_expires(session, client);
        match (session.kind, expires) {
            (SessionKind::Online, Some(expires)) => RefreshIssue::Refresh { expires, reuse_id },
            (SessionKind::Online, None) => RefreshIssue::Without,
            (SessionKind::Offline, expires) => RefreshIssue::Offline { expires, reuse_id },
        }
    }

    /// What tokens say of `session`.
    pub fn session_facts(&self, session: &UserSession, notes: SessionNotes) -> SessionFacts {
        let client = session.client(&self.client.id);
        SessionFacts {
            kind: match session.kind {
                SessionKind::Online => token_issuer::SessionKind::Online,
                SessionKind::Offline => token_issuer::SessionKind::Offline,
            },
            id: session.id.clone(),
            started: session.started,
            ends: client.and_then(|client| self.lifespans().client_ends(session, client).max),
            remember_me: session.remember_me,
            notes,
            acr: client.and_then(|client| client.note(ACR)).map_or("1".into(), |acr| acr.to_owned().into()),
        }
    }

    /// Facts of a session that is stored nowhere: tokens without `sid`.
    pub fn transient_facts(&self, notes: SessionNotes) -> SessionFacts {
        SessionFacts {
            kind: token_issuer::SessionKind::Transient,
            id: SessionId::from(""),
            started: self.now,
            ends: None,
            remember_me: false,
            notes,
            acr: "1".into(),
        }
    }
}

/// The notes of a session, as mappers read them.
pub(crate) fn notes_of(session: &UserSession) -> SessionNotes {
    session.notes.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
}
