//! The protection API (UMA 2.0 federated authorization): resource servers register resources and get permission tickets, owners of
//! resources say with whom they share them.
//!
//! **Architecture invariant:** whoever calls is a [`protector::Protector`], made by [`protector::authenticate`] alone; it reaches what is
//! of its own resource server, and of that, unless it is the resource server itself, only what it owns.

mod body;
mod error;
pub mod http;
mod permission;
mod permission_ticket;
mod protector;
mod resource_set;
mod uma_policy;
mod wire;

use std::sync::Arc;

use ambient::Entropy;
use permissions::Permissions;
use realm_store::Users;
use sessions::Sessions;
use token_issuer::TokenIssuer;

/// The protection API of all realms.
#[derive(Clone)]
pub struct AuthorizationServices {
    /// Sessions behind tokens.
    pub sessions: Sessions,
    /// Users behind tokens; owners and requesters.
    pub users: Arc<dyn Users>,
    /// Reads bearer tokens, signs tickets.
    pub token_issuer: Arc<TokenIssuer>,
    /// Resource servers and what is registered there.
    pub permissions: Permissions,
    /// Ids.
    pub entropy: Arc<dyn Entropy>,
}
