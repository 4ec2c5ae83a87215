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
mod flow;
mod group;
mod identity_provider;
mod key_provider;
mod lifespans;
pub mod lint;
mod locales;
mod login_settings;
mod organization;
mod otp;
mod realm;
pub mod report;
mod required_action;
mod role;
pub mod schema;
mod sharing;
mod smtp;
pub mod template;
mod texts;
pub mod upgrade;
mod user;
mod user_profile;
mod web_authn;

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
pub use flow::{AuthenticatorConfig, Binding, Execution, ExecutionStep, Flow, FlowKind, FlowOverrides, Flows, Requirement};
pub use group::{Group, GroupPath};
pub use identity_provider::IdentityProvider;
pub use key_provider::KeyProvider;
pub use lifespans::Lifespans;
pub use locales::Locales;
pub use login_settings::LoginSettings;
pub use organization::{Organization, Organizations};
pub use otp::{OtpAlgorithm, OtpKind, OtpPolicy};
pub use realm::{DirectGrantOtp, EntityMap, Realm, RefreshTokenPolicy, SecurityHeaders, SslRequired};
pub use required_action::{RequiredAction, RequiredActions};
pub use role::{Role, RoleKey, RoleSet};
pub use smtp::{SmtpAuth, SmtpServer};
pub use texts::Texts;
pub use user::{Credential, CredentialKind, User, hash_card};
pub use user_profile::{
    ProfileAttribute, ProfileGroup, ProfilePermissions, ProfileRequired, UnmanagedAttributes, UserProfileConfig,
};
pub use web_authn::{WebAuthnPolicies, WebAuthnPolicy};
