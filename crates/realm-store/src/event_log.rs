//! What happened, kept in order: for the Admin API, and for subscribers who are told of it.

use async_trait::async_trait;

use crate::StoreError;

/// Whose doing an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// Users and clients: `/events`.
    User,
    /// Administrators: `/admin-events`.
    Admin,
}

impl EventKind {
    /// The word in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Admin => "admin",
        }
    }
}

/// Who may see an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// The Admin API, and subscribers.
    ToAll,
    /// Subscribers alone.
    ToSubscribers,
}

/// An event to be kept: what it is found by, and the whole of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRow {
    /// `id` of the realm. Where there is none of it any more the event is forgotten.
    pub realm_id: String,
    /// Whose doing it is.
    pub kind: EventKind,
    /// Who may see it.
    pub shown: Shown,
    /// When, in milliseconds since the epoch.
    pub time: i64,
    /// Until when it is kept, likewise; for ever where there is none.
    pub expires: Option<i64>,
    /// Type of an event, operation of an administrator's.
    pub event_type: String,
    /// The client.
    pub client: Option<String>,
    /// The user.
    pub user: Option<String>,
    /// From where.
    pub ip_address: String,
    /// Type of the resource, of an administrator's.
    pub resource_type: Option<String>,
    /// Path of the resource, likewise.
    pub resource_path: Option<String>,
    /// `id` of the administrator's realm.
    pub auth_realm: Option<String>,
    /// The event as JSON text.
    pub body: String,
}

/// Which events are wanted; what is not said does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventQuery {
    /// One of these types; any where empty.
    pub types: Vec<String>,
    /// One of these types of resources; any where empty.
    pub resource_types: Vec<String>,
    /// The client.
    pub client: Option<String>,
    /// The user.
    pub user: Option<String>,
    /// From where.
    pub ip_address: Option<String>,
    /// `id` of the administrator's realm.
    pub auth_realm: Option<String>,
    /// Path of the resource; `*` stands for anything.
    pub resource_path: Option<String>,
    /// At this time or later, milliseconds.
    pub from: Option<i64>,
    /// At this time or earlier.
    pub until: Option<i64>,
    /// In which order.
    pub order: EventOrder,
    /// So many are passed over.
    pub first: i64,
    /// So many at the most; all where there is none.
    pub max: Option<i64>,
    /// The time now: what has expired is not there.
    pub now: i64,
}

/// The order of events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EventOrder {
    /// Newest first.
    #[default]
    Descending,
    /// Oldest first.
    Ascending,
}

/// An event in the order in which it was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberedEvent {
    /// Its place: rises from event to event, with gaps.
    pub seq: i64,
    /// When, in milliseconds since the epoch.
    pub time: i64,
    /// Whose doing it is.
    pub kind: EventKind,
    /// Type of an event, operation of an administrator's.
    pub event_type: String,
    /// The event as JSON text.
    pub body: String,
}

/// Where a subscriber has got to; what it means is the subscriber's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventCursor {
    /// Rises by one with every move.
    pub version: i64,
    /// JSON text.
    pub body: String,
}

/// The events of all realms.
///
/// Events have one order that all readers see: whoever has read up to some place will find nothing new before it.
#[async_trait]
pub trait EventLog: Send + Sync {
    /// Keeps events behind those that are there, all or none; those of realms that are gone are left out.
    async fn append_events(&self, events: Vec<EventRow>) -> Result<(), StoreError>;

    /// The bodies of those events of a realm that the Admin API shows and `query` asks for.
    async fn events(&self, realm_id: &str, kind: EventKind, query: &EventQuery) -> Result<Vec<String>, StoreError>;

    /// Takes the events of a realm from the Admin API; subscribers can still be told of them until `expires`.
    async fn clear_events(&self, realm_id: &str, kind: EventKind, expires: i64) -> Result<(), StoreError>;

    /// Forgets what has expired; tells how many that were.
    async fn expire_events(&self, now: i64) -> Result<u64, StoreError>;

    /// The events of a realm behind `seq`, `limit` at the most, whoever may see them.
    async fn events_after(&self, realm_id: &str, seq: i64, limit: i64) -> Result<Vec<NumberedEvent>, StoreError>;

    /// The place of the last event that was ever kept; 0 where there was none.
    async fn last_event(&self) -> Result<i64, StoreError>;

    /// Where a subscriber has got to.
    async fn event_cursor(&self, realm_id: &str, name: &str) -> Result<Option<EventCursor>, StoreError>;

    /// Moves a subscriber from `from` (0: it is new) to `body`; `false`: it is not there any more, somebody else moved it.
    async fn move_event_cursor(&self, realm_id: &str, name: &str, from: i64, body: String) -> Result<bool, StoreError>;
}
