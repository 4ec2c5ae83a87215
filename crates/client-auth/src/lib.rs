//! Which client is calling (RFC 6749 section 2.3): `client_secret_basic`, `client_secret_post`, `client_secret_jwt`,
//! `private_key_jwt`, `tls_client_auth`, `self_signed_tls_client_auth`, assertions of identity providers, `none`.
//!
//! **Architecture invariant:** an [`Authenticated`] is made here and nowhere else, by a [`ClientAuth`].

mod assertion;
mod authenticate;
mod certificate;
mod client_keys;
mod error;
mod federated;
mod judge;
mod lifetime;
mod presented;
mod refusal;
mod remote_keys;
mod tls;
mod wire;

#[cfg(test)]
mod tests;

pub use authenticate::{Authenticated, ClientAuth, Method};
pub use error::{AssertionError, CertificateError, ClientAuthError, LifetimeError, SignedBy};
pub use lifetime::{Lifetime, Times};
pub use presented::Presented;
pub use refusal::{Reason, Refusal};
pub use remote_keys::{KeysAt, RemoteKeyError, RemoteKeys, Signed};
