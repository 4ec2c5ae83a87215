//! Requests that the server sends: keys of clients and identity providers, back-channel logout, CIBA notifications, webhooks.
//!
//! Where they go is written by others: clients that register themselves, admins of one realm. So there is one client, and it
//! refuses what would make this server a way into the network it stands in (SSRF: CVE-2026-1180, CVE-2026-1518, CVE-2026-4366,
//! CVE-2026-4874): addresses that are not public are called only where the operator allows them, judged on the very address that
//! is connected to; redirects are not followed; answers are bounded in size and time.
//!
//! **Architecture invariant:** no other crate opens a connection to an address that a realm, a client or a request names.

mod address;
mod client;
mod config;
mod error;
mod route;

#[cfg(test)]
mod tests;

pub use client::{Answer, Outbound, Request, Verb};
pub use config::Config;
pub use error::{ConfigError, OutboundError};
