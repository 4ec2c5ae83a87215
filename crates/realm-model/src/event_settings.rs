use std::sync::Arc;

use oidc_types::{EventType, Outcome, Secret};

/// Which events of a realm are kept, and who is told of them.
#[derive(Clone, Debug, Default)]
pub struct EventSettings {
    /// `eventsEnabled`
    pub enabled: bool,
    /// `enabledEventTypes`; where empty, those that Keycloak keeps unless told otherwise.
    pub types: Vec<(EventType, Outcome)>,
    /// `eventsExpiration`, seconds; 0: for ever.
    pub expiration: i64,
    /// `adminEventsEnabled`, `adminEventsDetailsEnabled`
    pub admin: AdminEvents,
    /// Attribute `latchkey.webhooks`.
    pub webhooks: Vec<Arc<Webhook>>,
}

/// What is kept of what administrators do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AdminEvents {
    /// Nothing.
    #[default]
    Off,
    /// That they did it.
    On,
    /// What they sent, too.
    WithDetails,
}

/// A subscriber of events.
#[derive(Debug)]
pub struct Webhook {
    /// Its name, unique in the realm.
    pub name: String,
    /// Where it is told.
    pub url: String,
    /// What its messages are signed with.
    pub secret: Secret<Vec<u8>>,
    /// Words of the types it wants, [`ADMIN_EVENT`] among them; all where empty.
    pub types: Vec<String>,
}

/// The word by which a subscriber asks for what administrators do.
pub const ADMIN_EVENT: &str = "ADMIN_EVENT";

impl EventSettings {
    /// Whether the Admin API shows events of this kind.
    pub fn keeps(&self, event_type: EventType, outcome: Outcome) -> bool {
        self.enabled
            && match self.types.as_slice() {
                [] => event_type.is_saved_by_default(),
                types => types.contains(&(event_type, outcome)),
            }
    }

    /// Whether a subscriber wants events of this word.
    pub fn is_subscribed(&self, word: &str) -> bool {
        self.webhooks.iter().any(|webhook| webhook.wants(word))
    }
}

impl Webhook {
    /// Whether it wants events of this word.
    pub fn wants(&self, word: &str) -> bool {
        self.types.is_empty() || self.types.iter().any(|wanted| wanted == word)
    }
}
