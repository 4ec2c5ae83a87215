//! The routes.

mod introspect;
mod revoke;
mod userinfo;

use std::borrow::Cow;

use actix_web::HttpRequest;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::ServiceConfig;
use client_auth::{Presented, Refusal};
use oidc_types::Params;
use realm_http::http::{RawBody, Rejection, endpoint, get, post};

use crate::inspection::Inspection;

/// Registers userinfo, introspection and revocation; a [`crate::TokenInspection`] and a
/// [`client_auth::ClientAuth`] must be in the app's data.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(endpoint(crate::userinfo::ENDPOINT).route(get().to(userinfo::userinfo)).route(post().to(userinfo::userinfo)))
        .service(endpoint("protocol/openid-connect/token/introspect").route(post().to(introspect::introspect)))
        .service(endpoint("protocol/openid-connect/revoke").route(post().to(revoke::revoke)));
}

fn authorization(http: &HttpRequest) -> Option<Cow<'_, str>> {
    http.headers().get(AUTHORIZATION).map(|header| String::from_utf8_lossy(header.as_bytes()))
}

/// Client credentials are read from this kind of form alone (wire.md section 1.3).
fn presented<'a>(authorization: Option<&'a str>, body: &RawBody, form: &'a Params) -> Presented<'a> {
    Presented { authorization, form: body.may_carry_credentials().then_some(form) }
}

/// Records a fact and words it for the caller.
fn refuse(cx: &Inspection<'_>, refusal: Refusal<'_>) -> Rejection {
    refusal.record(cx.recorder());
    refusal.wire.clone().into()
}
