//! Proof Key for Code Exchange (RFC 7636): what a client promises when it asks, and shows when it comes for its tokens.

use base64_simd::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use thiserror::Error;

/// `code_challenge_method`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChallengeMethod {
    /// `plain`
    Plain,
    /// `S256`
    S256,
}

impl ChallengeMethod {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::S256 => "S256",
        }
    }

    /// The method of this word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Plain, Self::S256].into_iter().find(|method| method.as_str() == word)
    }
}

/// A challenge of the right form, to be met by its verifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeChallenge {
    method: ChallengeMethod,
    value: String,
}

/// Why a challenge is refused.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum BadChallenge {
    /// The client must use a method and names none.
    #[error("no code_challenge_method, which the client must send")]
    MethodMissing,
    /// Another method than the client must use.
    #[error("another code_challenge_method than the client's")]
    OtherMethod,
    /// A method that does not exist.
    #[error("an unknown code_challenge_method")]
    UnknownMethod,
    /// A method without a challenge.
    #[error("no code_challenge")]
    Missing,
    /// Not 43 to 128 characters of RFC 7636 section 4.1.
    #[error("a code_challenge of the wrong form")]
    Malformed,
}

impl BadChallenge {
    /// Keycloak's text (recording device/start-pkce).
    pub const fn description(self) -> &'static str {
        match self {
            Self::MethodMissing => "Missing parameter: code_challenge_method",
            Self::OtherMethod => "Invalid parameter: code challenge method is not matching the configured one",
            Self::UnknownMethod => "Invalid parameter: code_challenge_method",
            Self::Missing => "Missing parameter: code_challenge",
            Self::Malformed => "Invalid parameter: code_challenge",
        }
    }
}

/// Why a verifier is refused.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum BadVerifier {
    /// There is a challenge, or must be one, and no verifier.
    #[error("no code_verifier")]
    Missing,
    /// A verifier where nothing was promised.
    #[error("a code_verifier without a challenge")]
    Unasked,
    /// Not 43 to 128 characters of RFC 7636 section 4.1.
    #[error("a code_verifier of the wrong form")]
    Malformed,
    /// The verifier of another challenge.
    #[error("a wrong code_verifier")]
    Mismatch,
}

impl BadVerifier {
    /// Keycloak's text (recordings device/pkce-*, authorization-code/pkce-*).
    pub const fn description(self) -> &'static str {
        match self {
            Self::Missing => "PKCE code verifier not specified",
            Self::Unasked => "PKCE code verifier specified but challenge not present in authorization",
            Self::Malformed => "PKCE verification failed: Invalid code verifier",
            Self::Mismatch => "PKCE verification failed: Code mismatch",
        }
    }
}

impl CodeChallenge {
    /// Reads `code_challenge` and `code_challenge_method` of a request. `required` is the method that the client must use
    /// (`pkce.code.challenge.method`); without one, no challenge is fine too.
    ///
    /// # Errors
    /// [`BadChallenge`], in Keycloak's order.
    pub fn read(value: Option<&str>, method: Option<&str>, required: Option<&str>) -> Result<Option<Self>, BadChallenge> {
        let method = match (required, method) {
            (Some(_), None) => return Err(BadChallenge::MethodMissing),
            (Some(required), Some(given)) if required != given => return Err(BadChallenge::OtherMethod),
            (_, given) => given,
        };
        let value = match (value, method) {
            (Some(value), _) => value,
            (None, Some(_)) => return Err(BadChallenge::Missing),
            (None, None) => return Ok(None),
        };
        // RFC 7636 section 4.3: "Defaults to "plain" if not present in the request."
        let method = ChallengeMethod::parse(method.unwrap_or("plain")).ok_or(BadChallenge::UnknownMethod)?;
        Self::of_stored(method.as_str(), value).map(Some).ok_or(BadChallenge::Malformed)
    }

    /// A challenge that was read before and stored as two words.
    pub fn of_stored(method: &str, value: &str) -> Option<Self> {
        let method = ChallengeMethod::parse(method)?;
        is_well_formed(value).then(|| Self { method, value: value.to_owned() })
    }

    /// How it is met.
    pub const fn method(&self) -> ChallengeMethod {
        self.method
    }

    /// The challenge itself.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Judges the verifier of a token request (RFC 7636 section 4.6). `required`: as for [`Self::read`].
    ///
    /// # Errors
    /// [`BadVerifier`]
    pub fn refuse_other_verifier(
        challenge: Option<&Self>,
        verifier: Option<&str>,
        required: Option<&str>,
    ) -> Result<(), BadVerifier> {
        let (challenge, verifier) = match (challenge, verifier) {
            (None, None) if required.is_none() => return Ok(()),
            (_, None) => return Err(BadVerifier::Missing),
            (None, Some(_)) if required.is_none() => return Err(BadVerifier::Unasked),
            (challenge, Some(verifier)) => (challenge, verifier),
        };
        if !is_well_formed(verifier) {
            return Err(BadVerifier::Malformed);
        }
        if challenge.is_some_and(|challenge| challenge.is_met_by(verifier)) { Ok(()) } else { Err(BadVerifier::Mismatch) }
    }

    fn is_met_by(&self, verifier: &str) -> bool {
        let expected = match self.method {
            ChallengeMethod::Plain => verifier.to_owned(),
            ChallengeMethod::S256 => URL_SAFE_NO_PAD.encode_to_string(Sha256::digest(verifier)),
        };
        expected.as_bytes().ct_eq(self.value.as_bytes()).into()
    }
}

/// RFC 7636 section 4.1: 43 to 128 of "unreserved" characters.
fn is_well_formed(text: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    (43..=128).contains(&text.len()) && text.bytes().all(unreserved)
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 7636 appendix B
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn s256() -> CodeChallenge {
        CodeChallenge::read(Some(CHALLENGE), Some("S256"), None).unwrap().unwrap()
    }

    #[test]
    fn the_example_of_the_rfc_is_met() {
        assert_eq!(CodeChallenge::refuse_other_verifier(Some(&s256()), Some(VERIFIER), Some("S256")), Ok(()));
    }

    #[test]
    fn a_challenge_without_a_method_is_plain() {
        let plain = CodeChallenge::read(Some(VERIFIER), None, None).unwrap().unwrap();
        assert_eq!(plain.method(), ChallengeMethod::Plain);
        assert_eq!(CodeChallenge::refuse_other_verifier(Some(&plain), Some(VERIFIER), None), Ok(()));
    }

    #[test]
    fn refuses_challenges_in_keycloaks_order() {
        for (value, method, required, expected) in [
            (None, None, Some("S256"), BadChallenge::MethodMissing),
            (Some(CHALLENGE), Some("plain"), Some("S256"), BadChallenge::OtherMethod),
            (None, Some("S256"), Some("S256"), BadChallenge::Missing),
            (Some("short"), Some("S256"), Some("S256"), BadChallenge::Malformed),
            (Some(CHALLENGE), Some("S999"), None, BadChallenge::UnknownMethod),
            (None, Some("S256"), None, BadChallenge::Missing),
            (Some(""), None, None, BadChallenge::Malformed),
        ] {
            assert_eq!(CodeChallenge::read(value, method, required), Err(expected), "{value:?} {method:?} {required:?}");
        }
    }

    #[test]
    fn refuses_other_verifiers() {
        let challenge = s256();
        let other = "a".repeat(43);
        for (challenge, verifier, required, expected) in [
            (Some(&challenge), None, None, BadVerifier::Missing),
            (None, None, Some("S256"), BadVerifier::Missing),
            (None, Some(VERIFIER), None, BadVerifier::Unasked),
            (None, Some(VERIFIER), Some("S256"), BadVerifier::Mismatch),
            (Some(&challenge), Some("short"), None, BadVerifier::Malformed),
            (Some(&challenge), Some(other.as_str()), None, BadVerifier::Mismatch),
            (Some(&challenge), Some(CHALLENGE), None, BadVerifier::Mismatch),
        ] {
            let judged = CodeChallenge::refuse_other_verifier(challenge, verifier, required);
            assert_eq!(judged, Err(expected), "{verifier:?} {required:?}");
        }
    }
}
