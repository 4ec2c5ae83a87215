//! `…/users/{id}/reset-password`, `…/credentials`, `…/disable-credential-types`, `…/configured-user-storage-credential-types`

use realm_model::document::{Body, UserRecord};
use realm_store::{Batch, CommitError, Expected, UserRow, Write};
use serde_json::Value;

use super::create::{UPDATE_PASSWORD, require};
use crate::answer::Answer;
use crate::body::{is_on, text};
use crate::call::Call;
use crate::credentials::{hash_plain, hash_policy};
use crate::error::AdminError;
use crate::json::{self, JsonError, Shape};
use crate::roles::Permission;
use crate::router::{Consumes, Resource, Route, WrongVerb};
use user_authentication::credentials::{credentials, move_behind, position, put_credentials, shown};

pub(crate) static RESOURCE: Resource = Resource {
    routes: &[
        Route::put("users/{user}/reset-password", |call| Box::pin(reset_password(call))),
        Route::get("users/{user}/credentials", |call| Box::pin(list(call))),
        Route::delete("users/{user}/credentials/{credential}", |call| Box::pin(delete(call))),
        Route::put("users/{user}/credentials/{credential}/userLabel", |call| Box::pin(label(call))).taking(Consumes::Text),
        Route::post("users/{user}/credentials/{credential}/moveToFirst", |call| Box::pin(put_behind(call)))
            .taking(Consumes::Nothing),
        Route::post("users/{user}/credentials/{credential}/moveAfter/{other}", |call| Box::pin(put_behind(call)))
            .taking(Consumes::Nothing),
        Route::put("users/{user}/disable-credential-types", |call| Box::pin(disable(call))),
        Route::get("users/{user}/configured-user-storage-credential-types", |call| Box::pin(of_user_storage(call))),
    ],
    locator: None,
    wrong_verb: WrongVerb::NotFound,
};

/// Characters of a label.
const LONGEST_LABEL: usize = 255;

async fn reset_password(call: &Call) -> Result<Answer, AdminError> {
    let user = call.user().await?.record;
    let given = match call.json(&json::CREDENTIAL) {
        Err(AdminError::Json(JsonError::Absent)) => Body::new(),
        given => given?,
    };
    call.refuse_without(Permission::ManageUsers)?;
    let password = text(&given, "value").ok_or_else(|| AdminError::error(400, "No password provided"))?;
    if password.trim().is_empty() {
        return Err(AdminError::error(400, "Empty password not allowed"));
    }
    let new = call.take_password(&user, password).await?;
    call.change_user(|user, _| {
        new.put(user);
        if is_on(&given, "temporary") {
            require(user, UPDATE_PASSWORD);
        } else {
            crate::body::remove_text(&mut user.0, "requiredActions", UPDATE_PASSWORD);
        }
        Ok(())
    })
    .await?;
    Ok(Answer::no_content())
}

async fn list(call: &Call) -> Result<Answer, AdminError> {
    let row = call.user().await?;
    call.refuse_without(Permission::ViewUsers)?;
    Answer::json(&shown(&settled(call, row).await?))
}

/// The user, with no password left that stands in plain and no credential without an id, as files may have them.
async fn settled(call: &Call, row: UserRow) -> Result<UserRecord, AdminError> {
    let UserRow { version, record: before } = row;
    let mut record = before.clone();
    let documents = call.documents().await?;
    let settings = documents.settings().cloned().unwrap_or_default();
    hash_plain(&call.api, &mut record, &hash_policy(&settings)).await?;
    for credential in record.0.get_mut("credentials").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Value::Object(credential) = credential {
            credential.entry("id").or_insert_with(|| call.new_id().into());
        }
    }
    if record != before {
        let mut batch = Batch::within(&*call.realm().id);
        batch.writes.push(Write::PutUser { record: record.clone(), expected: Expected::Version(version) });
        match call.api.live.commit(batch).await {
            Ok(()) => {}
            Err(CommitError::Conflict(_)) => return Ok(call.user().await?.record),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(record)
}

fn missing() -> AdminError {
    AdminError::error(404, "Credential not found")
}

/// Changes the credentials of the user; `work` gets them with the place of the one that the path names.
async fn change(call: &Call, work: impl Fn(&mut Vec<Body>, usize) -> Result<(), AdminError>) -> Result<(), AdminError> {
    call.user().await?;
    call.refuse_without(Permission::ManageUsers)?;
    call.change_user(|user, _| {
        let mut all: Vec<Body> = credentials(user).cloned().collect();
        let at = position(&all, call.param(1)).ok_or_else(missing)?;
        work(&mut all, at)?;
        put_credentials(user, all);
        Ok(())
    })
    .await
}

async fn delete(call: &Call) -> Result<Answer, AdminError> {
    change(call, |all, at| {
        all.remove(at);
        Ok(())
    })
    .await?;
    Ok(Answer::no_content().no_cache())
}

async fn put_behind(call: &Call) -> Result<Answer, AdminError> {
    let other = call.params.get(2).map(String::as_str);
    change(call, |all, at| {
        move_behind(all, at, other);
        Ok(())
    })
    .await?;
    Ok(Answer::no_content())
}

async fn label(call: &Call) -> Result<Answer, AdminError> {
    let label = call.text();
    change(call, |all, at| {
        if label.trim().is_empty() {
            let text = "Credential label must not be empty".to_owned();
            return Err(AdminError::Described(400, "missingCredentialLabel", text));
        }
        let is_same = |(place, body): (usize, &Body)| place != at && text(body, "userLabel") == Some(label.as_str());
        if all.iter().enumerate().any(is_same) {
            return Err(AdminError::Described(409, "conflict", "Device already exists with the same name".to_owned()));
        }
        if label.chars().count() > LONGEST_LABEL {
            return Err(AdminError::Broken("the label is too long".to_owned()));
        }
        if let Some(body) = all.get_mut(at) {
            body.insert("userLabel".to_owned(), label.as_str().into());
        }
        Ok(())
    })
    .await?;
    Ok(Answer::no_content())
}

/// Keycloak: none of its own credentials can be disabled (asked of 26.7.4).
async fn disable(call: &Call) -> Result<Answer, AdminError> {
    call.user().await?;
    match call.value(&Shape::List(&Shape::Text)) {
        Ok(_) | Err(AdminError::Json(JsonError::Absent)) => {}
        Err(error) => return Err(error),
    }
    call.refuse_without(Permission::ManageUsers)?;
    Ok(Answer::no_content())
}

async fn of_user_storage(call: &Call) -> Result<Answer, AdminError> {
    call.visible_user().await?;
    Answer::json(&Vec::<Value>::new())
}
