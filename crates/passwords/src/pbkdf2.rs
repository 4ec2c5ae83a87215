use sha1::{Digest, Sha1};
use sha2::{Sha256, Sha512};
use subtle::ConstantTimeEq;

use crate::error::{CredentialError, bounded};

/// Most accepted iterations: eight times Keycloak's largest default, up to five seconds.
pub(crate) const MAX_ITERATIONS: u32 = 10_000_000;
/// Bytes of a stored value.
const VALUE_LENGTH: (i64, i64) = (4, 1024);
/// Bytes of a salt.
const SALT_LENGTH: (i64, i64) = (1, 1024);

/// The hash under the HMAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prf {
    Sha1,
    Sha256,
    Sha512,
}

impl Prf {
    /// Bytes of new values. Keycloak 26 derives one full block, but 64 bytes with HMAC-SHA1.
    pub(crate) const fn new_value_length(self) -> usize {
        match self {
            Self::Sha1 | Self::Sha512 => 64,
            Self::Sha256 => 32,
        }
    }

    /// Bytes of one HMAC.
    const fn block_length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    /// PBKDF2 (RFC 8018 section 5.2): fills `out`.
    fn derive(self, password: &[u8], salt: &[u8], iterations: u32, out: &mut [u8]) {
        for (index, block) in (1_u32..).zip(out.chunks_mut(self.block_length())) {
            match self {
                Self::Sha1 => block_of::<Sha1Rounds>(password, (salt, index), iterations, block),
                Self::Sha256 => block_of::<Sha256Rounds>(password, (salt, index), iterations, block),
                Self::Sha512 => block_of::<Sha512Rounds>(password, (salt, index), iterations, block),
            }
        }
    }
}

/// A stored PBKDF2 hash.
pub(crate) struct Pbkdf2Hash {
    pub(crate) prf: Prf,
    pub(crate) iterations: u32,
    pub(crate) salt: Box<[u8]>,
    pub(crate) value: Box<[u8]>,
}

impl Pbkdf2Hash {
    /// Checks a stored hash against the bounds above.
    pub(crate) fn stored(prf: Prf, iterations: i64, salt: Vec<u8>, value: Vec<u8>) -> Result<Self, CredentialError> {
        let iterations = bounded("hashIterations", iterations, (1, MAX_ITERATIONS.into()))?;
        bounded::<usize>("secretData.salt (bytes)", i64::try_from(salt.len()).unwrap_or(i64::MAX), SALT_LENGTH)?;
        bounded::<usize>("secretData.value (bytes)", i64::try_from(value.len()).unwrap_or(i64::MAX), VALUE_LENGTH)?;
        Ok(Self { prf, iterations, salt: salt.into(), value: value.into() })
    }

    pub(crate) fn create(password: &[u8], prf: Prf, iterations: u32, salt: [u8; 16]) -> Self {
        let mut value = vec![0; prf.new_value_length()];
        prf.derive(password, &salt, iterations, &mut value);
        Self { prf, iterations, salt: salt.into(), value: value.into() }
    }

    /// Derives and compares one HMAC block: further blocks of the value come from the same password at the same price each, and
    /// who guesses would not compute them either.
    pub(crate) fn verify(&self, password: &[u8]) -> bool {
        let stored = self.value.get(..self.prf.block_length()).unwrap_or(&self.value);
        let mut derived = vec![0; stored.len()];
        self.prf.derive(password, &self.salt, self.iterations, &mut derived);
        derived.ct_eq(stored).into()
    }
}

/// A hash by its compression function, so that a round costs two compressions and nothing else.
trait Rounds {
    type Hash: Digest;
    type State: Copy;
    type Block: Copy + AsRef<[u8]> + AsMut<[u8]>;
    const INITIAL: Self::State;
    const ZERO: Self::State;
    const EMPTY: Self::Block;

    fn compress(state: &mut Self::State, block: &Self::Block);
    fn xor(into: &mut Self::State, state: &Self::State);
    /// Writes the state, big-endian, to the front of `out`.
    fn write(state: &Self::State, out: &mut [u8]);
}

/// One block of PBKDF2's output: the XOR of `iterations` chained HMACs over the salt and the block's index.
fn block_of<R: Rounds>(password: &[u8], (salt, index): (&[u8], u32), iterations: u32, out: &mut [u8]) {
    let (inner_key, outer_key) = (padded_key::<R>(password, 0x36), padded_key::<R>(password, 0x5c));
    let first = R::Hash::new().chain_update(inner_key.as_ref()).chain_update(salt).chain_update(index.to_be_bytes()).finalize();
    let first = R::Hash::new().chain_update(outer_key.as_ref()).chain_update(first).finalize();
    let (mut inner, mut outer) = (R::INITIAL, R::INITIAL);
    R::compress(&mut inner, &inner_key);
    R::compress(&mut outer, &outer_key);

    // Every later message is one block: the digest before, a one bit, zeros, and the length in bits of key block and digest.
    let mut message = R::EMPTY;
    let bits = u64::try_from((message.as_ref().len() + first.len()) * 8).unwrap_or(0);
    write_at(message.as_mut(), 0, &first);
    write_at(message.as_mut(), first.len(), &[0x80]);
    let end = message.as_ref().len();
    write_at(message.as_mut(), end - 8, &bits.to_be_bytes());

    let mut sum = R::ZERO;
    for _ in 1..iterations {
        let mut state = inner;
        R::compress(&mut state, &message);
        R::write(&state, message.as_mut());
        state = outer;
        R::compress(&mut state, &message);
        R::write(&state, message.as_mut());
        R::xor(&mut sum, &state);
    }
    let mut later = R::EMPTY;
    R::write(&sum, later.as_mut());
    for ((to, later), first) in out.iter_mut().zip(later.as_ref()).zip(first) {
        *to = later ^ first;
    }
}

/// HMAC's key block (RFC 2104): the password, hashed where it is longer than a block, XOR `pad`.
fn padded_key<R: Rounds>(password: &[u8], pad: u8) -> R::Block {
    let mut key = R::EMPTY;
    if password.len() > key.as_ref().len() {
        write_at(key.as_mut(), 0, &R::Hash::digest(password));
    } else {
        write_at(key.as_mut(), 0, password);
    }
    key.as_mut().iter_mut().for_each(|byte| *byte ^= pad);
    key
}

fn write_at(block: &mut [u8], at: usize, bytes: &[u8]) {
    for (to, from) in block.iter_mut().skip(at).zip(bytes) {
        *to = *from;
    }
}

/// The three hashes differ in word size and number of words.
macro_rules! rounds {
    ($name:ident, $hash:ty, [$word:ty; $words:literal], $block:literal, $initial:expr, $compress:path) => {
        struct $name;

        impl Rounds for $name {
            type Hash = $hash;
            type State = [$word; $words];
            type Block = [u8; $block];
            const INITIAL: Self::State = $initial;
            const ZERO: Self::State = [0; $words];
            const EMPTY: Self::Block = [0; $block];

            #[inline(always)]
            fn compress(state: &mut Self::State, block: &Self::Block) {
                $compress(state, std::slice::from_ref(block));
            }

            #[inline(always)]
            fn xor(into: &mut Self::State, state: &Self::State) {
                for (to, from) in into.iter_mut().zip(state) {
                    *to ^= from;
                }
            }

            #[inline(always)]
            fn write(state: &Self::State, out: &mut [u8]) {
                for (to, word) in out.chunks_exact_mut(size_of::<$word>()).zip(state) {
                    to.copy_from_slice(&word.to_be_bytes());
                }
            }
        }
    };
}

// Initial values: FIPS 180-4 sections 5.3.1, 5.3.3 and 5.3.5.
rounds!(
    Sha1Rounds,
    Sha1,
    [u32; 5],
    64,
    [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0],
    sha1::block_api::compress
);
rounds!(
    Sha256Rounds,
    Sha256,
    [u32; 8],
    64,
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19],
    sha2::block_api::compress256
);
rounds!(
    Sha512Rounds,
    Sha512,
    [u64; 8],
    128,
    [
        0x6a09_e667_f3bc_c908,
        0xbb67_ae85_84ca_a73b,
        0x3c6e_f372_fe94_f82b,
        0xa54f_f53a_5f1d_36f1,
        0x510e_527f_ade6_82d1,
        0x9b05_688c_2b3e_6c1f,
        0x1f83_d9ab_fb41_bd6b,
        0x5be0_cd19_137e_2179
    ],
    sha2::block_api::compress512
);

#[cfg(test)]
mod tests;
