//! How the entities of a realm are changed while the server runs, whoever asks for it: representations read as Keycloak reads them
//! ([`json`]), partial updates ([`merge`]), what else must change with an entity ([`references`]), clients with their service accounts
//! and what they may not say ([`clients`], [`client_rules`]), and one commit of it all ([`change()`]).
//!
//! **Architecture invariant:** what is changed is worked out from one state of the realm and written only if that is still the state.

pub mod body;
mod change;
pub mod client_rules;
pub mod clients;
pub mod json;
pub mod mapper;
pub mod merge;
pub mod references;
pub mod uri;

pub use change::{Changes, change};
