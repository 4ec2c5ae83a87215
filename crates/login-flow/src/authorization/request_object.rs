//! An authorization request as a JWT (RFC 9101), by value.

use std::sync::Arc;

use base64_simd::URL_SAFE_NO_PAD;
use client_auth::{ClientAuth, Signed};
use key_rotation::{Algorithm, KeyUse, MAX_COMPACT, VerificationKey};
use realm_http::RealmContext;
use realm_model::Client;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{ObjectFault, Parameters, RequestFault};

/// The client's attribute: the algorithm of its objects, `any` (or nothing) for whichever it likes.
const ALGORITHM: &str = "request.object.signature.alg";
/// The client's attribute: whether it must send one.
const REQUIRED: &str = "request.object.required";

/// A request object taken apart, its signature not yet verified.
struct RequestObject<'a> {
    /// None for `none`.
    algorithm: Option<Algorithm>,
    kid: Option<String>,
    claims: Map<String, Value>,
    signing_input: &'a [u8],
    signature: Vec<u8>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<Value>,
}

/// The parameters with what their request object says, if there is one and the client made it.
///
/// # Errors
/// [`RequestFault::Object`]; [`RequestFault::Unreadable`] where the client must send one and has not.
pub(crate) async fn unpacked(
    (request, client_auth): (&RealmContext, &ClientAuth),
    client: &Arc<Client>,
    parameters: Parameters,
) -> Result<Parameters, RequestFault> {
    let Some(text) = parameters.get("request") else {
        return if must_send_one(client) { Err(RequestFault::Unreadable) } else { Ok(parameters) };
    };
    let object = RequestObject::parse(text).ok_or(ObjectFault::Unreadable)?;
    object.refuse_other_algorithm(client)?;
    object.refuse_forged((request, client_auth), client).await?;
    object.refuse_other_client(client)?;
    if object.claims.contains_key("request_uri") {
        return Err(ObjectFault::RequestUriInside.into());
    }
    refuse_unreadable(&parameters)?;
    let all = parameters.clone().with_object(&object.claims);
    refuse_unreadable(&all)?;
    Ok(all)
}

/// Keycloak: `request_uri only` is about the authorization endpoint; a pushed request is one (measured on 26.7.4).
fn must_send_one(client: &Client) -> bool {
    matches!(client.attribute(REQUIRED), Some("request or request_uri" | "request only"))
}

/// Keycloak: within an object or beside one, that is the object's fault (measured on 26.7.4).
fn refuse_unreadable(parameters: &Parameters) -> Result<(), ObjectFault> {
    match parameters.get("max_age") {
        Some(max_age) if max_age.parse::<i32>().is_err() => Err(ObjectFault::BesideUnreadable),
        _ => Ok(()),
    }
}

impl<'a> RequestObject<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        if text.len() > MAX_COMPACT {
            return None;
        }
        let (signing_input, signature) = text.rsplit_once('.')?;
        let (header, payload) = signing_input.split_once('.')?;
        let decoded = |part: &str| URL_SAFE_NO_PAD.decode_to_vec(part.as_bytes()).ok();
        let header: Header = serde_json::from_slice(&decoded(header)?).ok()?;
        if header.crit.is_some() {
            return None; // RFC 7515 section 4.1.11: no extension is understood here
        }
        let algorithm = match header.alg.as_str() {
            "none" => None,
            name => Some(Algorithm::parse(name).filter(|algorithm| algorithm.key_use() == KeyUse::Signature)?),
        };
        Some(Self {
            algorithm,
            kid: header.kid.filter(|kid| !kid.is_empty()),
            claims: serde_json::from_slice(&decoded(payload)?).ok()?,
            signing_input: signing_input.as_bytes(),
            signature: decoded(signature)?,
        })
    }

    fn refuse_other_algorithm(&self, client: &Client) -> Result<(), ObjectFault> {
        let name = self.algorithm.map_or("none", Algorithm::as_str);
        match client.attribute(ALGORITHM).filter(|required| !required.is_empty()) {
            None | Some("any") => Ok(()),
            Some(required) if required == name => Ok(()),
            Some(_) => Err(ObjectFault::OtherAlgorithm),
        }
    }

    /// Keycloak: an unsigned one will do where the client names no algorithm (recording request-object/optional-client).
    async fn refuse_forged(
        &self,
        (request, client_auth): (&RealmContext, &ClientAuth),
        client: &Arc<Client>,
    ) -> Result<(), ObjectFault> {
        let Some(algorithm) = self.algorithm else {
            return if self.signature.is_empty() { Ok(()) } else { Err(ObjectFault::BadSignature) };
        };
        let genuine = if algorithm.is_symmetric() {
            let secret = client.secret.as_ref().filter(|_| !client.public);
            let key = secret.and_then(|secret| VerificationKey::from_secret(algorithm, secret.expose().as_bytes()));
            key.is_some_and(|key| key.verifies(self.signing_input, &self.signature))
        } else {
            let (kid, input, signature) = (self.kid.as_deref(), self.signing_input, self.signature.as_slice());
            let signed = Signed { kid, algorithm, input, signature };
            client_auth.verify_signature((&request.realm.name, client), signed, request.now).await.is_ok()
        };
        if genuine { Ok(()) } else { Err(ObjectFault::BadSignature) }
    }

    /// RFC 9101 section 5: "The value for the client_id request parameter … and the client_id value in the Request Object …
    /// MUST be identical". Keycloak: it may be absent (recording request-object/client-id-differs).
    fn refuse_other_client(&self, client: &Client) -> Result<(), ObjectFault> {
        match self.claims.get("client_id") {
            None | Some(Value::Null) => Ok(()),
            Some(Value::String(id)) if id == client.client_id.as_str() => Ok(()),
            Some(_) => Err(ObjectFault::OtherClient),
        }
    }
}
