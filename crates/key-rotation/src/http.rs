//! The route of the JWKS.

use actix_web::HttpRequest;
use actix_web::http::header::ACCEPT;
use actix_web::web::{Data, ServiceConfig};
use realm_http::Expose;
use realm_http::http::{CachePolicy, RealmRequest, Rejection, Reply, endpoint, get};

use crate::Keyrings;

/// Registers `GET protocol/openid-connect/certs`; [`Keyrings`] must be in the app's data (`Data::from(keyrings)`).
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(endpoint("protocol/openid-connect/certs").route(get().to(certs)));
}

/// Keycloak: served for a disabled realm, refused over plain http (recordings discovery-and-keys/certs-*,
/// openid-configuration-https-required).
async fn certs(request: RealmRequest, http: HttpRequest, keyrings: Data<Keyrings>) -> Result<Reply, Rejection> {
    request.cors.allow_any(Expose::Default);
    request.refuse_plain_http()?;
    let ring = keyrings.of(&request.realm).await.map_err(|fault| {
        log::error!("realm {}: no keys: {fault}", request.realm.name);
        Rejection::unavailable()
    })?;
    request.cors.allow_any(Expose::Nothing);
    Ok(Reply::bytes(media_type(&http), ring.jwks_json().clone()).cache(CachePolicy::NoCache))
}

/// Keycloak: the media type of RFC 7517 only where `Accept` is that and nothing else; no `Accept` is ever refused
/// (recording discovery-and-keys/certs-accept-jwk-set, measured on 26.7.4).
fn media_type(http: &HttpRequest) -> &'static str {
    const JWK_SET: &str = "application/jwk-set+json";
    match http.headers().get(ACCEPT) {
        Some(accept) if accept == JWK_SET => JWK_SET,
        _ => "application/json",
    }
}

#[cfg(test)]
mod tests;
