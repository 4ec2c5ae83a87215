//! What applications load into invisible frames.

use actix_web::HttpRequest;
use actix_web::web::{Path, ServiceConfig};
use bytes::Bytes;
use oidc_types::Params;
use realm_http::Framing;
use realm_http::http::{CachePolicy, RealmRequest, Rejection, Reply, endpoint, get};

use crate::session_iframe::{admits, cookie_page, status_page};

const PAGE: &str = "protocol/openid-connect/login-status-iframe.html";

/// The routes.
pub(super) fn routes(cfg: &mut ServiceConfig) {
    cfg.service(endpoint(PAGE).route(get().to(status)))
        .service(endpoint(&format!("{PAGE}/init")).route(get().to(init)))
        .service(endpoint("protocol/openid-connect/3p-cookies/{step}").route(get().to(cookies)));
}

fn framed(page: &'static str) -> Reply {
    let reply = Reply::bytes("text/html;charset=utf-8", Bytes::from_static(page.as_bytes()));
    reply.cache(CachePolicy::WellKnown).framing(Framing::ByAnyone)
}

/// Keycloak: with a version that is not its own, 404 without a body (recording session-iframe/page). This page has no versions.
async fn status(http: HttpRequest) -> Reply {
    let query = Params::parse(http.query_string().as_bytes()).unwrap_or_default();
    match query.get("version") {
        Some(_) => Reply::empty(404),
        None => framed(status_page()),
    }
}

async fn init(request: RealmRequest, http: HttpRequest) -> Reply {
    let query = Params::parse(http.query_string().as_bytes()).unwrap_or_default();
    let admitted = match (query.get("client_id"), query.get("origin")) {
        (Some(client), Some(origin)) => admits(&request, client, origin),
        _ => false,
    };
    Reply::empty(if admitted { 204 } else { 403 })
}

async fn cookies(path: Path<(String, String)>) -> Result<Reply, Rejection> {
    cookie_page(&path.1).map(framed).ok_or_else(Rejection::not_found)
}
