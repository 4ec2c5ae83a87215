//! `/admin/realms/{realm}/client-session-stats`, `…/sessions`, `…/logout-all`, `…/push-revocation`

use serde_json::{Value, json};
use sessions::SessionKind;
use token_issuer::AdminAction;

use crate::answer::Answer;
use crate::call::Call;
use crate::error::AdminError;
use crate::resource::client_nodes::tell_all;
use crate::roles::Permission;
use crate::router::{Consumes, Resource, Route, WrongVerb};
use crate::session_list;

pub(crate) static RESOURCE: Resource = Resource {
    routes: &[
        Route::get("client-session-stats", |call| Box::pin(stats(call))),
        Route::delete("sessions/{session}", |call| Box::pin(end(call))),
        Route::post("logout-all", |call| Box::pin(logout_all(call))).taking(Consumes::Nothing),
        Route::post("push-revocation", |call| Box::pin(push_revocation(call))).taking(Consumes::Nothing),
    ],
    locator: None,
    wrong_verb: WrongVerb::NotFound,
};

async fn stats(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ViewRealm)?;
    let (online, offline) =
        (session_list::of_realm(call, SessionKind::Online).await?, session_list::of_realm(call, SessionKind::Offline).await?);
    let mut clients: Vec<_> = call.realm().clients.values().collect();
    clients.sort_by(|a, b| a.client_id.cmp(&b.client_id));
    let shown = clients.into_iter().filter_map(|client| {
        let count = |all: &[(sessions::UserSession, String)]| all.iter().filter(|(s, _)| s.client(&client.id).is_some()).count();
        let (active, offline) = (count(&online), count(&offline));
        let counts = json!({
            "id": &*client.id, "clientId": client.client_id.as_str(),
            "active": active.to_string(), "offline": offline.to_string(),
        });
        (active + offline > 0).then_some(counts)
    });
    Answer::json(&shown.collect::<Vec<Value>>())
}

/// Keycloak: its text has three s.
async fn end(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ManageUsers)?;
    let (realm, now) = (&call.realm().name, call.context.now);
    let offline = call.query.flag("isOffline") == Some(true);
    let kind = if offline { SessionKind::Offline } else { SessionKind::Online };
    let id = call.param(0).into();
    let found = call.api.sessions.find(realm, kind, &id, now).await?;
    let session = found.ok_or_else(|| AdminError::error(404, "Sesssion not found"))?.value;
    if call.api.sessions.remove(realm, kind, &id).await? {
        call.api.notifications.sessions_ended(&call.context, &[session]).await;
    }
    Ok(Answer::no_content())
}

/// Ends all sessions, and with them all tokens that were issued before this second. Keycloak: clients are told at their admin
/// URL alone (measured on 26.7.4).
async fn logout_all(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::LogoutAll)?;
    let now = call.context.now.secs();
    call.change(|documents, changes| {
        let mut settings = documents.settings().cloned().unwrap_or_default();
        settings.insert("notBefore".to_owned(), now.into());
        changes.put_settings(settings);
        Ok(())
    })
    .await?;
    for (session, _) in session_list::of_realm(call, SessionKind::Online).await? {
        call.api.sessions.remove(&call.realm().name, SessionKind::Online, &session.id).await?;
    }
    tell_all(call, AdminAction::Logout(now)).await
}

/// What the realm says of old tokens.
async fn push_revocation(call: &Call) -> Result<Answer, AdminError> {
    call.refuse_without(Permission::ManageRealm)?;
    tell_all(call, AdminAction::PushNotBefore(call.realm().not_before)).await
}
