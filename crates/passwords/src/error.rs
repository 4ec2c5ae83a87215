/// Why a stored credential cannot be used. Never holds the stored value or salt.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// `secretData` or `credentialData` is no JSON object of the expected form.
    #[error("{part} is not the JSON that Keycloak writes (line {line}, column {column} of the text inside)")]
    NotJson {
        /// `secretData` or `credentialData`.
        part: &'static str,
        /// Line inside that text, from 1.
        line: usize,
        /// Column inside that text, from 1.
        column: usize,
    },
    /// A field that this algorithm needs is absent.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A field holds another kind of value than Keycloak writes there.
    #[error("{0} must be {1}")]
    Malformed(&'static str, &'static str),
    /// `algorithm` names no known hash.
    #[error("unknown password hash algorithm \"{0}\" (known: argon2, pbkdf2, pbkdf2-sha256, pbkdf2-sha512, bcrypt)")]
    UnknownAlgorithm(String),
    /// A cost or length outside the accepted bounds, which keep one login from exhausting the machine.
    #[error("{what} is {found}, accepted are {min} to {max}")]
    OutOfBounds {
        /// The field, with its unit.
        what: &'static str,
        /// What the credential says.
        found: i64,
        /// Smallest accepted value.
        min: i64,
        /// Largest accepted value.
        max: i64,
    },
    /// Argon2: the stored value is not as long as `hashLength` says, so no password could ever match it.
    #[error("secretData.value has {stored} bytes where hashLength says {declared}")]
    LengthMismatch {
        /// Bytes of the stored value.
        stored: usize,
        /// `hashLength`.
        declared: usize,
    },
}

/// `found` as `T` where it is within `min..=max`.
pub(crate) fn bounded<T>(what: &'static str, found: i64, (min, max): (i64, i64)) -> Result<T, CredentialError>
where
    T: TryFrom<i64>,
{
    let error = CredentialError::OutOfBounds { what, found, min, max };
    if (min..=max).contains(&found) { T::try_from(found).map_err(|_| error) } else { Err(error) }
}

/// Why a realm's `passwordPolicy` does not say how to hash.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// `hashAlgorithm(…)` names no known hash.
    #[error("unknown hashAlgorithm \"{0}\" in the password policy (known: argon2, pbkdf2, pbkdf2-sha256, pbkdf2-sha512, bcrypt)")]
    UnknownAlgorithm(String),
    /// `hashIterations(…)` is no whole number above zero.
    #[error("hashIterations in the password policy is \"{0}\", expected a whole number above zero")]
    Iterations(String),
}
