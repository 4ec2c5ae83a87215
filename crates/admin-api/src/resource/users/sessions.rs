//! `…/users/{id}/sessions`, `…/offline-sessions/{client}`, `…/logout` (recordings admin-users/{sessions,offline-sessions})

use ::sessions::SessionKind;
use realm_model::document::Kind;
use serde_json::Value;

use crate::answer::Answer;
use crate::call::Call;
use crate::error::AdminError;
use crate::roles::Permission;
use crate::router::{Consumes, Resource, Route, WrongVerb};
use crate::session_list;

pub(crate) static RESOURCE: Resource = Resource {
    routes: &[
        Route::get("users/{user}/sessions", |call| Box::pin(list(call))),
        Route::get("users/{user}/offline-sessions/{client}", |call| Box::pin(offline(call))),
        Route::post("users/{user}/logout", |call| Box::pin(logout(call))).taking(Consumes::Nothing),
    ],
    locator: None,
    wrong_verb: WrongVerb::NotFound,
};

async fn list(call: &Call) -> Result<Answer, AdminError> {
    let user = call.visible_user().await?;
    let found = session_list::of_user(call, SessionKind::Online, &user).await?;
    let all: Vec<Value> = found.iter().map(|(session, name)| session_list::shown(call, session, name)).collect();
    Answer::json(&all)
}

async fn offline(call: &Call) -> Result<Answer, AdminError> {
    let user = call.visible_user().await?;
    let documents = call.documents().await?;
    let client = documents.by_id(Kind::Client, call.param(1)).ok_or_else(|| AdminError::error(404, "Client not found"))?;
    let mut found = session_list::of_user(call, SessionKind::Offline, &user).await?;
    found.retain(|(session, _)| session.client(&client.document.id).is_some());
    let all: Vec<Value> = found.iter().map(|(session, name)| session_list::shown(call, session, name)).collect();
    Answer::json(&all)
}

/// Keycloak: ends the sessions, and with them all tokens issued before this second; offline sessions stay (asked of 26.7.4).
async fn logout(call: &Call) -> Result<Answer, AdminError> {
    let user = call.user().await?.record;
    call.refuse_without(Permission::ManageUsers)?;
    let now = call.context.now.secs();
    call.change_user(|user, _| {
        user.0.insert("notBefore".to_owned(), now.into());
        Ok(())
    })
    .await?;
    let ended = call.end_sessions(SessionKind::Online, &user.id().into()).await?;
    call.api.notifications.sessions_ended(&call.context, &ended).await;
    Ok(Answer::no_content())
}
