use realm_model::Client;

use super::{Parameters, PkceFault};

/// Characters of a challenge (RFC 7636 section 4.2).
const LENGTHS: std::ops::RangeInclusive<usize> = 43..=128;

/// The client's attribute: the method that it must use.
const ATTRIBUTE: &str = "pkce.code.challenge.method";

/// `code_challenge_method` (RFC 7636 section 4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChallengeMethod {
    /// `plain`
    Plain,
    /// `S256`
    S256,
}

impl ChallengeMethod {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "plain" => Some(Self::Plain),
            "S256" => Some(Self::S256),
            _ => None,
        }
    }
}

/// `code_challenge`: whoever brings the code must know what it was made of (RFC 7636).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeChallenge {
    /// `code_challenge_method`
    pub method: ChallengeMethod,
    /// `code_challenge`
    pub challenge: String,
}

impl CodeChallenge {
    /// Judges what the client sent, and whether it had to. Keycloak: the order is the one measured on 26.7.4.
    pub(crate) fn judge(client: &Client, parameters: &Parameters) -> Result<Option<Self>, PkceFault> {
        let (challenge, method) = (parameters.get("code_challenge"), parameters.get("code_challenge_method"));
        if let Some(required) = client.attribute(ATTRIBUTE).filter(|required| !required.is_empty()) {
            let method = method.ok_or(PkceFault::MethodMissing)?;
            if method != required {
                return Err(PkceFault::OtherMethod);
            }
        }
        let method = match (challenge, method) {
            (None, None) => return Ok(None),
            // RFC 7636 section 4.3: "defaults to "plain" if not present"
            (_, None) => ChallengeMethod::Plain,
            (_, Some(method)) => ChallengeMethod::parse(method).ok_or(PkceFault::MethodUnknown)?,
        };
        let challenge = challenge.ok_or(PkceFault::Missing)?;
        let unreserved = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
        if !LENGTHS.contains(&challenge.len()) || !challenge.bytes().all(unreserved) {
            return Err(PkceFault::Malformed);
        }
        Ok(Some(Self { method, challenge: challenge.to_owned() }))
    }
}
