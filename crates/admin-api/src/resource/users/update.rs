//! `PUT …/users/{id}`

use realm_model::document::{Body, UserRecord};
use serde_json::json;

use super::create::{claim, find_others, give_credentials, known_actions};
use crate::answer::Answer;
use crate::body::is_on;
use crate::call::Call;
use crate::error::AdminError;
use crate::json::{self, JsonError};
use crate::profile::Profile;
use crate::profile::check::work_out;
use crate::roles::Permission;
use user_authentication::credentials::put_credentials;

pub(super) async fn update(call: &Call) -> Result<Answer, AdminError> {
    call.user().await?;
    let given = given(call)?;
    call.refuse_without(Permission::ManageUsers)?;
    // Keycloak: recording admin-users/put-conflict.
    let given = given.ok_or_else(|| AdminError::message(400, "Could not update user!"))?;
    let documents = call.documents().await?;
    let settings = documents.settings().cloned().unwrap_or_default();
    let profile = Profile::of(&documents);
    let before = call.user().await?.record;
    let mut wanted = work_out((&profile, &settings), (&given, Some(&before)));
    find_others(call, &settings, (&mut wanted, Some(&before))).await?;
    wanted.refuse_faults()?;
    let mut with_credentials = before.clone();
    give_credentials(call, &given, &mut with_credentials).await?;
    call.change_user(|user, writes| {
        let wanted = work_out((&profile, &settings), (&given, Some(user)));
        wanted.refuse_faults()?;
        let moved = wanted.email() != user.text("email");
        wanted.put_into(&mut user.0);
        put_members(user, &given);
        if with_credentials != before {
            take_credentials(user, &with_credentials);
        }
        if moved {
            writes.extend(claim(&settings, user.id(), wanted.email()));
        }
        Ok(())
    })
    .await?;
    if is_on(&given, "enabled")
        && call.api.sessions.is_locked_for_good(call.realm(), &before.id().into(), call.context.now).await?
    {
        call.forget_attempts(&before.id().into()).await?;
    }
    Ok(Answer::no_content())
}

/// The body; none where there is none.
fn given(call: &Call) -> Result<Option<Body>, AdminError> {
    match call.json(&json::USER) {
        Ok(given) => Ok(Some(given)),
        Err(AdminError::Json(JsonError::Absent)) => Ok(None),
        Err(error) => Err(error),
    }
}

fn put_members(user: &mut UserRecord, given: &Body) {
    for member in ["enabled", "emailVerified"] {
        if let Some(value) = given.get(member).filter(|value| value.is_boolean()) {
            user.0.insert(member.to_owned(), value.clone());
        }
    }
    if given.get("requiredActions").is_some_and(serde_json::Value::is_array) {
        user.0.insert("requiredActions".to_owned(), json!(known_actions(given)));
    }
}

/// Keycloak: a password for once asks for another one, after the required actions that the same body sets.
fn take_credentials(user: &mut UserRecord, of: &UserRecord) {
    put_credentials(user, user_authentication::credentials::credentials(of).cloned().collect());
    if of.texts("requiredActions").any(|action| action == super::create::UPDATE_PASSWORD) {
        super::create::require(user, super::create::UPDATE_PASSWORD);
    }
}
