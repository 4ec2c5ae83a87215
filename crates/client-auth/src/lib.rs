//! Which client is calling (RFC 6749 section 2.3): `client_secret_basic`, `client_secret_post`, `none`.
//!
//! **Architecture invariant:** an [`Authenticated`] is made here and nowhere else, by [`authenticate`].

mod authenticate;
mod presented;
mod wire;

pub use authenticate::{Authenticated, ClientAuthError, Method, authenticate};
pub use presented::Presented;
