use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::error::{CredentialError, bounded};

/// Smallest cost of bcrypt.
pub(crate) const MIN_COST: u32 = 4;
/// Largest accepted cost: 65536 rounds, about four seconds. bcrypt itself goes to 31, which takes days.
pub(crate) const MAX_COST: u32 = 16;
/// Bytes of a password that count; a terminating NUL fills up to 72.
const MAX_PASSWORD: usize = 71;
const FORM: CredentialError = CredentialError::Malformed(
    "secretData.value",
    "a bcrypt string: $2a$, $2b$ or $2y$, cost, 22 characters of salt, 31 of hash",
);

/// A stored bcrypt hash, kept in `secretData.value` as the whole `$2y$…` string, as the community provider for Keycloak does.
pub(crate) struct BcryptHash {
    /// `a`, `b` or `y`: names of the same computation.
    version: char,
    pub(crate) cost: u32,
    salt: [u8; 16],
    value: [u8; 23],
}

impl BcryptHash {
    /// Reads the 60 characters.
    pub(crate) fn stored(text: &str) -> Result<Self, CredentialError> {
        let mut parts = text.split('$');
        let (Some(""), Some(version), Some(cost), Some(rest), None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(FORM);
        };
        let version = match version {
            "2a" => 'a',
            "2b" => 'b',
            "2y" => 'y',
            _ => return Err(FORM),
        };
        if cost.len() != 2 || rest.len() != 53 {
            return Err(FORM);
        }
        let cost = bounded("bcrypt cost", cost.parse().map_err(|_| FORM)?, (MIN_COST.into(), MAX_COST.into()))?;
        let (salt, value) = rest.split_at_checked(22).ok_or(FORM)?;
        Ok(Self { version, cost, salt: decode(salt)?, value: decode(value)? })
    }

    /// Hashes a new password; `None` where it is too long for bcrypt.
    pub(crate) fn create(password: &[u8], cost: u32, salt: [u8; 16]) -> Option<Self> {
        let value = derive(password, cost, salt);
        (password.len() <= MAX_PASSWORD).then_some(Self { version: 'y', cost, salt, value })
    }

    /// A hash of that cost that no password is known for.
    pub(crate) const fn decoy(cost: u32) -> Self {
        Self { version: 'y', cost, salt: [0; 16], value: [0; 23] }
    }

    /// A password of more than 71 bytes is wrong, at the same price: the community provider does not cut passwords either.
    pub(crate) fn verify(&self, password: &[u8]) -> bool {
        let same = derive(password, self.cost, self.salt).ct_eq(&self.value);
        bool::from(same) && password.len() <= MAX_PASSWORD
    }

    /// The string that goes into `secretData.value`.
    pub(crate) fn encoded(&self) -> String {
        format!("$2{}${:02}${}{}", self.version, self.cost, encode(&self.salt), encode(&self.value))
    }
}

/// bcrypt of the password's first 71 bytes and a NUL.
fn derive(password: &[u8], cost: u32, salt: [u8; 16]) -> [u8; 23] {
    let mut key = Zeroizing::new(Vec::with_capacity(MAX_PASSWORD + 1));
    key.extend(password.iter().take(MAX_PASSWORD));
    key.push(0);
    let mut value = [0; 23];
    for (to, from) in value.iter_mut().zip(::bcrypt::bcrypt(cost, salt, &key)) {
        *to = from;
    }
    value
}

/// The base64 digits of bcrypt and the usual ones, digit by digit.
const DIGITS: (&[u8; 64], &[u8; 64]) = (
    b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
);

fn translate(digit: u8, from: &[u8; 64], to: &[u8; 64]) -> Option<u8> {
    from.iter().zip(to).find(|(digit_from, _)| **digit_from == digit).map(|(_, digit_to)| *digit_to)
}

/// Surplus bits of the last digit are ignored: some old tools set them.
fn decode<const N: usize>(text: &str) -> Result<[u8; N], CredentialError> {
    let digits: Option<Vec<u8>> = text.bytes().map(|digit| translate(digit, DIGITS.0, DIGITS.1)).collect();
    let bytes = base64_simd::forgiving_decode_to_vec(&digits.ok_or(FORM)?).map_err(|_| FORM)?;
    bytes.try_into().map_err(|_| FORM)
}

fn encode(bytes: &[u8]) -> String {
    let usual = base64_simd::STANDARD_NO_PAD.encode_to_string(bytes);
    usual.bytes().filter_map(|digit| translate(digit, DIGITS.1, DIGITS.0)).map(char::from).collect()
}
