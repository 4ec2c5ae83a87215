//! The routes of the endpoint crates.

use actix_web::web::ServiceConfig;

use crate::wiring::Parts;

/// Mounts everything that belongs to realms.
pub(super) fn routes(cfg: &mut ServiceConfig, parts: &Parts) {
    realm_http::http::mount(cfg, parts.http.clone(), |_cfg| {});
}
