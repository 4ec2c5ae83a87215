//! An assertion as it is presented: what it says, and whether it says it now and to us (RFC 7523 section 3).

use ambient::Timestamp;
use base64_simd::URL_SAFE_NO_PAD;
use client_auth::{Lifetime, LifetimeError, Times};
use key_rotation::{Algorithm, KeyUse};
use realm_model::IdentityProvider;
use serde::Deserialize;
use serde_json::Number;

use crate::error::AssertionError;

/// Bytes of an assertion at the most.
const LONGEST: usize = token_issuer::LONGEST_TOKEN;

/// Seconds that an assertion may live, or be old, where its provider does not say (measured on 26.7.4).
const LIFESPAN_SECS: i64 = 300;

/// How long an assertion of a provider is good.
pub(super) fn lifetime(provider: &IdentityProvider) -> Lifetime {
    let positive = |key: &str| provider.number(key).filter(|seconds| *seconds > 0);
    Lifetime {
        longest: positive("jwtAuthorizationGrantMaxAllowedAssertionExpiration").unwrap_or(LIFESPAN_SECS),
        ahead: positive("jwtAuthorizationGrantAllowedClockSkew").unwrap_or(0),
    }
}

/// An assertion, its signature not yet verified.
pub(super) struct Assertion {
    /// `alg`; `None`: `none`, or not said.
    pub(super) algorithm: Option<Algorithm>,
    /// `iss`
    pub(super) issuer: Option<String>,
    /// `sub`
    pub(super) subject: Option<String>,
    /// `jti`
    pub(super) id: Option<String>,
    pub(super) times: Times,
    audience: Vec<String>,
}

#[derive(Deserialize)]
struct Header {
    alg: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    iss: Option<String>,
    sub: Option<Text>,
    jti: Option<Text>,
    exp: Option<Number>,
    iat: Option<Number>,
    nbf: Option<Number>,
    aud: Option<Audience>,
}

/// A text. Keycloak: a number is one, too (measured on 26.7.4).
#[derive(Deserialize)]
#[serde(untagged)]
enum Text {
    Text(String),
    Number(Number),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        match text {
            Text::Text(text) => text,
            Text::Number(number) => number.to_string(),
        }
    }
}

impl Assertion {
    /// Reads a compact JWT; `None` where it is none.
    pub(super) fn read(text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let mut parts = text.split('.');
        let (header, payload) = (parts.next()?, parts.next()?);
        // Keycloak: without a signature it is a JWT with a bad one (measured on 26.7.4).
        let _signature = parts.next();
        if parts.next().is_some() {
            return None;
        }
        let decode = |part: &str| URL_SAFE_NO_PAD.decode_to_vec(part.as_bytes()).ok();
        let header: Header = serde_json::from_slice(&decode(header)?).ok()?;
        let claims: Claims = serde_json::from_slice(&decode(payload)?).ok()?;
        Some(Self {
            algorithm: algorithm(header.alg.as_deref())?,
            issuer: claims.iss,
            subject: claims.sub.map(String::from),
            id: claims.jti.map(String::from),
            times: Times { expires: seconds(claims.exp)?, issued: seconds(claims.iat)?, not_before: seconds(claims.nbf)? },
            audience: match claims.aud {
                None => Vec::new(),
                Some(Audience::One(one)) => vec![one],
                Some(Audience::Several(several)) => several,
            },
        })
    }

    /// Keycloak: the provider's clock may be ahead as far as is allowed; its assertions end on the second. Until when nobody
    /// would take it any more, whatever `exp` it gives itself (CVE-2025-2559).
    pub(super) fn refuse_out_of_time(&self, lifetime: Lifetime, now: Timestamp) -> Result<Timestamp, AssertionError> {
        let until = lifetime.judge(self.times, now.secs()).map_err(|error| match error {
            LifetimeError::ExpiryMissing => AssertionError::ExpiryMissing,
            LifetimeError::NotActive => AssertionError::NotActive,
            LifetimeError::TooLong => AssertionError::ExpiryTooFar,
            LifetimeError::Future => AssertionError::IssuedInFuture,
            LifetimeError::TooOld => AssertionError::TooOld,
        })?;
        Ok(Timestamp::from_secs(until))
    }

    /// RFC 7523 section 3, rule 3; of several audiences none is enough.
    pub(super) fn refuse_other_audience(&self, ours: &[&str]) -> Result<(), AssertionError> {
        if !self.audience.iter().any(|audience| ours.contains(&audience.as_str())) {
            return Err(AssertionError::OtherAudience);
        }
        if self.audience.len() > 1 { Err(AssertionError::SeveralAudiences) } else { Ok(()) }
    }
}

/// The algorithm of that name; the outer `None`: there is none of that name.
fn algorithm(name: Option<&str>) -> Option<Option<Algorithm>> {
    match name {
        None | Some("none") => Some(None),
        Some(name) => Algorithm::parse(name).filter(|known| known.key_use() == KeyUse::Signature).map(Some),
    }
}

/// A `NumericDate`, which may have a fraction (RFC 7519 section 2); the outer `None`: it is out of all bounds.
fn seconds(date: Option<Number>) -> Option<Option<i64>> {
    let Some(date) = date else { return Some(None) };
    if let Some(whole) = date.as_i64() {
        return Some(Some(whole));
    }
    let text = format!("{:.0}", date.as_f64()?.trunc());
    text.parse().ok().map(Some)
}

#[cfg(test)]
mod tests;
