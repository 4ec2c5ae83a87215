//! What a token is worth: userinfo (OpenID Connect Core section 5.3), introspection (RFC 7662) and revocation (RFC 7009).
//!
//! Three files for the three endpoints, each a list of checks in Keycloak's order; whether client, session and user still
//! stand behind a token is token-issuer's to say.
//!
//! **Architecture invariant:** nothing here makes a token or reads its claims; token-issuer does.

mod error;
pub mod http;
mod inspection;
mod introspect;
mod revoke;
mod userinfo;
mod wire;

#[cfg(test)]
mod tests;

pub use inspection::TokenInspection;
