//! The management port: health, metrics, an index page.

use actix_web::http::header::{ACCEPT, CONTENT_TYPE};
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

use super::health;
use crate::cli::Management;
use crate::vitals::Vitals;

const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const HTML: &str = "text/html;charset=UTF-8";

/// Registers what `management` asks for below its relative path.
pub(super) fn routes(cfg: &mut ServiceConfig, management: &Management) {
    let base = management.relative_path.clone();
    let below = |cfg: &mut ServiceConfig| {
        if management.health {
            health::routes(cfg);
        }
        if management.metrics {
            cfg.service(web::resource("/metrics").to(metrics));
        }
        cfg.service(web::resource("/").to(index));
    };
    if base.is_empty() {
        cfg.configure(below);
    } else {
        // Keycloak: the root leads to the new base (wire.md section 7.11).
        let to_base = move || {
            let base = format!("{base}/");
            async move { HttpResponse::Found().insert_header(("location", base)).finish() }
        };
        cfg.service(web::scope(&management.relative_path).service(web::resource("").to(index)).configure(below));
        cfg.service(web::resource("/").to(to_base));
    }
    cfg.default_service(web::to(nothing));
}

async fn metrics(request: HttpRequest, vitals: Data<Vitals>) -> HttpResponse {
    let accept = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("*/*");
    let takes = |kind: &str| accept.split(',').any(|range| range.trim().split(';').next() == Some(kind));
    let media_type = if takes("application/openmetrics-text") || takes("*/*") || takes("application/*") {
        OPENMETRICS
    } else if takes("text/plain") || takes("text/*") {
        "text/plain; version=0.0.4; charset=utf-8"
    } else {
        return HttpResponse::NotAcceptable().finish();
    };
    HttpResponse::Ok().insert_header((CONTENT_TYPE, media_type)).body(vitals.exposition().await)
}

async fn index() -> HttpResponse {
    let page = "<!doctype html><html lang=\"en\"><head><title>Management</title></head><body><h1>Management</h1>\
                <ul><li><a href=\"health\">health</a></li><li><a href=\"metrics\">metrics</a></li></ul></body></html>\n";
    HttpResponse::Ok().insert_header((CONTENT_TYPE, HTML)).body(page)
}

async fn nothing() -> HttpResponse {
    let page = "<html><body><h1>Resource not found</h1></body></html>";
    HttpResponse::NotFound().insert_header((CONTENT_TYPE, HTML)).body(page)
}
