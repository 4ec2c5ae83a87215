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

/// How the characters of a form body stand for letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Charset {
    /// What forms are in (RFC 6749 appendix B).
    #[default]
    Utf8,
    /// ISO-8859-1.
    Latin1,
    /// Any other: letters of ASCII can be read, no others.
    Other,
}

impl Charset {
    /// The charset of that name, in any case.
    pub fn named(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" => Self::Utf8,
            "iso-8859-1" | "latin1" => Self::Latin1,
            _ => Self::Other,
        }
    }

    /// Bytes that are not UTF-8 become U+FFFD: Keycloak takes them for an odd text, not for an error
    /// (recording errors-http/bad-utf-8).
    fn decode(self, raw: Vec<u8>) -> Option<String> {
        match self {
            Self::Utf8 => Some(String::from_utf8(raw).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())),
            Self::Latin1 => Some(raw.into_iter().map(char::from).collect()),
            Self::Other => String::from_utf8(raw).ok().filter(|text| text.is_ascii()),
        }
    }
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

    /// Reads a form body in UTF-8.
    ///
    /// # Errors
    /// See [`FormError`].
    pub fn parse(body: &[u8]) -> Result<Self, FormError> {
        Self::parse_in(Charset::Utf8, body)
    }

    /// Reads a form body.
    ///
    /// # Errors
    /// See [`FormError`].
    pub fn parse_in(charset: Charset, body: &[u8]) -> Result<Self, FormError> {
        let decoded = |raw: &[u8]| {
            let bytes = unescaped(raw).ok_or(FormError::Encoding)?;
            charset.decode(bytes).ok_or(FormError::Encoding)
        };
        if body.is_empty() {
            return Ok(Self::default());
        }
        let mut params = Vec::new();
        // Keycloak: one `&` at the end opens no field (measured on 26.7.4), an empty field elsewhere is one.
        let mut rest = Some(body.strip_suffix(b"&").unwrap_or(body));
        while let Some(fields) = rest {
            if params.len() >= Self::MOST_FIELDS {
                return Err(FormError::TooManyFields);
            }
            let (pair, others) = halves(fields, b'&');
            let (name, value) = halves(pair, b'=');
            let (name, value) = (decoded(name)?, decoded(value.unwrap_or_default())?);
            rest = others;
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

    /// The parameters, with the control characters of ASCII taken out of the values of `names`.
    #[must_use]
    pub fn without_controls(mut self, names: &[&str]) -> Self {
        let named = self.0.iter_mut().filter(|(name, _)| names.contains(&name.as_str()));
        named.for_each(|(_, value)| value.retain(|c| !c.is_ascii_control()));
        self
    }

    /// The value of `name`; the first one where it is repeated. An empty value is a value.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// All values of `name`, in their order.
    pub fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Names and values, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether any name stands twice. Keycloak: an empty name counts too (recording errors-http/body-oddities).
    pub fn repeats(&self) -> bool {
        self.repeats_beside(&[])
    }

    /// Whether any name stands twice that is none of `allowed`.
    pub fn repeats_beside(&self, allowed: &[&str]) -> bool {
        let mut seen = HashSet::with_capacity(self.0.len());
        !self.0.iter().all(|(name, _)| allowed.contains(&name.as_str()) || seen.insert(name.as_str()))
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

/// What stands before the first `mark`, and what stands behind it; `None` where there is no mark.
fn halves(text: &[u8], mark: u8) -> (&[u8], Option<&[u8]>) {
    match memchr::memchr(mark, text).and_then(|at| text.split_at_checked(at)) {
        Some((before, rest)) => (before, rest.get(1..)),
        None => (text, None),
    }
}

/// The bytes of one component of a form (`+` is a space); `None` where an escape is broken.
fn unescaped(raw: &[u8]) -> Option<Vec<u8>> {
    let Some(plain) = memchr::memchr2(b'%', b'+', raw) else { return Some(raw.to_vec()) };
    let (plain, rest) = raw.split_at_checked(plain)?;
    let mut out = Vec::with_capacity(raw.len());
    out.extend_from_slice(plain);
    let mut rest = rest.iter();
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
    Some(out)
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
    fn reads_other_charsets_as_far_as_it_can() {
        let value = |charset: &str, body: &[u8]| {
            Params::parse_in(Charset::named(charset), body).map(|params| params.get("a").unwrap().to_owned())
        };
        assert_eq!(value("ISO-8859-1", b"a=%E4\xe4").unwrap(), "\u{e4}\u{e4}");
        assert_eq!(value("UTF8", b"a=%C3%A4").unwrap(), "\u{e4}");
        assert_eq!(value("nope", b"a=b%20c").unwrap(), "b c");
        assert_eq!(value("nope", b"a=%E4"), Err(FormError::Encoding));
    }

    #[test]
    fn sees_repetition_of_any_name() {
        assert!(Params::parse(b"x=1&x=1").unwrap().repeats());
        assert!(Params::parse(b"&a=1&&b=2").unwrap().repeats());
        assert!(!Params::parse(b"x=1&y=1&x=1").unwrap().repeats_beside(&["x"]));
        assert!(Params::parse(b"x=1&y=1&y=1").unwrap().repeats_beside(&["x"]));
    }

    #[test]
    fn one_ampersand_at_the_end_is_no_field() {
        for (body, fields) in [(b"a=1&".as_slice(), 1), (b"a=1&&", 2), (b"&a=1&", 2), (b"&", 1)] {
            assert_eq!(Params::parse(body).unwrap().len(), fields);
        }
    }

    #[test]
    fn takes_control_characters_out_of_named_values_only() {
        let params =
            Params::parse(b"scope=%00open%7Fid%0A&username=al%00ice&x=%C2%80").unwrap().without_controls(&["scope", "x"]);
        assert_eq!(params.get("scope"), Some("openid"));
        assert_eq!(params.get("username"), Some("al\0ice"));
        assert_eq!(params.get("x"), Some("\u{80}"));
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
