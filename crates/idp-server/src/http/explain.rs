//! `POST /realms/{realm}/latchkey/explain`: with `start-dev` alone, for it tells whoever asks.

use std::sync::Arc;

use actix_web::web::{Data, ServiceConfig};
use realm_http::http::{CachePolicy, RawBody, RealmRequest, Reply, endpoint, post};
use serde_json::json;

use crate::explain::{ExplainError, Explainer, Wanted};

/// Mounts it.
pub(super) fn routes(cfg: &mut ServiceConfig, explainer: &Arc<Explainer>) {
    cfg.service(endpoint("latchkey/explain").app_data(Data::from(Arc::clone(explainer))).route(post().to(explain)));
}

async fn explain(request: RealmRequest, body: RawBody, explainer: Data<Explainer>) -> Reply {
    let invalid = |text: String| Reply::json(&json!({"error": "invalid_request", "error_description": text})).status(400);
    let is_json = body.media_type.as_deref().is_some_and(|given| given.starts_with("application/json"));
    // No form of a foreign page can ask.
    if !is_json {
        return invalid("the body must be application/json".to_owned());
    }
    let wanted: Wanted = match serde_json::from_slice(&body.bytes) {
        Ok(wanted) => wanted,
        Err(error) => return invalid(error.to_string()),
    };
    let reply = match explainer.explain(request.realm.name.as_str(), &wanted, request.now).await {
        Ok(report) => Reply::json(&report.json()),
        Err(error @ (ExplainError::Users(_) | ExplainError::Claims(_))) => {
            log::error!("realm {}: nothing is explained: {error}", request.realm.name);
            Reply::json(&json!({"error": "server_error"})).status(500)
        }
        Err(error) => invalid(error.to_string()),
    };
    reply.cache(CachePolicy::NoStore)
}
