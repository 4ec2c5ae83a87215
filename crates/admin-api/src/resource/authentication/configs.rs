//! Configurations of authenticators.

use realm_model::document::{Document, Documents, Key, Kind, representation};
use serde_json::{Map, Value, json};

use super::executions::{find, give_config, reconfigure};
use crate::answer::Answer;
use crate::body::text;
use crate::call::Call;
use crate::error::AdminError;
use crate::json::Shape;
use crate::merge::without_nulls;
use crate::roles::Permission;

fn found<'d>(documents: &'d Documents, id: &str) -> Result<&'d Document, AdminError> {
    let entry = documents.by_id(Kind::AuthenticatorConfig, id);
    Ok(&entry.ok_or_else(|| AdminError::error(404, "Could not find authenticator config"))?.document)
}

pub(super) async fn read(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ViewFlows)?;
    let documents = call.documents().await?;
    Answer::json(&representation(&documents, found(&documents, call.param(0))?))
}

pub(super) async fn create(call: &Call) -> Result<Answer, AdminError> {
    let given = without_nulls(call.json(&Shape::Map(&Shape::Any))?);
    call.refuse_without(Permission::ManageRealm)?;
    let id = call.new_id();
    call.change(|documents, changes| {
        let step = find(documents, call.param(0))?;
        let alias = text(&given, "alias").filter(|alias| !alias.is_empty()).ok_or_else(|| {
            AdminError::message(409, "Failed to create authentication execution configuration with empty alias name")
        })?;
        let key = Key::of(Kind::AuthenticatorConfig, alias);
        if documents.get(&key).is_some() {
            return Err(AdminError::Duplicate);
        }
        give_config(changes, &step, alias);
        let config = given.get("config").filter(|config| config.is_object()).cloned();
        let Value::Object(body) = json!({ "alias": alias, "config": config.unwrap_or_else(|| Map::new().into()) }) else {
            return Ok(());
        };
        changes.put(Document { key, id: id.clone(), body });
        Ok(())
    })
    .await?;
    Ok(Answer::created(call.location(&["authentication", "executions", call.param(0), "config", &id])).no_cache())
}

pub(super) async fn update(call: &Call) -> Result<Answer, AdminError> {
    let given = without_nulls(call.json(&Shape::Map(&Shape::Any))?);
    call.refuse_without(Permission::ManageRealm)?;
    call.change(|documents, changes| {
        let config = found(documents, call.param(0))?;
        let before = config.key.name.as_str();
        let alias = text(&given, "alias").filter(|alias| !alias.is_empty()).unwrap_or(before);
        let mut body = config.body.clone();
        body.insert("alias".to_owned(), alias.into());
        if let Some(values) = given.get("config").filter(|config| config.is_object()) {
            body.insert("config".to_owned(), values.clone());
        }
        if alias == before {
            changes.put_body(&config.key, body);
            return Ok(());
        }
        let to = Key::of(Kind::AuthenticatorConfig, alias);
        if documents.get(&to).is_some() {
            return Err(AdminError::Duplicate);
        }
        changes.rename(&config.key, to, body);
        reconfigure(documents, changes, before, Some(alias));
        Ok(())
    })
    .await?;
    Ok(Answer::no_content().no_cache())
}

pub(super) async fn delete(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ManageRealm)?;
    call.change(|documents, changes| {
        let config = found(documents, call.param(0))?;
        reconfigure(documents, changes, &config.key.name, None);
        changes.delete(&config.key);
        Ok(())
    })
    .await?;
    Ok(Answer::no_content().no_cache())
}
