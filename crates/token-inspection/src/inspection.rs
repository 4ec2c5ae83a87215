//! What the three endpoints work with.

use std::sync::Arc;

use ambient::Timestamp;
use events::{Events, Recorder};
use realm_http::RealmContext;
use realm_model::Realm;
use realm_store::Users;
use sessions::Sessions;
use token_issuer::{InspectContext, InspectedToken, Purpose, RefusedToken, StandingContext, TokenIssuer};

/// Userinfo, introspection and revocation of all realms.
#[derive(Clone)]
pub struct TokenInspection {
    pub(crate) sessions: Sessions,
    pub(crate) users: Arc<dyn Users>,
    pub(crate) token_issuer: Arc<TokenIssuer>,
    pub(crate) events: Events,
}

impl TokenInspection {
    /// Over the parts below.
    pub fn new(sessions: Sessions, users: Arc<dyn Users>, token_issuer: Arc<TokenIssuer>) -> Self {
        Self { sessions, users, token_issuer, events: Events::default() }
    }

    /// The same, recording what happens in `events`.
    #[must_use]
    pub fn recording_in(self, events: Events) -> Self {
        Self { events, ..self }
    }
}

/// One request, as far as the rules need to know it.
pub(crate) struct Inspection<'a> {
    pub(crate) parts: &'a TokenInspection,
    pub(crate) request: &'a RealmContext,
}

impl<'a> Inspection<'a> {
    pub(crate) fn realm(&self) -> &'a Arc<Realm> {
        &self.request.realm
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.request.now
    }

    /// Records what happens here and now.
    pub(crate) fn recorder(&self) -> Recorder<'a> {
        self.parts.events.at(&self.request.realm, self.now(), self.request.arrival.peer)
    }

    /// Where to look for what stands behind a token.
    pub(crate) fn ground(&self) -> StandingContext<'a> {
        StandingContext { realm: self.realm(), sessions: &self.parts.sessions, users: &*self.parts.users, now: self.now() }
    }

    /// Reads a token; what must hold of it depends on `purpose`.
    pub(crate) async fn read(&self, token: &str, purpose: Purpose) -> Result<InspectedToken, RefusedToken> {
        let accepts_issuer = |issuer: &str| self.request.accepts_issuer(issuer);
        let cx = InspectContext { realm: self.realm(), accepts_issuer: &accepts_issuer, now: self.now() };
        self.parts.token_issuer.inspect(token, cx, purpose).await
    }
}
