use std::fmt::Display;

use events::{Event, EventType, Recorder};
use oidc_types::OAuthError;

use crate::{ClientAuthError, Presented};

/// Why a request of a client was refused.
#[derive(Clone, Copy)]
pub enum Reason<'a> {
    /// The client is not who it says.
    Client(&'a ClientAuthError),
    /// Something else, with Keycloak's word for it where it has an event.
    Other(Option<&'static str>),
    /// The same, with what the client is told under `detail` in place of `reason`.
    Detailed(&'static str),
    /// The same, without what the client is told.
    Bare(&'static str),
}

/// A request of a client that was refused: what is recorded of it.
#[derive(Clone, Copy)]
pub struct Refusal<'a> {
    /// What was asked for, for the log.
    pub what: &'static str,
    /// What would have been recorded otherwise.
    pub event_type: EventType,
    /// How the client showed who it is.
    pub presented: Presented<'a>,
    /// Why it was refused.
    pub reason: Reason<'a>,
    /// The same in this server's words.
    pub fact: &'a dyn Display,
    /// What the client is told.
    pub wire: &'a OAuthError,
}

impl Refusal<'_> {
    /// Records the refusal; what Keycloak has no event for, and what is this server's fault, is logged.
    pub fn record(&self, recorder: Recorder<'_>) {
        let (what, fact, realm) = (self.what, self.fact, recorder.realm());
        let claimed = self.presented.claimed_client_id();
        let known = claimed.as_deref().and_then(|id| realm.client(id));
        let (word, is_authenticated) = match self.reason {
            Reason::Client(error) => (error.event_word(), matches!(error, ClientAuthError::OtherProtocol(_))),
            Reason::Other(word) => (word, true),
            Reason::Detailed(word) | Reason::Bare(word) => (Some(word), true),
        };
        let client = known.map_or("-", |client| client.client_id.as_str()); // never what a stranger sent
        match word {
            _ if self.wire.status >= 500 => log::error!("{what} failed: realm={} client={client}: {fact}", realm.name),
            None => log::info!("{what} refused: realm={} client={client}: {fact}", realm.name),
            Some(word) => recorder.error(self.event_type, word, |event| {
                let authenticator = known.filter(|_| is_authenticated).and_then(|client| client.authenticator.as_str());
                Event { client_id: claimed, ..event }
                    .detail("client_auth_method", authenticator)
                    .detail("reason", matches!(self.reason, Reason::Other(_)).then_some(&*self.wire.description))
                    .detail("detail", matches!(self.reason, Reason::Detailed(_)).then_some(&*self.wire.description))
                    .fact(fact)
            }),
        }
    }
}
