use std::fmt;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use subtle::ConstantTimeEq;

use crate::error::{CredentialError, bounded};

/// Memory of one hash, KiB. 256 MiB is four times what RFC 9106 section 4 recommends to memory-constrained servers.
const MEMORY_KIB: (i64, i64) = (8, 256 * 1024);
/// Lanes of one hash.
const PARALLELISM: (i64, i64) = (1, 255);
/// Memory in KiB times iterations: 120 times Keycloak's default, about a second.
const MEMORY_TIMES_ITERATIONS: (i64, i64) = (8, 4 * 1024 * 1024);
/// Bytes of a stored value (RFC 9106 section 3.1 starts at 4).
const HASH_LENGTH: (i64, i64) = (4, 1024);
/// Bytes of a salt (RFC 9106 section 3.1 starts at 8).
const SALT_LENGTH: (i64, i64) = (8, 1024);
/// Blocks (KiB) that a worker keeps between two jobs; larger ones are given back at once.
const KEPT_BLOCKS: usize = 64 * 1024;

/// Costs and variant of a hash: everything but the salt and the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Costs {
    pub(crate) variant: Algorithm,
    pub(crate) version: Version,
    /// KiB.
    pub(crate) memory: u32,
    pub(crate) iterations: u32,
    pub(crate) parallelism: u32,
}

impl Costs {
    /// Keycloak 26: Argon2id 1.3, 7168 KiB, one lane.
    pub(crate) const fn keycloak(iterations: u32) -> Self {
        Self { variant: Algorithm::Argon2id, version: Version::V0x13, memory: 7168, iterations, parallelism: 1 }
    }
}

/// What `credentialData` says, not yet checked.
pub(crate) struct Declared {
    pub(crate) variant: Algorithm,
    pub(crate) version: Version,
    pub(crate) memory: i64,
    pub(crate) iterations: i64,
    pub(crate) parallelism: i64,
    pub(crate) hash_length: i64,
}

impl Declared {
    fn costs(&self) -> Result<Costs, CredentialError> {
        let memory: u32 = bounded("memory (KiB)", self.memory, MEMORY_KIB)?;
        let parallelism = bounded("parallelism", self.parallelism, PARALLELISM)?;
        bounded::<u32>("memory (KiB)", self.memory, (self.parallelism.saturating_mul(8), MEMORY_KIB.1))?;
        let iterations = bounded("hashIterations", self.iterations, (1, MEMORY_TIMES_ITERATIONS.1))?;
        let work = self.memory.saturating_mul(self.iterations);
        bounded::<u32>("memory (KiB) times hashIterations", work, MEMORY_TIMES_ITERATIONS)?;
        Ok(Costs { variant: self.variant, version: self.version, memory, iterations, parallelism })
    }
}

/// A stored Argon2 hash.
pub(crate) struct Argon2Hash {
    pub(crate) costs: Costs,
    pub(crate) salt: Box<[u8]>,
    pub(crate) value: Box<[u8]>,
}

impl Argon2Hash {
    /// Checks a stored hash against the bounds above.
    pub(crate) fn stored(declared: &Declared, salt: Vec<u8>, value: Vec<u8>) -> Result<Self, CredentialError> {
        let costs = declared.costs()?;
        let declared: usize = bounded("hashLength (bytes)", declared.hash_length, HASH_LENGTH)?;
        bounded::<usize>("secretData.salt (bytes)", i64::try_from(salt.len()).unwrap_or(i64::MAX), SALT_LENGTH)?;
        if value.len() != declared {
            return Err(CredentialError::LengthMismatch { stored: value.len(), declared });
        }
        Ok(Self { costs, salt: salt.into(), value: value.into() })
    }

    /// Hashes a new password to 32 bytes.
    pub(crate) fn create(password: &[u8], costs: Costs, salt: [u8; 16], memory: &mut Memory) -> Self {
        let mut value = vec![0; 32];
        memory.derive(&costs, password, &salt, &mut value);
        Self { costs, salt: salt.into(), value: value.into() }
    }

    pub(crate) fn verify(&self, password: &[u8], memory: &mut Memory) -> bool {
        let mut derived = vec![0; self.value.len()];
        memory.derive(&self.costs, password, &self.salt, &mut derived) && derived.ct_eq(&self.value).into()
    }
}

/// The working memory of Argon2, kept from one hash to the next because asking the system for it costs page faults.
#[derive(Default)]
pub(crate) struct Memory(Vec<Block>);

impl Memory {
    /// Gives the memory back to the system.
    pub(crate) fn release(&mut self) {
        self.0 = Vec::new();
    }

    /// Whether none is held.
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Fills `out`; `false` where the machine has no memory for it (everything else was checked when the hash was read).
    fn derive(&mut self, costs: &Costs, password: &[u8], salt: &[u8], out: &mut [u8]) -> bool {
        let Ok(params) = Params::new(costs.memory, costs.iterations, costs.parallelism, Some(out.len())) else { return false };
        let wanted = params.block_count();
        if let Some(missing) = wanted.checked_sub(self.0.len()) {
            if self.0.try_reserve_exact(missing).is_err() {
                return false;
            }
            self.0.resize(wanted, Block::new());
        }
        let argon2 = Argon2::new(costs.variant, costs.version, params);
        let done = argon2.hash_password_into_with_memory(password, salt, out, self.0.as_mut_slice()).is_ok();
        if self.0.len() > KEPT_BLOCKS {
            self.release();
        }
        done
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Memory({} KiB)", self.0.len())
    }
}
