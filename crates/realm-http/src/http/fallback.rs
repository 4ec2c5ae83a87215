use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use realm_model::SecurityHeaders;

use crate::arrival::Arrival;
use crate::cors::{Expose, PREFLIGHT_HEADERS, PREFLIGHT_MAX_AGE};
use crate::endpoints::{KnownEndpoint, OptionsAnswer, Unserved, unserved as judge};
use crate::http::{RealmRequest, Rejection, Reply};
use crate::security::{AnswerKind, default_headers, headers};

/// The path below the realm, without a slash at either end.
fn below_realm(req: &HttpRequest) -> &str {
    let path = req.path().strip_prefix("/realms/").unwrap_or_default();
    path.split_once('/').map_or("", |(_, below)| below)
}

/// A request below an existing realm that no endpoint takes.
pub(crate) async fn unserved(req: HttpRequest, request: RealmRequest) -> Reply {
    answer(judge(req.method().as_str(), below_realm(&req)), &request)
}

/// A request to an endpoint, with a verb it has no route for.
pub(crate) async fn unserved_verb(req: HttpRequest, request: RealmRequest) -> Reply {
    let method = req.method().as_str();
    match KnownEndpoint::find(below_realm(&req)) {
        Some(known) => answer(known.unserved(method), &request),
        None => Rejection::method_not_allowed().0,
    }
}

fn answer(unserved: Unserved, request: &RealmRequest) -> Reply {
    match unserved {
        Unserved::NotFound => Rejection::not_found().0,
        Unserved::ProtocolNotFound => Rejection::bare(404, "Protocol not found").0,
        Unserved::MethodNotAllowed => Rejection::method_not_allowed().0,
        Unserved::NotImplemented => Rejection::bare(501, "HTTP 501 Not Implemented").0,
        Unserved::Options(OptionsAnswer::Allow(methods)) => Reply::empty(200).header("allow", methods),
        Unserved::Options(OptionsAnswer::Preflight(methods)) => {
            request.cors.allow_any(Expose::Nothing);
            preflight(request.cors.origin(), methods)
        }
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

/// `/`: to the admin console, as Keycloak has it.
pub(crate) async fn root(req: HttpRequest) -> HttpResponse {
    match req.method().as_str() {
        "GET" | "HEAD" | "POST" => {
            let base = req.extensions().get::<Arrival>().map(Arrival::base).unwrap_or_default();
            dressed(Reply::empty(302).header("location", &(base + "/admin/")), AnswerKind::Other)
        }
        "OPTIONS" => dressed(Reply::empty(200).header("allow", "HEAD, POST, GET, OPTIONS"), AnswerKind::Other),
        _ => dressed(Rejection::method_not_allowed().0, AnswerKind::Json),
    }
}

/// `/admin/…`, as long as there is no Admin REST: nobody is let in. Keycloak: recordings errors-http/admin-without-token, cors/admin.
pub(crate) async fn admin(req: HttpRequest) -> HttpResponse {
    let origin = req.headers().get("origin").and_then(|o| o.to_str().ok());
    let below = req.path().strip_prefix("/admin").unwrap_or_default();
    if !below.starts_with("/realms/") && below != "/serverinfo" && below != "/realms" {
        return dressed(Rejection::not_found().0, AnswerKind::Json);
    }
    match (req.method().as_str(), origin) {
        ("OPTIONS", Some(origin)) => {
            let reply = preflight(Some(origin), "GET, PUT, POST, DELETE")
                .header("access-control-allow-origin", origin)
                .header("access-control-allow-credentials", "true");
            dressed(reply, AnswerKind::Other)
        }
        ("OPTIONS", None) => dressed(Reply::empty(200), AnswerKind::Other),
        _ => dressed(Rejection::bare(401, "HTTP 401 Unauthorized").0, AnswerKind::Json),
    }
}

/// A path that belongs to nothing: no security headers. Keycloak: recording errors-http/unknown-paths.
pub(crate) async fn unrouted() -> Rejection {
    Rejection::bare(404, "Unable to find matching target resource method")
}
