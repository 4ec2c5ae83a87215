use std::borrow::Cow;
use std::future::{Ready, ready};
use std::ops::Deref;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header::{AUTHORIZATION, HeaderValue};
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use crate::RealmContext;
use crate::http::Rejection;

/// The `Authorization` header; bytes that are no UTF-8 are replaced, so that it is wrong, not absent.
pub fn authorization(http: &HttpRequest) -> Option<Cow<'_, str>> {
    http.headers().get(AUTHORIZATION).map(header_text)
}

/// What a header says; bytes that are no UTF-8 are replaced. Almost none has such bytes, and to look for them one by one is slow.
pub fn header_text(header: &HeaderValue) -> Cow<'_, str> {
    let bytes = header.as_bytes();
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

/// Extracts the [`RealmContext`] of a request to an endpoint. Cheap to clone.
#[derive(Clone)]
pub struct RealmRequest(pub(crate) Arc<RealmContext>);

impl Deref for RealmRequest {
    type Target = RealmContext;

    fn deref(&self) -> &RealmContext {
        &self.0
    }
}

impl FromRequest for RealmRequest {
    type Error = Rejection;
    type Future = Ready<Result<Self, Rejection>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(req.extensions().get::<Self>().cloned().ok_or_else(|| {
            log::error!("an endpoint is mounted outside /realms/{{realm}}");
            Rejection::unknown_error()
        }))
    }
}
