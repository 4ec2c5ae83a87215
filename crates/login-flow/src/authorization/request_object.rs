//! An authorization request as a JWT (RFC 9101), by value or by reference. Keycloak looks at its signature and `client_id` alone: here what it says of
//! itself holds, too (docs/compatibility.md).

use std::sync::Arc;

use ambient::Timestamp;
use base64_simd::URL_SAFE_NO_PAD;
use client_auth::{ClientAuth, Signed};
use key_rotation::{Algorithm, KeyUse, MAX_COMPACT, VerificationKey};
use oidc_types::RealmName;
use realm_http::RealmContext;
use realm_model::Client;
use serde::Deserialize;
use serde_json::{Map, Value};
use sessions::{Sessions, SingleUse, StoreError};

use super::{ObjectFault, Parameters, RequestFault};

/// The client's attribute: the algorithm of its objects, `any` (or nothing) for any with a key pair.
const ALGORITHM: &str = "request.object.signature.alg";
/// The client's attribute: whether it must send one.
const REQUIRED: &str = "request.object.required";

/// Seconds that a client's clock may be ahead.
const AHEAD: i64 = 15;
/// Seconds that the id of an object is remembered at the most, however late it expires.
const REMEMBERED: i64 = 86_400;

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

/// Parameters, and the claims of the object that they came in.
pub(crate) struct Unpacked {
    pub(crate) parameters: Parameters,
    pub(crate) object: Option<Map<String, Value>>,
}

/// The parameters with what their request object says, if there is one and the client made it.
///
/// # Errors
/// [`RequestFault::Object`]; [`RequestFault::Unreadable`] where the client must send one and has not.
pub(crate) async fn unpacked(
    (request, client_auth): (&RealmContext, &ClientAuth),
    client: &Arc<Client>,
    parameters: Parameters,
) -> Result<Unpacked, RequestFault> {
    let Some(text) = parameters.get("request") else {
        return if must_send_one(client) { Err(RequestFault::Unreadable) } else { Ok(Unpacked { parameters, object: None }) };
    };
    let object = RequestObject::parse(text).ok_or(ObjectFault::Unreadable)?;
    object.refuse_other_algorithm(client)?;
    object.refuse_forged((request, client_auth), client).await?;
    object.refuse_other_client(client)?;
    object.refuse_other_audience(request)?;
    object.refuse_out_of_time(request.now)?;
    if object.claims.contains_key("request_uri") {
        return Err(ObjectFault::RequestUriInside.into());
    }
    refuse_unreadable(&parameters)?;
    let all = parameters.clone().with_object(&object.claims);
    refuse_unreadable(&all)?;
    Ok(Unpacked { parameters: all, object: Some(object.claims) })
}

/// The parameters with the object that `request_uri` names, which the client has registered (OpenID Connect Core section 6.2).
///
/// # Errors
/// [`ObjectFault`]
pub(crate) async fn fetched(
    client_auth: &ClientAuth,
    client: &Client,
    parameters: Parameters,
) -> Result<Parameters, RequestFault> {
    let Some(uri) = parameters.get("request_uri").map(str::to_owned) else { return Ok(parameters) };
    if parameters.get("request").is_some() {
        return Err(ObjectFault::RequestUriInside.into());
    }
    if !is_registered(client, &uri) {
        return Err(ObjectFault::NotRegistered.into());
    }
    let text = client_auth.fetch(&uri).await.map_err(|error| {
        log::info!("request object of client {} not fetched: {error}", client.client_id);
        ObjectFault::Unreachable
    })?;
    Ok(parameters.with("request", &text).without("request_uri"))
}

/// The client's attribute: where it keeps its objects. Keycloak: several are parted by `##`, one may end with `*`.
const URIS: &str = "request.uris";

/// Keycloak: a fragment makes it another one (recording request-object/by-reference-exact-registration).
fn is_registered(client: &Client, uri: &str) -> bool {
    let registered = client.attribute(URIS).unwrap_or_default();
    let plain = !uri.contains(['@', '#', '\\']) && !uri.contains("..") && !uri.to_ascii_lowercase().contains("%2e");
    registered.split("##").any(|known| match known.strip_suffix('*') {
        // Below a folder of a host: never a pattern that another host could fit.
        Some(folder) => plain && folder.split_once("://").is_some_and(|(_, rest)| rest.contains('/')) && uri.starts_with(folder),
        None => known == uri,
    })
}

/// Whether a request with this object was not made before: an object with a `jti` is good once. Asked after [`unpacked`], where a
/// request begins; a page that is loaded again begins none.
///
/// # Errors
/// [`StoreError`]
pub(crate) async fn is_first_use(
    sessions: &Sessions,
    (realm, client): (&RealmName, &Client),
    text: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let Some(object) = RequestObject::parse(text) else { return Ok(true) };
    let id = match object.claims.get("jti") {
        None | Some(Value::Null) => return Ok(true),
        Some(Value::String(id)) => id.clone(),
        Some(other) => other.to_string(),
    };
    let latest = now.secs().saturating_add(REMEMBERED);
    let until = date(object.claims.get("exp")).ok().flatten().map_or(latest, |exp| exp.min(latest));
    let mark = format!("{} {id}", client.id);
    sessions.mark_used((SingleUse::RequestObject, realm, &mark), Timestamp::from_secs(until), now).await
}

/// A `NumericDate` (RFC 7519 section 2), whole seconds.
fn date(value: Option<&Value>) -> Result<Option<i64>, ObjectFault> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(value) => {
            let fraction = || value.as_f64().and_then(|seconds| format!("{:.0}", seconds.trunc()).parse().ok());
            value.as_i64().or_else(fraction).map(Some).ok_or(ObjectFault::Unreadable)
        }
    }
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

    /// No signature, and one by the client's secret, are for clients that say so (Keycloak: for all that name no algorithm, recording
    /// request-object/optional-client).
    fn refuse_other_algorithm(&self, client: &Client) -> Result<(), ObjectFault> {
        let name = self.algorithm.map_or("none", Algorithm::as_str);
        let fits = match client.attribute(ALGORITHM).filter(|required| !required.is_empty()) {
            None | Some("any") => self.algorithm.is_some_and(|algorithm| !algorithm.is_symmetric()),
            Some(required) => required == name,
        };
        if fits { Ok(()) } else { Err(ObjectFault::OtherAlgorithm) }
    }

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
    /// MUST be identical". Keycloak: it may be absent (recording request-object/client-id-differs). Its issuer is its client.
    fn refuse_other_client(&self, client: &Client) -> Result<(), ObjectFault> {
        let is_client = |name: &str| match self.claims.get(name) {
            None | Some(Value::Null) => true,
            Some(value) => value.as_str() == Some(client.client_id.as_str()),
        };
        if is_client("client_id") && is_client("iss") { Ok(()) } else { Err(ObjectFault::OtherClient) }
    }

    /// The issuer (RFC 9101 section 4), or the endpoint that the object is sent to; among others is enough.
    fn refuse_other_audience(&self, request: &RealmContext) -> Result<(), ObjectFault> {
        let of = |issuer: &str| request.accepts_issuer(issuer);
        let is_ours = |value: &Value| {
            let text = value.as_str().unwrap_or_default();
            let endpoint = |path: &str| text.strip_suffix(path).and_then(|rest| rest.strip_suffix('/')).is_some_and(of);
            of(text) || endpoint("protocol/openid-connect/auth") || endpoint(crate::par::ENDPOINT)
        };
        let fits = match self.claims.get("aud") {
            None | Some(Value::Null) => true,
            Some(Value::Array(list)) => list.iter().any(is_ours),
            Some(one) => is_ours(one),
        };
        if fits { Ok(()) } else { Err(ObjectFault::OtherAudience) }
    }

    fn refuse_out_of_time(&self, now: Timestamp) -> Result<(), ObjectFault> {
        let (expires, begins) = (date(self.claims.get("exp"))?, date(self.claims.get("nbf"))?);
        let over = expires.is_some_and(|expires| expires <= now.secs());
        let early = begins.is_some_and(|begins| begins > now.secs().saturating_add(AHEAD));
        if over || early { Err(ObjectFault::OutOfTime) } else { Ok(()) }
    }
}
