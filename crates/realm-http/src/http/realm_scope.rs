use std::sync::Arc;

use actix_web::body::{BodySize, BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, ORIGIN};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse};
use realm_model::SecurityHeaders;

use crate::arrival::Arrival;
use crate::certificate::PeerCertificate;
use crate::certificate_header;
use crate::cors::Cors;
use crate::http::error_pages::{DEFAULT_REALM, announce, page_for};
use crate::http::reply::BareError;
use crate::http::{RealmRequest, error_pages, fallback};
use crate::security::{AnswerKind, Framing, default_headers, headers};
use crate::{RealmContext, RealmHttp, path};

/// Marks an answer that carries neither security nor CORS headers (refused before Keycloak's filters run).
pub(crate) struct WithoutHeaders;

impl WithoutHeaders {
    pub(crate) fn mark(mut response: HttpResponse) -> HttpResponse {
        response.extensions_mut().insert(Self);
        response
    }
}

/// The path that the front door replaced, where a realm claims it as its own token path.
pub(crate) struct ClaimedPath(pub(crate) String);

/// Around every route below `/realms/{realm}`: finds the realm, then dresses the answer.
pub(crate) async fn realm_scope<B: MessageBody>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let asked = Asked::of(&req);
    let Some(context) = context_of(&req) else {
        let mut response = fallback::without_realm(&req);
        if let Some(page) = page_for(req.request(), &response, DEFAULT_REALM) {
            announce(&mut response);
            response = response.set_body(BoxBody::new(page));
        }
        if !response.extensions().contains::<WithoutHeaders>() {
            asked.dress(&mut response, &default_headers());
        }
        return Ok(req.into_response(response).map_into_right_body());
    };
    let request = RealmRequest(Arc::new(context));
    req.extensions_mut().insert(request.clone());
    let mut response = next.call(req).await?;
    let page = page_for(response.request(), response.response(), request.realm.name.as_str());
    if page.is_some() {
        announce(response.response_mut());
    }
    if !response.response().extensions().contains::<WithoutHeaders>() {
        asked.dress(response.response_mut(), &request.realm.security_headers);
        allow_origin(response.headers_mut(), &request.cors);
    }
    if let Some(page) = page {
        return Ok(error_pages::replace(response, page));
    }
    if request.realm.compat.bare_errors_are_described {
        return Ok(describe_bare_error(response));
    }
    Ok(response.map_into_left_body())
}

fn describe_bare_error<B: MessageBody>(response: ServiceResponse<B>) -> ServiceResponse<EitherBody<B>> {
    let described = response.response().extensions().get::<BareError>().map(BareError::described);
    match described {
        None => response.map_into_left_body(),
        Some(body) => response.map_body(|_, _| EitherBody::right(BoxBody::new(body))),
    }
}

/// What the security headers of an answer depend on, of its request.
pub(crate) struct Asked {
    method: Method,
    media_type: Option<HeaderValue>,
}

impl Asked {
    pub(crate) fn of(req: &ServiceRequest) -> Self {
        Self { method: req.method().clone(), media_type: req.headers().get(CONTENT_TYPE).cloned() }
    }

    /// Adds the security headers.
    pub(crate) fn dress<B: MessageBody>(&self, response: &mut HttpResponse<B>, realm: &SecurityHeaders) {
        let text = |value: Option<&HeaderValue>| value.and_then(|v| v.to_str().ok()).map(str::to_owned);
        let asked_with = self.media_type.as_ref().and_then(|v| v.to_str().ok());
        // Keycloak: to a form, a media type without a body counts for nothing (recordings userinfo/{no-token,post-json}).
        let is_empty = matches!(response.body().size(), BodySize::None | BodySize::Sized(0));
        let is_to_form = asked_with.is_some_and(|m| m.starts_with("application/x-www-form-urlencoded"));
        let media_type = text(response.headers().get(CONTENT_TYPE)).filter(|_| !(is_empty && is_to_form));
        let kind = AnswerKind::of(response.status().as_u16(), media_type.as_deref(), self.method.as_str(), asked_with);
        let framing = response.extensions().get::<Framing>().cloned();
        for (name, value) in headers(realm, kind) {
            match (&framing, name) {
                (Some(Framing::ByAnyone), "x-frame-options") => {}
                (Some(framing), "content-security-policy") => put(response.headers_mut(), name, &framing.policy(value)),
                _ => put(response.headers_mut(), name, value),
            }
        }
    }
}

/// Adds to an answer of the Admin REST API what every answer carries: the security headers of `realm`, and what `cors` says.
// Keycloak: an empty answer to a JSON body has no content security policy there (recordings admin-*).
pub fn dress_admin(req: &HttpRequest, response: &mut HttpResponse, realm: &SecurityHeaders, cors: Option<&Cors>) {
    if response.extensions().contains::<WithoutHeaders>() {
        return;
    }
    let text = |value: Option<&HeaderValue>| value.and_then(|v| v.to_str().ok()).map(str::to_owned);
    let (media_type, asked_with) = (text(response.headers().get(CONTENT_TYPE)), text(req.headers().get(CONTENT_TYPE)));
    let kind = AnswerKind::of(response.status().as_u16(), media_type.as_deref(), req.method().as_str(), asked_with.as_deref());
    let kind = if kind == AnswerKind::EmptyToForm { AnswerKind::EmptyToBody } else { kind };
    for (name, value) in headers(realm, kind) {
        put(response.headers_mut(), name, value);
    }
    if let Some(cors) = cors {
        allow_origin(response.headers_mut(), cors);
    }
}

fn allow_origin(to: &mut HeaderMap, cors: &Cors) {
    let Some((origin, expose)) = cors.answer() else { return };
    put(to, "access-control-allow-origin", origin);
    put(to, "access-control-allow-credentials", "true");
    if let Some(names) = expose.header() {
        put(to, "access-control-expose-headers", names);
    }
}

/// Sets a header, unless its value cannot be sent (a realm file may hold anything).
fn put(to: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        to.insert(HeaderName::from_static(name), value);
    }
}

fn context_of(req: &ServiceRequest) -> Option<RealmContext> {
    let shared = req.app_data::<Data<RealmHttp>>()?;
    let name = path::decode_segment(req.match_info().get("realm")?)?;
    let realm = shared.realms.realm(&name)?;
    let arrival = req.extensions().get::<Arrival>().cloned()?;
    // One that is not ASCII is an origin too, and nobody's.
    let origin = req.headers().get(ORIGIN).map(|o| String::from_utf8_lossy(o.as_bytes()));
    let mut context = RealmContext::new(shared, realm, arrival, origin.as_deref());
    context.token_path = req.extensions().get::<ClaimedPath>().map(|p| p.0.clone());
    context.certificate = certificate_of(req, shared);
    Some(context)
}

/// The certificate of the client: from the connection, or from a header of a proxy that is trusted to hand it on.
fn certificate_of(req: &ServiceRequest, shared: &RealmHttp) -> Option<PeerCertificate> {
    let Some(name) = shared.hostname.certificate_header(req.peer_addr().map(|peer| peer.ip())) else {
        return req.conn_data::<PeerCertificate>().cloned();
    };
    let mut values = req.headers().get_all(name);
    match (values.next(), values.next()) {
        (Some(only), None) => certificate_header::read(only.to_str().ok()?),
        _ => None,
    }
}
