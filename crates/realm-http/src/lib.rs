//! What every realm route shares, so that endpoint crates stay small and equal: the realm of the path, the issuer, CORS,
//! security headers, path rules, bodies, JSON errors.
//!
//! **Architecture invariant:** an endpoint writes none of these headers itself. Security and CORS headers are put on every
//! answer when it leaves the realm's scope, by what the endpoint said to [`Cors`] on its way.
//!
//! # How to write an endpoint
//!
//! ```
//! use actix_web::web::ServiceConfig;
//! use realm_http::http::{CachePolicy, RawBody, RealmRequest, Rejection, Reply, endpoint, post};
//! use realm_http::Expose;
//!
//! /// Called by the binary within `realm_http::http::mount`.
//! pub fn routes(cfg: &mut ServiceConfig) {
//!     // Wrong verbs, OPTIONS and HEAD are answered by `endpoint`; use `get()` for GET and HEAD.
//!     cfg.service(endpoint("protocol/openid-connect/token").route(post().to(token)));
//! }
//!
//! async fn token(request: RealmRequest, body: RawBody) -> Result<Reply, Rejection> {
//!     let form = body.form()?;                                // 413 and the like, before everything else
//!     // `request` is the RealmContext: .realm, .now, .issuer(), .accepts_issuer(iss), .arrival.peer, .entropy()
//!     answer(&request, &form).map_err(|e| Rejection::from(e).cache(CachePolicy::NoStore))
//! }
//!
//! # use oidc_types::{OAuthError, Params, ErrorCode};
//! # use realm_http::RealmContext;
//! # fn authenticate(_: &Params) -> Result<Vec<String>, OAuthError> { Ok(Vec::new()) }
//! // The rules know no actix. From here on whatever is answered carries the CORS headers last asked for.
//! fn answer(cx: &RealmContext, form: &Params) -> Result<Reply, OAuthError> {
//!     cx.cors.allow_any(Expose::Default);                     // while the client is unknown: errors to any origin
//!     cx.refuse_plain_http()?;
//!     cx.refuse_disabled_realm()?;
//!     let web_origins = authenticate(form)?;
//!     cx.cors.judge(&web_origins)                             // Rejection: From<OriginRefused> is the 403 of Keycloak
//!         .map_err(|_| OAuthError::new(403, ErrorCode::InvalidRequest, "your own fact goes here"))?;
//!     Ok(Reply::json(&"{}").cache(CachePolicy::NoStore))
//! }
//! ```

mod arrival;
mod certificate;
mod certificate_header;
mod context;
mod cors;
mod endpoints;
mod hostname;
mod media_type;
mod multipart;
mod path;
mod proxy;
mod relative;
mod security;
#[cfg(test)]
mod test_realm;
#[cfg(test)]
mod tests;

pub mod http;

pub use arrival::{Arrival, Authority, BadHost, Connection, Scheme};
pub use certificate::{PeerCertificate, Trust};
pub use context::{RealmContext, RealmHttp, Realms};
pub use cors::{Cors, Expose, OriginDecision, OriginRefused, decide};
pub use hostname::{BaseUrls, Hostname, HostnameConfig, HostnameError, origin_of};
pub use media_type::is_accepted;
pub use path::{INSERTED_AUTHORIZATION_SERVER, decode_segment};
pub use proxy::{Forwarded, ProxyFacts, ProxyHeaders, ProxyTrust};
pub use relative::absolute_url;
pub use security::{Framing, default_headers};
