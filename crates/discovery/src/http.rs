//! The routes.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::header::ACCEPT;
use actix_web::web::{Data, ServiceConfig};
use key_rotation::Keyrings;
use realm_http::http::{CachePolicy, RealmRequest, Rejection, Reply, endpoint, get};
use realm_http::{Expose, is_accepted};

use crate::cache::DocumentCache;
use crate::documents::{Kind, RealmUrls};
use crate::realm_page::RealmPage;

/// What the routes need: put into the app's data, shared by all workers.
pub struct Discovery {
    keyrings: Arc<Keyrings>,
    documents: DocumentCache,
}

impl Discovery {
    /// Over the keyrings, whose public key the realm page shows.
    pub fn new(keyrings: Arc<Keyrings>) -> Self {
        Self { keyrings, documents: DocumentCache::default() }
    }
}

/// Registers the realm page and the well-known documents; a [`Discovery`] must be in the app's data.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(endpoint("").route(get().to(realm_page)))
        .service(endpoint(".well-known/openid-configuration").route(get().to(openid_configuration)))
        .service(endpoint(".well-known/oauth-authorization-server").route(get().to(openid_configuration)))
        .service(endpoint(realm_http::INSERTED_AUTHORIZATION_SERVER).route(get().to(openid_configuration)))
        .service(endpoint(".well-known/uma2-configuration").route(get().to(uma2_configuration)));
}

fn accept(http: &HttpRequest) -> Option<&str> {
    http.headers().get(ACCEPT).and_then(|a| a.to_str().ok())
}

fn refuse_other_media_types(http: &HttpRequest) -> Result<(), Rejection> {
    if is_accepted(accept(http), &["application/json"]) { Ok(()) } else { Err(Rejection::not_acceptable()) }
}

/// Keycloak: its documents are judged at another place than its pages, by another reading of the header (measured on 26.7.4).
fn refuse_what_is_not_produced(http: &HttpRequest) -> Result<(), Rejection> {
    let accept = accept(http);
    let says_nothing = accept.is_some_and(|accept| matches!(accept.trim(), "*" | ","));
    if says_nothing || is_accepted(accept, &["application/json", "application/jwt"]) {
        Ok(())
    } else {
        Err(Rejection::not_produced())
    }
}

/// Keycloak: served for a disabled realm, and over plain http whatever `sslRequired` says (recordings
/// discovery-and-keys/openid-configuration-{disabled-realm,https-required}).
async fn realm_page(request: RealmRequest, http: HttpRequest, discovery: Data<Discovery>) -> Result<Reply, Rejection> {
    refuse_other_media_types(&http)?;
    request.cors.allow_any(Expose::Nothing);
    let keyring = discovery.keyrings.of(&request.realm).await.map_err(|error| {
        log::error!("realm {}: no keys: {error}", request.realm.name);
        Rejection::unavailable()
    })?;
    let page = RealmPage::of(&request.realm, &request.issuer(), keyring.public_key_of_default());
    Ok(Reply::json(&page).media_type("application/json;charset=UTF-8").cache(CachePolicy::NoCache))
}

async fn openid_configuration(request: RealmRequest, http: HttpRequest, discovery: Data<Discovery>) -> Result<Reply, Rejection> {
    document(Kind::OpenidConfiguration, &request, &http, &discovery)
}

async fn uma2_configuration(request: RealmRequest, http: HttpRequest, discovery: Data<Discovery>) -> Result<Reply, Rejection> {
    document(Kind::Uma2Configuration, &request, &http, &discovery)
}

fn document(kind: Kind, request: &RealmRequest, http: &HttpRequest, discovery: &Discovery) -> Result<Reply, Rejection> {
    refuse_what_is_not_produced(http)?;
    request.cors.allow_any(Expose::Default);
    request.refuse_plain_http()?;
    request.cors.allow_any(Expose::Nothing);
    let urls = RealmUrls { front: request.issuer(), back: request.back_url() };
    let document = discovery.documents.document(kind, &request.realm, urls);
    Ok(Reply::bytes("application/json", document).cache(CachePolicy::WellKnown))
}

#[cfg(test)]
mod tests;
