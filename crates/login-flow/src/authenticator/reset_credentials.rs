//! The steps of a forgotten password: who it is, the mail, and what is to be set anew.

use login_pages::{FieldFault, Message, ResetPasswordPage};
use oidc_types::Params;
use token_issuer::ActionKind;

use super::{Place, Step};
use crate::action;
use crate::error::{LoginError, PageFault};
use crate::flow::{self, Outcome};
use crate::link;
use crate::login::{Entry, Login, note};

/// `reset-credentials-choose-user`: asked unless a link has said who it is.
pub(super) fn choose_user(login: &mut Login<'_, '_>, place: Place<'_>, message: Option<&Message>) -> Result<Step, LoginError> {
    if !login.realm().login.reset_password_allowed {
        return Err(login.fault(PageFault::in_login(400, "resetCredentialNotAllowedMessage")));
    }
    if login.tab.note(note::LINK).is_some() {
        return Ok(Step::Over(Outcome::Done));
    }
    show(login, place, (message, &[]))
}

fn show(
    login: &mut Login<'_, '_>,
    place: Place<'_>,
    (message, faults): (Option<&Message>, &[FieldFault]),
) -> Result<Step, LoginError> {
    let action = login.action_url(place.flow, place.execution);
    let login_url = login.urls().link_path(Entry::Authenticate.path());
    let username = login.tab.note(note::USERNAME).or_else(|| login.request.parameters().get("login_hint"));
    let username = username.unwrap_or_default().to_owned();
    let page = ResetPasswordPage { action: &action, username: &username, login_url: &login_url, faults };
    Ok(Step::Ask(login.page(message, &page)))
}

/// Whoever it is, and whether anybody is: the answer is the same.
pub(super) async fn user_chosen(login: &mut Login<'_, '_>, place: Place<'_>, form: &Params) -> Result<Step, LoginError> {
    let name = form.get("username").unwrap_or_default().trim().to_owned();
    login.tab.set_note(note::USERNAME, &name);
    login.typed = Some(name.clone());
    if name.is_empty() {
        let fault = FieldFault::new("username", Message::error("missingUsernameMessage"));
        return show(login, place, (None, &[fault]));
    }
    let parts = login.browser.parts;
    let found = parts.user_authentication.find_by_name_or_email(&login.browser.at(), &name).await?;
    match found.filter(|user| user.enabled) {
        Some(user) => login.set_user(user),
        None => {
            login.tab.user = None;
            login.user = None;
        }
    }
    Ok(Step::Over(Outcome::Done))
}

/// `reset-credential-email`: the mail is sent, and the login begins anew; it goes on by the link.
pub(super) async fn send_email(login: &mut Login<'_, '_>, place: Place<'_>) -> Result<Step, LoginError> {
    if login.tab.note(note::LINK).is_some() {
        return Ok(Step::Over(Outcome::Done));
    }
    let execution = login.realm().execution_id(place.flow, place.execution);
    match link::send(login, ActionKind::ResetCredentials, Some(&execution)).await {
        Ok(()) => {}
        // Who is known must not show in whether mail can be sent: told in the log alone.
        Err(LoginError::Page(PageFault { status: 500, .. })) => {}
        Err(error) => return Err(error),
    }
    login.tab.user = None;
    login.user = None;
    flow::forget(&mut login.tab);
    login.tab.set_note(note::ENTRY, Entry::Authenticate.path());
    Ok(Step::Again(Message::success("emailSentMessage")))
}

/// `reset-password`, `reset-otp`: what is to be set anew.
pub(super) fn set_action(login: &mut Login<'_, '_>, alias: &str) -> Result<Step, LoginError> {
    login.tab.set_note(&action::set_note(alias), "");
    Ok(Step::Over(Outcome::Done))
}
