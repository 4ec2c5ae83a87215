//! The keys of each realm: where they come from, which one signs, when they are replaced, and what is published of them.
//!
//! A [`Keyring`] is an immutable snapshot that signs and verifies without waiting for anybody; [`Keyrings`] makes it of the
//! realm's key provider components and of what the vault holds, and puts the next one in its place when a key is due.
//!
//! **Architecture invariants:** a key verifies its own algorithm and no other; private parts leave this crate only towards the
//! vault; OpenSSL and josekit are known to `keys` alone.

mod algorithm;
mod change;
mod declaration;
mod drill;
mod entry;
mod error;
pub mod http;
mod jwks;
mod jws;
mod key_set;
mod keys;
mod provider;
mod ring;
mod rings;
mod rotation;
mod schedule;
mod seal;
mod shown_key;
mod state;
mod tag;
#[cfg(test)]
mod test_realm;
mod vault;
mod verified;

pub use algorithm::{Algorithm, KeyUse};
pub use change::Takeover;
pub use drill::{DrillReport, drill};
pub use error::{KeyError, VerifyError};
pub use jws::{MAX_COMPACT, ParseError, ParsedJws, parse_compact, sign_compact};
pub use key_set::{NoKeySet, PublicKeySet};
pub use keys::{ContentEncryption, CryptoError, Recipient, SignError, Signer, VerificationKey, decrypt_compact, encrypt_compact};
pub use provider::{ProviderFault, check_provider};
pub use ring::{KeyRow, Keyring};
pub use rings::Keyrings;
pub use rotation::{KeyFacts, KeyId, NODE_LAG_SECS, RETIRE_MARGIN_SECS, Transition, plan_rotation};
pub use schedule::{Schedule, ScheduleError, TokenLives};
pub use seal::SealPurpose;
pub use shown_key::{ShownKey, ShownKeyFault, SignatureFault};
pub use state::{KeyState, StateError};
pub use tag::TagPurpose;
