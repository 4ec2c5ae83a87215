//! `/admin/realms/{realm}/client-scopes`, which is `…/client-templates` too

use realm_model::document::{Body, Document, Documents, Key, Kind, representation};
use serde_json::{Map, Value};

use crate::answer::Answer;
use crate::body::{only, text};
use crate::call::Call;
use crate::error::AdminError;
use crate::json;
use crate::merge::{MapRule, MergeRules, merge, without_nulls};
use crate::references;
use crate::roles::Permission;
use crate::router::{Resource, Route, WrongVerb};

macro_rules! scope_routes {
    ($base:literal) => {
        &[
            Route::get($base, |call| Box::pin(list(call))),
            Route::post($base, |call| Box::pin(create(call))),
            Route::get(concat!($base, "/{scope}"), |call| Box::pin(read(call))),
            Route::put(concat!($base, "/{scope}"), |call| Box::pin(update(call))),
            Route::delete(concat!($base, "/{scope}"), |call| Box::pin(delete(call))),
        ]
    };
}

pub(crate) static RESOURCE: Resource =
    Resource { routes: scope_routes!("client-scopes"), locator: None, wrong_verb: WrongVerb::MethodNotAllowed };

pub(crate) static TEMPLATES: Resource =
    Resource { routes: scope_routes!("client-templates"), locator: None, wrong_verb: WrongVerb::MethodNotAllowed };

const RULES: MergeRules =
    MergeRules { ignored: &["id"], maps: &[("attributes", MapRule::MergeNullRemoves)], removed_if_absent: &[] };

fn shown(documents: &Documents, scope: &Document) -> Body {
    let mut body = representation(documents, scope);
    body.entry("attributes").or_insert_with(|| Map::new().into());
    crate::body::without_empty(body, "protocolMappers")
}

/// The client scope that the first parameter of the path names.
pub(crate) fn found<'d>(call: &Call, documents: &'d Documents) -> Result<&'d Document, AdminError> {
    let entry = documents.by_id(Kind::ClientScope, call.param(0));
    Ok(&entry.ok_or_else(|| AdminError::error(404, "Could not find client scope"))?.document)
}

async fn list(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ListClientScopes)?;
    let documents = call.documents().await?;
    let all: Vec<_> = documents.of_kind(Kind::ClientScope).map(|entry| shown(&documents, &entry.document)).collect();
    Answer::json(&all)
}

async fn read(call: &Call) -> Result<Answer, AdminError> {
    let documents = call.documents().await?;
    call.refuse_without(Permission::ViewClients)?;
    Answer::json(&shown(&documents, found(call, &documents)?))
}

/// Keycloak: a name is a word of a scope parameter (recording admin-client-scopes/create-refused).
fn refuse_bad_name(name: &str) -> Result<(), AdminError> {
    let fine = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '\\');
    match !name.is_empty() && name.chars().all(fine) {
        true => Ok(()),
        false => Err(AdminError::message(400, format!("Unexpected name \"{name}\" for ClientScope"))),
    }
}

async fn create(call: &Call) -> Result<Answer, AdminError> {
    let given = without_nulls(call.json(&json::CLIENT_SCOPE)?);
    call.refuse_without(Permission::ManageClients)?;
    let name = text(&given, "name").ok_or_else(|| AdminError::Broken("a client scope without a name".to_owned()))?;
    refuse_bad_name(name)?;
    if !matches!(text(&given, "protocol"), Some("openid-connect" | "saml")) {
        return Err(AdminError::message(400, "Unexpected protocol"));
    }
    let id = text(&given, "id").map_or_else(|| call.new_id(), str::to_owned);
    let mapper_ids = std::iter::repeat_with(|| call.new_id());
    let mut body = only(given.clone(), &["name", "description", "protocol", "attributes", "protocolMappers"]);
    crate::mapper::complete(&mut body, mapper_ids);
    call.change(|documents, changes| {
        let key = Key::of(Kind::ClientScope, name);
        if documents.get(&key).is_some() {
            return Err(AdminError::message(409, format!("Client Scope {name} already exists")));
        }
        if documents.by_id(Kind::ClientScope, &id).is_some() {
            return Err(AdminError::Duplicate);
        }
        changes.put(Document { key, id: id.clone(), body: body.clone() });
        Ok(())
    })
    .await?;
    Ok(Answer::created(call.location(&["client-scopes", &id])).no_cache())
}

async fn update(call: &Call) -> Result<Answer, AdminError> {
    let mut given = call.json(&json::CLIENT_SCOPE)?;
    call.refuse_without(Permission::ManageClients)?;
    let name = text(&given, "name").map(str::to_owned);
    crate::mapper::complete(&mut given, std::iter::repeat_with(|| call.new_id()));
    call.change(|documents, changes| {
        let scope = found(call, documents)?;
        let name = name.as_deref().ok_or_else(|| AdminError::Broken("a client scope without a name".to_owned()))?;
        refuse_bad_name(name)?;
        let mut body = scope.body.clone();
        merge(&mut body, given.clone(), &RULES);
        let to = Key::of(Kind::ClientScope, name);
        if to == scope.key {
            changes.put_body(&scope.key, body);
        } else if documents.get(&to).is_some() {
            return Err(AdminError::message(409, format!("Client Scope {name} already exists")));
        } else {
            references::rename(changes, documents, (&scope.key, &to), body);
        }
        Ok(())
    })
    .await?;
    Ok(Answer::no_content())
}

async fn delete(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ManageClients)?;
    call.change(|documents, changes| {
        references::delete(changes, documents, &found(call, documents)?.key);
        Ok(())
    })
    .await?;
    Ok(Answer::no_content().no_cache())
}

/// A scope as lists of a client or the realm show it.
pub(crate) fn brief(scope: &Document) -> Value {
    serde_json::json!({ "id": scope.id, "name": scope.key.name })
}
