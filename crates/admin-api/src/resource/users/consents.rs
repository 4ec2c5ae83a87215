//! `…/users/{id}/consents` (recording admin-users/offline-sessions)

use ::sessions::SessionKind;
use realm_model::document::{Body, Documents, Kind, UserRecord};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::body::text;
use crate::call::Call;
use crate::error::AdminError;
use crate::roles::Permission;
use crate::router::{Resource, Route, WrongVerb};
use crate::session_list;

pub(crate) static RESOURCE: Resource = Resource {
    routes: &[
        Route::get("users/{user}/consents", |call| Box::pin(list(call))),
        Route::delete("users/{user}/consents/{client}", |call| Box::pin(revoke(call))),
    ],
    locator: None,
    wrong_verb: WrongVerb::NotFound,
};

const MEMBER: &str = "clientConsents";

fn consents(user: &UserRecord) -> impl Iterator<Item = &Body> {
    user.0.get(MEMBER).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

async fn list(call: &Call) -> Result<Answer, AdminError> {
    let user = call.visible_user().await?;
    let documents = call.documents().await?;
    let offline = session_list::of_user(call, SessionKind::Offline, &user).await?;
    let has_token = |id: &str| offline.iter().any(|(session, _)| session.client(id).is_some());
    let all = documents.of_kind(Kind::Client).map(|entry| &entry.document).filter_map(|client| {
        let consent = consents(&user).find(|consent| text(consent, "clientId") == Some(client.key.name.as_str()));
        let token = has_token(&client.id);
        if consent.is_none() && !token {
            return None;
        }
        let mut shown = Body::new();
        shown.insert("clientId".to_owned(), client.key.name.as_str().into());
        let scopes = consent.and_then(|consent| consent.get("grantedClientScopes")).cloned().unwrap_or_else(|| json!([]));
        shown.insert("grantedClientScopes".to_owned(), scopes);
        for date in ["createdDate", "lastUpdatedDate"] {
            if let Some(value) = consent.and_then(|consent| consent.get(date)).filter(|value| !value.is_null()) {
                shown.insert(date.to_owned(), value.clone());
            }
        }
        let grants = if token { json!([{ "client": client.id, "key": "Offline Token" }]) } else { json!([]) };
        shown.insert("additionalGrants".to_owned(), grants);
        Some(shown)
    });
    Answer::json(&all.collect::<Vec<Body>>())
}

fn client_id<'d>(call: &Call, documents: &'d Documents) -> Result<(&'d str, &'d str), AdminError> {
    let entry = documents.named(Kind::Client, call.param(1)).ok_or_else(|| AdminError::error(404, "Client not found"))?;
    Ok((&entry.document.id, &entry.document.key.name))
}

async fn revoke(call: &Call) -> Result<Answer, AdminError> {
    let user = call.user().await?.record;
    call.refuse_without(Permission::ManageUsers)?;
    let documents = call.documents().await?;
    let (id, name) = client_id(call, &documents)?;
    let consented = consents(&user).any(|consent| text(consent, "clientId") == Some(name));
    if consented {
        call.change_user(|user, _| {
            if let Some(Value::Array(all)) = user.0.get_mut(MEMBER) {
                all.retain(|consent| consent.get("clientId").and_then(Value::as_str) != Some(name));
            }
            Ok(())
        })
        .await?;
    }
    let ended = end(call, &user, (SessionKind::Offline, id)).await?;
    if !consented && !ended {
        return Err(AdminError::error(404, "Consent nor offline token not found"));
    }
    if consented {
        end(call, &user, (SessionKind::Online, id)).await?;
    }
    Ok(Answer::no_content().no_cache())
}

/// Ends what a client has in the sessions of a user; whether it had anything.
async fn end(call: &Call, user: &UserRecord, (kind, client): (SessionKind, &str)) -> Result<bool, AdminError> {
    let (sessions, realm, now) = (&call.api.sessions, &call.realm().name, call.context.now);
    let mut any = false;
    for seen in sessions.of_user(realm, kind, &user.id().into(), now).await? {
        any |= sessions.detach(realm, (kind, &seen.value.id), client, now).await?;
    }
    Ok(any)
}
