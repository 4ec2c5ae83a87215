//! `/admin/realms/{realm}/events`, `…/admin-events`: which events are kept. None are yet, so that there are none to read.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::body::{only, texts};
use crate::call::Call;
use crate::error::AdminError;
use crate::json;
use crate::merge::{MergeRules, merge};
use crate::roles::Permission;
use crate::router::{Resource, Route, WrongVerb};

pub(crate) static RESOURCE: Resource = Resource {
    routes: &[
        Route::get("events", |call| Box::pin(none(call))),
        Route::delete("events", |call| Box::pin(clear(call))),
        Route::get("events/config", |call| Box::pin(config(call))),
        Route::put("events/config", |call| Box::pin(set_config(call))),
        Route::get("admin-events", |call| Box::pin(none(call))),
        Route::delete("admin-events", |call| Box::pin(clear(call))),
    ],
    locator: None,
    wrong_verb: WrongVerb::NotFound,
};

const MEMBERS: &[&str] = &[
    "eventsEnabled",
    "eventsExpiration",
    "eventsListeners",
    "enabledEventTypes",
    "adminEventsEnabled",
    "adminEventsDetailsEnabled",
];
const LISTENERS: &[&str] = &["jboss-logging", "email"];
const RULES: MergeRules = MergeRules { ignored: &[], maps: &[], removed_if_absent: &["eventsExpiration"] };

/// Types of events that Keycloak keeps unless told otherwise; each has one for its failure, too.
const TYPES: &[&str] = &[
    "AUTHREQID_TO_TOKEN",
    "CLIENT_DELETE",
    "CLIENT_INITIATED_ACCOUNT_LINKING",
    "CLIENT_LOGIN",
    "CLIENT_REGISTER",
    "CLIENT_UPDATE",
    "CODE_TO_TOKEN",
    "CUSTOM_REQUIRED_ACTION",
    "DELETE_ACCOUNT",
    "EXECUTE_ACTIONS",
    "EXECUTE_ACTION_TOKEN",
    "FEDERATED_IDENTITY_LINK",
    "FEDERATED_IDENTITY_OVERRIDE_LINK",
    "GRANT_CONSENT",
    "IDENTITY_PROVIDER_FIRST_LOGIN",
    "IDENTITY_PROVIDER_LINK_ACCOUNT",
    "IDENTITY_PROVIDER_LOGIN",
    "IDENTITY_PROVIDER_POST_LOGIN",
    "IMPERSONATE",
    "INVITE_ORG",
    "JWT_AUTHORIZATION_GRANT",
    "LOGIN",
    "LOGOUT",
    "OAUTH2_DEVICE_AUTH",
    "OAUTH2_DEVICE_CODE_TO_TOKEN",
    "OAUTH2_DEVICE_VERIFY_USER_CODE",
    "PERMISSION_TOKEN",
    "REGISTER",
    "REMOVE_CREDENTIAL",
    "REMOVE_FEDERATED_IDENTITY",
    "RESET_PASSWORD",
    "RESTART_AUTHENTICATION",
    "REVOKE_GRANT",
    "SEND_IDENTITY_PROVIDER_LINK",
    "SEND_RESET_PASSWORD",
    "SEND_VERIFY_EMAIL",
    "TOKEN_EXCHANGE",
    "UPDATE_CONSENT",
    "UPDATE_CREDENTIAL",
    "UPDATE_EMAIL",
    "UPDATE_PASSWORD",
    "UPDATE_PROFILE",
    "UPDATE_TOTP",
    "VERIFY_EMAIL",
    "VERIFY_PROFILE",
];

async fn none(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ViewEvents)?;
    call.query.page()?;
    Answer::json(&Vec::<Value>::new())
}

async fn clear(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ManageEvents)?;
    Ok(Answer::no_content())
}

async fn config(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ViewEvents)?;
    let documents = call.documents().await?;
    let mut config = only(documents.settings().cloned().unwrap_or_default(), MEMBERS);
    if texts(&config, "enabledEventTypes").next().is_none() {
        let all: Vec<String> = TYPES.iter().flat_map(|name| [(*name).to_owned(), format!("{name}_ERROR")]).collect();
        config.insert("enabledEventTypes".to_owned(), json!(all));
    }
    config.retain(|_, value| !value.is_null());
    Answer::json(&config)
}

async fn set_config(call: &Call) -> Result<Answer, AdminError> {
    let given = call.json(&json::EVENTS_CONFIG)?;
    call.refuse_without(Permission::ManageEvents)?;
    if texts(&given, "eventsListeners").any(|listener| !LISTENERS.contains(&listener)) {
        return Err(AdminError::error(400, "Unknown event listener"));
    }
    call.change(|documents, changes| {
        let mut settings = documents.settings().cloned().unwrap_or_default();
        merge(&mut settings, given.clone(), &RULES);
        changes.put_settings(settings);
        Ok(())
    })
    .await?;
    Ok(Answer::no_content())
}
