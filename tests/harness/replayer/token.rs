//! Tokens taken apart without verifying them.

use base64_simd::URL_SAFE_NO_PAD;
use serde_json::Value;

/// base64url without padding.
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

/// Reads base64url, padded or not, as forgivingly as the recorder does.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let standard: String = text
        .chars()
        .map(|c| {
            if c == '-' {
                '+'
            } else if c == '_' {
                '/'
            } else {
                c
            }
        })
        .collect();
    base64_simd::forgiving_decode_to_vec(standard.trim_end_matches('=').as_bytes()).ok()
}

/// The JSON in one part of a token.
pub fn json(part: &str) -> Option<Value> {
    serde_json::from_slice(&decode(part)?).ok()
}

/// One claim of a signed token.
pub fn claim(token: &str, name: &str) -> Option<Value> {
    json(token.split('.').nth(1)?)?.get(name).cloned()
}

/// The claims of a compact token, unverified.
pub fn claims(token: &str) -> Option<Value> {
    json(token.split('.').nth(1)?)
}
