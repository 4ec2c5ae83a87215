//! Which client is calling (RFC 6749 section 2.3): `client_secret_basic`, `client_secret_post`, `none`.
//!
//! **Architecture invariant:** an [`Authenticated`] is made here and nowhere else, by a [`ClientAuth`].

mod authenticate;
mod presented;
mod wire;

#[cfg(test)]
mod tests;

pub use authenticate::{Authenticated, ClientAuth, ClientAuthError, Method};
pub use presented::Presented;
