//! What happened, for those who want to know: Keycloak's events in its log's form, in the store for the Admin API, and to
//! subscribers (docs/events.md).
//!
//! **Architecture invariant:** what nobody wants to know costs a request one comparison and no memory, and no request waits
//! for the store.

mod admin_event;
mod deliver;
mod event;
mod handle;
mod line;
mod queue;
mod recorder;
mod represent;
mod subscriber;
mod webhook;

pub use admin_event::AdminEvent;
pub use deliver::Deliverer;
pub use event::Event;
pub use handle::{Events, WebhookState};
pub use oidc_types::{EventType, Outcome};
pub use queue::EventWriter;
pub use recorder::Recorder;
