//! `/admin/realms/{realm}/authentication`: flows, their executions, configurations and required actions (recordings
//! admin-authentication).

mod configs;
mod executions;
mod providers;
mod required_actions;

use realm_model::document::{Body, Document, Documents, Key, Kind, representation};
use serde_json::Value;

use crate::answer::Answer;
use crate::body::{is_on, text};
use crate::call::Call;
use crate::change::Changes;
use crate::error::AdminError;
use crate::json::{self, Shape};
use crate::merge::without_nulls;
use crate::references;
use crate::roles::Permission;
use crate::router::{Consumes, Resource, Route, WrongVerb};

pub(crate) static RESOURCE: Resource = Resource {
    routes: &[
        Route::get("authentication/flows", |call| Box::pin(flows(call))),
        Route::post("authentication/flows", |call| Box::pin(create_flow(call))),
        Route::get("authentication/flows/{flow}", |call| Box::pin(flow(call))),
        Route::put("authentication/flows/{flow}", |call| Box::pin(update_flow(call))),
        Route::delete("authentication/flows/{flow}", |call| Box::pin(delete_flow(call))),
        Route::post("authentication/flows/{flow}/copy", |call| Box::pin(copy(call))),
        Route::get("authentication/flows/{flow}/executions", |call| Box::pin(executions::list(call))),
        Route::put("authentication/flows/{flow}/executions", |call| Box::pin(executions::update(call))),
        Route::post("authentication/flows/{flow}/executions/execution", |call| Box::pin(executions::add(call))),
        Route::post("authentication/flows/{flow}/executions/flow", |call| Box::pin(executions::add_flow(call))),
        Route::get("authentication/executions/{execution}", |call| Box::pin(executions::read(call))),
        Route::delete("authentication/executions/{execution}", |call| Box::pin(executions::delete(call))),
        Route::post("authentication/executions/{execution}/raise-priority", |call| Box::pin(executions::raise(call)))
            .taking(Consumes::Nothing),
        Route::post("authentication/executions/{execution}/lower-priority", |call| Box::pin(executions::lower(call)))
            .taking(Consumes::Nothing),
        Route::post("authentication/executions/{execution}/config", |call| Box::pin(configs::create(call))),
        Route::get("authentication/config/{config}", |call| Box::pin(configs::read(call))),
        Route::put("authentication/config/{config}", |call| Box::pin(configs::update(call))),
        Route::delete("authentication/config/{config}", |call| Box::pin(configs::delete(call))),
        Route::get("authentication/authenticator-providers", |call| Box::pin(providers::authenticators(call))),
        Route::get("authentication/client-authenticator-providers", |call| Box::pin(providers::client_authenticators(call))),
        Route::get("authentication/form-providers", |call| Box::pin(providers::forms(call))),
        Route::get("authentication/form-action-providers", |call| Box::pin(providers::form_actions(call))),
        Route::get("authentication/per-client-config-description", |call| Box::pin(providers::per_client_config(call))),
        Route::get("authentication/config-description/{provider}", |call| Box::pin(providers::config_description(call))),
        Route::get("authentication/unregistered-required-actions", |call| Box::pin(required_actions::unregistered(call))),
        Route::post("authentication/register-required-action", |call| Box::pin(required_actions::register(call))),
        Route::get("authentication/required-actions", |call| Box::pin(required_actions::list(call))),
        Route::get("authentication/required-actions/{action}", |call| Box::pin(required_actions::read(call))),
        Route::put("authentication/required-actions/{action}", |call| Box::pin(required_actions::update(call))),
        Route::delete("authentication/required-actions/{action}", |call| Box::pin(required_actions::delete(call))),
        Route::post("authentication/required-actions/{action}/raise-priority", |call| Box::pin(required_actions::raise(call)))
            .taking(Consumes::Nothing),
        Route::post("authentication/required-actions/{action}/lower-priority", |call| Box::pin(required_actions::lower(call)))
            .taking(Consumes::Nothing),
    ],
    locator: None,
    wrong_verb: WrongVerb::NotFound,
};

/// Keycloak: a flow that its console does not show (recording admin-authentication/flows).
const HIDDEN: &str = "saml ecp";

/// Flows within flows at the most: a circle ends.
const DEEPEST: usize = 16;

async fn flows(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ViewFlows)?;
    let documents = call.documents().await?;
    let flows = documents.of_kind(Kind::Flow).filter(|entry| entry.document.key.name != HIDDEN);
    let top = flows.filter(|entry| is_on(&entry.document.body, "topLevel"));
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
        body.entry("description").or_insert_with(|| "".into());
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

/// Keycloak: recording admin-authentication/flow-create.
async fn update_flow(call: &Call) -> Result<Answer, AdminError> {
    let given = without_nulls(call.json(&json::FLOW)?);
    call.refuse_without(Permission::ManageRealm)?;
    call.change(|documents, changes| {
        let entry = documents.by_id(Kind::Flow, call.param(0));
        let flow = &entry.ok_or_else(|| AdminError::error(404, "Could not find flow with id"))?.document;
        let alias = text(&given, "alias").filter(|alias| !alias.is_empty());
        let alias = alias.ok_or_else(|| AdminError::message(409, "Failed to update flow with empty alias name"))?;
        if text(&given, "providerId").is_none() {
            return Err(AdminError::Duplicate);
        }
        let to = Key::of(Kind::Flow, alias);
        if alias != flow.key.name && documents.get(&to).is_some() {
            return Err(AdminError::message(409, "Updated flow alias name already exists"));
        }
        let mut body = flow.body.clone();
        for member in ["alias", "description", "providerId", "topLevel"] {
            body.extend(given.get(member).map(|value| (member.to_owned(), value.clone())));
        }
        match alias == flow.key.name {
            true => changes.put_body(&flow.key, body),
            false => {
                references::rename(changes, documents, (&flow.key, &to), body);
                rename_within(documents, changes, &flow.key.name, alias);
            }
        }
        Ok(())
    })
    .await?;
    Ok(Answer::no_content().no_cache())
}

/// Flows that have a flow within them know it by its new name.
fn rename_within(documents: &Documents, changes: &mut Changes<'_>, from: &str, to: &str) {
    for flow in documents.of_kind(Kind::Flow).map(|entry| &entry.document) {
        let list = flow.body.get(executions::EXECUTIONS).and_then(Value::as_array);
        if list.into_iter().flatten().any(|step| step.get("flowAlias").and_then(Value::as_str) == Some(from)) {
            executions::change_list(changes, flow, |list| {
                let named = list.iter_mut().filter_map(|step| step.get_mut("flowAlias"));
                named.filter(|alias| alias.as_str() == Some(from)).for_each(|alias| *alias = to.into());
            });
        }
    }
}

async fn delete_flow(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ManageRealm)?;
    call.change(|documents, changes| {
        let entry = documents.by_id(Kind::Flow, call.param(0));
        let flow = &entry.ok_or_else(|| AdminError::error(404, "Flow not found"))?.document;
        if is_on(&flow.body, "builtIn") {
            return Err(AdminError::error(400, "Can't delete built in flow"));
        }
        delete_with_inner(documents, changes, flow, 0);
        Ok(())
    })
    .await?;
    Ok(Answer::no_content().no_cache())
}

/// Takes a flow away with the flows within it.
fn delete_with_inner(documents: &Documents, changes: &mut Changes<'_>, flow: &Document, depth: usize) {
    for step in executions::steps(documents, flow) {
        let inner = text(step.body, "flowAlias").and_then(|alias| documents.named(Kind::Flow, alias));
        if let Some(inner) = inner.filter(|inner| depth < DEEPEST && inner.document.key != flow.key) {
            delete_with_inner(documents, changes, &inner.document, depth + 1);
        }
    }
    references::delete(changes, documents, &flow.key);
}

/// Keycloak: flows within get the new name before their own (recording admin-authentication/flow-copy).
async fn copy(call: &Call) -> Result<Answer, AdminError> {
    let given = without_nulls(call.json(&Shape::Map(&Shape::Any))?);
    call.refuse_without(Permission::ManageRealm)?;
    let alias = text(&given, "newName").unwrap_or("null");
    let id = call
        .change(|documents, changes| {
            let flow = executions::flow_named(documents, call.param(0))?;
            if documents.get(&Key::of(Kind::Flow, alias)).is_some() {
                return Err(AdminError::message(409, "New flow alias name already exists"));
            }
            let copying = Copying { call, documents, prefix: alias };
            Ok(copying.flow(changes, (flow, alias), 0))
        })
        .await?;
    Ok(Answer::created(call.location(&["authentication", "flows", call.param(0), "copy", &id])).no_cache())
}

/// A flow is being copied, with what is within it.
struct Copying<'c> {
    call: &'c Call,
    documents: &'c Documents,
    /// What the names of the copies begin with.
    prefix: &'c str,
}

impl Copying<'_> {
    /// Copies a flow to `alias`; the id of the copy.
    fn flow(&self, changes: &mut Changes<'_>, (flow, alias): (&Document, &str), depth: usize) -> String {
        let mut body: Body = flow.body.clone();
        body.insert("alias".to_owned(), alias.into());
        body.insert("builtIn".to_owned(), false.into());
        let list = body.get_mut(executions::EXECUTIONS).and_then(Value::as_array_mut);
        for step in list.into_iter().flatten().filter_map(Value::as_object_mut) {
            let inner = text(step, "flowAlias").and_then(|inner| self.documents.named(Kind::Flow, inner));
            if let Some(inner) = inner.filter(|_| depth < DEEPEST) {
                let alias = format!("{} {}", self.prefix, inner.document.key.name);
                self.flow(changes, (&inner.document, &alias), depth + 1);
                step.insert("flowAlias".to_owned(), alias.into());
            }
            let config = text(step, "authenticatorConfig").and_then(|name| self.documents.named(Kind::AuthenticatorConfig, name));
            if let Some(config) = config {
                let alias = self.config(changes, &config.document);
                step.insert("authenticatorConfig".to_owned(), alias.into());
            }
        }
        let id = self.call.new_id();
        changes.put(Document { key: Key::of(Kind::Flow, alias), id: id.clone(), body });
        id
    }

    /// Copies a configuration; its name.
    fn config(&self, changes: &mut Changes<'_>, config: &Document) -> String {
        let alias = format!("{} {}", self.prefix, config.key.name);
        let mut body = config.body.clone();
        body.insert("alias".to_owned(), alias.as_str().into());
        changes.put(Document { key: Key::of(Kind::AuthenticatorConfig, alias.as_str()), id: self.call.new_id(), body });
        alias
    }
}
