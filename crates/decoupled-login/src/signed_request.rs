//! Signed back-channel requests (CIBA Core section 7.1.1).

use std::sync::Arc;

use base64_simd::URL_SAFE_NO_PAD;
use client_auth::{ClientAuth, Signed};
use key_rotation::{Algorithm, parse_compact};
use realm_http::RealmContext;
use realm_model::Client;
use serde_json::{Map, Value};

use crate::error::SignedRequestError;

/// The claims of `token`, which `client` has signed with the algorithm that it is registered with, by a key that it declares:
/// by URL, as a set, as a certificate.
// Keycloak: nothing but the signature is judged, neither times nor audience (measured on 26.7.4). The client authenticates
// beside it, so that somebody else's old request is of no use.
pub(crate) async fn verify(
    (request, client_auth): (&RealmContext, &ClientAuth),
    client: &Arc<Client>,
    token: &str,
) -> Result<Map<String, Value>, SignedRequestError> {
    let algorithm = refuse_unusable_algorithm(token)?;
    let parsed = parse_compact(token).map_err(|_| SignedRequestError::Form)?;
    let registered = client.attribute("ciba.backchannel.auth.request.signing.alg");
    if registered != Some(algorithm.as_str()) {
        return Err(SignedRequestError::OtherAlgorithm);
    }
    let (kid, input) = (parsed.kid.as_deref(), parsed.signing_input);
    let signed = Signed { kid, algorithm: parsed.algorithm, input, signature: &parsed.signature };
    client_auth.verify_signature((&request.realm.name, client), signed, request.now).await.map_err(|error| {
        log::info!("signed request: realm={} client={}: {error}", request.realm.name, client.client_id);
        SignedRequestError::Signature
    })?;
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
