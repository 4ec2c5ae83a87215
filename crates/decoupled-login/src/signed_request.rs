//! Signed back-channel requests (CIBA Core section 7.1.1).

use base64_simd::URL_SAFE_NO_PAD;
use key_rotation::{Algorithm, PublicKeySet, parse_compact};
use realm_model::Client;
use serde_json::{Map, Value};

use crate::error::SignedRequestError;

/// The claims of `token`, which `client` has signed with the algorithm that it is registered with.
// Keycloak: nothing but the signature is judged, neither times nor audience (measured on 26.7.4). The client authenticates
// beside it, so that somebody else's old request is of no use.
pub(crate) fn verify(client: &Client, token: &str) -> Result<Map<String, Value>, SignedRequestError> {
    let algorithm = refuse_unusable_algorithm(token)?;
    let parsed = parse_compact(token).map_err(|_| SignedRequestError::Form)?;
    let registered = client.attribute("ciba.backchannel.auth.request.signing.alg");
    if registered != Some(algorithm.as_str()) {
        return Err(SignedRequestError::OtherAlgorithm);
    }
    let keys = key_set(client).ok_or(SignedRequestError::Signature)?;
    keys.verify(parsed.kid.as_deref(), parsed.algorithm, parsed.signing_input, &parsed.signature)
        .map_err(|_| SignedRequestError::Signature)?;
    serde_json::from_slice(&parsed.payload).map_err(|_| SignedRequestError::Form)
}

/// Judges the header before anything else, in Keycloak's order (recording ciba/signed-request).
fn refuse_unusable_algorithm(token: &str) -> Result<Algorithm, SignedRequestError> {
    let header = token.split('.').next().unwrap_or_default();
    let header = URL_SAFE_NO_PAD.decode_to_vec(header.as_bytes()).map_err(|_| SignedRequestError::Header)?;
    let header: Map<String, Value> = serde_json::from_slice(&header).map_err(|_| SignedRequestError::Header)?;
    let name = header.get("alg").and_then(Value::as_str).ok_or(SignedRequestError::NoAlgorithm)?;
    if name.eq_ignore_ascii_case("none") {
        return Err(SignedRequestError::Unsigned);
    }
    match Algorithm::parse(name) {
        Some(algorithm) if algorithm.is_symmetric() => Err(SignedRequestError::Symmetric),
        Some(algorithm) => Ok(algorithm),
        None => Err(SignedRequestError::Form),
    }
}

/// The keys that stand in the client itself.
fn key_set(client: &Client) -> Option<PublicKeySet> {
    let text = client.attribute("jwks.string").filter(|_| client.is_on("use.jwks.string"))?;
    PublicKeySet::parse(text.as_bytes()).ok()
}
