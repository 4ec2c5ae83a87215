//! Passwords: what Keycloak stores of them, whether one is right, and a bounded pool of threads to find that out on.
//!
//! Hashing costs 5 to 500 ms of pure computing, so it never happens on a thread that answers requests: [`HashPool`] does it,
//! and says [`PoolFull`] at once when too much waits already.
//!
//! **Architecture invariant:** no password and no stored hash leaves this crate through `Debug`, an error or a log line.

mod argon2;
mod bcrypt;
mod blacklists;
mod credential;
mod error;
mod password_policy;
mod pbkdf2;
mod policy;
mod pool;

pub use blacklists::Blacklists;
pub use credential::PasswordCredential;
pub use error::{CredentialError, PolicyError};
pub use password_policy::{Owner, PasswordPolicy, PasswordRefusal, Rule, refuse_shape};
pub use policy::{HashAlgorithm, HashPolicy, hash};
pub use pool::{Config, HashPool, PoolFull};
