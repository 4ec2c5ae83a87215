//! The actix side: mounting the routes, the extractor, replies.

mod body;
mod cookies;
mod error_pages;
mod fallback;
mod front_door;
mod realm_scope;
mod reply;
mod request;

#[cfg(test)]
mod tests;

use actix_web::guard::{self, Guard};
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{Resource, Route};

pub use body::RawBody;
pub use cookies::{CookieScope, Cookies};
pub use error_pages::ErrorPages;
pub use fallback::{beside_admin_api, outside_realms};
pub use front_door::front_door;
pub use realm_scope::dress_admin;
pub use reply::{CachePolicy, Rejection, Reply};
pub use request::{RealmRequest, authorization, header_text};

use crate::RealmHttp;

/// Mounts everything below `/realms/{realm}`, and the answers to whatever no route takes.
///
/// `routes` registers the endpoints, each by [`endpoint`]. The app must be wrapped in [`front_door`]. The Admin REST API is a scope
/// of its own, which the app registers before it calls this ([`beside_admin_api`], [`dress_admin`]).
pub fn mount(cfg: &mut ServiceConfig, shared: RealmHttp, routes: impl FnOnce(&mut ServiceConfig)) {
    cfg.app_data(Data::new(shared))
        .service(
            web::scope("/realms/{realm}")
                .wrap(from_fn(realm_scope::realm_scope))
                .configure(routes)
                .default_service(web::to(fallback::unserved)),
        )
        .service(web::scope("/admin").default_service(web::to(fallback::admin)))
        .service(web::resource("/").route(web::route().to(fallback::root)))
        .default_service(web::to(fallback::unrouted));
}

/// The resource of an endpoint at `path` below the realm (no slash at either end), such as
/// `protocol/openid-connect/token`: verbs without a route get what Keycloak gives them, `OPTIONS` its preflight answer.
pub fn endpoint(path: &str) -> Resource {
    let inside = if path.is_empty() { String::new() } else { format!("/{path}") };
    web::resource(inside).default_service(web::to(fallback::unserved_verb))
}

/// A route for `GET` and `HEAD`.
pub fn get() -> Route {
    web::route().guard(guard::fn_guard(|cx| guard::Get().check(cx) || guard::Head().check(cx)))
}

/// A route for `POST`.
pub fn post() -> Route {
    web::post()
}
