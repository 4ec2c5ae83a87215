//! The routes.

mod introspect;
mod revoke;
mod userinfo;

use std::borrow::Cow;

use actix_web::HttpRequest;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::ServiceConfig;
use client_auth::Presented;
use oidc_types::{OAuthError, Params};
use realm_http::RealmContext;
use realm_http::http::{RawBody, Rejection, endpoint, get, post};

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

/// Logs a fact and words it for the caller; the client is named only where there is one of that name.
fn refuse(what: &str, request: &RealmContext, client_id: Option<&str>, (fact, wire): (String, OAuthError)) -> Rejection {
    let realm = &request.realm;
    let client = client_id.filter(|id| realm.client(id).is_some()).unwrap_or("-"); // never what a stranger sent
    if wire.status >= 500 {
        log::error!("{what} failed: realm={} client={client}: {fact}", realm.name);
    } else {
        log::info!("{what} refused: realm={} client={client}: {fact}", realm.name);
    }
    wire.into()
}
