//! The routes.

mod keycloak;
mod spms;
mod uma_ticket;

use actix_web::HttpRequest;
use actix_web::http::header::COOKIE;
use actix_web::web::{Data, ServiceConfig};
use client_auth::ClientAuth;
use events::Recorder;
use realm_http::http::{CachePolicy, RawBody, RealmRequest, Rejection, Reply, endpoint, post};
use realm_http::{Expose, RealmContext, Scheme};
use realm_model::Client;

use crate::endpoint::TokenEndpoint;
use crate::exchange::Exchange;

/// The path below the realm.
const ENDPOINT: &str = "protocol/openid-connect/token";

/// Registers the token endpoint; a [`TokenEndpoint`] and a [`ClientAuth`] must be in the app's data.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(endpoint(ENDPOINT).route(post().to(token)));
}

/// One request: what came, and where.
struct Asked<'a> {
    request: &'a RealmContext,
    http: &'a HttpRequest,
    body: &'a RawBody,
    token_endpoint: &'a TokenEndpoint,
    client_auth: &'a ClientAuth,
}

async fn token(
    request: RealmRequest,
    http: HttpRequest,
    body: RawBody,
    token_endpoint: Data<TokenEndpoint>,
    client_auth: Data<ClientAuth>,
) -> Result<Reply, Rejection> {
    let asked = Asked { request: &request, http: &http, body: &body, token_endpoint: &token_endpoint, client_auth: &client_auth };
    let speaks_spms = request.token_path.is_some() && request.realm.attribute("latchkey.dialect") == Some("spms");
    let answer = if speaks_spms { spms::answer(&asked).await } else { keycloak::answer(&asked).await };
    answer.map_err(|rejection| rejection.cache(CachePolicy::NoStore))
}

impl Asked<'_> {
    /// Transport and realm, which come before everything else; any origin may read these errors.
    fn refuse_transport_and_realm(&self) -> Result<(), Rejection> {
        self.request.cors.allow_any(Expose::Default);
        self.request.refuse_plain_http()?;
        self.request.refuse_disabled_realm()?;
        self.request.cors.allow_none();
        Ok(())
    }

    /// Records what happens here and now.
    fn recorder(&self) -> Recorder<'_> {
        self.token_endpoint.parts.events.at(&self.request.realm, self.request.now, self.request.arrival.peer)
    }

    /// The value of a cookie.
    fn cookie(&self, name: &str) -> Option<&str> {
        let headers = self.http.headers().get_all(COOKIE).filter_map(|header| header.to_str().ok());
        let mut pairs = headers.flat_map(|header| header.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(n, _)| *n == name).map(|(_, value)| value)
    }

    /// Whether a browser takes `Secure` cookies from here: over https, and over plain http from the machine itself.
    fn is_secure_context(&self) -> bool {
        self.request.arrival.scheme == Scheme::Https || self.request.arrival.is_from_nearby()
    }
}

/// What a grant is given of a request, owned for as long as it runs.
struct Surroundings {
    issuer: String,
    peer: String,
}

impl Surroundings {
    fn of(request: &RealmContext) -> Self {
        Self { issuer: request.issuer(), peer: request.arrival.peer.to_string() }
    }

    fn exchange<'a>(
        &'a self,
        asked: &Asked<'a>,
        client: &'a std::sync::Arc<Client>,
        accepts_issuer: &'a (dyn Fn(&str) -> bool + Sync),
    ) -> Exchange<'a> {
        Exchange {
            parts: &asked.token_endpoint.parts,
            realm: &asked.request.realm,
            client,
            issuer: &self.issuer,
            accepts_issuer,
            peer: &self.peer,
            now: asked.request.now,
            form: None,
            proof: None,
            certificate: asked.request.certificate.as_ref(),
        }
    }
}
