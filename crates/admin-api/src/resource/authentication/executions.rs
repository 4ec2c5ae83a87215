//! The executions of flows. They have no ids in realm files: these follow from the flow and the provider ([`stable_id`]).

use realm_model::document::{Body, Document, Documents, Key, Kind};
use realm_model::stable_id;
use serde_json::{Map, Value, json};

use super::providers::{self, REQUIREMENTS};
use crate::answer::Answer;
use crate::body::{is_on, text};
use crate::call::Call;
use crate::change::Changes;
use crate::error::AdminError;
use crate::json::Shape;
use crate::merge::without_nulls;
use crate::roles::Permission;

/// The member of a flow that holds them.
pub(super) const EXECUTIONS: &str = "authenticationExecutions";

/// Flows within flows at the most: a circle ends.
const DEEPEST: usize = 16;

/// An execution within its flow.
pub(super) struct Step<'d> {
    pub(super) id: String,
    pub(super) flow: &'d Document,
    /// Its place in the list of the document.
    at: usize,
    pub(super) body: &'d Body,
}

impl Step<'_> {
    fn priority(&self) -> i64 {
        self.body.get("priority").and_then(Value::as_i64).unwrap_or_default()
    }
}

/// The executions of a flow in the order of their priorities.
pub(super) fn steps<'d>(documents: &Documents, flow: &'d Document) -> Vec<Step<'d>> {
    let list = flow.body.get(EXECUTIONS).and_then(Value::as_array);
    let bodies = list.into_iter().flatten().enumerate();
    let mut all: Vec<(usize, &Body)> = bodies.filter_map(|(at, body)| Some((at, body.as_object()?))).collect();
    all.sort_by_key(|(_, body)| body.get("priority").and_then(Value::as_i64).unwrap_or_default());
    let mut names: Vec<&str> = Vec::new();
    let mut steps = Vec::with_capacity(all.len());
    for (at, body) in all {
        let Some(name) = text(body, "authenticator").or_else(|| text(body, "flowAlias")) else { continue };
        let known = names.iter().filter(|known| **known == name).count();
        names.push(name);
        let key = if known == 0 { name.to_owned() } else { format!("{name}#{}", known + 1) };
        let id = stable_id(&documents.realm_id, "execution", &format!("{}\n{key}", flow.key.name));
        steps.push(Step { id, flow, at, body });
    }
    steps
}

/// The execution of this id.
pub(super) fn find<'d>(documents: &'d Documents, id: &str) -> Result<Step<'d>, AdminError> {
    let flows = documents.of_kind(Kind::Flow).map(|entry| &entry.document);
    let found = flows.into_iter().flat_map(|flow| steps(documents, flow)).find(|step| step.id == id);
    found.ok_or_else(illegal)
}

fn illegal() -> AdminError {
    AdminError::error(404, "Illegal execution")
}

/// The flow of this alias.
pub(super) fn flow_named<'d>(documents: &'d Documents, alias: &str) -> Result<&'d Document, AdminError> {
    let entry = documents.named(Kind::Flow, alias);
    Ok(&entry.ok_or_else(|| AdminError::error(404, "Flow not found"))?.document)
}

/// Changes the list of executions of a flow.
pub(super) fn change_list(changes: &mut Changes<'_>, flow: &Document, work: impl FnOnce(&mut Vec<Value>)) {
    let mut body = changes.body(&flow.key).unwrap_or_else(|| flow.body.clone());
    if let Value::Array(list) = body.entry(EXECUTIONS).or_insert_with(|| json!([])) {
        work(list);
    }
    changes.put_body(&flow.key, body);
}

fn set(list: &mut [Value], at: usize, member: &str, value: Value) {
    if let Some(Value::Object(body)) = list.get_mut(at) {
        body.insert(member.to_owned(), value);
    }
}

pub(super) async fn list(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ViewFlows)?;
    let documents = call.documents().await?;
    let flow = flow_named(&documents, call.param(0))?;
    let mut all = Vec::new();
    show(&documents, flow, 0, &mut all);
    Answer::json(&all)
}

/// What the console shows of a flow's executions, and of those within.
fn show(documents: &Documents, flow: &Document, level: usize, all: &mut Vec<Value>) {
    for (index, step) in steps(documents, flow).into_iter().enumerate() {
        let inner =
            text(step.body, "flowAlias").and_then(|alias| documents.named(Kind::Flow, alias)).map(|entry| &entry.document);
        let mut shown = match inner {
            Some(inner) => shown_flow(inner, step.body),
            None => shown_provider(documents, step.body),
        };
        shown.insert("id".to_owned(), step.id.as_str().into());
        shown.insert("requirement".to_owned(), text(step.body, "requirement").unwrap_or("DISABLED").into());
        shown.insert("level".to_owned(), level.into());
        shown.insert("index".to_owned(), index.into());
        shown.insert("priority".to_owned(), step.priority().into());
        all.push(Value::Object(shown));
        if let Some(inner) = inner.filter(|_| level < DEEPEST) {
            show(documents, inner, level + 1, all);
        }
    }
}

fn shown_flow(inner: &Document, step: &Body) -> Map<String, Value> {
    let mut shown = Map::new();
    shown.insert("displayName".to_owned(), inner.key.name.as_str().into());
    shown.insert("authenticationFlow".to_owned(), true.into());
    shown.insert("configurable".to_owned(), false.into());
    shown.insert("flowId".to_owned(), inner.id.as_str().into());
    let description = text(&inner.body, "description").filter(|text| !text.is_empty());
    shown.extend(description.map(|text| ("description".to_owned(), text.into())));
    let provider = text(step, "authenticator");
    shown.extend(provider.map(|provider| ("providerId".to_owned(), provider.into())));
    let choices: &[&str] = match text(&inner.body, "providerId") {
        Some("form-flow") => &["REQUIRED", "DISABLED"],
        Some("client-flow") => &["ALTERNATIVE", "REQUIRED", "DISABLED"],
        _ => &REQUIREMENTS,
    };
    shown.insert("requirementChoices".to_owned(), json!(choices));
    shown
}

fn shown_provider(documents: &Documents, step: &Body) -> Map<String, Value> {
    let id = text(step, "authenticator").unwrap_or_default();
    let provider = providers::find(id);
    let mut shown = Map::new();
    shown.insert("providerId".to_owned(), id.into());
    shown.insert("displayName".to_owned(), provider.map_or(id, |provider| provider.name).into());
    shown.insert("requirementChoices".to_owned(), json!(provider.map_or(&REQUIREMENTS[..], |provider| provider.choices)));
    shown.insert("configurable".to_owned(), provider.is_some_and(|provider| provider.configurable).into());
    let config = text(step, "authenticatorConfig").and_then(|alias| documents.named(Kind::AuthenticatorConfig, alias));
    if let Some(config) = config {
        shown.insert("alias".to_owned(), config.document.key.name.as_str().into());
        shown.insert("authenticationConfig".to_owned(), config.document.id.as_str().into());
    }
    shown
}

pub(super) async fn read(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ViewFlows)?;
    let documents = call.documents().await?;
    let step = find(&documents, call.param(0))?;
    let mut shown = crate::body::only(step.body.clone(), &["authenticator", "requirement", "priority"]);
    let is_flow = step.body.contains_key("flowAlias");
    for member in ["authenticatorFlow", "autheticatorFlow"] {
        shown.insert(member.to_owned(), is_flow.into());
    }
    let id_of = |kind, member| {
        let entry = text(step.body, member).and_then(|alias| documents.named(kind, alias));
        entry.map(|entry| Value::from(entry.document.id.as_str()))
    };
    shown.extend(id_of(Kind::AuthenticatorConfig, "authenticatorConfig").map(|id| ("authenticatorConfig".to_owned(), id)));
    shown.extend(id_of(Kind::Flow, "flowAlias").map(|id| ("flowId".to_owned(), id)));
    shown.insert("id".to_owned(), step.id.as_str().into());
    shown.insert("parentFlow".to_owned(), step.flow.id.as_str().into());
    Answer::json(&shown)
}

/// Keycloak: what is added is switched off at first, and comes last (recording admin-authentication/executions).
fn added(documents: &Documents, flow: &Document, members: Value) -> Value {
    let priority = steps(documents, flow).last().map_or(0, |last| last.priority() + 1);
    let mut body = json!({ "requirement": "DISABLED", "priority": priority, "userSetupAllowed": false });
    if let (Value::Object(body), Value::Object(members)) = (&mut body, members) {
        body.extend(members);
    }
    body
}

fn open_flow<'d>(documents: &'d Documents, alias: &str, what: &str) -> Result<&'d Document, AdminError> {
    let entry = documents.named(Kind::Flow, alias);
    let flow = &entry.ok_or_else(|| AdminError::error(400, "Parent flow doesn't exist"))?.document;
    if is_on(&flow.body, "builtIn") {
        return Err(AdminError::error(400, format!("It is illegal to add {what} to a built in flow")));
    }
    Ok(flow)
}

pub(super) async fn add(call: &Call) -> Result<Answer, AdminError> {
    let given = without_nulls(call.json(&Shape::Map(&Shape::Any))?);
    call.refuse_without(Permission::ManageRealm)?;
    let provider = text(&given, "provider").unwrap_or("null");
    let id = call
        .change(|documents, changes| {
            let flow = open_flow(documents, call.param(0), "execution")?;
            if providers::find(provider).is_none() {
                return Err(AdminError::error(400, format!("No authentication provider found for id: {provider}")));
            }
            let step = json!({ "authenticator": provider, "authenticatorFlow": false, "autheticatorFlow": false });
            let body = added(documents, flow, step);
            let known = steps(documents, flow).iter().filter(|step| text(step.body, "authenticator") == Some(provider)).count();
            change_list(changes, flow, |list| list.push(body));
            let key = if known == 0 { provider.to_owned() } else { format!("{provider}#{}", known + 1) };
            Ok(stable_id(&documents.realm_id, "execution", &format!("{}\n{key}", flow.key.name)))
        })
        .await?;
    Ok(Answer::created(call.location(&["authentication", "executions", &id])).no_cache())
}

pub(super) async fn add_flow(call: &Call) -> Result<Answer, AdminError> {
    let given = without_nulls(call.json(&Shape::Map(&Shape::Any))?);
    call.refuse_without(Permission::ManageRealm)?;
    let alias = text(&given, "alias").filter(|alias| !alias.is_empty());
    let alias = alias.ok_or_else(|| AdminError::message(409, "Failed to create flow with empty alias name"))?;
    let kind = text(&given, "type").unwrap_or("basic-flow");
    let id = call.new_id();
    call.change(|documents, changes| {
        let flow = open_flow(documents, call.param(0), "sub-flow")?;
        let key = Key::of(Kind::Flow, alias);
        if documents.get(&key).is_some() {
            return Err(AdminError::message(409, "New flow alias name already exists"));
        }
        let mut step = json!({ "flowAlias": alias, "authenticatorFlow": true, "autheticatorFlow": true });
        if kind == "form-flow"
            && let (Value::Object(step), Some(provider)) = (&mut step, text(&given, "provider"))
        {
            step.insert("authenticator".to_owned(), provider.into());
        }
        let body = added(documents, flow, step);
        change_list(changes, flow, |list| list.push(body));
        let mut inner = json!({ "alias": alias, "providerId": kind, "topLevel": false, "builtIn": false, EXECUTIONS: [] });
        if let (Value::Object(inner), Some(description)) = (&mut inner, text(&given, "description")) {
            inner.insert("description".to_owned(), description.into());
        }
        let Value::Object(body) = inner else { return Ok(()) };
        changes.put(Document { key, id: id.clone(), body });
        Ok(())
    })
    .await?;
    Ok(Answer::created(call.location(&["authentication", "flows", &id])).no_cache())
}

// Keycloak: a requirement that there is not is its 500 (recording admin-authentication/executions).
pub(super) async fn update(call: &Call) -> Result<Answer, AdminError> {
    let given = without_nulls(call.json(&Shape::Map(&Shape::Any))?);
    call.refuse_without(Permission::ManageRealm)?;
    call.change(|documents, changes| {
        flow_named(documents, call.param(0))?;
        let step = find(documents, text(&given, "id").unwrap_or_default())?;
        let requirement = text(&given, "requirement");
        if requirement.is_some_and(|word| !REQUIREMENTS.contains(&word)) {
            return Err(AdminError::error(400, "There is no such requirement"));
        }
        let at = step.at;
        change_list(changes, step.flow, |list| {
            if let Some(word) = requirement {
                set(list, at, "requirement", word.into());
            }
            if let Some(priority) = given.get("priority").and_then(Value::as_i64) {
                set(list, at, "priority", priority.into());
            }
        });
        Ok(())
    })
    .await?;
    Ok(Answer::no_content().no_cache())
}

/// Which neighbour it changes places with.
#[derive(Clone, Copy)]
enum Direction {
    Up,
    Down,
}

pub(super) async fn raise(call: &Call) -> Result<Answer, AdminError> {
    shift(call, Direction::Up).await
}

pub(super) async fn lower(call: &Call) -> Result<Answer, AdminError> {
    shift(call, Direction::Down).await
}

async fn shift(call: &Call, direction: Direction) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ManageRealm)?;
    call.change(|documents, changes| {
        let step = find(documents, call.param(0))?;
        if is_on(&step.flow.body, "builtIn") {
            return Err(AdminError::error(400, "It is illegal to modify execution in a built in flow"));
        }
        let all = steps(documents, step.flow);
        let place = all.iter().position(|one| one.at == step.at).unwrap_or_default();
        let other = match direction {
            Direction::Up => place.checked_sub(1),
            Direction::Down => place.checked_add(1),
        };
        if let Some(other) = other.and_then(|other| all.get(other)) {
            change_list(changes, step.flow, |list| {
                set(list, step.at, "priority", other.priority().into());
                set(list, other.at, "priority", step.priority().into());
            });
        }
        Ok(())
    })
    .await?;
    Ok(Answer::no_content().no_cache())
}

pub(super) async fn delete(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ManageRealm)?;
    call.change(|documents, changes| {
        let step = find(documents, call.param(0))?;
        if is_on(&step.flow.body, "builtIn") {
            return Err(AdminError::error(400, "It is illegal to remove execution from a built in flow"));
        }
        let at = step.at;
        change_list(changes, step.flow, |list| {
            if at < list.len() {
                list.remove(at);
            }
        });
        if let Some(inner) = text(step.body, "flowAlias").and_then(|alias| documents.named(Kind::Flow, alias)) {
            super::delete_with_inner(documents, changes, &inner.document, 0);
        }
        Ok(())
    })
    .await?;
    Ok(Answer::no_content().no_cache())
}

/// Gives the executions that have a configuration another one of it, or none.
pub(super) fn reconfigure(documents: &Documents, changes: &mut Changes<'_>, from: &str, to: Option<&str>) {
    for flow in documents.of_kind(Kind::Flow).map(|entry| &entry.document) {
        let named: Vec<usize> = steps(documents, flow)
            .iter()
            .filter(|step| text(step.body, "authenticatorConfig") == Some(from))
            .map(|step| step.at)
            .collect();
        if !named.is_empty() {
            change_list(changes, flow, |list| named.into_iter().for_each(|at| configure(list, at, to)));
        }
    }
}

fn configure(list: &mut [Value], at: usize, config: Option<&str>) {
    match config {
        Some(alias) => set(list, at, "authenticatorConfig", alias.into()),
        None => {
            if let Some(Value::Object(body)) = list.get_mut(at) {
                body.shift_remove("authenticatorConfig");
            }
        }
    }
}

/// Gives an execution a configuration.
pub(super) fn give_config(changes: &mut Changes<'_>, step: &Step<'_>, alias: &str) {
    let at = step.at;
    change_list(changes, step.flow, |list| configure(list, at, Some(alias)));
}
