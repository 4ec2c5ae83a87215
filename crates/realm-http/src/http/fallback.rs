use actix_web::dev::ServiceRequest;
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use realm_model::SecurityHeaders;

use crate::arrival::Arrival;
use crate::cors::{Expose, PREFLIGHT_HEADERS, PREFLIGHT_MAX_AGE};
use crate::endpoints::{KnownEndpoint, OptionsAnswer, Unserved, unserved as judge, unserved_without_realm};
use crate::http::error_pages::{DEFAULT_REALM, page_for};
use crate::http::realm_scope::WithoutHeaders;
use crate::http::{RealmRequest, Rejection, Reply};
use crate::security::{AnswerKind, default_headers, headers};

/// The path below the realm, without a slash at either end.
fn below_realm(path: &str) -> &str {
    let path = path.strip_prefix("/realms/").unwrap_or_default();
    path.split_once('/').map_or("", |(_, below)| below)
}

/// A request below an existing realm that no endpoint takes.
pub(crate) async fn unserved(req: HttpRequest, request: RealmRequest) -> HttpResponse {
    answer(judge(req.method().as_str(), below_realm(req.path())), &request)
}

/// A request to an endpoint, with a verb it has no route for.
pub(crate) async fn unserved_verb(req: HttpRequest, request: RealmRequest) -> HttpResponse {
    let method = req.method().as_str();
    match KnownEndpoint::find(below_realm(req.path())) {
        // A verb of a path whose other verbs are served here already.
        Some(known) if known.serves(method) => answer(Unserved::NotImplemented, &request),
        Some(known) => answer(known.unserved(method), &request),
        None => match judge(method, below_realm(req.path())) {
            options @ Unserved::Options(_) => answer(options, &request),
            _ => Rejection::method_not_allowed().0.into_response(),
        },
    }
}

/// A request below a realm that does not exist.
pub(crate) fn without_realm(req: &ServiceRequest) -> HttpResponse {
    let origin = req.headers().get("origin").and_then(|o| o.to_str().ok());
    let reply = match unserved_without_realm(req.method().as_str(), below_realm(req.path())) {
        Some(Unserved::Options(OptionsAnswer::Preflight(methods))) => allowed(preflight(origin, methods), origin),
        Some(Unserved::RefusedEarly) => return WithoutHeaders::mark(Rejection::method_not_allowed().0.into_response()),
        _ => Rejection::bare(404, "Realm does not exist").0.of_router(),
    };
    reply.into_response()
}

fn answer(unserved: Unserved, request: &RealmRequest) -> HttpResponse {
    let reply = match unserved {
        Unserved::NotFound => Rejection::not_found().0,
        Unserved::ProtocolNotFound => Rejection::bare(404, "Protocol not found").0.of_router(),
        Unserved::MethodNotAllowed => Rejection::method_not_allowed().0,
        Unserved::RefusedEarly => return WithoutHeaders::mark(Rejection::method_not_allowed().0.into_response()),
        Unserved::NotImplemented => Rejection::bare(501, "HTTP 501 Not Implemented").0.of_router(),
        Unserved::Options(OptionsAnswer::Allow(methods)) => Reply::empty(200).header("allow", methods),
        Unserved::Options(OptionsAnswer::Preflight(methods)) => {
            request.cors.allow_any(Expose::Nothing);
            preflight(request.cors.origin(), methods)
        }
    };
    reply.into_response()
}

/// Lets `origin` read the answer.
fn allowed(reply: Reply, origin: Option<&str>) -> Reply {
    match origin {
        None => reply,
        Some(origin) => reply.header("access-control-allow-origin", origin).header("access-control-allow-credentials", "true"),
    }
}

fn preflight(origin: Option<&str>, methods: &'static str) -> Reply {
    match origin {
        None => Reply::empty(200),
        Some(_) => Reply::empty(200)
            .header("access-control-allow-methods", methods)
            .header("access-control-allow-headers", PREFLIGHT_HEADERS)
            .header("access-control-max-age", PREFLIGHT_MAX_AGE),
    }
}

fn dressed(reply: Reply, kind: AnswerKind) -> HttpResponse {
    let defaults: SecurityHeaders = default_headers();
    headers(&defaults, kind).fold(reply, |reply, (name, value)| reply.header(name, value)).into_response()
}

/// An answer that belongs to no realm, with the security headers that every answer has.
pub fn outside_realms(reply: Reply) -> HttpResponse {
    dressed(reply, AnswerKind::Other)
}

/// `/`: to the admin console, as Keycloak has it.
pub(crate) async fn root(req: HttpRequest) -> HttpResponse {
    match req.method().as_str() {
        "GET" | "HEAD" | "POST" => to(&req, "/admin/"),
        "OPTIONS" => root_options().into_response(),
        _ => Rejection::method_not_allowed().0.into_response(),
    }
}

/// Keycloak: no security headers (measured on 26.7.4).
fn root_options() -> Reply {
    Reply::empty(200).header("allow", "HEAD, POST, GET, OPTIONS")
}

fn to(req: &HttpRequest, path: &str) -> HttpResponse {
    let base = req.extensions().get::<Arrival>().map(Arrival::base).unwrap_or_default();
    dressed(Reply::empty(302).header("location", &(base + path)), AnswerKind::Other)
}

/// `/admin/…` where no Admin REST API is mounted: nobody is let in. Keycloak: recordings errors-http/admin-without-token, cors/admin.
pub(crate) async fn admin(req: HttpRequest) -> HttpResponse {
    beside_admin_api(&req).unwrap_or_else(|| dressed(Rejection::bare(401, "HTTP 401 Unauthorized").0, AnswerKind::Json))
}

/// What is answered below `/admin` without asking who asks: preflights, the way to the console, paths that are no Admin REST.
/// Keycloak: recordings cors/admin, admin-errors/{unknown-paths,slashes}.
pub fn beside_admin_api(req: &HttpRequest) -> Option<HttpResponse> {
    let origin = req.headers().get("origin").and_then(|o| o.to_str().ok());
    let below = req.path().strip_prefix("/admin").unwrap_or_default();
    let method = req.method().as_str();
    if !below.starts_with("/realms/") && below != "/serverinfo" && below != "/realms" {
        return Some(match (below.trim_matches('/'), method) {
            ("", "GET" | "HEAD") => to(req, "/admin/master/console/"),
            (realm, _) if !realm.contains('/') => Rejection::method_not_allowed().0.into_response(),
            _ => dressed(Rejection::not_found().0, AnswerKind::Json),
        });
    }
    let preflight = || dressed(allowed(preflight(origin, "GET, PUT, POST, DELETE"), origin), AnswerKind::Other);
    (method == "OPTIONS").then(preflight)
}

/// A path that belongs to nothing: no security headers. Keycloak: recording errors-http/unknown-paths; `OPTIONS` is answered for
/// every path outside its own folders (measured on 26.7.4).
pub(crate) async fn unrouted(req: HttpRequest) -> HttpResponse {
    let first = req.path().trim_start_matches('/').split('/').next().unwrap_or_default();
    if req.method() == "OPTIONS" && !matches!(first, "realms" | "resources" | ".well-known") {
        return root_options().into_response();
    }
    let response = Rejection::bare(404, "Unable to find matching target resource method").0.of_router().into_response();
    match page_for(&req, &response, DEFAULT_REALM) {
        Some(page) => Reply::html(page).status(404).into_response(),
        None => response,
    }
}
