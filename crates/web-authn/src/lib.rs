//! Web Authentication (W3C, Level 3) as a relying party: what a browser is asked for, and whether what it answers is true. Security
//! keys beside a password and passkeys instead of one.
//!
//! What a browser was asked for binds nobody: every demand of the realm's policy that can be seen in the answer is checked in the
//! answer (CVE-2026-8830). Nothing that was sent is in an error or a log line (CVE-2023-6484).
//!
//! **Architecture invariant:** knows neither HTTP nor pages nor users; keeps nothing. The challenge is the caller's to keep and to
//! use once.

mod assertion;
mod attestation;
mod authenticator_data;
mod challenge;
mod client_data;
mod cose;
mod error;
mod keys;
mod record;
mod registration;
mod relying_party;

pub use assertion::{Asserted, Assertion};
pub use challenge::Challenge;
pub use error::{WebAuthnError, browser_error};
pub use record::{CredentialRecord, PASSWORDLESS, SECOND_FACTOR};
pub use registration::Registration;
pub use relying_party::RelyingParty;

#[cfg(test)]
mod tests;
