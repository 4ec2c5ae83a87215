use oidc_types::RealmName;
use sessions::StoreError;
use thiserror::Error;

use crate::Algorithm;
use crate::keys::{CryptoError, SignError};
use crate::state::StateError;

/// Why the keys of a realm are not to be had.
#[derive(Clone, Debug, Error)]
pub enum KeyError {
    /// The store of generated keys is away or refuses; a 503 for the client.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What the store holds is no record of keys.
    #[error("the stored keys of realm {realm} cannot be read: they are damaged")]
    Vault {
        /// The realm.
        realm: RealmName,
    },
    /// A later version of this program wrote the record.
    #[error("the stored keys of realm {realm} are in format {found}: upgrade every node before writing newer records")]
    NewerVault {
        /// The realm.
        realm: RealmName,
        /// The format found.
        found: u8,
    },
    /// Other nodes changed the keys again and again.
    #[error("too many nodes changed the keys of realm {realm} at once")]
    Contended {
        /// The realm.
        realm: RealmName,
    },
    /// OpenSSL refused.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// A signature failed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// A step that the life of a key does not have.
    #[error(transparent)]
    State(#[from] StateError),
    /// No key of this algorithm signs, and none can be made.
    #[error("nothing is signed with {0}")]
    NoSigner(Algorithm),
    /// The thread that made keys is gone: the process is shutting down.
    #[error("making keys was interrupted")]
    Interrupted,
}

/// Why a signature is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum VerifyError {
    /// No key of the realm has this `kid`, or the key is gone.
    #[error("no such key")]
    UnknownKey,
    /// The key with this `kid` is for another algorithm.
    #[error("the key is for another algorithm")]
    OtherAlgorithm,
    /// The signature is not that of the key.
    #[error("the signature does not fit")]
    BadSignature,
}
