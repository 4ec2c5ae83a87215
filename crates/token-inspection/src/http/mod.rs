//! The routes.

mod introspect;
mod revoke;
mod userinfo;

use actix_web::web::ServiceConfig;
use client_auth::Refusal;
use realm_http::http::{Rejection, endpoint, get, post};

use crate::inspection::Inspection;

/// Registers userinfo, introspection and revocation; a [`crate::TokenInspection`] and a
/// [`client_auth::ClientAuth`] must be in the app's data.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(endpoint(crate::userinfo::ENDPOINT).route(get().to(userinfo::userinfo)).route(post().to(userinfo::userinfo)))
        .service(endpoint("protocol/openid-connect/token/introspect").route(post().to(introspect::introspect)))
        .service(endpoint("protocol/openid-connect/revoke").route(post().to(revoke::revoke)));
}

/// Records a fact and words it for the caller.
fn refuse(cx: &Inspection<'_>, refusal: Refusal<'_>) -> Rejection {
    refusal.record(cx.recorder());
    refusal.wire.clone().into()
}
