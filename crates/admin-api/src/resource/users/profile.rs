//! `…/users/profile`, `…/users/profile/metadata`, `…/users/{id}/unmanagedAttributes`

use realm_model::document::{Body, Document, Key, Kind};
use serde_json::{Map, Value, json};

use crate::answer::{Answer, BARE_JSON};
use crate::call::Call;
use crate::error::AdminError;
use crate::json::{self, JsonError};
use crate::profile::config::{complete, refuse_invalid};
use crate::profile::metadata::{Of, metadata};
use crate::profile::{CONFIG, PROVIDER, Profile, Unmanaged, component, default_body};
use crate::roles::Permission;
use crate::router::{Resource, Route, WrongVerb};

pub(crate) static RESOURCE: Resource = Resource {
    routes: &[
        Route::get("users/profile", |call| Box::pin(read(call))),
        Route::put("users/profile", |call| Box::pin(write(call))),
        Route::get("users/profile/metadata", |call| Box::pin(read_metadata(call))),
        Route::get("users/{user}/unmanagedAttributes", |call| Box::pin(unmanaged(call))),
    ],
    locator: None,
    wrong_verb: WrongVerb::MethodNotAllowed,
};

/// The provider of the component.
const DECLARATIVE: &str = "declarative-user-profile";

async fn read(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ViewUserProfile)?;
    let profile = Profile::of(&*call.documents().await?);
    Ok(Answer::json(&complete(profile.body().clone()))?.without_cache_control())
}

async fn read_metadata(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ViewUserProfile)?;
    let documents = call.documents().await?;
    let settings = documents.settings().cloned().unwrap_or_default();
    Ok(Answer::json(&metadata(&Profile::of(&documents), &settings, Of::NewUser))?.without_cache_control())
}

/// Keycloak: no profile at all is that of a new realm again (asked of 26.7.4).
async fn write(call: &Call) -> Result<Answer, AdminError> {
    let given = match call.json(&json::USER_PROFILE) {
        Ok(given) => Some(given),
        Err(AdminError::Json(JsonError::Absent)) => None,
        Err(error) => return Err(error),
    };
    call.refuse_without(Permission::ManageRealm)?;
    let documents = call.documents().await?;
    if let Some(given) = &given {
        refuse_invalid(given, &documents)?;
    }
    let profile = given.map(complete);
    let id = call.new_id();
    call.change(|documents, changes| {
        match (component(documents), &profile) {
            (Some(component), Some(profile)) => changes.put_body(&component.key, with(component.body.clone(), profile)),
            (Some(component), None) => changes.delete(&component.key),
            (None, Some(profile)) => {
                let key = Key::owned(Kind::Component, PROVIDER, DECLARATIVE);
                let body = json!({ "providerId": DECLARATIVE, "subComponents": {}, "config": {} });
                let body = body.as_object().cloned().unwrap_or_default();
                changes.put(Document { key, id: id.clone(), body: with(body, profile) });
            }
            (None, None) => {}
        }
        Ok(())
    })
    .await?;
    let shown = profile.unwrap_or_else(default_body);
    Ok(Answer::json(&shown)?.media_type(BARE_JSON).without_cache_control())
}

/// The component with this profile in its configuration.
fn with(mut component: Body, profile: &Body) -> Body {
    let text = Value::Object(profile.clone()).to_string();
    let config = component.entry("config").or_insert_with(|| Map::new().into());
    if let Value::Object(config) = config {
        config.insert(CONFIG.to_owned(), json!([text]));
    }
    component
}

async fn unmanaged(call: &Call) -> Result<Answer, AdminError> {
    let user = call.visible_user().await?;
    let profile = Profile::of(&*call.documents().await?);
    let mut all = user.0.get("attributes").and_then(Value::as_object).cloned().unwrap_or_default();
    all.retain(|name, _| profile.attribute(name).is_none() && profile.unmanaged() != Unmanaged::Hidden);
    Answer::json(&all)
}
