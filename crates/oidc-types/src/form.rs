use std::collections::HashSet;

use thiserror::Error;

/// Why a form body could not be read.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum FormError {
    /// A `%` without two hexadecimal digits behind it.
    #[error("broken percent-encoding in the form body")]
    Encoding,
    /// More fields than [`Params::MOST_FIELDS`].
    #[error("more than {} form fields", Params::MOST_FIELDS)]
    TooManyFields,
    /// A value longer than [`Params::LONGEST_VALUE`] bytes.
    #[error("a form value of more than {} bytes", Params::LONGEST_VALUE)]
    ValueTooLong,
}

/// The parameters of a form body (`application/x-www-form-urlencoded`), in their order.
///
/// A repeated name is kept and told by [`Params::repeats`], so that the caller can refuse it at the place in the order
/// of checks where Keycloak does (RFC 6749 section 3.2: "Request and response parameters MUST NOT be included more than once").
#[derive(Clone, Default)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Fields of one form at the most. Keycloak: recordings errors-http/many-parameters.
    pub const MOST_FIELDS: usize = 1000;
    /// Bytes of one decoded value at the most. Keycloak: recordings errors-http/huge-parameter.
    pub const LONGEST_VALUE: usize = 131_072;

    /// Reads a form body.
    ///
    /// # Errors
    /// See [`FormError`].
    pub fn parse(body: &[u8]) -> Result<Self, FormError> {
        if body.is_empty() {
            return Ok(Self::default());
        }
        let mut params = Vec::new();
        for pair in body.split(|b| *b == b'&') {
            if params.len() >= Self::MOST_FIELDS {
                return Err(FormError::TooManyFields);
            }
            let mut halves = pair.splitn(2, |b| *b == b'=');
            let name = decode_component(halves.next().unwrap_or_default()).ok_or(FormError::Encoding)?;
            let value = decode_component(halves.next().unwrap_or_default()).ok_or(FormError::Encoding)?;
            if value.len() > Self::LONGEST_VALUE {
                return Err(FormError::ValueTooLong);
            }
            params.push((name, value));
        }
        Ok(Self(params))
    }

    /// The parameters as they are given, for readers of other media types.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(pairs.into_iter().collect())
    }

    /// The value of `name`; the first one where it is repeated. An empty value is a value.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// All values of `name`, in their order.
    pub fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Whether any name stands twice. Keycloak: an empty name counts too (recording errors-http/body-oddities).
    pub fn repeats(&self) -> bool {
        let mut seen = HashSet::with_capacity(self.0.len());
        !self.0.iter().all(|(name, _)| seen.insert(name.as_str()))
    }

    /// How many fields there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no field.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Prints the names only: values may be secrets.
impl std::fmt::Debug for Params {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(n, _)| n)).finish()
    }
}

/// Decodes one component of a form (`+` is a space); `None` where an escape is broken. Bytes that are not UTF-8 become U+FFFD:
/// Keycloak takes them for an odd text, not for an error (recording errors-http/bad-utf-8).
pub fn decode_component(raw: &[u8]) -> Option<String> {
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw.iter();
    while let Some(byte) = rest.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let high = char::from(*rest.next()?).to_digit(16)?;
                let low = char::from(*rest.next()?).to_digit(16)?;
                u8::try_from(high * 16 + low).ok()?
            }
            plain => *plain,
        });
    }
    Some(String::from_utf8(out).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_plus_and_percent() {
        let params = Params::parse(b"a=1+2&b=%C3%A4&c").unwrap();
        assert_eq!(params.get("a"), Some("1 2"));
        assert_eq!(params.get("b"), Some("\u{e4}"));
        assert_eq!(params.get("c"), Some(""));
        assert!(!params.repeats());
    }

    #[test]
    fn sees_repetition_of_any_name() {
        assert!(Params::parse(b"x=1&x=1").unwrap().repeats());
        assert!(Params::parse(b"a=1&&b=2&").unwrap().repeats());
    }

    #[test]
    fn refuses_broken_escapes_and_too_much() {
        assert_eq!(Params::parse(b"a=%zz").unwrap_err(), FormError::Encoding);
        assert_eq!(Params::parse(b"a=%f").unwrap_err(), FormError::Encoding);
        assert_eq!(Params::parse(b"a=%ff").unwrap().get("a"), Some("\u{fffd}"));
        assert_eq!(Params::parse(&b"a&".repeat(1001)).unwrap_err(), FormError::TooManyFields);
        let long = [b"a=".as_slice(), &b"x".repeat(131_073)].concat();
        assert_eq!(Params::parse(&long).unwrap_err(), FormError::ValueTooLong);
    }

    #[test]
    fn debug_shows_no_values() {
        let shown = format!("{:?}", Params::parse(b"password=hunter2").unwrap());
        assert!(!shown.contains("hunter2"));
    }
}
