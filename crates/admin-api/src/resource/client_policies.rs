//! `/admin/realms/{realm}/client-policies`

use client_policies::{CONDITIONS, EXECUTORS, global_profiles, is_global_profile};
use realm_model::document::Body;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::body::{object, text, texts};
use crate::call::Call;
use crate::error::AdminError;
use crate::json::Shape;
use crate::roles::Permission;
use crate::router::{Resource, Route, WrongVerb};

pub(crate) static RESOURCE: Resource = Resource {
    routes: &[
        Route::get("client-policies/policies", |call| Box::pin(read(call, POLICIES))),
        Route::put("client-policies/policies", |call| Box::pin(write(call, POLICIES))),
        Route::get("client-policies/profiles", |call| Box::pin(read(call, PROFILES))),
        Route::put("client-policies/profiles", |call| Box::pin(write(call, PROFILES))),
    ],
    locator: None,
    wrong_verb: WrongVerb::NotFound,
};

/// The member of the settings, and the list in it.
type Kind = (&'static str, &'static str);

const POLICIES: Kind = ("clientPolicies", "policies");
const PROFILES: Kind = ("clientProfiles", "profiles");

/// Executors of Keycloak 26.7 that are taken and kept, but refuse whatever their policy applies to (docs/compatibility.md).
const NOT_DONE_HERE: [&str; 2] = ["intent-client-bind-checker", "tls-client-auth-ca-subject-dn"];

async fn read(call: &Call, (member, list): Kind) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ViewRealm)?;
    let documents = call.documents().await?;
    let kept = documents.settings().and_then(|settings| object(settings, member));
    let items = kept.and_then(|kept| kept.get(list)).cloned().unwrap_or_else(|| json!([]));
    let mut shown = Body::from_iter([(list.to_owned(), items)]);
    if call.query.flag("include-global-profiles") == Some(true) {
        shown.insert("globalProfiles".to_owned(), global_profiles().into());
    }
    Answer::json(&shown)
}

async fn write(call: &Call, (member, list): Kind) -> Result<Answer, AdminError> {
    let given = call.json(&Shape::Map(&Shape::Any))?;
    call.refuse_without(Permission::ManageRealm)?;
    let items = given.get(list).filter(|items| items.is_array()).cloned().unwrap_or_else(|| json!([]));
    call.change(|documents, changes| {
        let mut settings = documents.settings().cloned().unwrap_or_default();
        refuse_unknown((member, list), &items, &settings)?;
        settings.insert(member.to_owned(), json!({ list: items }));
        changes.put_settings(settings);
        Ok(())
    })
    .await?;
    Ok(Answer::no_content())
}

/// Keycloak: recording admin-realms/client-policies; more of it measured on 26.7.4.
fn refuse_unknown((_, list): Kind, items: &Value, settings: &Body) -> Result<(), AdminError> {
    let of_profiles = list == PROFILES.1;
    let profiles = object(settings, PROFILES.0).and_then(|kept| kept.get(PROFILES.1)).and_then(Value::as_array);
    let own: Vec<&str> = profiles.into_iter().flatten().filter_map(|profile| profile.get("name")?.as_str()).collect();
    let refused = |text: String| Err(AdminError::message(400, text));
    let mut names = Vec::new();
    for item in items.as_array().into_iter().flatten().filter_map(Value::as_object) {
        match text(item, "name") {
            None if of_profiles => return refused("client profile without its name not allowed.".to_owned()),
            Some(name) if of_profiles && is_global_profile(name) => {
                return refused(format!("Proposed profile name '{name}' is duplicated as a global profile"));
            }
            Some(name) if names.contains(&name) => {
                let text = if of_profiles {
                    "proposed client profile name duplicated."
                } else {
                    "proposed client policy name duplicated"
                };
                return refused(text.to_owned());
            }
            name => names.extend(name),
        }
        let known = |name: &&str| own.contains(name) || is_global_profile(name);
        let policy = text(item, "name").unwrap_or_default();
        if let Some(profile) = texts(item, "profiles").find(|name| !known(name)) {
            return refused(format!("Policy {policy} contains invalid profile {profile}"));
        }
        let conditions = item.get("conditions").and_then(Value::as_array).into_iter().flatten();
        let mut conditions = conditions.filter_map(|condition| condition.get("condition")?.as_str());
        if let Some(condition) = conditions.find(|name| !CONDITIONS.contains(name)) {
            return refused(format!("Policy {policy} contains invalid condition {condition}"));
        }
        let executors = item.get("executors").and_then(Value::as_array).into_iter().flatten();
        if executors
            .filter_map(|executor| executor.get("executor")?.as_str())
            .any(|name| !EXECUTORS.contains(&name) && !NOT_DONE_HERE.contains(&name))
        {
            let text = "proposed client profile contains the executor, which does not have valid provider, or has invalid configuration.";
            return Err(AdminError::message(400, text));
        }
    }
    Ok(())
}
