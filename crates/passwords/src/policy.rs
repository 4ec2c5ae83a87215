use std::str::FromStr;

use ambient::Entropy;

use crate::credential::PasswordCredential;
use crate::error::PolicyError;
use crate::{argon2, bcrypt, pbkdf2};

/// A password hash by Keycloak's id of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum HashAlgorithm {
    /// `argon2`: Argon2id unless the stored parameters say otherwise; the default since Keycloak 25.
    #[default]
    Argon2,
    /// `pbkdf2`: PBKDF2 with HMAC-SHA1.
    Pbkdf2,
    /// `pbkdf2-sha256`.
    Pbkdf2Sha256,
    /// `pbkdf2-sha512`.
    Pbkdf2Sha512,
    /// `bcrypt`, of the community provider for Keycloak.
    Bcrypt,
}

impl HashAlgorithm {
    /// Keycloak's id, as it stands in `credentialData` and in `hashAlgorithm(…)`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Argon2 => "argon2",
            Self::Pbkdf2 => "pbkdf2",
            Self::Pbkdf2Sha256 => "pbkdf2-sha256",
            Self::Pbkdf2Sha512 => "pbkdf2-sha512",
            Self::Bcrypt => "bcrypt",
        }
    }

    /// Iterations (of bcrypt: cost) of new hashes where the realm does not say, as in Keycloak 26.
    pub const fn default_iterations(self) -> u32 {
        match self {
            Self::Argon2 => 5,
            Self::Pbkdf2 => 1_300_000,
            Self::Pbkdf2Sha256 => 600_000,
            Self::Pbkdf2Sha512 => 210_000,
            Self::Bcrypt => 10,
        }
    }

    /// Smallest and largest iterations that a realm may ask of new hashes.
    const fn policy_bounds(self) -> (u32, u32) {
        match self {
            // Keycloak takes the default above 100, because realms come from PBKDF2 with hashIterations(210000).
            Self::Argon2 => (1, 100),
            Self::Pbkdf2 | Self::Pbkdf2Sha256 | Self::Pbkdf2Sha512 => (1, pbkdf2::MAX_ITERATIONS),
            Self::Bcrypt => (bcrypt::MIN_COST, bcrypt::MAX_COST),
        }
    }
}

impl FromStr for HashAlgorithm {
    type Err = PolicyError;

    fn from_str(id: &str) -> Result<Self, PolicyError> {
        [Self::Argon2, Self::Pbkdf2, Self::Pbkdf2Sha256, Self::Pbkdf2Sha512, Self::Bcrypt]
            .into_iter()
            .find(|known| known.as_str() == id)
            .ok_or_else(|| PolicyError::UnknownAlgorithm(id.to_owned()))
    }
}

/// Which hash new passwords of a realm get. The default is Keycloak 26's: Argon2id, 7168 KiB, 5 iterations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct HashPolicy {
    /// `hashAlgorithm(…)`.
    pub algorithm: HashAlgorithm,
    /// `hashIterations(…)`; `None` is the algorithm's default. For bcrypt this is the cost.
    pub iterations: Option<u32>,
}

impl HashPolicy {
    /// What the parts of a realm's `passwordPolicy` (id and value of each) say of hashing; other ids are not looked at.
    ///
    /// # Errors
    /// An unknown algorithm, or iterations that are no number above zero. An absent or `undefined` value, as Keycloak's console
    /// writes it, means the default.
    pub fn from_password_policy<'a>(parts: impl IntoIterator<Item = (&'a str, Option<&'a str>)>) -> Result<Self, PolicyError> {
        let mut policy = Self::default();
        for (id, value) in parts {
            let Some(value) = value.map(str::trim).filter(|value| !value.is_empty() && *value != "undefined") else { continue };
            match id {
                "hashAlgorithm" => policy.algorithm = value.parse()?,
                "hashIterations" => policy.iterations = Some(positive(value)?),
                _ => {}
            }
        }
        Ok(policy)
    }

    /// Iterations of new hashes: the realm's where the algorithm can have them, else the algorithm's default.
    pub fn effective_iterations(&self) -> u32 {
        let (min, max) = self.algorithm.policy_bounds();
        self.iterations.filter(|wanted| (min..=max).contains(wanted)).unwrap_or_else(|| self.algorithm.default_iterations())
    }
}

fn positive(value: &str) -> Result<u32, PolicyError> {
    value.parse().ok().filter(|n| *n > 0).ok_or_else(|| PolicyError::Iterations(value.to_owned()))
}

/// Hashes a new `password` as `policy` says, with a fresh salt of 16 bytes. Takes as long as the hash costs: call it on a [`HashPool`].
///
/// A password of more than 71 bytes does not fit into bcrypt (the community provider refuses it): it gets Keycloak's default
/// Argon2id instead, which both servers verify.
///
/// [`HashPool`]: crate::HashPool
pub fn hash(password: &str, policy: &HashPolicy, entropy: &dyn Entropy) -> PasswordCredential {
    let mut salt = [0; 16];
    entropy.fill(&mut salt);
    PasswordCredential::create(password, policy, salt, &mut argon2::Memory::default())
}

#[cfg(test)]
mod tests;
