//! What browsers get where a path or a verb leads nowhere. Keycloak: recordings error-pages/{accept-decides-html-or-json,unknown-*}.

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::ServiceResponse;
use actix_web::http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest, HttpResponse};

use crate::arrival::Arrival;

/// The realm of whose login a page speaks that belongs to none.
pub(crate) const DEFAULT_REALM: &str = "master";

/// Makes the pages of errors that no endpoint has made. The app's data may hold one, as `Data<dyn ErrorPages>`; without one, browsers
/// get JSON, as programs do.
pub trait ErrorPages: Send + Sync {
    /// The page of an answer with this status. `base_path`: what the server is mounted at; `realm`: whose path was asked for.
    fn page(&self, base_path: &str, realm: &str, status: u16) -> String;
}

/// Marks an answer that no endpoint has made.
pub(crate) struct RouterFault;

/// The page, if that is what a browser gets in the place of `response`.
pub(crate) fn page_for<B>(req: &HttpRequest, response: &HttpResponse<B>, realm: &str) -> Option<String> {
    if !response.extensions().contains::<RouterFault>() || !takes_pages(req) {
        return None;
    }
    let pages = req.app_data::<Data<dyn ErrorPages>>()?;
    let prefix = req.extensions().get::<Arrival>().map(|arrival| arrival.prefix.clone()).unwrap_or_default();
    Some(pages.page(&prefix, realm, response.status().as_u16()))
}

/// Keycloak: a page is enough of a reason, however little it is wanted (the row `program first` of the recording).
fn takes_pages(req: &HttpRequest) -> bool {
    req.headers().get_all(ACCEPT).filter_map(|accept| accept.to_str().ok()).any(|accept| accept.contains("text/html"))
}

/// Says in the head of an answer that it is a page.
pub(crate) fn announce<B>(response: &mut HttpResponse<B>) {
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html;charset=utf-8"));
}

/// The page in the place of the body.
pub(crate) fn replace<B: MessageBody>(response: ServiceResponse<B>, page: String) -> ServiceResponse<EitherBody<B>> {
    response.map_body(|_, _| EitherBody::right(BoxBody::new(page)))
}
