//! What a server must remember between two requests: user and client sessions, offline sessions, codes, single-use marks,
//! failed logins, trusted devices.
//!
//! Two layers. [`RecordStore`] keeps plain records under typed keys with atomic verbs; its documentation is the contract that
//! memory, the embedded file and Redis all keep. [`Sessions`] is what everybody else uses: typed, the same over every store.
//! Two rules are pure functions of their own: [`rotation`] (who may use a refresh token again) and [`lifespan`] (when a
//! session ends).
//!
//! **Architecture invariant:** nothing here reads a clock; every verb judges expiry by the caller's `now`.

mod action_link;
mod authentication_session;
mod code;
mod codec;
mod decoupled;
mod embedded;
mod error;
mod initial_access;
mod journal;
mod kept;
pub mod lifespan;
mod login_attempts;
mod memory;
mod owners;
mod record;
mod redis;
pub mod rotation;
mod sessions;
mod settings;
mod shard;
mod single_use;
mod stored_form;
mod sweep;
mod table;
mod trusted_device;
mod user_session;

#[cfg(test)]
mod contract;

pub use authentication_session::{AuthenticationSession, Tab};
pub use code::Spent;
pub use decoupled::{Decided, Decision, Decoupled, UserCode, WaitingAuthorization};
pub use embedded::Embedded;
pub use error::StoreError;
pub use initial_access::{Drawn, InitialAccess};
pub use login_attempts::{LoginAttempts, Subject};
pub use memory::Memory;
pub use record::{Inserted, Record, RecordKey, RecordKind, RecordStore, Replaced, StoreSize, Stored, Version};
pub use redis::Redis;
pub use sessions::{Kept, MOST_DEVICES, Sessions};
pub use settings::{Config, SessionsUrl, open};
pub use single_use::SingleUse;
pub use sweep::sweep_while_running;
pub use trusted_device::{DeviceKey, TrustedDevice};
pub use user_session::{BROWSER, ClientSession, EXCHANGED_FROM, Seen, SessionKind, UserSession};
