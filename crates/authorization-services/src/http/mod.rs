//! The routes.

mod permission;
mod resource_set;
mod uma_policy;

use std::collections::HashMap;

use actix_web::http::Method;
use actix_web::web::{self, Data, Query, ServiceConfig};
use actix_web::{HttpRequest, Resource};
use realm_http::RealmContext;
use realm_http::http::{CachePolicy, RealmRequest, Rejection, Reply, authorization, endpoint, get, post};
use serde_json::Value;

use crate::error::ProtectionError;
use crate::protector::{Protector, authenticate};
use crate::{AuthorizationServices, wire};

const JSON: &str = "application/json;charset=utf-8";

/// Registers the protection API; an [`AuthorizationServices`] must be in the app's data.
pub fn routes(cfg: &mut ServiceConfig) {
    let at = |path: &str| -> Resource { endpoint(&format!("authz/protection/{path}")).default_service(web::to(other_verb)) };
    cfg.service(at("resource_set").route(get().to(resource_set::search)).route(post().to(resource_set::create)))
        .service(
            at("resource_set/{id}")
                .route(get().to(resource_set::read))
                .route(web::put().to(resource_set::update))
                .route(web::delete().to(resource_set::delete)),
        )
        .service(at("permission").route(post().to(permission::create)))
        .service(
            at("permission/ticket")
                .route(get().to(permission::search))
                .route(post().to(permission::create_ticket))
                .route(web::put().to(permission::update)),
        )
        .service(at("permission/ticket/count").route(get().to(permission::count)))
        .service(at("permission/ticket/{id}").route(web::delete().to(permission::delete)).route(get().to(nothing)))
        .service(at("uma-policy").route(get().to(uma_policy::search)))
        .service(
            at("uma-policy/{id}")
                .route(get().to(uma_policy::read))
                .route(post().to(uma_policy::create))
                .route(web::put().to(uma_policy::update))
                .route(web::delete().to(uma_policy::delete)),
        );
}

/// The parameters of a query, by name; the first one where it is repeated.
type Parameters = Query<Vec<(String, String)>>;

fn parameters(query: Parameters) -> HashMap<String, String> {
    let mut all = HashMap::new();
    for (name, value) in query.into_inner() {
        all.entry(name).or_insert(value);
    }
    all
}

fn is_on(all: &HashMap<String, String>, name: &str) -> bool {
    all.get(name).is_some_and(|text| text == "true")
}

fn number(all: &HashMap<String, String>, name: &str) -> Option<usize> {
    all.get(name)?.parse().ok()
}

/// Who calls.
async fn caller<'a>(
    parts: &'a AuthorizationServices,
    request: &'a RealmContext,
    http: &HttpRequest,
) -> Result<Protector<'a>, Rejection> {
    request.refuse_plain_http()?;
    request.refuse_disabled_realm()?;
    let header = authorization(http);
    let token = header.as_deref().and_then(bearer_token);
    authenticate(parts, request, token).await.map_err(|error| refused(request, &error))
}

fn bearer_token(header: &str) -> Option<&str> {
    let (scheme, token) = header.trim().split_once(' ')?;
    (scheme.eq_ignore_ascii_case("Bearer") && !token.is_empty() && !token.contains(' ')).then_some(token)
}

/// Keycloak: who calls is judged before the verb (measured on 26.7.4).
async fn other_verb(request: RealmRequest, http: HttpRequest, parts: Data<AuthorizationServices>) -> Result<Reply, Rejection> {
    caller(&parts, &request, &http).await?;
    if http.method() == Method::OPTIONS { Ok(Reply::empty(200)) } else { Err(Rejection::method_not_allowed()) }
}

async fn nothing(request: RealmRequest, http: HttpRequest, parts: Data<AuthorizationServices>) -> Result<Reply, Rejection> {
    caller(&parts, &request, &http).await?;
    Err(Rejection::not_found())
}

/// Logs the fact and words it for the caller.
fn refused(request: &RealmContext, error: &ProtectionError) -> Rejection {
    let (status, body) = wire::answer(error);
    let realm = &request.realm.name;
    if status >= 500 {
        log::error!("protection API failed: realm={realm}: {error}");
    } else {
        log::info!("protection API refused: realm={realm}: {error}");
    }
    Reply::json(&body).status(status).into()
}

fn shown(value: &Value) -> Reply {
    Reply::json(value).media_type(JSON)
}

fn listed(value: &Value) -> Reply {
    shown(value).cache(CachePolicy::NoCache)
}
