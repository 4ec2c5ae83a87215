mod stored;

use std::fmt;

use ::argon2::{Algorithm, Version};
use serde_json::{Map, Value, json};

use crate::argon2::{Argon2Hash, Costs, Memory};
use crate::bcrypt::BcryptHash;
use crate::error::CredentialError;
use crate::pbkdf2::{Pbkdf2Hash, Prf};
use crate::policy::{HashAlgorithm, HashPolicy};

/// A stored password: what Keycloak keeps in `secretData` and `credentialData` of a credential of type `password`.
///
/// Accepted, so that no stored value can stall or exhaust the server: Argon2 (`i`, `d`, `id`; 1.0 and 1.3) with 8 KiB to 256 MiB (at
/// least 8 KiB a lane), 1 to 255 lanes, memory × iterations up to 4 GiB (a second), hash of 4 to 1024 bytes, salt of 8 to 1024;
/// PBKDF2 with 1 to 10,000,000 iterations, hash of 4 to 1024 bytes, salt of 1 to 1024; bcrypt `$2a$`, `$2b$`, `$2y$` of cost 4 to 16.
pub struct PasswordCredential(Stored);

enum Stored {
    Argon2(Argon2Hash),
    Pbkdf2(Pbkdf2Hash),
    Bcrypt(BcryptHash),
}

impl PasswordCredential {
    /// Reads the two JSON texts of a credential.
    ///
    /// # Errors
    /// The first thing that is wrong, without any of the secret values. Bounds: see the type.
    pub fn from_keycloak(secret_data: &str, credential_data: &str) -> Result<Self, CredentialError> {
        stored::read(secret_data, credential_data).map(Self)
    }

    /// `secretData` and `credentialData`, as Keycloak 26 writes them.
    pub fn to_keycloak(&self) -> (String, String) {
        let base64 = |bytes: &[u8]| base64_simd::STANDARD.encode_to_string(bytes);
        let (value, salt, parameters) = match &self.0 {
            Stored::Argon2(hash) => (base64(&hash.value), base64(&hash.salt), argon2_parameters(hash)),
            Stored::Pbkdf2(hash) => (base64(&hash.value), base64(&hash.salt), Map::new()),
            // bcrypt keeps the salt inside the value
            Stored::Bcrypt(hash) => (hash.encoded(), String::new(), Map::new()),
        };
        let secret_data = json!({"value": value, "salt": salt, "additionalParameters": {}});
        let credential_data = json!({
            "hashIterations": self.iterations(),
            "algorithm": self.algorithm().as_str(),
            "additionalParameters": parameters,
        });
        (secret_data.to_string(), credential_data.to_string())
    }

    /// The algorithm by Keycloak's name.
    pub fn algorithm(&self) -> HashAlgorithm {
        match &self.0 {
            Stored::Argon2(_) => HashAlgorithm::Argon2,
            Stored::Pbkdf2(hash) => match hash.prf {
                Prf::Sha1 => HashAlgorithm::Pbkdf2,
                Prf::Sha256 => HashAlgorithm::Pbkdf2Sha256,
                Prf::Sha512 => HashAlgorithm::Pbkdf2Sha512,
            },
            Stored::Bcrypt(_) => HashAlgorithm::Bcrypt,
        }
    }

    /// `hashIterations`; of bcrypt the cost.
    pub fn iterations(&self) -> u32 {
        match &self.0 {
            Stored::Argon2(hash) => hash.costs.iterations,
            Stored::Pbkdf2(hash) => hash.iterations,
            Stored::Bcrypt(hash) => hash.cost,
        }
    }

    /// Whether `password` is the one. Takes as long as the hash costs, 5 to 500 ms: call it on a [`HashPool`].
    ///
    /// Passwords of any length are hashed whole, as in Keycloak; with bcrypt one of more than 71 bytes is never right.
    ///
    /// [`HashPool`]: crate::HashPool
    pub fn verify(&self, password: &str) -> bool {
        self.verify_in(password, &mut Memory::default())
    }

    /// [`Self::verify`] in memory that outlives the call.
    pub(crate) fn verify_in(&self, password: &str, memory: &mut Memory) -> bool {
        match &self.0 {
            Stored::Argon2(hash) => hash.verify(password.as_bytes(), memory),
            Stored::Pbkdf2(hash) => hash.verify(password.as_bytes()),
            Stored::Bcrypt(hash) => hash.verify(password.as_bytes()),
        }
    }

    /// Whether Keycloak would hash the password anew after a login: another algorithm, other iterations (of Argon2: neither the
    /// default's nor the policy's, lest every login hash anew), other Argon2 parameters, another length of a PBKDF2 value.
    pub fn needs_upgrade(&self, policy: &HashPolicy) -> bool {
        let wanted = policy.effective_iterations();
        self.algorithm() != policy.algorithm
            || match &self.0 {
                Stored::Argon2(hash) => {
                    let same = |iterations| hash.costs == Costs::keycloak(iterations);
                    hash.value.len() != 32 || !(same(wanted) || same(policy.algorithm.default_iterations()))
                }
                Stored::Pbkdf2(hash) => hash.iterations != wanted || hash.value.len() != hash.prf.new_value_length(),
                Stored::Bcrypt(hash) => hash.cost != wanted,
            }
    }

    /// Hashes a new password in memory that outlives the call.
    pub(crate) fn create(password: &str, policy: &HashPolicy, salt: [u8; 16], memory: &mut Memory) -> Self {
        let iterations = policy.effective_iterations();
        let password = password.as_bytes();
        let pbkdf2 = |prf| Stored::Pbkdf2(Pbkdf2Hash::create(password, prf, iterations, salt));
        Self(match policy.algorithm {
            HashAlgorithm::Argon2 => Stored::Argon2(Argon2Hash::create(password, Costs::keycloak(iterations), salt, memory)),
            HashAlgorithm::Pbkdf2 => pbkdf2(Prf::Sha1),
            HashAlgorithm::Pbkdf2Sha256 => pbkdf2(Prf::Sha256),
            HashAlgorithm::Pbkdf2Sha512 => pbkdf2(Prf::Sha512),
            HashAlgorithm::Bcrypt => match BcryptHash::create(password, iterations, salt) {
                Some(hash) => Stored::Bcrypt(hash),
                None => {
                    let costs = Costs::keycloak(HashAlgorithm::Argon2.default_iterations());
                    Stored::Argon2(Argon2Hash::create(password, costs, salt, memory))
                }
            },
        })
    }

    /// A credential that no password is known for and that costs as much as one made by `policy`: what an unknown user is
    /// verified against.
    pub(crate) fn decoy(policy: &HashPolicy) -> Self {
        let iterations = policy.effective_iterations();
        let zeros = |length: usize| vec![0; length].into_boxed_slice();
        let pbkdf2 =
            |prf: Prf| Stored::Pbkdf2(Pbkdf2Hash { prf, iterations, salt: zeros(16), value: zeros(prf.new_value_length()) });
        Self(match policy.algorithm {
            HashAlgorithm::Argon2 => {
                Stored::Argon2(Argon2Hash { costs: Costs::keycloak(iterations), salt: zeros(16), value: zeros(32) })
            }
            HashAlgorithm::Pbkdf2 => pbkdf2(Prf::Sha1),
            HashAlgorithm::Pbkdf2Sha256 => pbkdf2(Prf::Sha256),
            HashAlgorithm::Pbkdf2Sha512 => pbkdf2(Prf::Sha512),
            HashAlgorithm::Bcrypt => Stored::Bcrypt(BcryptHash::decoy(iterations)),
        })
    }
}

fn argon2_parameters(hash: &Argon2Hash) -> Map<String, Value> {
    let variant = match hash.costs.variant {
        Algorithm::Argon2i => "i",
        Algorithm::Argon2d => "d",
        Algorithm::Argon2id => "id",
    };
    let version = match hash.costs.version {
        Version::V0x10 => "1.0",
        Version::V0x13 => "1.3",
    };
    // every value is a list of strings, in the order that Keycloak exports them
    [
        ("hashLength", hash.value.len().to_string()),
        ("memory", hash.costs.memory.to_string()),
        ("type", variant.to_owned()),
        ("version", version.to_owned()),
        ("parallelism", hash.costs.parallelism.to_string()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), json!([value])))
    .collect()
}

impl fmt::Debug for PasswordCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PasswordCredential({}, {} iterations)", self.algorithm().as_str(), self.iterations())
    }
}

#[cfg(test)]
mod tests;
