use base64_simd::URL_SAFE_NO_PAD;
use key_rotation::{Algorithm, KeyUse, MAX_COMPACT};
use serde::Deserialize;
use serde_json::Value;

use crate::Times;

/// `client_assertion_type` of RFC 7523 section 2.2.
pub(crate) const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Algorithm names that Keycloak knows beside [`Algorithm`]: with one of these an assertion can be read, and is then refused.
const UNUSABLE: [&str; 3] = ["none", "Ed448", "Ed25519"];

/// A client assertion, taken apart; nothing in it is proved yet.
pub(crate) struct Assertion<'a> {
    /// `None`: no algorithm that could be accepted.
    pub(crate) algorithm: Option<Algorithm>,
    pub(crate) kid: Option<String>,
    pub(crate) claims: Claims,
    pub(crate) signing_input: &'a [u8],
    pub(crate) signature: Vec<u8>,
}

/// The claims that authenticate.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Claims {
    pub(crate) issuer: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) audience: Vec<String>,
    pub(crate) expires: Option<i64>,
    pub(crate) issued: Option<i64>,
    pub(crate) not_before: Option<i64>,
    pub(crate) id: Option<String>,
}

#[derive(Deserialize)]
struct Header {
    alg: Option<String>,
    kid: Option<String>,
    crit: Option<Value>,
}

/// A member twice is an error: two readers could see two things.
#[derive(Deserialize)]
struct Payload {
    iss: Option<Value>,
    sub: Option<Value>,
    aud: Option<Value>,
    exp: Option<Value>,
    iat: Option<Value>,
    nbf: Option<Value>,
    jti: Option<Value>,
}

impl<'a> Assertion<'a> {
    /// Takes a compact JWS apart; `None` where it is none.
    // Keycloak: texts may be numbers and numbers texts (measured on 26.7.4).
    pub(crate) fn parse(token: &'a str) -> Option<Self> {
        if token.len() > MAX_COMPACT {
            return None;
        }
        let (signing_input, signature) = token.rsplit_once('.')?;
        let (header, payload) = signing_input.split_once('.')?;
        let decoded = |part: &str| URL_SAFE_NO_PAD.decode_to_vec(part.as_bytes()).ok();
        let header: Header = serde_json::from_slice(&decoded(header)?).ok()?;
        let payload: Payload = serde_json::from_slice(&decoded(payload)?).ok()?;
        let algorithm = match header.alg.as_deref() {
            None => None,
            Some(name) if UNUSABLE.contains(&name) => None,
            Some(name) => Some(Algorithm::parse(name).filter(|algorithm| algorithm.key_use() == KeyUse::Signature)?),
        };
        Some(Self {
            // RFC 7515 section 4.1.11: extensions that are not understood make it invalid.
            algorithm: algorithm.filter(|_| header.crit.is_none()),
            kid: header.kid.filter(|kid| !kid.is_empty()),
            claims: Claims::read(payload)?,
            signing_input: signing_input.as_bytes(),
            signature: decoded(signature)?,
        })
    }
}

impl Claims {
    pub(crate) fn times(&self) -> Times {
        Times { expires: self.expires, issued: self.issued, not_before: self.not_before }
    }

    fn read(payload: Payload) -> Option<Self> {
        let audience = match payload.aud {
            None => Vec::new(),
            Some(Value::Array(items)) => items.into_iter().map(text).collect::<Option<Vec<_>>>()?.into_iter().flatten().collect(),
            Some(one) => text(one)?.into_iter().collect(),
        };
        Some(Self {
            issuer: payload.iss.map_or(Some(None), text)?,
            subject: payload.sub.map_or(Some(None), text)?.filter(|subject| !subject.is_empty()),
            audience,
            expires: payload.exp.map_or(Some(None), number)?,
            issued: payload.iat.map_or(Some(None), number)?,
            not_before: payload.nbf.map_or(Some(None), number)?,
            id: payload.jti.map_or(Some(None), text)?,
        })
    }
}

/// The outer `None`: it cannot be read as a text.
fn text(value: Value) -> Option<Option<String>> {
    match value {
        Value::Null => Some(None),
        Value::String(text) => Some(Some(text)),
        Value::Number(number) => Some(Some(number.to_string())),
        Value::Bool(truth) => Some(Some(truth.to_string())),
        Value::Array(_) | Value::Object(_) => None,
    }
}

/// Seconds; the outer `None`: it cannot be read as such.
fn number(value: Value) -> Option<Option<i64>> {
    match value {
        Value::Null => Some(None),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => Some(Some(whole)),
            None => {
                let real = number.as_f64().filter(|real| real.abs() < 9e18)?;
                #[allow(clippy::cast_possible_truncation)] // within the range, and fractions are dropped
                Some(Some(real as i64))
            }
        },
        Value::String(text) => text.trim().parse().ok().map(Some),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(header: &str, payload: &str) -> String {
        let encode = |text: &str| URL_SAFE_NO_PAD.encode_to_string(text);
        format!("{}.{}.{}", encode(header), encode(payload), encode("s"))
    }

    #[test]
    fn reads_claims_as_leniently_as_keycloak() {
        let payload = r#"{"iss":"a","sub":7,"aud":["x"],"exp":"30","iat":1.9,"nbf":null,"jti":true,"more":{}}"#;
        let token = token(r#"{"alg":"RS256","kid":""}"#, payload);
        let assertion = Assertion::parse(&token).unwrap();
        let expected = Claims {
            issuer: Some("a".to_owned()),
            subject: Some("7".to_owned()),
            audience: vec!["x".to_owned()],
            expires: Some(30),
            issued: Some(1),
            not_before: None,
            id: Some("true".to_owned()),
        };
        assert_eq!((assertion.claims, assertion.kid, assertion.algorithm), (expected, None, Some(Algorithm::Rs256)));
    }

    #[test]
    fn what_cannot_be_read_is_no_assertion() {
        let fine = r#"{"iss":"a"}"#;
        for (header, payload) in [
            (r#"{"alg":"XX256"}"#, fine),
            (r#"{"alg":"RSA-OAEP"}"#, fine),
            (r#"{"alg":"RS256","alg":"RS256"}"#, fine),
            ("[]", fine),
            (r#"{"alg":"RS256"}"#, "nope"),
            (r#"{"alg":"RS256"}"#, "[]"),
            (r#"{"alg":"RS256"}"#, r#"{"jti":{}}"#),
            (r#"{"alg":"RS256"}"#, r#"{"exp":1e30}"#),
            (r#"{"alg":"RS256"}"#, r#"{"exp":true}"#),
            (r#"{"alg":"RS256"}"#, r#"{"sub":"a","sub":"b"}"#),
        ] {
            assert!(Assertion::parse(&token(header, payload)).is_none(), "{header} {payload}");
        }
        for text in ["", "garbage", "a.b.c", "..", "a.b"] {
            assert!(Assertion::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn an_algorithm_that_cannot_be_accepted_is_none() {
        for header in [r#"{"alg":"none"}"#, "{}", r#"{"alg":"Ed448"}"#, r#"{"alg":"RS256","crit":["x"],"x":1}"#] {
            assert_eq!(Assertion::parse(&token(header, "{}")).unwrap().algorithm, None, "{header}");
        }
    }
}
