use std::cell::Cell;
use std::fmt;

use base64_simd::URL_SAFE_NO_PAD;
use serde::Deserialize;
use thiserror::Error;

use crate::{Algorithm, SignError, Signer};

/// The longest token that is looked at, in bytes: Keycloak's limit of a form value.
pub const MAX_COMPACT: usize = 131_072;

/// Room for base64url of `bytes` bytes.
const fn encoded(bytes: usize) -> usize {
    (bytes * 4).div_ceil(3)
}

thread_local! {
    /// The bare signature on its way into the token.
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// A compact JWS (RFC 7515 section 7.1) of `claims_json`, with a header in Keycloak's notation. Allocates once, the result.
///
/// # Errors
/// [`SignError`] where the key refuses.
pub fn sign_compact(signer: &dyn Signer, typ: &str, claims_json: &[u8]) -> Result<String, SignError> {
    let header = signer.header(typ);
    let room = header.len() + encoded(claims_json.len()) + encoded(signer.signature_len()) + 2;
    let mut token = String::with_capacity(room);
    token.push_str(&header);
    token.push('.');
    URL_SAFE_NO_PAD.encode_append(claims_json, &mut token);
    let mut signature = SCRATCH.take();
    signature.clear();
    let signed = signer.sign(token.as_bytes(), &mut signature);
    if signed.is_ok() {
        token.push('.');
        URL_SAFE_NO_PAD.encode_append(&signature, &mut token);
    }
    SCRATCH.set(signature);
    signed.map(|()| token)
}

/// A compact JWS taken apart, its signature not yet verified.
#[derive(Clone, PartialEq, Eq)]
pub struct ParsedJws<'a> {
    /// `alg`
    pub algorithm: Algorithm,
    /// `kid`
    pub kid: Option<String>,
    /// `typ`
    pub typ: Option<String>,
    /// The payload, decoded.
    pub payload: Vec<u8>,
    /// What the signature is over.
    pub signing_input: &'a [u8],
    /// The signature, decoded.
    pub signature: Vec<u8>,
}

/// Without payload and signature: together with the rest they are a token.
impl fmt::Debug for ParsedJws<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ParsedJws({}, {} bytes)", self.algorithm, self.payload.len())
    }
}

/// Why a text is no compact JWS that could be verified here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ParseError {
    /// More than [`MAX_COMPACT`] bytes.
    #[error("the token is too long")]
    TooLong,
    /// Not three parts of strict base64url.
    #[error("the token is not three parts of base64url")]
    Form,
    /// The header is no JSON object, has a member twice, or one of another type.
    #[error("the header of the token is no JOSE header")]
    Header,
    /// `alg` is `none`, unknown here, or not one of signatures.
    #[error("the token names no signature algorithm")]
    Algorithm,
    /// `crit` names extensions, of which none is understood here (RFC 7515 section 4.1.11).
    #[error("the token needs an extension")]
    Critical,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    typ: Option<String>,
    #[serde(default)]
    crit: Option<serde_json::Value>,
}

/// Takes a compact JWS apart, strictly: three parts, base64url without padding and without spare bits.
///
/// # Errors
/// [`ParseError`], the first one met.
pub fn parse_compact(token: &str) -> Result<ParsedJws<'_>, ParseError> {
    if token.len() > MAX_COMPACT {
        return Err(ParseError::TooLong);
    }
    let (signing_input, signature) = token.rsplit_once('.').ok_or(ParseError::Form)?;
    let (header, payload) = signing_input.split_once('.').ok_or(ParseError::Form)?;
    let decode = |part: &str| URL_SAFE_NO_PAD.decode_to_vec(part.as_bytes()).map_err(|_| ParseError::Form);
    let header: Header = serde_json::from_slice(&decode(header)?).map_err(|_| ParseError::Header)?;
    if header.crit.is_some() {
        return Err(ParseError::Critical);
    }
    let algorithm = Algorithm::parse(&header.alg).filter(|a| a.key_use() == crate::KeyUse::Signature);
    Ok(ParsedJws {
        algorithm: algorithm.ok_or(ParseError::Algorithm)?,
        kid: header.kid,
        typ: header.typ,
        payload: decode(payload)?,
        signing_input: signing_input.as_bytes(),
        signature: decode(signature)?,
    })
}

#[cfg(test)]
mod tests;
