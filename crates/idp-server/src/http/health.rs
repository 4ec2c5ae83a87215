//! `/health`, `/health/live`, `/health/ready`, `/health/started`, as Keycloak's management port has them (wire.md section 7.11).

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::{self, Data, ServiceConfig};

use crate::vitals::{Check, Status, Vitals};

/// Registers the routes; every verb is answered.
pub(super) fn routes(cfg: &mut ServiceConfig) {
    for path in ["/health", "/health/ready"] {
        cfg.service(web::resource(path).to(ready));
    }
    for path in ["/health/live", "/health/started", "/health/well", "/health/group/{group}"] {
        cfg.service(web::resource(path).to(alive));
    }
}

async fn ready(vitals: Data<Vitals>) -> HttpResponse {
    render(&vitals.readiness().await)
}

async fn alive() -> HttpResponse {
    render(&[])
}

/// Down is 503, so that a probe need not read the body.
fn render(checks: &[Check]) -> HttpResponse {
    let up = checks.iter().all(|check| check.status == Status::Up);
    let (overall, status) = if up { (Status::Up, StatusCode::OK) } else { (Status::Down, StatusCode::SERVICE_UNAVAILABLE) };
    HttpResponse::build(status)
        .insert_header((CONTENT_TYPE, "application/json; charset=UTF-8"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(text(overall, checks))
}

/// Laid out as Keycloak does, for scripts that search the text.
fn text(overall: Status, checks: &[Check]) -> String {
    let line = |check: &Check| {
        let data = if check.data.is_empty() { String::new() } else { data(&check.data) };
        format!(
            "        {{\n            \"name\": \"{}\",\n            \"status\": \"{}\"{data}\n        }}",
            check.name,
            check.status.as_str()
        )
    };
    let mut lines = checks.iter().map(line).collect::<Vec<_>>().join(",\n");
    if !lines.is_empty() {
        lines.push('\n');
    }
    format!("{{\n    \"status\": \"{}\",\n    \"checks\": [\n{lines}    ]\n}}", overall.as_str())
}

/// The member `data` of a check.
fn data(pairs: &[(String, String)]) -> String {
    let text = |text: &str| serde_json::Value::from(text).to_string();
    let line = |(name, value): &(String, String)| format!("                {}: {}", text(name), text(value));
    format!(",\n            \"data\": {{\n{}\n            }}", pairs.iter().map(line).collect::<Vec<_>>().join(",\n"))
}
