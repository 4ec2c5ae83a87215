//! `POST …/ext/par/request`: an authorization request is pushed beforehand, by a client that says who it is (RFC 9126;
//! wire-extra.md section 4).

mod wire;

use ambient::Timestamp;
use client_auth::{ClientAuthError, Reason};
use client_policies::PolicyError;
use oidc_types::Params;
use realm_http::RealmContext;
use realm_model::Realm;
use sender_constraint::{DpopProof, ProofError};
use serde::{Deserialize, Serialize};
use sessions::{Inserted, Kept, Replaced, StoreError};
use thiserror::Error;

use crate::LoginFlow;
use crate::authorization::{AuthorizationRequest, ObjectFault, Parameters, RequestFault};
use crate::browser::Browser;
use crate::error::LoginError;

/// The path below the realm.
pub(crate) const ENDPOINT: &str = "protocol/openid-connect/ext/par/request";

/// RFC 9126 section 2.2.
pub(crate) const URN: &str = "urn:ietf:params:oauth:request_uri:";

/// Seconds that a pushed request is kept, where the realm says nothing (`parRequestUriLifespan`).
const LIFESPAN: i64 = 60;

/// Why a request was not taken.
#[derive(Debug, Error)]
pub(crate) enum PushError {
    /// Who is calling.
    #[error("client authentication: {0}")]
    Client(#[from] ClientAuthError),
    /// A client policy of the realm.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// RFC 9126 section 2.1: "The request_uri authorization request parameter is one exception, and it MUST NOT be provided."
    #[error("a request_uri")]
    RequestUri,
    /// The proof of the key that the code is to be bound to (RFC 9449 section 10.1).
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The request itself.
    #[error(transparent)]
    Request(#[from] RequestFault),
    /// It cannot be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl PushError {
    /// For the record. Keycloak: two events for most of these, the first of them with this word.
    pub(crate) const fn reason(&self) -> Reason<'_> {
        Reason::Other(match self {
            Self::Client(error) => return Reason::Client(error),
            Self::Policy(error) => Some(error.code.as_str()),
            Self::Proof(ProofError::Store(_)) | Self::Store(_) => None,
            Self::Proof(_) => Some("invalid_dpop_proof"),
            Self::Request(RequestFault::Object(_)) => Some("invalid_request_object"),
            Self::Request(RequestFault::RedirectUri) => return Reason::Bare("invalid_redirect_uri"),
            Self::Request(RequestFault::FlowOff(_)) => Some("not_allowed"),
            Self::RequestUri => return Reason::Detailed("invalid_request"),
            Self::Request(_) => Some("invalid_request"),
        })
    }
}

/// RFC 9126 section 2.2.
#[derive(Debug, Serialize)]
pub(crate) struct Pushed {
    request_uri: String,
    expires_in: i64,
}

/// Refuses a request that refers to another one.
pub(crate) fn refuse_request_uri(form: &Params) -> Result<(), PushError> {
    if form.get("request_uri").is_some() { Err(PushError::RequestUri) } else { Ok(()) }
}

/// The parameters with the key of the proof, to which the code will be bound.
pub(crate) fn bound_to_proof(request: &AuthorizationRequest, proof: Option<&DpopProof>) -> Result<Parameters, RequestFault> {
    let parameters = request.parameters();
    match (proof, parameters.get("dpop_jkt")) {
        (None, _) => Ok(parameters.clone()),
        (Some(proof), Some(jkt)) if jkt != proof.thumbprint() => Err(RequestFault::OtherProofKey),
        (Some(proof), _) => Ok(parameters.clone().with("dpop_jkt", proof.thumbprint())),
    }
}

impl LoginFlow {
    /// Keeps a request for its client alone, under a name that nobody can guess.
    pub(crate) async fn keep_pushed(
        &self,
        cx: &RealmContext,
        request: &AuthorizationRequest,
        parameters: &Parameters,
    ) -> Result<Pushed, PushError> {
        let expires_in = lifespan(&cx.realm);
        let client = &request.client().id;
        loop {
            let id = cx.entropy().uuid().to_string();
            let key = (Kept::PushedRequest, &cx.realm.name, &*kept_under(client, &id));
            let expires_at = cx.now.plus_secs(expires_in);
            let held = Held { parameters: parameters.pairs().to_vec(), browser: None, expires: expires_at.secs() };
            if self.sessions.keep(key, held.to_json(), expires_at, cx.now).await? == Inserted::Done {
                return Ok(Pushed { request_uri: format!("{URN}{id}"), expires_in });
            }
        }
    }

    /// Takes what `client`, the id of a client of the request's realm, has pushed: to exactly one caller. Nothing for a name that
    /// was never given, is too old, was taken, or belongs to another client or realm.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn take_pushed(
        &self,
        cx: &RealmContext,
        client: &str,
        request_uri: &str,
    ) -> Result<Option<Parameters>, StoreError> {
        let Some(id) = request_uri.strip_prefix(URN) else { return Ok(None) };
        let key = (Kept::PushedRequest, &cx.realm.name, &*kept_under(client, id));
        Ok(self.sessions.take(key, cx.now).await?.and_then(|json| Held::of_json(&json)).map(Held::parameters))
    }

    /// What `client` has pushed, for one browser: the first that comes with it. It may come again until its login has ended, as a page
    /// that is loaded again does. Keycloak: any number of browsers may come until then (recording par/request-uri-used-twice); whoever
    /// has seen the URL of somebody else's login could go on with it.
    ///
    /// # Errors
    /// [`LoginError`]
    pub(crate) async fn use_pushed(
        &self,
        browser: &mut Browser<'_>,
        client: &str,
        request_uri: &str,
    ) -> Result<Result<Parameters, ObjectFault>, LoginError> {
        let cx = browser.cx;
        let Some(id) = request_uri.strip_prefix(URN) else { return Ok(Err(ObjectFault::NotPushed)) };
        let kept_under = kept_under(client, id);
        let key = (Kept::PushedRequest, &cx.realm.name, &*kept_under);
        for _ in 0..ROUNDS {
            let Some(mut seen) = self.sessions.find_kept(key, cx.now).await? else { return Ok(Err(ObjectFault::NotPushed)) };
            let Some(mut held) = Held::of_json(&seen.value) else { return Ok(Err(ObjectFault::NotPushed)) };
            if held.browser.as_deref().is_some_and(|owner| !browser.came_with(owner)) {
                return Ok(Err(ObjectFault::OtherBrowser));
            }
            let id = browser.ensure_id().await?;
            if held.browser.as_deref() == Some(id.as_str()) {
                return Ok(Ok(held.parameters()));
            }
            held.browser = Some(id.as_str().to_owned());
            seen.value = held.to_json();
            let expires_at = Timestamp::from_secs(held.expires);
            match self.sessions.replace_kept(key, seen, expires_at, cx.now).await? {
                Replaced::Done => return Ok(Ok(held.parameters())),
                Replaced::Absent => return Ok(Err(ObjectFault::NotPushed)),
                Replaced::Lost => {}
            }
        }
        Ok(Err(ObjectFault::OtherBrowser))
    }

    /// The same without taking it into use.
    ///
    /// # Errors
    /// [`LoginError`]
    pub(crate) async fn look_at_pushed(
        &self,
        browser: &Browser<'_>,
        client: &str,
        request_uri: &str,
    ) -> Result<Result<Parameters, ObjectFault>, LoginError> {
        let Some(id) = request_uri.strip_prefix(URN) else { return Ok(Err(ObjectFault::NotPushed)) };
        let key = (Kept::PushedRequest, &browser.cx.realm.name, &*kept_under(client, id));
        let seen = self.sessions.find_kept(key, browser.cx.now).await?;
        Ok(match seen.and_then(|seen| Held::of_json(&seen.value)) {
            None => Err(ObjectFault::NotPushed),
            Some(held) if held.browser.as_deref().is_some_and(|owner| !browser.came_with(owner)) => {
                Err(ObjectFault::OtherBrowser)
            }
            Some(held) => Ok(held.parameters()),
        })
    }

    /// A request object with an id is for one browser, too (RFC 9101 section 10.8: replay).
    ///
    /// # Errors
    /// [`LoginError`]
    pub(crate) async fn refuse_replayed(
        &self,
        browser: &mut Browser<'_>,
        client: &str,
        claims: &serde_json::Map<String, serde_json::Value>,
    ) -> Result<Result<(), ObjectFault>, LoginError> {
        let Some(jti) = claims.get("jti").and_then(serde_json::Value::as_str) else { return Ok(Ok(())) };
        let cx = browser.cx;
        let until = claims.get("exp").and_then(serde_json::Value::as_i64).unwrap_or(i64::MAX);
        let latest = cx.now.secs().saturating_add(LONGEST_KNOWN);
        let expires_at = Timestamp::from_secs(until.saturating_add(60).min(latest));
        let kept_under = kept_under(client, &format!("jti:{jti}"));
        let key = (Kept::PushedRequest, &cx.realm.name, &*kept_under);
        let id = browser.ensure_id().await?;
        let held = Held { parameters: Vec::new(), browser: Some(id.as_str().to_owned()), expires: expires_at.secs() };
        if self.sessions.keep(key, held.to_json(), expires_at, cx.now).await? == Inserted::Done {
            return Ok(Ok(()));
        }
        let seen = self.sessions.find_kept(key, cx.now).await?;
        let owner = seen.and_then(|seen| Held::of_json(&seen.value)).and_then(|held| held.browser);
        let own = owner.is_none_or(|owner| owner == id.as_str() || browser.came_with(&owner));
        Ok(if own { Ok(()) } else { Err(ObjectFault::OtherBrowser) })
    }
}

/// Times that a pushed request is read again because another request of its browser was faster.
const ROUNDS: usize = 8;

/// Seconds for which the id of a request object is known at the most.
const LONGEST_KNOWN: i64 = 3600;

/// A request as it is kept.
#[derive(Deserialize, Serialize)]
struct Held {
    parameters: Vec<(String, String)>,
    /// Whose it is, once one has come with it.
    browser: Option<String>,
    expires: i64,
}

impl Held {
    fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    fn of_json(json: &[u8]) -> Option<Self> {
        serde_json::from_slice(json).ok()
    }

    fn parameters(self) -> Parameters {
        Parameters::of_pairs(self.parameters)
    }
}

fn kept_under(client: &str, id: &str) -> String {
    format!("{client} {id}")
}

/// Seconds that pushed requests of the realm are kept.
fn lifespan(realm: &Realm) -> i64 {
    let given = realm.attribute("parRequestUriLifespan").and_then(|seconds| seconds.parse().ok());
    given.filter(|seconds| *seconds > 0).unwrap_or(LIFESPAN)
}

#[cfg(test)]
mod tests;
