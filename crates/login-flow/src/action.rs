//! Required actions: what a user has to do before a login is finished. One file each, by the provider ids of Keycloak's.

mod configure_totp;
mod delete_account;
mod delete_credential;
mod recovery_codes;
mod terms;
pub(crate) mod update_email;
mod update_password;
mod update_profile;
mod verify_email;
mod web_authn_register;

use login_pages::{Initiated, Message};
use oidc_types::Params;
use realm_model::{RequiredAction, User};
use serde_json::Value;

use crate::answer::Answer;
use crate::error::LoginError;
use crate::login::{Login, note};

/// The order in which they are asked for. Keycloak: whatever the realm's priorities say (recording
/// required-actions/several-actions-in-order).
const ORDER: [&str; 12] = [
    "TERMS_AND_CONDITIONS",
    "UPDATE_PROFILE",
    "VERIFY_PROFILE",
    "VERIFY_EMAIL",
    "UPDATE_EMAIL",
    "CONFIGURE_TOTP",
    "CONFIGURE_RECOVERY_AUTHN_CODES",
    "webauthn-register",
    "webauthn-register-passwordless",
    "UPDATE_PASSWORD",
    "delete_account",
    "delete_credential",
];

/// What comes of a required action.
pub(crate) enum Did {
    /// It is done.
    Done,
    /// Nothing is left to be asked: it was never due.
    NotDue,
    /// The application has asked for it, and the user will not.
    Cancelled,
    /// A page asks for something.
    Ask(Answer),
    /// The login is over: this is the answer.
    Leave(Answer),
}

/// A required action in a login.
#[derive(Clone, Copy)]
pub(crate) struct Due<'r> {
    pub(crate) action: &'r RequiredAction,
    pub(crate) initiated: Initiated,
}

/// The action that is to be asked for next.
pub(crate) fn next<'r>(login: &Login<'_, 'r>) -> Option<Due<'r>> {
    let realm = login.realm();
    let user = login.user.as_deref()?;
    let wanted = login.tab.note(note::KC_ACTION);
    let of_login = ORDER.into_iter().filter_map(|provider| {
        let action = realm.required_actions.iter().find(|action| action.enabled && &*action.provider == provider)?;
        is_due(login, user, action).then_some(Due { action, initiated: Initiated::ByLogin })
    });
    let mut of_login = of_login;
    of_login.next().or_else(|| {
        let action = realm.required_actions.find(wanted?)?;
        action.enabled.then_some(Due { action, initiated: Initiated::ByApplication })
    })
}

/// Whether the login itself asks for it.
fn is_due(login: &Login<'_, '_>, user: &User, action: &RequiredAction) -> bool {
    let alias = &*action.alias;
    let is_done = login.tab.note(&done_note(alias)).is_some();
    if is_done {
        return false;
    }
    let is_set = user.required_actions.iter().any(|set| set == alias) || login.tab.note(&set_note(alias)).is_some();
    is_set
        || match &*action.provider {
            "UPDATE_PASSWORD" => update_password::is_due(login, user),
            "VERIFY_EMAIL" => login.realm().verify_email && !user.email_verified,
            "VERIFY_PROFILE" => update_profile::is_due(login, user),
            _ => false,
        }
}

/// Note of an action that this login sets for itself.
pub(crate) fn set_note(alias: &str) -> String {
    format!("action\n{alias}")
}

fn done_note(alias: &str) -> String {
    format!("done\n{alias}")
}

/// An action's page; `message` stands on it in the place of its own.
pub(crate) async fn begin(login: &mut Login<'_, '_>, due: Due<'_>, message: Option<Message>) -> Result<Did, LoginError> {
    match &*due.action.provider {
        "TERMS_AND_CONDITIONS" => terms::ask(login, due),
        "UPDATE_PASSWORD" => update_password::ask(login, due, message.as_ref(), &[]),
        "UPDATE_PROFILE" | "VERIFY_PROFILE" => update_profile::ask(login, due, message.as_ref()),
        "CONFIGURE_TOTP" => configure_totp::ask(login, due, message.as_ref(), &[]),
        "VERIFY_EMAIL" => verify_email::ask(login, due).await,
        "UPDATE_EMAIL" => update_email::ask(login, due, message.as_ref()),
        "CONFIGURE_RECOVERY_AUTHN_CODES" => recovery_codes::ask(login, due, message.as_ref()),
        "webauthn-register" | "webauthn-register-passwordless" => web_authn_register::ask(login, due, message.as_ref()),
        "delete_account" => delete_account::ask(login, due),
        "delete_credential" => delete_credential::ask(login, due).await,
        _ => Ok(Did::NotDue),
    }
}

/// What was sent from an action's page.
pub(crate) async fn answer(login: &mut Login<'_, '_>, due: Due<'_>, form: &Params) -> Result<Did, LoginError> {
    if due.initiated == Initiated::ByApplication && form.get("cancel-aia").is_some() {
        return Ok(Did::Cancelled);
    }
    match &*due.action.provider {
        "TERMS_AND_CONDITIONS" => terms::answer(login, due, form).await,
        "UPDATE_PASSWORD" => update_password::answer(login, due, form).await,
        "UPDATE_PROFILE" | "VERIFY_PROFILE" => update_profile::answer(login, due, form).await,
        "CONFIGURE_TOTP" => configure_totp::answer(login, due, form).await,
        "VERIFY_EMAIL" => verify_email::ask(login, due).await,
        "UPDATE_EMAIL" => update_email::answer(login, due, form).await,
        "CONFIGURE_RECOVERY_AUTHN_CODES" => recovery_codes::answer(login, due, form).await,
        "webauthn-register" | "webauthn-register-passwordless" => web_authn_register::answer(login, due, form).await,
        "delete_account" => delete_account::answer(login).await,
        "delete_credential" => delete_credential::answer(login, due, form).await,
        _ => Ok(Did::NotDue),
    }
}

/// An action is done: neither the user nor this login has it any more.
pub(crate) async fn finish(login: &mut Login<'_, '_>, due: Due<'_>) -> Result<(), LoginError> {
    let alias = due.action.alias.to_string();
    login.tab.set_note(&done_note(&alias), "");
    login.tab.remove_note(&set_note(&alias));
    if login.tab.note(note::KC_ACTION) == Some(&alias) {
        login.tab.remove_note(note::KC_ACTION);
        login.tab.set_note(note::KC_ACTION_STATUS, "success");
        login.tab.set_note(note::KC_ACTION_DONE, &alias);
    }
    login
        .change_user(&mut |user| {
            if let Some(Value::Array(actions)) = user.0.get_mut("requiredActions") {
                actions.retain(|action| action.as_str() != Some(&alias));
            }
        })
        .await
}

/// An action is not asked for in this login any more; it stays with the user.
pub(crate) fn set_aside(login: &mut Login<'_, '_>, due: Due<'_>) {
    login.tab.set_note(&done_note(&due.action.alias), "");
    if login.tab.note(note::KC_ACTION) == Some(&*due.action.alias) {
        login.tab.remove_note(note::KC_ACTION);
        login.tab.set_note(note::KC_ACTION_STATUS, "error");
    }
}

/// An action that the application has asked for is not done.
pub(crate) fn cancel(login: &mut Login<'_, '_>) {
    if let Some(alias) = login.tab.note(note::KC_ACTION).map(str::to_owned) {
        login.tab.remove_note(note::KC_ACTION);
        login.tab.set_note(note::KC_ACTION_STATUS, "cancelled");
        login.tab.set_note(note::KC_ACTION_DONE, &alias);
    }
}

/// What stands above the page of an action that the login asks for.
pub(crate) fn banner(due: Due<'_>, key: &'static str) -> Option<Message> {
    (due.initiated == Initiated::ByLogin).then(|| Message::warning(key))
}

/// Ends the other sessions of the user, where the form says so (`logout-sessions`).
pub(crate) async fn end_other_sessions(login: &mut Login<'_, '_>, form: &Params) -> Result<(), LoginError> {
    if form.get("logout-sessions") != Some("on") {
        return Ok(());
    }
    let (Some(user), browser) = (login.user.clone(), &login.browser) else { return Ok(()) };
    let (cx, parts) = (browser.cx, browser.parts);
    let own = login.tab.note(note::SESSION);
    for kind in [sessions::SessionKind::Online, sessions::SessionKind::Offline] {
        let found = parts.sessions.of_user(&cx.realm.name, kind, &user.id, cx.now).await?;
        let mut ended = Vec::new();
        for session in found.into_iter().filter(|session| Some(session.id.as_str()) != own) {
            if parts.sessions.remove(&cx.realm.name, kind, &session.id).await? {
                ended.push(session.value);
            }
        }
        parts.notifications.sessions_ended(cx, &ended).await;
    }
    Ok(())
}
