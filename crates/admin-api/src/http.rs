//! The actix side: one handler below `/admin`, which finds the operation, and what its answer looks like on the wire.

use std::sync::{Arc, OnceLock};

use actix_web::http::header::{ACCEPT, AUTHORIZATION, HeaderName, ORIGIN};
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use bytes::Bytes;
use realm_http::http::{CachePolicy, RawBody, Rejection, Reply, beside_admin_api, dress_admin};
use realm_http::{Arrival, RealmContext, RealmHttp, decode_segment, default_headers, is_accepted};
use realm_model::SecurityHeaders;

use crate::AdminApi;
use crate::answer::Answer;
use crate::call::Call;
use crate::caller::{authenticate, bearer_token, claimed_realm};
use crate::error::AdminError;
use crate::json::made_inert;
use crate::query::Query;
use crate::record::Deed;
use crate::resource::{IN_A_REALM, TOP};
use crate::roles::MASTER;
use crate::router::{Consumes, Found, Route, Router, WrongVerb};

/// Registers everything below `/admin`; an [`AdminApi`] must be in the app's data. Call it before [`realm_http::http::mount`].
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::scope("/admin").default_service(web::to(serve)));
}

/// The operations beside realms, and those below one.
fn routers() -> &'static (Router, Router) {
    static ROUTERS: OnceLock<(Router, Router)> = OnceLock::new();
    ROUTERS.get_or_init(|| (Router::new(TOP), Router::new(IN_A_REALM)))
}

async fn serve(http: HttpRequest, body: RawBody, api: Data<AdminApi>, shared: Data<RealmHttp>) -> HttpResponse {
    if let Some(answer) = beside_admin_api(&http) {
        return answer;
    }
    let mut dress = Dress { headers: default_headers(), home: None };
    let outcome = operate(&http, &body, (&api, &shared), &mut dress).await;
    let reply = match outcome {
        Ok(answer) => success(answer),
        Err(Refusal::Origin(rejection)) => return dressed(&http, rejection, &dress),
        Err(Refusal::Error(error)) => failure(&http, &error),
    };
    dressed(&http, reply, &dress)
}

/// What the answer's security and CORS headers are taken from.
struct Dress {
    headers: SecurityHeaders,
    home: Option<RealmContext>,
}

enum Refusal {
    Error(AdminError),
    Origin(Reply),
}

impl<E: Into<AdminError>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::Error(error.into())
    }
}

/// 401, then the origin, then the realm, then the operation.
async fn operate(
    http: &HttpRequest,
    body: &RawBody,
    (api, shared): (&AdminApi, &RealmHttp),
    dress: &mut Dress,
) -> Result<Answer, Refusal> {
    let token = header(http, AUTHORIZATION).and_then(|value| bearer_token(&value).map(str::to_owned));
    let token = token.ok_or(AdminError::Unauthorized)?;
    let home = claimed_realm(&token).and_then(|name| context_of(http, shared, &name)).ok_or(AdminError::Unauthorized)?;
    let caller = authenticate(api, &home, &token).await?;
    home.cors.judge(&caller.client.web_origins).map_err(|refused| Refusal::Origin(bare(Rejection::from(refused))))?;
    let home = dress.home.insert(home);
    let below = http.path().strip_prefix("/admin/").unwrap_or_default();
    let segments = segments(below).ok_or(AdminError::NotFound)?;
    let (top, in_a_realm) = routers();
    let (router, segments, realm) = match segments.as_slice() {
        [first, realm, rest @ ..] if first == "realms" => (in_a_realm, rest, realm.as_str()),
        all => (top, all, home.realm.name.as_str()),
    };
    let context = context_of(http, shared, realm).ok_or(AdminError::RealmNotFound)?;
    dress.headers = context.realm.security_headers.clone();
    if caller.realm.name.as_str() != MASTER && caller.realm.name != context.realm.name {
        return Err(AdminError::Forbidden.into());
    }
    let query = Query::parse(http.query_string());
    let mut call = Call { api: api.clone(), context, caller, query, body: body.bytes.clone(), params: Vec::new() };
    Ok(run(http, body, router.find(http.method().as_str(), segments), &mut call).await?)
}

async fn run(http: &HttpRequest, body: &RawBody, found: Found, call: &mut Call) -> Result<Answer, AdminError> {
    let wrong = |wrong_verb| match wrong_verb {
        WrongVerb::MethodNotAllowed => AdminError::MethodNotAllowed,
        WrongVerb::NotFound => AdminError::NotFound,
    };
    match found {
        Found::Nowhere(wrong_verb) => Err(wrong(wrong_verb)),
        Found::Below(locate, params, wrong_verb) => {
            call.params = made_inert(params, call.api.live.placeholders().as_ref());
            locate(call).await?;
            Err(wrong(wrong_verb))
        }
        Found::Operation(route, params) => {
            refuse_other_media_type(route, body)?;
            call.params = made_inert(params, call.api.live.placeholders().as_ref());
            let deed = Deed::of(call, (http.method().as_str(), route.pattern), below_realm(http)).await;
            let answer = (route.run)(call).await?;
            if let Some(deed) = deed {
                deed.record(call, &answer);
            }
            let produced = answer.body.as_ref().map(|(media_type, _)| media_type.split(';').next().unwrap_or_default());
            match produced {
                Some(produced) if !is_accepted(header(http, ACCEPT).as_deref(), &[produced]) => Err(AdminError::NotAcceptable),
                _ => Ok(answer),
            }
        }
    }
}

/// Keycloak: no media type at all is fine (recording admin-errors/wrong-content-type).
fn refuse_other_media_type(route: &Route, body: &RawBody) -> Result<(), AdminError> {
    let wanted = match route.consumes {
        Consumes::Nothing => return Ok(()),
        Consumes::Json => "application/json",
        Consumes::Text => "text/plain",
    };
    let given = body.media_type.as_deref().map(|given| given.split(';').next().unwrap_or_default().trim());
    match given {
        Some(given) if !given.eq_ignore_ascii_case(wanted) => Err(AdminError::UnsupportedMediaType),
        _ => Ok(()),
    }
}

/// The path below `/admin/realms/{realm}/`.
fn below_realm(http: &HttpRequest) -> &str {
    http.path().splitn(5, '/').nth(4).unwrap_or_default()
}

fn segments(path: &str) -> Option<Vec<String>> {
    path.split('/').filter(|part| !part.is_empty()).map(|part| decode_segment(part).map(std::borrow::Cow::into_owned)).collect()
}

fn header(http: &HttpRequest, name: HeaderName) -> Option<String> {
    http.headers().get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn context_of(http: &HttpRequest, shared: &RealmHttp, name: &str) -> Option<RealmContext> {
    let realm = shared.realms.realm(name)?;
    let arrival = http.extensions().get::<Arrival>().cloned()?;
    Some(RealmContext::new(shared, Arc::clone(&realm), arrival, header(http, ORIGIN).as_deref()))
}

fn success(answer: Answer) -> Reply {
    let reply = match answer.body {
        Some((media_type, bytes)) => Reply::bytes(media_type, bytes).status(answer.status),
        None => Reply::empty(answer.status),
    };
    let reply = if answer.no_cache { reply.cache(CachePolicy::NoCache) } else { reply };
    match &answer.location {
        Some(location) => reply.header("location", location),
        None => reply,
    }
}

fn failure(http: &HttpRequest, error: &AdminError) -> Reply {
    let (status, body) = error.wire();
    match (status, error) {
        (500.., AdminError::Broken(_) | AdminError::Unavailable(_)) => {
            log::error!("admin request failed: {} {}: {error}", http.method(), http.path())
        }
        _ => log::debug!("admin request refused with {status}: {error}"),
    }
    let accept = header(http, ACCEPT);
    if !is_accepted(accept.as_deref(), &["application/json"]) && is_accepted(accept.as_deref(), &["text/html"]) {
        return Reply::bytes("text/html;charset=utf-8", Bytes::from(page(status))).status(status);
    }
    let reply = match error {
        AdminError::Unavailable(_) => bare(Rejection::unavailable()),
        _ => Reply::json(&body).status(status),
    };
    // Keycloak: what only its database finds out is answered beside its filters (recording admin-clients/put-client-id).
    if matches!(error, AdminError::Duplicate) { reply.undressed() } else { reply }
}

/// The error page, for browsers. Keycloak: recording admin-errors/accept.
fn page(status: u16) -> String {
    let text = if status == 404 { "Page not found" } else { "An internal server error has occurred" };
    format!(
        "<!DOCTYPE html><html><head><meta charset=\"utf-8\"></head><body><div id=\"kc-header\"><div id=\"kc-header-wrapper\"></div>\
         </div><h1 id=\"kc-page-title\">We are sorry...</h1><div id=\"kc-error-message\"><p class=\"instruction\">{text}</p></div>\
         </body></html>"
    )
}

fn bare(rejection: Rejection) -> Reply {
    rejection.into_reply()
}

fn dressed(http: &HttpRequest, reply: Reply, dress: &Dress) -> HttpResponse {
    let mut response = reply.into_response();
    dress_admin(http, &mut response, &dress.headers, dress.home.as_ref().map(|home| &home.cors));
    response
}
