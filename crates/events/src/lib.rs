//! What happened, for those who want to know: Keycloak's event types in its log's form.
//!
//! **Architecture invariant:** what nobody wants to know costs a request one comparison and no memory.

mod event;
mod event_type;
mod line;
mod recorder;

pub use event::Event;
pub use event_type::{EventType, Outcome};
pub use recorder::{Events, Recorder};
