//! Authorization services: who may do what with which resource of a resource server (Keycloak's client member
//! `authorizationSettings`, UMA 2.0).
//!
//! [`Permissions`] finds the [`ResourceServer`] of a client, compiled once from what the realm file says, and the resources, tickets
//! and policies that were registered since ([`Registry`]). [`AskedFor`] says what somebody wants, [`Evaluation`] what of it is granted.
//!
//! **Architecture invariant:** whether something is granted is decided by [`Evaluation::decide`] and nowhere else; being the owner of a
//! resource grants nothing by itself.

mod asked;
mod evaluation;
mod identity;
mod policy;
mod registry;
mod resource;
mod server;
mod settings;
mod sharing;
mod time_window;
mod uri;

pub use asked::{AskedError, AskedFor, Format, Wanted};
pub use evaluation::Evaluation;
pub use identity::Identity;
pub use registry::{Permissions, Registered, Registry, RegistryError};
pub use resource::{Owner, Resource};
pub use server::{Enforcement, ResourceServer, scope_id};
pub use sharing::{Sharing, Ticket, UmaPolicy};
