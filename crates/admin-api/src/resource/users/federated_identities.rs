//! `…/users/{id}/federated-identity` (recording admin-users/federated-identity)

use realm_model::document::UserRecord;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::body::text;
use crate::call::Call;
use crate::error::AdminError;
use crate::json;
use crate::roles::Permission;
use crate::router::{Resource, Route, WrongVerb};
use crate::user::shown::identities;

pub(crate) static RESOURCE: Resource = Resource {
    routes: &[
        Route::get("users/{user}/federated-identity", |call| Box::pin(list(call))),
        Route::post("users/{user}/federated-identity/{provider}", |call| Box::pin(link(call))),
        Route::delete("users/{user}/federated-identity/{provider}", |call| Box::pin(unlink(call))),
    ],
    locator: None,
    wrong_verb: WrongVerb::NotFound,
};

const MEMBER: &str = "federatedIdentities";

async fn list(call: &Call) -> Result<Answer, AdminError> {
    let user = call.visible_user().await?;
    let documents = call.documents().await?;
    Answer::json(&identities(&documents, &user))
}

fn is_of(identity: &Value, provider: &str) -> bool {
    identity.get("identityProvider").and_then(Value::as_str) == Some(provider)
}

fn is_linked(user: &UserRecord, provider: &str) -> bool {
    user.0.get(MEMBER).and_then(Value::as_array).is_some_and(|all| all.iter().any(|identity| is_of(identity, provider)))
}

/// Keycloak: the provider need not be there; it is that of the path.
async fn link(call: &Call) -> Result<Answer, AdminError> {
    call.user().await?;
    let given = call.json(&json::FEDERATED_IDENTITY)?;
    call.refuse_without(Permission::ManageUsers)?;
    let provider = call.param(1);
    call.change_user(|user, _| {
        if is_linked(user, provider) {
            return Err(AdminError::message(409, "User is already linked with provider"));
        }
        let mut identity = serde_json::Map::new();
        identity.insert("identityProvider".to_owned(), provider.into());
        for member in ["userId", "userName"] {
            if let Some(value) = text(&given, member) {
                identity.insert(member.to_owned(), value.into());
            }
        }
        if let Value::Array(all) = user.0.entry(MEMBER).or_insert_with(|| json!([])) {
            all.push(identity.into());
        }
        Ok(())
    })
    .await?;
    Ok(Answer::no_content().no_cache())
}

async fn unlink(call: &Call) -> Result<Answer, AdminError> {
    call.user().await?;
    call.refuse_without(Permission::ManageUsers)?;
    let provider = call.param(1);
    call.change_user(|user, _| {
        if !is_linked(user, provider) {
            return Err(AdminError::error(404, "Link not found"));
        }
        if let Some(Value::Array(all)) = user.0.get_mut(MEMBER) {
            all.retain(|identity| !is_of(identity, provider));
        }
        Ok(())
    })
    .await?;
    Ok(Answer::no_content().no_cache())
}
