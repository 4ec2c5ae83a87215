use std::net::IpAddr;

use ambient::Timestamp;

use crate::{EventType, Outcome};

/// Something that happened in a realm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What.
    pub event_type: EventType,
    /// When.
    pub time: Timestamp,
    /// `id` of the realm.
    pub realm_id: String,
    /// Its name.
    pub realm_name: String,
    /// `client_id`, as it was claimed.
    pub client_id: Option<String>,
    /// `id` of the user.
    pub user_id: Option<String>,
    /// The session.
    pub session_id: Option<String>,
    /// From where.
    pub ip_address: IpAddr,
    /// Keycloak's word for why it was refused; none where it came to pass.
    pub error: Option<&'static str>,
    /// Further facts, by Keycloak's names.
    pub details: Vec<(&'static str, String)>,
    /// Why it was refused, in this server's own words: for its log alone.
    pub fact: Option<String>,
}

impl Event {
    /// Whether it came to pass.
    pub const fn outcome(&self) -> Outcome {
        if self.error.is_some() { Outcome::Error } else { Outcome::Success }
    }

    /// Keycloak's word for what happened.
    pub const fn word(&self) -> &'static str {
        self.event_type.word(self.outcome())
    }

    /// Of this client.
    #[must_use]
    pub fn client(mut self, client_id: impl Into<String>) -> Self {
        self.client_id = Some(client_id.into());
        self
    }

    /// Of this user.
    #[must_use]
    pub fn user(mut self, user_id: impl Into<String>) -> Self {
        self.user_id = Some(user_id.into());
        self
    }

    /// In this session, if any.
    #[must_use]
    pub fn session(mut self, session_id: Option<impl Into<String>>) -> Self {
        self.session_id = session_id.map(Into::into);
        self
    }

    /// With a further fact, where there is one.
    #[must_use]
    pub fn detail(mut self, name: &'static str, value: Option<impl Into<String>>) -> Self {
        self.details.extend(value.map(|value| (name, value.into())));
        self
    }

    /// With this server's own words for why it was refused.
    #[must_use]
    pub fn fact(mut self, fact: &dyn std::fmt::Display) -> Self {
        self.fact = Some(fact.to_string());
        self
    }
}
