//! `UPDATE_PASSWORD`

use login_pages::{FieldFault, Message, UpdatePasswordPage};
use oidc_types::Params;
use realm_model::User;
use user_authentication::{NewPasswordError, has_expired_password};

use super::{Did, Due, banner, end_other_sessions};
use crate::error::LoginError;
use crate::login::{Login, note};
use crate::report;

/// Whether the password is older than the realm lets one be.
pub(super) fn is_due(login: &Login<'_, '_>, user: &User) -> bool {
    has_expired_password(&login.browser.at(), user)
}

pub(super) fn ask(
    login: &mut Login<'_, '_>,
    due: Due<'_>,
    message: Option<&Message>,
    faults: &[FieldFault],
) -> Result<Did, LoginError> {
    let action = login.required_action_url(&due.action.alias);
    let username = login.user.as_ref().map(|user| user.username.clone()).unwrap_or_default();
    let key = if login.tab.note(note::LINK).is_some() { "resetPasswordMessage" } else { "updatePasswordMessage" };
    let own = banner(due, key).filter(|_| faults.is_empty());
    let page = UpdatePasswordPage { action: &action, username: &username, faults, initiated: due.initiated };
    Ok(Did::Ask(login.page(message.or(own.as_ref()), &page)))
}

pub(super) async fn answer(login: &mut Login<'_, '_>, due: Due<'_>, form: &Params) -> Result<Did, LoginError> {
    let Some(user) = login.user.clone() else { return Ok(Did::NotDue) };
    let password = form.get("password-new").unwrap_or_default();
    let fault = |field: &'static str, message: Message| vec![FieldFault::new(field, message)];
    if password.trim().is_empty() {
        return ask(login, due, None, &fault("password-new", Message::error("missingPasswordMessage")));
    }
    if form.get("password-confirm") != Some(password) {
        return ask(login, due, None, &fault("password-confirm", Message::error("notMatchPasswordMessage")));
    }
    let set = login.browser.parts.user_authentication.set_password(&login.browser.at(), &user, password).await;
    match set {
        Ok(()) => {
            login.reload_user().await?;
            report::credential_updated(login, "password");
            end_other_sessions(login, form).await?;
            Ok(Did::Done)
        }
        Err(NewPasswordError::Refused(refusal)) => {
            let message = refusal.argument().into_iter().fold(Message::error(refusal.message_key()), Message::with);
            ask(login, due, None, &fault("password-new", message))
        }
        Err(NewPasswordError::Trouble(trouble)) => Err(trouble.into()),
    }
}
