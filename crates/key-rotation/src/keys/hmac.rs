use ::hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha384, Sha512};

use crate::algorithm::Hash;

/// A secret whose first blocks are hashed once, so that a signature costs only its own blocks.
#[derive(Clone)]
pub(super) enum HmacKey {
    Sha256(Hmac<Sha256>),
    Sha384(Hmac<Sha384>),
    Sha512(Hmac<Sha512>),
}

impl HmacKey {
    /// `None` never happens: HMAC takes secrets of every length.
    pub(super) fn new(hash: Hash, secret: &[u8]) -> Option<Self> {
        Some(match hash {
            Hash::Sha256 => Self::Sha256(Hmac::new_from_slice(secret).ok()?),
            Hash::Sha384 => Self::Sha384(Hmac::new_from_slice(secret).ok()?),
            Hash::Sha512 => Self::Sha512(Hmac::new_from_slice(secret).ok()?),
        })
    }

    pub(super) fn sign(&self, input: &[u8], out: &mut Vec<u8>) {
        match self {
            Self::Sha256(key) => out.extend_from_slice(&key.clone().chain_update(input).finalize().into_bytes()),
            Self::Sha384(key) => out.extend_from_slice(&key.clone().chain_update(input).finalize().into_bytes()),
            Self::Sha512(key) => out.extend_from_slice(&key.clone().chain_update(input).finalize().into_bytes()),
        }
    }

    /// In constant time; only the full length is a signature.
    pub(super) fn verifies(&self, input: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Sha256(key) => key.clone().chain_update(input).verify_slice(signature).is_ok(),
            Self::Sha384(key) => key.clone().chain_update(input).verify_slice(signature).is_ok(),
            Self::Sha512(key) => key.clone().chain_update(input).verify_slice(signature).is_ok(),
        }
    }
}
