//! The key of a software authenticator: Ed25519, its COSE map written out by hand.

use openssl::pkey::{PKey, Private};
use openssl::sign::Signer;

pub(super) struct SoftKey(PKey<Private>);

impl SoftKey {
    pub(super) fn new() -> Self {
        Self(PKey::generate_ed25519().unwrap())
    }

    pub(super) fn sign(&self, data: &[u8]) -> Vec<u8> {
        Signer::new_without_digest(&self.0).unwrap().sign_oneshot_to_vec(data).unwrap()
    }

    /// `{1: 1, 3: -8, -1: 6, -2: x}`
    pub(super) fn cose(&self) -> Vec<u8> {
        let head = [0xa4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21, 0x58, 0x20];
        [&head[..], &self.0.raw_public_key().unwrap()].concat()
    }
}
