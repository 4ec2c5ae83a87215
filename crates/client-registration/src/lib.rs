//! Dynamic client registration (RFC 7591, RFC 7592, OpenID Connect Dynamic Client Registration 1.0) as Keycloak has it:
//! `/realms/{realm}/clients-registrations/{openid-connect,default,install}`.
//!
//! Who calls ([`caller`]) decides which of the realm's policies ([`policy`]) hold; what is sent is read as metadata ([`metadata`]) or as
//! Keycloak's own representation, and becomes a client as any other ([`registrar`]).
//!
//! **Architecture invariant:** nothing that a caller names is fetched here: neither `jwks_uri` nor `logo_uri` nor a sector identifier.

mod caller;
mod error;
pub mod http;
mod install;
mod metadata;
mod pairwise;
mod policy;
mod registrar;
mod shown;

use std::sync::Arc;

use client_auth::ClientAuth;
use events::Events;
use realm_store::LiveRealms;
use sessions::Sessions;
use token_issuer::TokenIssuer;

/// Client registration of all realms: what it works with. Cheap to clone.
#[derive(Clone)]
pub struct ClientRegistration {
    /// Realms and users.
    pub live: Arc<LiveRealms>,
    /// Sessions of callers, initial access tokens.
    pub sessions: Sessions,
    /// What reads and signs tokens.
    pub token_issuer: Arc<TokenIssuer>,
    /// Which client is calling, for `install`.
    pub client_auth: ClientAuth,
    /// Where it is recorded what happened.
    pub events: Events,
}
