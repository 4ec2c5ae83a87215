//! `/admin/realms/{realm}/partial-export`

use realm_model::document::{Body, join};
use serde_json::Value;

use crate::answer::{Answer, BARE_JSON};
use crate::call::Call;
use crate::error::AdminError;
use crate::resource::realm::MASK;
use crate::roles::Permission;
use crate::router::{Consumes, Resource, Route, WrongVerb};

pub(crate) static RESOURCE: Resource = Resource {
    routes: &[Route::post("partial-export", |call| Box::pin(export(call))).taking(Consumes::Nothing)],
    locator: None,
    wrong_verb: WrongVerb::NotFound,
};

/// What is there only where clients are asked for.
const OF_CLIENTS: [&str; 2] = ["clients", "clientScopeMappings"];
/// What is there only where groups and roles are asked for.
const OF_GROUPS_AND_ROLES: [&str; 2] = ["groups", "roles"];
/// Members whose values are shown masked, wherever they stand.
const SECRETS: &[&str] = &["secret", "clientSecret", "privateKey", "bindCredential", "password"];

async fn export(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ManageRealm)?;
    let documents = call.documents().await?;
    let mut realm = join(&documents);
    for (wanted, members) in [("exportClients", OF_CLIENTS), ("exportGroupsAndRoles", OF_GROUPS_AND_ROLES)] {
        if call.query.flag(wanted) != Some(true) {
            members.iter().for_each(|member| drop(realm.shift_remove(*member)));
        }
    }
    if !crate::body::is_on(&realm, "internationalizationEnabled") {
        realm.shift_remove("supportedLocales");
    }
    realm.retain(|_, value| !value.is_null());
    mask(&mut realm);
    Ok(Answer::json(&realm)?.without_cache_control().media_type(BARE_JSON))
}

fn mask(body: &mut Body) {
    for (name, value) in body.iter_mut() {
        match value {
            Value::Object(inner) => mask(inner),
            Value::Array(list) if SECRETS.contains(&name.as_str()) => {
                list.iter_mut().filter(|value| value.is_string()).for_each(|value| *value = MASK.into());
            }
            Value::Array(list) => list.iter_mut().filter_map(Value::as_object_mut).for_each(mask),
            Value::String(text) if SECRETS.contains(&name.as_str()) && !text.starts_with("${") => *value = MASK.into(),
            _ => {}
        }
    }
}
