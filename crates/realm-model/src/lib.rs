//! A realm as the rest of the server sees it: checked, immutable, complete.
//!
//! **Architecture invariant:** a [`Realm`] is never changed in place; whoever changes something makes the next snapshot.

mod brute_force;
pub mod canonical;
mod client;
mod client_scope;
mod compat;
pub mod compile;
pub mod completion;
mod consent;
mod declared_policies;
mod diagnostic;
pub mod document;
mod event_settings;
pub mod file;
mod group;
mod identity_provider;
mod key_provider;
mod lifespans;
pub mod lint;
mod organization;
mod otp;
mod realm;
pub mod report;
mod role;
pub mod schema;
mod sharing;
pub mod template;
mod texts;
pub mod upgrade;
mod user;

pub use brute_force::{BruteForce, BruteForceStrategy};
pub use client::{Client, ClientAuthenticator, Clients, Protocol, SecretTransport};
pub use client_scope::{ClientScope, ProtocolMapper};
pub use compat::Compat;
pub use consent::Consent;
pub use declared_policies::DeclaredPolicies;
pub use diagnostic::{Diagnostic, Severity, render};
pub use event_settings::{ADMIN_EVENT, AdminEvents, EventSettings, Webhook};
pub use file::did_you_mean;
pub use file::ids::stable_id;
pub use file::placeholder::{self, Placeholders, quote_bare, resolve, unquote_bare};
pub use group::{Group, GroupPath};
pub use identity_provider::IdentityProvider;
pub use key_provider::KeyProvider;
pub use lifespans::Lifespans;
pub use organization::{Organization, Organizations};
pub use otp::{OtpAlgorithm, OtpPolicy};
pub use realm::{DirectGrantOtp, EntityMap, Realm, RefreshTokenPolicy, SecurityHeaders, SslRequired};
pub use role::{Role, RoleKey, RoleSet};
pub use texts::Texts;
pub use user::{Credential, CredentialKind, User, hash_card};
