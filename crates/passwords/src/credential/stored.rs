use std::collections::HashMap;

use ::argon2::{Algorithm, Version};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Stored;
use crate::argon2::{Argon2Hash, Declared};
use crate::bcrypt::BcryptHash;
use crate::error::CredentialError;
use crate::pbkdf2::{Pbkdf2Hash, Prf};
use crate::policy::HashAlgorithm;

#[derive(Deserialize)]
struct SecretData {
    value: Option<String>,
    salt: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CredentialData {
    hash_iterations: Option<Scalar>,
    algorithm: Option<String>,
    additional_parameters: Option<HashMap<String, Parameter>>,
}

/// Keycloak writes lists of strings; people write the value itself.
#[derive(Deserialize)]
#[serde(untagged)]
enum Parameter {
    One(Scalar),
    Many(Vec<Scalar>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Scalar {
    Number(i64),
    Text(String),
}

impl Scalar {
    fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
        }
    }
}

/// Reads and checks both texts.
pub(super) fn read(secret_data: &str, credential_data: &str) -> Result<Stored, CredentialError> {
    let secret: SecretData = json("secretData", secret_data)?;
    let data: CredentialData = json("credentialData", credential_data)?;
    let algorithm = data.algorithm.as_deref().ok_or(CredentialError::Missing("credentialData.algorithm"))?;
    let algorithm = algorithm.parse().map_err(|_| CredentialError::UnknownAlgorithm(algorithm.chars().take(64).collect()))?;
    Ok(match algorithm {
        HashAlgorithm::Argon2 => {
            Stored::Argon2(Argon2Hash::stored(&data.argon2()?, secret.decoded_salt()?, secret.decoded_value()?)?)
        }
        HashAlgorithm::Pbkdf2 => Stored::Pbkdf2(pbkdf2(Prf::Sha1, &secret, &data)?),
        HashAlgorithm::Pbkdf2Sha256 => Stored::Pbkdf2(pbkdf2(Prf::Sha256, &secret, &data)?),
        HashAlgorithm::Pbkdf2Sha512 => Stored::Pbkdf2(pbkdf2(Prf::Sha512, &secret, &data)?),
        // hashIterations is -1 where the realm's policy names none; the cost inside the string is what counts
        HashAlgorithm::Bcrypt => Stored::Bcrypt(BcryptHash::stored(secret.value()?.trim())?),
    })
}

fn pbkdf2(prf: Prf, secret: &SecretData, data: &CredentialData) -> Result<Pbkdf2Hash, CredentialError> {
    Pbkdf2Hash::stored(prf, data.iterations()?, secret.decoded_salt()?, secret.decoded_value()?)
}

/// serde's own message would quote the secret value: only the place is kept.
fn json<T: DeserializeOwned>(part: &'static str, text: &str) -> Result<T, CredentialError> {
    serde_json::from_str(text).map_err(|error| CredentialError::NotJson { part, line: error.line(), column: error.column() })
}

impl SecretData {
    fn value(&self) -> Result<&str, CredentialError> {
        self.value.as_deref().ok_or(CredentialError::Missing("secretData.value"))
    }

    fn decoded_value(&self) -> Result<Vec<u8>, CredentialError> {
        base64_simd::forgiving_decode_to_vec(self.value()?.as_bytes())
            .map_err(|_| CredentialError::Malformed("secretData.value", "base64"))
    }

    fn decoded_salt(&self) -> Result<Vec<u8>, CredentialError> {
        let salt = self.salt.as_deref().ok_or(CredentialError::Missing("secretData.salt"))?;
        base64_simd::forgiving_decode_to_vec(salt.as_bytes()).map_err(|_| CredentialError::Malformed("secretData.salt", "base64"))
    }
}

impl CredentialData {
    fn iterations(&self) -> Result<i64, CredentialError> {
        let iterations = self.hash_iterations.as_ref().ok_or(CredentialError::Missing("credentialData.hashIterations"))?;
        iterations.number().ok_or(CredentialError::Malformed("credentialData.hashIterations", "a whole number"))
    }

    fn argon2(&self) -> Result<Declared, CredentialError> {
        let variant = match self.parameter("type")? {
            Scalar::Text(text) if text == "i" => Algorithm::Argon2i,
            Scalar::Text(text) if text == "d" => Algorithm::Argon2d,
            Scalar::Text(text) if text == "id" => Algorithm::Argon2id,
            _ => return Err(CredentialError::Malformed("type", "\"i\", \"d\" or \"id\"")),
        };
        let version = match self.parameter("version")? {
            Scalar::Text(text) if text == "1.0" => Version::V0x10,
            Scalar::Text(text) if text == "1.3" => Version::V0x13,
            _ => return Err(CredentialError::Malformed("version", "\"1.0\" or \"1.3\"")),
        };
        Ok(Declared {
            variant,
            version,
            memory: self.number("memory")?,
            iterations: self.iterations()?,
            parallelism: self.number("parallelism")?,
            hash_length: self.number("hashLength")?,
        })
    }

    fn number(&self, name: &'static str) -> Result<i64, CredentialError> {
        self.parameter(name)?.number().ok_or(CredentialError::Malformed(name, "a whole number"))
    }

    fn parameter(&self, name: &'static str) -> Result<&Scalar, CredentialError> {
        let parameters = self.additional_parameters.as_ref();
        match parameters.and_then(|parameters| parameters.get(name)) {
            Some(Parameter::One(value)) => Some(value),
            Some(Parameter::Many(values)) => values.first(),
            None => None,
        }
        .ok_or(CredentialError::Missing(name))
    }
}
