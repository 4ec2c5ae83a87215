//! `delete_account`: whoever has the role for it makes an end of the own account.

use events::EventType;
use login_pages::{DeleteAccountPage, InfoPage, Message};
use realm_model::{RoleKey, User};
use realm_store::{Batch, Expected, Write};
use sessions::SessionKind;

use super::{Did, Due};
use crate::error::{LoginError, PageFault, Within};
use crate::identity;
use crate::login::Login;
use crate::report;

/// The client and the role that one needs.
const ROLE: (&str, &str) = ("account", "delete-account");

fn refuse_without_role(login: &Login<'_, '_>, user: &User) -> Result<(), LoginError> {
    if login.realm().roles_of(user).contains(&RoleKey::client(ROLE.0, ROLE.1)) {
        return Ok(());
    }
    // Keycloak: a page of status 200, which does not ask whether the browser is still in this login (recording
    // required-actions/kc-action-delete-account).
    match login.fault(PageFault::in_login(200, "deletingAccountForbidden")) {
        LoginError::Page(mut fault) => {
            fault.within = fault.within.map(|within| Box::new(Within { session_hash: None, ..*within }));
            Err(LoginError::Page(fault))
        }
        other => Err(other),
    }
}

pub(super) fn ask(login: &mut Login<'_, '_>, due: Due<'_>) -> Result<Did, LoginError> {
    let Some(user) = login.user.clone() else { return Ok(Did::NotDue) };
    refuse_without_role(login, &user)?;
    let action = login.required_action_url(&due.action.alias);
    Ok(Did::Ask(login.page(None, &DeleteAccountPage { action: &action, initiated: due.initiated })))
}

pub(super) async fn answer(login: &mut Login<'_, '_>) -> Result<Did, LoginError> {
    let Some(user) = login.user.clone() else { return Ok(Did::NotDue) };
    refuse_without_role(login, &user)?;
    let (cx, parts) = (login.browser.cx, login.browser.parts);
    let mut batch = Batch::within(&*cx.realm.id);
    batch.writes.push(Write::DeleteUser { id: user.id.to_string(), expected: Expected::Anything });
    parts.live.commit(batch).await?;
    for kind in [SessionKind::Online, SessionKind::Offline] {
        let mut ended = Vec::new();
        for session in parts.sessions.of_user(&cx.realm.name, kind, &user.id, cx.now).await? {
            if parts.sessions.remove(&cx.realm.name, kind, &session.id).await? {
                ended.push(session.value);
            }
        }
        parts.notifications.sessions_ended(cx, &ended).await;
    }
    log::info!("realm {}: user {} has deleted the own account", cx.realm.name, user.id);
    report::changed(login, EventType::DeleteAccount, &[]);
    identity::forget(login.browser);
    login.user = None;
    login.tab.user = None;
    let message = Message::success("userDeletedSuccessfully");
    let page = InfoPage::new(&message);
    Ok(Did::Leave(login.page(None, &page)))
}
