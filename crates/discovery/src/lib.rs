//! What a realm says of itself: `GET /realms/{realm}`, and the well-known documents (OpenID Connect Discovery 1.0, RFC 8414,
//! UMA 2.0).
//!
//! Everything is advertised that Keycloak advertises, so that clients configure themselves alike.

mod cache;
mod documents;
mod realm_page;

pub mod http;

pub use http::Discovery;
