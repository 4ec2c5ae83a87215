use actix_web::HttpRequest;
use actix_web::http::header::ACCEPT;
use actix_web::web::Data;
use bytes::Bytes;
use client_auth::{ClientAuth, Presented, Refusal};
use client_policies::{Event, Facts, Policies};
use events::EventType;
use realm_http::http::{CachePolicy, RawBody, RealmRequest, Rejection, Reply, authorization};

use super::refuse;
use crate::TokenInspection;
use crate::error::IntrospectionError;
use crate::inspection::Inspection;
use crate::introspect::{self, Accepted};

/// `POST …/token/introspect`. Says nothing of CORS: browsers have no business here (recording cors/introspect).
pub(super) async fn introspect(
    request: RealmRequest,
    http: HttpRequest,
    body: RawBody,
    parts: Data<TokenInspection>,
    client_auth: Data<ClientAuth>,
) -> Result<Reply, Rejection> {
    let form = body.form()?;
    request.refuse_plain_http()?;
    request.refuse_disabled_realm()?;
    let authorization = authorization(&http);
    let presented = Presented::of(authorization.as_deref(), &body, &form);
    let cx = Inspection { parts: &parts, request: &request };
    let refused = |error: IntrospectionError| {
        let (what, event_type, wire) = ("introspection", EventType::IntrospectToken, (&error).into());
        refuse(&cx, Refusal { what, event_type, presented, reason: error.reason(), fact: &error, wire: &wire })
    };
    let caller = client_auth.authenticate_any(&request, presented).await.map_err(|error| refused(error.into()))?;
    let facts = Facts::of_form(&form, request.arrival.peer);
    let policies = Policies::of(&request.realm);
    policies.judge(Event::TokenIntrospect, caller.client(), &facts).map_err(|error| refused(error.into()))?;
    let shown = introspect::introspect(&cx, caller.client(), &form, accepted(&http)).await.map_err(refused)?;
    let reply = match shown {
        Some(json) => Reply::bytes("application/json", Bytes::from(json)),
        None => Reply::json(&serde_json::json!({ "active": false })),
    };
    Ok(reply.cache(CachePolicy::NoCache))
}

/// Keycloak: this one value, and no list of them.
fn accepted(http: &HttpRequest) -> Accepted {
    let is_jwt = http.headers().get(ACCEPT).is_some_and(|accept| accept.as_bytes() == b"application/jwt");
    if is_jwt { Accepted::Jwt } else { Accepted::Json }
}
