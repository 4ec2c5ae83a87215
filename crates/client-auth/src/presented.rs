use oidc_types::{Params, Secret};
use percent_encoding::percent_decode_str;
use realm_http::http::RawBody;
use realm_model::SecretTransport;

use crate::assertion::JWT_BEARER;
use crate::{AssertionError, ClientAuthError};

/// What a request says about its client, as it was sent.
#[derive(Clone, Copy, Debug)]
pub struct Presented<'a> {
    /// The `Authorization` header.
    pub authorization: Option<&'a str>,
    /// The form; `None` where the body was not `application/x-www-form-urlencoded`.
    /// Keycloak reads no client credentials from a multipart form, though it reads the rest (measured on 26.7.4).
    pub form: Option<&'a Params>,
}

/// A client that is claimed, and how the claim is backed.
#[derive(Debug)]
pub(crate) struct Claim {
    /// What was given, be it empty.
    pub(crate) client_id: Option<String>,
    pub(crate) secret: Option<(SecretTransport, Secret<String>)>,
}

/// Characters that are said back at the most.
const LONGEST_ECHO: usize = 255;

impl<'a> Presented<'a> {
    /// What a request with this header and body says; `form` is what was read of the body.
    pub fn of(authorization: Option<&'a str>, body: &RawBody, form: &'a Params) -> Self {
        Self { authorization, form: body.may_carry_credentials().then_some(form) }
    }
}

impl Presented<'_> {
    /// The `client_id` that is claimed, whether there is such a client or not: for records of refusals.
    pub fn claimed_client_id(&self) -> Option<String> {
        self.claim().ok().and_then(|claim| claim.client_id)
    }

    /// Reads header and form. Keycloak: each form value overrides that of the header on its own (recordings
    /// client-authentication/both-form-wrong and basic-and-other-client-id), and an unreadable header is as good as none.
    pub(crate) fn claim(&self) -> Result<Claim, ClientAuthError> {
        let basic = match self.authorization.and_then(basic_credentials) {
            Some(pair) => Some(decoded(&pair)?),
            None => None,
        };
        let (basic_id, basic_secret) = basic.unzip();
        let form = |name| self.form.and_then(|form| form.get(name));
        let secret = match (form("client_secret"), basic_secret) {
            (Some(secret), _) => Some((SecretTransport::Post, Secret::new(secret.to_owned()))),
            (None, Some(secret)) => Some((SecretTransport::Basic, Secret::new(secret))),
            (None, None) => None,
        };
        let client_id = form("client_id").map(str::to_owned).or(basic_id);
        Ok(Claim { client_id, secret })
    }

    /// The client assertion (RFC 7523 section 2.2).
    pub(crate) fn assertion(&self) -> Result<&str, AssertionError> {
        let form = |name| self.form.and_then(|form| form.get(name));
        match form("client_assertion_type") {
            None => Err(AssertionError::TypeMissing),
            Some(JWT_BEARER) => form("client_assertion").ok_or(AssertionError::Missing),
            Some(other) => Err(AssertionError::OtherType(other.chars().take(LONGEST_ECHO).collect())),
        }
    }
}

/// `user:password` of a Basic header, the scheme in any case (RFC 7617); `None` where it is another scheme or not base64.
fn basic_credentials(header: &str) -> Option<Secret<String>> {
    let (scheme, encoded) = header.split_once([' ', '\t'])?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let encoded = encoded.trim().trim_end_matches('=');
    let raw = base64_simd::STANDARD_NO_PAD.decode_to_vec(encoded).ok()?;
    // Keycloak: bytes that are no UTF-8 are replaced, so that the secret is wrong, not the header (measured on 26.7.4).
    let text = Secret::new(String::from_utf8_lossy(&raw).into_owned());
    text.expose().contains(':').then_some(text)
}

/// Both halves are form-encoded before they are joined (RFC 6749 section 2.3.1).
fn decoded(pair: &Secret<String>) -> Result<(String, String), ClientAuthError> {
    let (id, secret) = pair.expose().split_once(':').unwrap_or_default();
    Ok((form_decoded(id)?, form_decoded(secret)?))
}

fn form_decoded(raw: &str) -> Result<String, ClientAuthError> {
    let is_escape = |rest: &str| rest.len() >= 2 && rest.bytes().take(2).all(|b| b.is_ascii_hexdigit());
    if !raw.split('%').skip(1).all(is_escape) {
        return Err(ClientAuthError::BasicEncoding);
    }
    Ok(percent_decode_str(&raw.replace('+', " ")).decode_utf8_lossy().into_owned())
}
