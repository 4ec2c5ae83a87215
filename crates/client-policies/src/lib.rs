//! Client policies: what clients of a realm may do, and how, as the realm file says with `clientPolicies` (when a policy applies, by
//! conditions) and `clientProfiles` (what then holds, by executors), beside the profiles that every realm has (FAPI, OAuth 2.1).
//!
//! [`Policies::of`] is what a realm says, compiled once; [`Policies::judge`] judges a request, [`Policies::configure`] and
//! [`Policies::judge_client`] a client that is registered or changed.
//!
//! **Architecture invariant:** a condition or executor that is not known here refuses whatever its policy applies to; it never lets
//! anything pass in silence.

mod authorization;
mod condition;
mod error;
mod event;
mod executor;
mod global;
mod metadata;
mod policies;
mod redirect_uris;
mod registration;
mod request;
mod view;

pub use condition::{CONDITIONS, Updater, UpdaterSource};
pub use error::PolicyError;
pub use event::{Effects, Event, Facts, Parameters};
pub use executor::EXECUTORS;
pub use global::{global_profiles, is_global_profile};
pub use policies::Policies;
