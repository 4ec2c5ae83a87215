//! The routes.

mod authorize;
mod broker;
mod detached;
mod device;
mod end_session;
mod error_pages;
mod login_actions;
mod page;
mod par;
mod resources;
mod session_iframe;

use actix_web::HttpRequest;
use actix_web::web::{Data, ServiceConfig};
use client_auth::{ClientAuth, Presented, Refusal};
use client_policies::{Event, Facts, Policies};
use events::EventType;
use realm_http::Expose;
use realm_http::http::{CachePolicy, RawBody, RealmRequest, Rejection, Reply, authorization, endpoint, get, post};

use crate::LoginFlow;
use crate::logout::{ENDPOINT, LogoutError};
use crate::wire::oauth_error;

pub use resources::routes as resources;

/// Registers what belongs to a realm; a [`LoginFlow`] and a [`ClientAuth`] must be in the app's data.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(endpoint(ENDPOINT).route(get().to(end_session::by_query)).route(post().to(logout)))
        .configure(end_session::routes)
        .configure(device::routes)
        .configure(session_iframe::routes)
        .service(endpoint(crate::authorize::ENDPOINT).route(get().to(authorize::by_query)).route(post().to(authorize::by_form)))
        .service(endpoint(crate::authorize::REGISTRATIONS).route(get().to(authorize::registration)))
        .service(endpoint("login-actions/detached-info").route(get().to(detached::show)))
        .service(
            endpoint("login-actions/{page}")
                .route(get().to(login_actions::flow_page))
                .route(post().to(login_actions::flow_page))
                .route(options().to(login_actions::verbs))
                .default_service(actix_web::web::to(login_actions::other_verb)),
        )
        .service(endpoint("broker/{alias}/login").route(get().to(broker::leave)))
        .service(endpoint(crate::par::ENDPOINT).route(post().to(par::push)));
}

/// A route for `OPTIONS`.
fn options() -> actix_web::Route {
    actix_web::web::method(actix_web::http::Method::OPTIONS)
}

async fn logout(
    request: RealmRequest,
    http: HttpRequest,
    body: RawBody,
    login_flow: Data<LoginFlow>,
    client_auth: Data<ClientAuth>,
) -> Result<Reply, Rejection> {
    let form = body.form()?;
    // Keycloak: the parameter alone tells the two kinds of POST apart (recordings logout/{post-json,post-without-parameters}).
    let Some(token) = form.get("refresh_token") else {
        return Ok(end_session::answer(&request, &http, (&login_flow, &form)).await);
    };
    request.cors.allow_any(Expose::Default); // while the client is unknown, errors go to any origin
    request.refuse_plain_http()?; // Keycloak: a realm that is switched off still logs out (recording errors-http/disabled-realm)
    let authorization = authorization(&http);
    let presented = Presented::of(authorization.as_deref(), &body, &form);
    let refused =
        |error: LogoutError| {
            let wire = oauth_error(&error, &request.issuer());
            let (what, event_type) = ("logout", EventType::Logout);
            Refusal { what, event_type, presented, reason: error.reason(), fact: &error, wire: &wire }
                .record(login_flow.events.at(&request.realm, request.now, request.arrival.peer));
            Rejection::from(wire)
        };
    let client = client_auth.authenticate(&request, presented).await.map_err(|error| refused(error.into()))?;
    request.cors.judge(&client.client().web_origins)?;
    let facts = Facts::of_form(&form, request.arrival.peer);
    let policies = Policies::of(&request.realm);
    policies.judge(Event::LogoutRequest, client.client(), &facts).map_err(|error| refused(error.into()))?;
    let proof = sender_constraint::http::proof_header(&http);
    login_flow.log_out(&request, client.client(), (token, proof.as_deref())).await.map_err(refused)?;
    Ok(Reply::empty(204).cache(CachePolicy::NoCache))
}

#[cfg(test)]
mod tests;
