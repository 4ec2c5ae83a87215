//! `/admin/realms/{realm}/authentication`, as far as it is built: which flows and required actions there are

use realm_model::document::{Document, Key, Kind, representation};
use serde_json::Value;

use crate::answer::Answer;
use crate::body::{is_on, text};
use crate::call::Call;
use crate::error::AdminError;
use crate::json;
use crate::merge::without_nulls;
use crate::roles::Permission;
use crate::router::{Resource, Route, WrongVerb};

pub(crate) static RESOURCE: Resource = Resource {
    routes: &[
        Route::get("authentication/flows", |call| Box::pin(flows(call))),
        Route::post("authentication/flows", |call| Box::pin(create_flow(call))),
        Route::get("authentication/flows/{flow}", |call| Box::pin(flow(call))),
        Route::get("authentication/required-actions", |call| Box::pin(required_actions(call))),
        Route::get("authentication/required-actions/{action}", |call| Box::pin(required_action(call))),
    ],
    locator: None,
    wrong_verb: WrongVerb::NotFound,
};

async fn flows(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ViewFlows)?;
    let documents = call.documents().await?;
    let top = documents.of_kind(Kind::Flow).filter(|entry| is_on(&entry.document.body, "topLevel"));
    Answer::json(&top.map(|entry| representation(&documents, &entry.document)).collect::<Vec<_>>())
}

async fn flow(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ViewFlows)?;
    let documents = call.documents().await?;
    let entry = documents.by_id(Kind::Flow, call.param(0));
    let flow = &entry.ok_or_else(|| AdminError::error(404, "Could not find flow with id"))?.document;
    Answer::json(&representation(&documents, flow))
}

/// Keycloak: recording admin-authentication/flow-create.
async fn create_flow(call: &Call) -> Result<Answer, AdminError> {
    let given = without_nulls(call.json(&json::FLOW)?);
    call.refuse_without(Permission::ManageRealm)?;
    let alias = text(&given, "alias").filter(|alias| !alias.is_empty());
    let alias = alias.ok_or_else(|| AdminError::message(409, "Failed to create flow with empty alias name"))?;
    if text(&given, "providerId").is_none() {
        return Err(AdminError::Duplicate);
    }
    let id = call.new_id();
    call.change(|documents, changes| {
        let key = Key::of(Kind::Flow, alias);
        if documents.get(&key).is_some() {
            return Err(AdminError::message(409, format!("Flow {alias} already exists")));
        }
        let mut body = crate::body::without(given.clone(), &["id"]);
        for switch in ["topLevel", "builtIn"] {
            body.entry(switch).or_insert(Value::Bool(false));
        }
        body.entry("authenticationExecutions").or_insert_with(|| Vec::<Value>::new().into());
        changes.put(Document { key, id: id.clone(), body });
        Ok(())
    })
    .await?;
    Ok(Answer::created(call.location(&["authentication", "flows", &id])).no_cache())
}

async fn required_actions(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ViewRequiredActions)?;
    let documents = call.documents().await?;
    let mut all: Vec<_> =
        documents.of_kind(Kind::RequiredAction).map(|entry| representation(&documents, &entry.document)).collect();
    all.sort_by_key(|action| action.get("priority").and_then(Value::as_i64).unwrap_or_default());
    Answer::json(&all)
}

async fn required_action(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ViewRequiredActions)?;
    let documents = call.documents().await?;
    let entry = documents.named(Kind::RequiredAction, call.param(0));
    let action = &entry.ok_or_else(|| AdminError::error(404, "Failed to find required action"))?.document;
    Answer::json(&representation(&documents, action))
}
