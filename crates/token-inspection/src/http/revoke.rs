use actix_web::HttpRequest;
use actix_web::web::Data;
use client_auth::{ClientAuth, Presented, Refusal};
use client_policies::{Event, Facts, Policies};
use events::EventType;
use realm_http::Expose;
use realm_http::http::{RawBody, RealmRequest, Rejection, Reply, authorization};

use super::refuse;
use crate::TokenInspection;
use crate::error::RevocationError;
use crate::inspection::Inspection;
use crate::revoke;

/// `POST …/revoke`
pub(super) async fn revoke(
    request: RealmRequest,
    http: HttpRequest,
    body: RawBody,
    parts: Data<TokenInspection>,
    client_auth: Data<ClientAuth>,
) -> Result<Reply, Rejection> {
    let form = body.form()?;
    request.cors.allow_any(Expose::Default); // while the client is unknown, errors go to any origin
    request.refuse_plain_http()?;
    request.refuse_disabled_realm()?;
    let authorization = authorization(&http);
    let presented = Presented::of(authorization.as_deref(), &body, &form);
    let cx = Inspection { parts: &parts, request: &request };
    let refused = |error: RevocationError| {
        let (what, event_type, wire) = ("revocation", EventType::RevokeGrant, (&error).into());
        refuse(&cx, Refusal { what, event_type, presented, reason: error.reason(), fact: &error, wire: &wire })
    };
    let client = client_auth.authenticate(&request, presented).await.map_err(|error| refused(error.into()))?;
    request.cors.judge(&client.client().web_origins)?;
    let shows_proof = sender_constraint::http::proof_header(&http).is_some();
    let facts = Facts { shows_proof, ..Facts::of_form(&form, request.arrival.peer) };
    let policies = Policies::of(&request.realm);
    policies.judge(Event::TokenRevoke, client.client(), &facts).map_err(|error| refused(error.into()))?;
    revoke::revoke(&cx, client.client(), &form).await.map_err(refused)?;
    Ok(Reply::empty(200))
}
