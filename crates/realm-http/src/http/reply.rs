use std::fmt;

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, PRAGMA};
use actix_web::{HttpRequest, HttpResponse, Responder, ResponseError};
use bytes::Bytes;
use oidc_types::OAuthError;
use serde::Serialize;

use crate::cors::OriginRefused;
use crate::http::error_pages::RouterFault;
use crate::http::realm_scope::WithoutHeaders;
use crate::security::Framing;

/// The cache headers of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CachePolicy {
    /// None.
    #[default]
    Unsaid,
    /// `no-cache`
    NoCache,
    /// `no-store`, and `Pragma: no-cache` (RFC 6749 section 5.1).
    NoStore,
    /// `no-cache, must-revalidate, no-transform, no-store`: the well-known documents.
    WellKnown,
    /// `no-store, must-revalidate, max-age=0`: pages of a login, and what leads on from them.
    Login,
}

/// An answer. Security headers and CORS headers are added when it leaves the realm's scope.
#[derive(Debug)]
pub struct Reply {
    status: StatusCode,
    media_type: Option<&'static str>,
    cache: CachePolicy,
    before_endpoint: bool,
    undressed: bool,
    bare_error: Option<Box<str>>,
    framing: Option<Framing>,
    of_router: bool,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
}

impl Reply {
    /// 200 with `value` as `application/json`.
    pub fn json<T: Serialize>(value: &T) -> Self {
        match serde_json::to_vec(value) {
            Ok(body) => Self::bytes("application/json", Bytes::from(body)),
            Err(error) => {
                log::error!("an answer cannot be written as JSON: {error}");
                Rejection::unknown_error().0
            }
        }
    }

    /// 200 with a body of any media type.
    pub fn bytes(media_type: &'static str, body: Bytes) -> Self {
        let (status, cache) = (StatusCode::OK, CachePolicy::Unsaid);
        let media_type = Some(media_type);
        let (before_endpoint, undressed, of_router) = (false, false, false);
        let (bare_error, framing, headers) = (None, None, Vec::new());
        Self { status, media_type, cache, before_endpoint, undressed, bare_error, framing, of_router, headers, body }
    }

    /// 200 with a page.
    pub fn html(page: String) -> Self {
        Self::bytes("text/html;charset=utf-8", Bytes::from(page))
    }

    /// 302 to a URL.
    pub fn redirect(to: &str) -> Self {
        Self::empty(302).header("location", to)
    }

    /// A status without a body and without a media type.
    pub fn empty(status: u16) -> Self {
        Self { media_type: None, ..Self::bytes("", Bytes::new()) }.status(status)
    }

    /// Another status; one that does not exist becomes 500.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        self
    }

    /// Another media type.
    #[must_use]
    pub const fn media_type(mut self, media_type: &'static str) -> Self {
        self.media_type = Some(media_type);
        self
    }

    /// Sets the cache headers.
    #[must_use]
    pub const fn cache(mut self, cache: CachePolicy) -> Self {
        if !self.before_endpoint {
            self.cache = cache;
        }
        self
    }

    /// Adds a header; one that cannot be sent (control characters) is dropped and logged.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        match HeaderValue::from_str(value) {
            Ok(value) => self.headers.push((HeaderName::from_static(name), value)),
            Err(_) => log::error!("header {name} cannot be sent: its value has control characters"),
        }
        self
    }

    /// With a content security policy that says who frames what.
    #[must_use]
    pub fn framing(mut self, framing: Framing) -> Self {
        self.framing = Some(framing);
        self
    }

    /// A path or a verb leads nowhere: browsers get a page instead.
    #[must_use]
    pub(crate) const fn of_router(mut self) -> Self {
        self.of_router = true;
        self
    }

    /// Without security and CORS headers.
    #[must_use]
    pub const fn undressed(mut self) -> Self {
        self.undressed = true;
        self
    }

    /// Renders it.
    pub fn into_response(self) -> HttpResponse {
        render(&self, self.body.clone())
    }
}

fn render(reply: &Reply, body: Bytes) -> HttpResponse {
    let mut response = HttpResponse::build(reply.status);
    if let Some(media_type) = reply.media_type {
        response.insert_header((CONTENT_TYPE, HeaderValue::from_static(media_type)));
    }
    match reply.cache {
        CachePolicy::Unsaid => {}
        CachePolicy::NoCache => drop(response.insert_header((CACHE_CONTROL, HeaderValue::from_static("no-cache")))),
        CachePolicy::NoStore => {
            response.insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")));
            response.insert_header((PRAGMA, HeaderValue::from_static("no-cache")));
        }
        CachePolicy::Login => {
            let value = HeaderValue::from_static("no-store, must-revalidate, max-age=0");
            response.insert_header((CACHE_CONTROL, value));
        }
        CachePolicy::WellKnown => {
            let value = HeaderValue::from_static("no-cache, must-revalidate, no-transform, no-store");
            response.insert_header((CACHE_CONTROL, value));
        }
    }
    for (name, value) in &reply.headers {
        response.append_header((name.clone(), value.clone()));
    }
    let mut response = response.body(body);
    if reply.undressed {
        response = WithoutHeaders::mark(response);
    }
    if let Some(framing) = &reply.framing {
        response.extensions_mut().insert(framing.clone());
    }
    if reply.of_router {
        response.extensions_mut().insert(RouterFault);
    }
    if let Some(error) = &reply.bare_error {
        response.extensions_mut().insert(BareError(error.to_string()));
    }
    response
}

impl Responder for Reply {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        self.into_response()
    }
}

/// Marks an answer whose body is `{"error":…}` and nothing else.
pub(crate) struct BareError(String);

impl BareError {
    /// The body with an `error_description` too.
    pub(crate) fn described(&self) -> Bytes {
        let body = serde_json::json!({ "error": self.0, "error_description": self.0 });
        Bytes::from(body.to_string())
    }
}

const RETRY_AFTER: &str = "retry-after";
/// What is away is looked for again at every request, so a second is enough.
const RETRY_AFTER_SECS: &str = "1";

/// An answer that says no.
#[derive(Debug)]
pub struct Rejection(pub(crate) Reply);

impl Rejection {
    /// `{"error":…}` with prose and no description, as Keycloak words errors that are not of OAuth.
    pub fn bare(status: u16, error: &str) -> Self {
        let reply = Reply::json(&serde_json::json!({ "error": error })).status(status);
        Self(Reply { bare_error: Some(error.into()), ..reply })
    }

    /// 404 `HTTP 404 Not Found`
    pub fn not_found() -> Self {
        Self(Self::bare(404, "HTTP 404 Not Found").0.of_router())
    }

    /// 405 `HTTP 405 Method Not Allowed`, without an `Allow` header, as Keycloak has it.
    pub fn method_not_allowed() -> Self {
        Self(Self::bare(405, "HTTP 405 Method Not Allowed").0.of_router())
    }

    /// 406 `HTTP 406 Not Acceptable`
    pub fn not_acceptable() -> Self {
        Self::bare(406, "HTTP 406 Not Acceptable")
    }

    /// 406 from before Keycloak's filters: neither security nor CORS headers (measured on 26.7.4).
    pub fn not_produced() -> Self {
        let mut rejection = Self::bare(406, "The accept header value did not match the value in @Produces");
        rejection.0.undressed = true;
        rejection
    }

    /// 413 `HTTP 413 Request Entity Too Large`
    pub fn too_large() -> Self {
        Self::bare(413, "HTTP 413 Request Entity Too Large")
    }

    /// 503 `HTTP 503 Service Unavailable`, and when to come back.
    pub fn unavailable() -> Self {
        Self::bare(503, "HTTP 503 Service Unavailable").header(RETRY_AFTER, RETRY_AFTER_SECS)
    }

    /// 500 `unknown_error`
    pub fn unknown_error() -> Self {
        let text = "For more on this error consult the server log.";
        OAuthError::new(500, oidc_types::ErrorCode::UnknownError, text).into()
    }

    /// Sets the cache headers; not those of an answer from before the endpoint.
    #[must_use]
    pub fn cache(self, cache: CachePolicy) -> Self {
        Self(self.0.cache(cache))
    }

    /// Given before the endpoint has said anything, its cache headers included: a body that cannot be read.
    // Keycloak: recording errors-http/field-limits.
    pub(crate) fn before_endpoint(mut self) -> Self {
        self.0.before_endpoint = true;
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(self, name: &'static str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    /// The answer itself.
    pub fn into_reply(self) -> Reply {
        self.0
    }
}

/// `{"error":…,"error_description":…}` (RFC 6749 section 5.2). A 503 says when to come back.
impl From<OAuthError> for Rejection {
    fn from(error: OAuthError) -> Self {
        let body = serde_json::json!({ "error": error.code.as_str(), "error_description": error.description });
        let rejection = Self(Reply::json(&body).status(error.status));
        if error.status == 503 { rejection.header(RETRY_AFTER, RETRY_AFTER_SECS) } else { rejection }
    }
}

/// 403 `{"error":"Invalid origin"}`. Keycloak: recording cors/token-other-origin.
impl From<OriginRefused> for Rejection {
    fn from(_: OriginRefused) -> Self {
        Self::bare(403, "Invalid origin")
    }
}

/// An answer that says no in another form than the usual ones (a dialect, an empty body with `WWW-Authenticate`).
impl From<Reply> for Rejection {
    fn from(reply: Reply) -> Self {
        Self(reply)
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rejected with {}", self.0.status)
    }
}

impl ResponseError for Rejection {
    fn status_code(&self) -> StatusCode {
        self.0.status
    }

    fn error_response(&self) -> HttpResponse {
        render(&self.0, self.0.body.clone())
    }
}

impl Responder for Rejection {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        self.0.into_response()
    }
}
