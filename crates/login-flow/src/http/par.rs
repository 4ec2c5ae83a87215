use actix_web::HttpRequest;
use actix_web::web::Data;
use client_auth::{ClientAuth, Presented, Refusal};
use client_policies::{Event, Facts, Policies};
use events::EventType;
use oidc_types::{OAuthError, Params};
use realm_http::http::{RawBody, RealmRequest, Rejection, Reply, authorization};
use realm_http::{Expose, RealmContext};
use sender_constraint::{DpopProof, ProofRequest, endpoint_uris, verify_proof};

use crate::LoginFlow;
use crate::authorization::{ObjectFault, Parameters, RequestFault, Unjudged, Way, request_object};
use crate::par::{self, ENDPOINT, PushError, Pushed};

/// Keycloak's order of checks (measured on 26.7.4).
pub(super) async fn push(
    request: RealmRequest,
    http: HttpRequest,
    body: RawBody,
    login_flow: Data<LoginFlow>,
    client_auth: Data<ClientAuth>,
) -> Result<Reply, Rejection> {
    // Keycloak: control characters in these count as not being there (measured on 26.7.4).
    let form = body.form()?.without_controls(&["redirect_uri", "scope"]);
    request.cors.allow_any(Expose::Default); // while the client is unknown, errors go to any origin
    request.refuse_plain_http()?;
    request.refuse_disabled_realm()?;
    let authorization = authorization(&http);
    let presented = Presented::of(authorization.as_deref(), &body, &form);
    let refused =
        |error: PushError| {
            let wire = OAuthError::from(&error);
            let (what, event_type) = ("pushed request", EventType::PushedAuthorizationRequest);
            Refusal { what, event_type, presented, reason: error.reason(), fact: &error, wire: &wire }
                .record(login_flow.events.at(&request.realm, request.now, request.arrival.peer));
            Rejection::from(wire)
        };
    // Keycloak: a bearer-only client comes this far, and has no redirect URI (recording par/acme-bearer-only).
    let client = client_auth.authenticate_any(&request, presented).await.map_err(|error| refused(error.into()))?;
    request.cors.judge(&client.client().web_origins)?;
    par::refuse_request_uri(&form).map_err(refused)?;
    let proof = prove(&login_flow, &request, &http).await.map_err(refused)?;
    let pushed = take(&login_flow, (&request, &client_auth), (client.client(), &form), proof.as_ref()).await;
    Ok(Reply::json(&pushed.map_err(refused)?).status(201))
}

/// The key that the caller shows to hold, if it shows one: the code will be bound to it.
async fn prove(login_flow: &LoginFlow, request: &RealmContext, http: &HttpRequest) -> Result<Option<DpopProof>, PushError> {
    let Some(proof) = sender_constraint::http::proof_header(http) else { return Ok(None) };
    let shown = ProofRequest {
        proof: Some(&proof),
        method: "POST",
        uris: &endpoint_uris(request, ENDPOINT),
        access_token: None,
        realm: &request.realm.name,
        now: request.now,
    };
    Ok(Some(verify_proof(&login_flow.sessions, shown).await?))
}

async fn take(
    login_flow: &LoginFlow,
    (request, client_auth): (&RealmContext, &ClientAuth),
    (client, form): (&std::sync::Arc<realm_model::Client>, &Params),
    proof: Option<&DpopProof>,
) -> Result<Pushed, PushError> {
    let parameters = Parameters::read(form);
    let repeats = form.repeats();
    // Keycloak: where a parameter stands twice nobody looks into the object (measured on 26.7.4).
    let parameters = match repeats {
        true => parameters,
        false => {
            let object = parameters.get("request").map(str::to_owned);
            let unpacked = request_object::unpacked((request, client_auth), client, parameters).await?;
            refuse_used(login_flow, (request, client), object.as_deref()).await?;
            unpacked.parameters
        }
    };
    let judged = Unjudged { client, parameters, repeats, base: &request.bases.front, way: Way::Push }.judge()?;
    let parameters = par::bound_to_proof(&judged, proof)?;
    let asked = Asked { form, parameters: &parameters };
    let facts = Facts {
        parameters: Some(&asked),
        shows_proof: proof.is_some(),
        shows_certificate: request.certificate.is_some(),
        ..Facts::of_form(form, request.arrival.peer)
    };
    let policies = Policies::of(&request.realm);
    policies.judge(Event::PushedAuthorizationRequest, client, &facts)?;
    login_flow.keep_pushed(request, &judged, &parameters).await
}

/// A request object that says which one it is can be pushed once.
async fn refuse_used(
    login_flow: &LoginFlow,
    (request, client): (&RealmContext, &realm_model::Client),
    object: Option<&str>,
) -> Result<(), PushError> {
    let Some(object) = object else { return Ok(()) };
    let of_client = (&request.realm.name, client);
    let first = request_object::is_first_use(&login_flow.sessions, of_client, object, request.now).await?;
    if first { Ok(()) } else { Err(RequestFault::from(ObjectFault::Used).into()) }
}

/// What is asked for, and in the form how the client shows who it is.
struct Asked<'a> {
    form: &'a Params,
    parameters: &'a Parameters,
}

impl client_policies::Parameters for Asked<'_> {
    fn value(&self, name: &str) -> Option<&str> {
        if name.starts_with("client_assertion") { self.form.get(name) } else { self.parameters.value(name) }
    }
}
