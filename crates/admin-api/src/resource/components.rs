//! `/admin/realms/{realm}/components`

use realm_model::document::{Body, Document, Documents, Key, Kind, representation};
use serde_json::{Map, Value};

use crate::answer::Answer;
use crate::body::{object, text};
use crate::call::Call;
use crate::component_rules::{is_known, refuse_invalid};
use crate::error::AdminError;
use crate::json;
use crate::merge::without_nulls;
use crate::resource::realm::MASK;
use crate::roles::Permission;
use crate::router::{Resource, Route, WrongVerb};

pub(crate) static RESOURCE: Resource = Resource {
    routes: &[
        Route::get("components", |call| Box::pin(list(call))),
        Route::post("components", |call| Box::pin(create(call))),
        Route::get("components/{component}", |call| Box::pin(read(call))),
        Route::put("components/{component}", |call| Box::pin(update(call))),
        Route::delete("components/{component}", |call| Box::pin(delete(call))),
    ],
    locator: None,
    wrong_verb: WrongVerb::NotFound,
};

/// Entries of a configuration that are shown masked.
const SECRETS: &[&str] = &["privateKey", "secret", "bindCredential", "keystorePassword", "keyPassword", "password"];

fn shown(documents: &Documents, component: &Document) -> Body {
    let mut body = representation(documents, component);
    body.shift_remove("subComponents");
    body.insert("providerType".to_owned(), component.key.owner.as_str().into());
    body.entry("parentId").or_insert_with(|| documents.realm_id.as_str().into());
    if let Value::Object(config) = body.entry("config").or_insert_with(|| Map::new().into()) {
        for name in SECRETS {
            if let Some(value) = config.get_mut(*name) {
                *value = serde_json::json!([MASK]);
            }
        }
    }
    body.retain(|_, value| !value.is_null());
    body
}

fn found<'d>(call: &Call, documents: &'d Documents) -> Result<&'d Document, AdminError> {
    let entry = documents.by_id(Kind::Component, call.param(0));
    Ok(&entry.ok_or_else(|| AdminError::error(404, "Could not find component"))?.document)
}

async fn list(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ViewRealm)?;
    let documents = call.documents().await?;
    let is = |body: &Body, member: &str, wanted: Option<&str>| wanted.is_none_or(|wanted| text(body, member) == Some(wanted));
    let all = documents.of_kind(Kind::Component).map(|entry| shown(&documents, &entry.document)).filter(|body| {
        is(body, "providerType", call.query.text("type"))
            && is(body, "parentId", call.query.text("parent"))
            && is(body, "name", call.query.text("name"))
    });
    Answer::json(&all.collect::<Vec<_>>())
}

async fn read(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ViewRealm)?;
    let documents = call.documents().await?;
    Answer::json(&shown(&documents, found(call, &documents)?))
}

async fn create(call: &Call) -> Result<Answer, AdminError> {
    let given = without_nulls(call.json(&json::COMPONENT)?);
    call.refuse_without(Permission::ManageRealm)?;
    let (kind, provider) = (text(&given, "providerType").unwrap_or_default(), text(&given, "providerId").unwrap_or_default());
    if !is_known(kind, provider) {
        return Err(AdminError::error(400, "Invalid provider type or no such provider"));
    }
    refuse_invalid(provider, object(&given, "config"))?;
    let id = text(&given, "id").map_or_else(|| call.new_id(), str::to_owned);
    call.change(|documents, changes| {
        if documents.by_id(Kind::Component, &id).is_some() {
            return Err(AdminError::Duplicate);
        }
        let mut body = crate::body::without(given.clone(), &["id", "providerType"]);
        if text(&body, "parentId") == Some(documents.realm_id.as_str()) {
            body.shift_remove("parentId");
        }
        body.entry("config").or_insert_with(|| Map::new().into());
        changes.put(Document { key: free_key(documents, kind, &body, &id), id: id.clone(), body });
        Ok(())
    })
    .await?;
    Ok(Answer::created(call.location(&["components", &id])))
}

/// Components may bear the same name: a further one is told apart by its id.
fn free_key(documents: &Documents, kind: &str, body: &Body, id: &str) -> Key {
    let key = Key::of_body(Kind::Component, kind, body, &str::to_owned);
    let key = key.unwrap_or_else(|| Key::owned(Kind::Component, kind, id));
    match documents.get(&key) {
        None => key,
        Some(_) => Key { name: format!("{} [{id}]", key.name), ..key },
    }
}

/// Keycloak: entries of the configuration that are not given stay.
async fn update(call: &Call) -> Result<Answer, AdminError> {
    let given = without_nulls(call.json(&json::COMPONENT)?);
    call.refuse_without(Permission::ManageRealm)?;
    call.change(|documents, changes| {
        let component = found(call, documents)?;
        let (Some(kind), Some(provider)) = (text(&given, "providerType"), text(&given, "providerId")) else {
            return Err(AdminError::Broken("a component without a provider".to_owned()));
        };
        let mut body = component.body.clone();
        for (member, value) in &given {
            match (member.as_str(), value) {
                ("id" | "providerType" | "parentId", _) => {}
                ("config", Value::Object(config)) => merge_config(&mut body, config),
                (_, value) => drop(body.insert(member.clone(), value.clone())),
            }
        }
        refuse_invalid(provider, object(&body, "config"))?;
        let wanted = Key::of_body(Kind::Component, kind, &body, &str::to_owned);
        if wanted.as_ref() == Some(&component.key) || text(&body, "name") == text(&component.body, "name") {
            changes.put_body(&component.key, body);
        } else {
            let to = free_key(documents, kind, &body, &component.id);
            changes.rename(&component.key, to, body);
        }
        Ok(())
    })
    .await?;
    Ok(Answer::no_content())
}

fn merge_config(body: &mut Body, given: &Body) {
    let Value::Object(config) = body.entry("config").or_insert_with(|| Map::new().into()) else { return };
    for (name, value) in given {
        let masked = SECRETS.contains(&name.as_str()) && value.get(0).and_then(Value::as_str) == Some(MASK);
        if !masked {
            config.insert(name.clone(), value.clone());
        }
    }
}

async fn delete(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ManageRealm)?;
    call.change(|documents, changes| {
        let key = &found(call, documents)?.key;
        changes.delete(key);
        Ok(())
    })
    .await?;
    Ok(Answer::no_content())
}
