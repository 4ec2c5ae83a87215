//! `/admin/realms/{realm}/clients/{client}/{nodes,test-nodes-available,push-revocation}`, and what all admin URLs of a realm are
//! told (recording admin-clients/registration-access-token; measured on 26.7.4)

use client_notification::{AdminUrls, Told};
use realm_http::absolute_url;
use realm_model::document::{Document, Kind};
use serde_json::{Map, Value};
use token_issuer::AdminAction;

use crate::answer::Answer;
use crate::body::text;
use crate::call::Call;
use crate::error::AdminError;
use crate::json::Shape;
use crate::resource::clients::managed;
use crate::router::{Consumes, Resource, Route, WrongVerb};

const NODES: &str = "registeredNodes";

pub(crate) static RESOURCE: Resource = Resource {
    routes: &[
        Route::post("clients/{client}/nodes", |call| Box::pin(register(call))),
        Route::delete("clients/{client}/nodes/{node}", |call| Box::pin(unregister(call))),
        Route::get("clients/{client}/test-nodes-available", |call| Box::pin(test_available(call))),
        Route::post("clients/{client}/push-revocation", |call| Box::pin(push_revocation(call))).taking(Consumes::Nothing),
    ],
    locator: None,
    wrong_verb: WrongVerb::NotFound,
};

async fn register(call: &Call) -> Result<Answer, AdminError> {
    managed(call, &*call.documents().await?)?;
    let given = call.json(&Shape::Map(&Shape::Text))?;
    let node = text(&given, "node").ok_or_else(|| AdminError::error(400, "Node not found in params"))?;
    call.change(|documents, changes| {
        let client = managed(call, documents)?;
        let mut body = client.body.clone();
        let nodes = body.entry(NODES).or_insert_with(|| Value::Object(Map::new()));
        if let Some(nodes) = nodes.as_object_mut() {
            nodes.insert(node.to_owned(), call.context.now.secs().into());
        }
        changes.put_body(&client.key, body);
        Ok(())
    })
    .await?;
    Ok(Answer::no_content())
}

async fn unregister(call: &Call) -> Result<Answer, AdminError> {
    call.change(|documents, changes| {
        let client = managed(call, documents)?;
        let mut body = client.body.clone();
        let nodes = body.get_mut(NODES).and_then(Value::as_object_mut);
        if nodes.and_then(|nodes| nodes.shift_remove(call.param(1))).is_none() {
            return Err(AdminError::error(404, "Client does not have node "));
        }
        if body.get(NODES).and_then(Value::as_object).is_some_and(Map::is_empty) {
            body.shift_remove(NODES);
        }
        changes.put_body(&client.key, body);
        Ok(())
    })
    .await?;
    Ok(Answer::no_content().no_cache())
}

async fn test_available(call: &Call) -> Result<Answer, AdminError> {
    let documents = call.documents().await?;
    let client = managed(call, &documents)?;
    let targets: Vec<AdminUrls> = urls(call, client).into_iter().collect();
    let told = call.api.notifications.tell_admin_urls(&call.context, &targets, AdminAction::TestAvailability).await;
    Answer::json(&told)
}

/// What the client itself says of old tokens.
async fn push_revocation(call: &Call) -> Result<Answer, AdminError> {
    let documents = call.documents().await?;
    let client = managed(call, &documents)?;
    let not_before = client.body.get("notBefore").and_then(Value::as_i64).unwrap_or_default();
    let targets: Vec<AdminUrls> = urls(call, client).into_iter().collect();
    let action = AdminAction::PushNotBefore(not_before);
    let told = call.api.notifications.tell_admin_urls(&call.context, &targets, action).await;
    Ok(Answer::json(&told)?.without_cache_control())
}

/// Tells all clients of the realm that have an admin URL.
pub(crate) async fn tell_all(call: &Call, action: AdminAction) -> Result<Answer, AdminError> {
    let documents = call.documents().await?;
    let targets: Vec<AdminUrls> = documents.of_kind(Kind::Client).filter_map(|entry| urls(call, &entry.document)).collect();
    let mut told = call.api.notifications.tell_admin_urls(&call.context, &targets, action).await;
    if matches!(action, AdminAction::Logout(_)) {
        // Keycloak: a logout succeeds, whoever could be told of it (measured on 26.7.4); the log says who could not.
        let all = targets.into_iter().flat_map(|target| target.urls).collect();
        told = Told { success_requests: all, ..Told::default() };
    }
    Ok(Answer::json(&told)?.without_cache_control())
}

/// The admin URLs of a client; none where it has none. Nodes that have not registered again in time are left out.
fn urls(call: &Call, client: &Document) -> Option<AdminUrls> {
    let url = text(&client.body, "adminUrl").filter(|url| !url.is_empty())?;
    let url = absolute_url(text(&client.body, "rootUrl"), &call.context.bases.front, url);
    let timeout = client.body.get("nodeReRegistrationTimeout").and_then(Value::as_i64).filter(|seconds| *seconds > 0);
    let oldest = timeout.map_or(i64::MIN, |seconds| call.context.now.secs() - seconds);
    let nodes = client.body.get(NODES).and_then(Value::as_object).into_iter().flatten();
    let nodes = nodes.filter(|(_, registered)| registered.as_i64().unwrap_or_default() >= oldest);
    Some(AdminUrls::on_nodes(client.key.name.as_str().into(), &url, nodes.map(|(host, _)| host.as_str())))
}
