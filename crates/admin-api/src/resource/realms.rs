//! `/admin/realms`

use std::sync::Arc;

use realm_model::completion::{Minting, Origin, new_realm};
use realm_model::document::{Body, split};
use realm_store::{Batch, CommitError};
use serde_json::Value;

use crate::answer::Answer;
use crate::body::{only, text};
use crate::call::Call;
use crate::credentials::{hash_plain, hash_policy};
use crate::error::AdminError;
use crate::json::{self, JsonError};
use crate::master;
use crate::realm_rules::{ErrorKey, refuse_bad_name};
use crate::resource::realm::shown;
use crate::roles::{self, CREATE_REALM, Permission};
use crate::router::{Resource, Route, WrongVerb};

pub(crate) static TOP: Resource = Resource {
    routes: &[Route::get("realms", |call| Box::pin(list(call))), Route::post("realms", |call| Box::pin(create(call)))],
    locator: None,
    wrong_verb: WrongVerb::MethodNotAllowed,
};

/// What a brief list shows of a realm.
const BRIEF: &[&str] = &["id", "realm", "enabled", "displayName", "displayNameHtml"];

/// Keycloak: realms that the caller may view in full, others by name; a caller without any admin role is refused.
async fn list(call: &Call) -> Result<Answer, AdminError> {
    let brief = call.query.flag("briefRepresentation") == Some(true);
    let mut all = Vec::new();
    for name in call.api.live.snapshots().realms() {
        let name = name.as_str();
        if call.caller.may(name, Permission::ViewRealm) {
            let Some(documents) = call.api.live.resolved(name).await? else { continue };
            let realm = shown(&documents);
            all.push(if brief { only(realm, BRIEF) } else { realm });
        } else if call.caller.may(name, Permission::SeeRealm) {
            all.push(Body::from_iter([("realm".to_owned(), Value::from(name))]));
        }
    }
    let may_make = call.caller.realm.name.as_str() == roles::MASTER && call.caller.has_realm_role(CREATE_REALM);
    if all.is_empty() && !may_make {
        return Err(AdminError::Forbidden);
    }
    Answer::json(&all)
}

fn refuse_without_create_realm(call: &Call) -> Result<(), AdminError> {
    let caller = &call.caller;
    let in_master = caller.realm.name.as_str() == roles::MASTER;
    let may = in_master && (caller.has_realm_role(CREATE_REALM) || roles::may_everything(&caller.roles, &caller.realm));
    if may { Ok(()) } else { Err(AdminError::Forbidden) }
}

/// Keycloak words errors of this body in its own way. Recordings admin-realms/create-{bad-json,wrong-types,unknown-field,without-body}.
fn read(call: &Call) -> Result<Body, AdminError> {
    call.json(&json::REALM).map_err(|error| match error {
        AdminError::Json(JsonError::Absent) if call.body.trim_ascii() == b"null" => JsonError::Absent.into(),
        AdminError::Json(_) => AdminError::message(400, "unable to read contents from stream"),
        other => other,
    })
}

async fn create(call: &Call) -> Result<Answer, AdminError> {
    refuse_without_create_realm(call)?;
    let mut given = read(call)?;
    let name = text(&given, "realm").unwrap_or_default().to_owned();
    refuse_bad_name(&name, ErrorKey::Error)?;
    if call.api.live.snapshots().realm(&name).is_some() {
        return Err(AdminError::message(409, format!("Realm {name} already exists")));
    }
    if given.get("id").is_none_or(Value::is_null) {
        given.insert("id".to_owned(), call.new_id().into());
    }
    // Keycloak: recording admin-realms/create-disabled-by-default.
    if given.get("enabled").is_none_or(Value::is_null) {
        given.insert("enabled".to_owned(), false.into());
    }
    let policy = hash_policy(&given);
    let placeholders = Arc::clone(call.api.live.placeholders());
    let minting = Minting { origin: Origin::Import, ..call.minting() };
    let mut made = new_realm(split(given, &|text| realm_model::resolve(text, placeholders.as_ref()).into_owned()), &minting);
    for user in &mut made.users {
        hash_plain(&call.api, user, &policy).await?;
    }
    call.api.live.commit(Batch::creation(made)).await.map_err(|error| match error {
        CommitError::Exists(_) | CommitError::Conflict(_) => AdminError::message(409, "Duplicate resource error"),
        other => other.into(),
    })?;
    master::add_client_of(call, &name).await?;
    if !roles::may_everything(&call.caller.roles, &call.caller.realm) {
        master::give_realm(call, &name).await?;
    }
    Ok(Answer::created(call.location_in(&name, &[])))
}
