use std::future::{Ready, ready};
use std::ops::Deref;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use crate::RealmContext;
use crate::http::Rejection;

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
