//! `/resources/<tag>/…`: what pages load (recordings resources).

use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use bytes::Bytes;
use login_pages::ResourceAnswer;
use realm_http::Arrival;
use realm_http::http::{Reply, get, outside_realms};

use crate::LoginFlow;

/// How long browsers keep a file: its path changes with it.
const CACHE: &str = "max-age=2592000";

/// Registers `/resources`, beside the realms; a [`LoginFlow`] must be in the app's data.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::resource("/resources/{path:.*}").route(get().to(file)));
}

async fn file(http: HttpRequest, path: Path<String>, login_flow: Data<LoginFlow>) -> HttpResponse {
    outside_realms(match login_flow.pages.resource(&path) {
        ResourceAnswer::Found(found) => {
            let known = http.headers().get("if-none-match").and_then(|tag| tag.to_str().ok());
            let reply = match known == Some(found.etag.as_str()) {
                true => Reply::empty(304),
                false => Reply::bytes(found.media_type, Bytes::copy_from_slice(&found.bytes)),
            };
            reply.header("cache-control", CACHE).header("etag", &found.etag)
        }
        ResourceAnswer::Moved(to) => {
            let base = http.extensions().get::<Arrival>().map(Arrival::base).unwrap_or_default();
            Reply::empty(307).header("location", &format!("{base}/resources/{to}"))
        }
        ResourceAnswer::Missing => Reply::empty(404),
    })
}
