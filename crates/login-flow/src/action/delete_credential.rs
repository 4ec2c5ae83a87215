//! `delete_credential`: the user takes one of the own credentials away (`kc_action=delete_credential:<id>`).

use events::EventType;
use login_pages::DeleteCredentialPage;
use oidc_types::Params;
use realm_model::{Credential, CredentialKind, User};
use sessions::SessionKind;

use super::{Did, Due};
use crate::authenticator::SECOND_FACTORS;
use crate::error::{LoginError, PageFault};
use crate::login::{Login, note};
use crate::report;

fn named<'u>(login: &Login<'_, '_>, user: &'u User) -> Option<&'u Credential> {
    let id = login.tab.note(note::KC_ACTION_PARAMETER)?;
    user.credentials.iter().find(|credential| credential.id.as_deref() == Some(id))
}

fn kind_of(credential: &Credential) -> &str {
    match &credential.kind {
        CredentialKind::Password => "password",
        CredentialKind::Otp => "otp",
        CredentialKind::ContactlessCard => "contactless-card",
        CredentialKind::Other(kind) => kind,
    }
}

/// A second factor is taken away only by whoever has shown one in this session (CVE-2026-3429). Keycloak: the password is enough
/// where no level says more.
async fn refuse_without_second_factor(login: &Login<'_, '_>, credential: &Credential) -> Result<(), LoginError> {
    if !SECOND_FACTORS.contains(&kind_of(credential)) || login.shown_now().any(|shown| SECOND_FACTORS.contains(&shown)) {
        return Ok(());
    }
    let (cx, parts) = (login.browser.cx, login.browser.parts);
    if let Some(id) = login.tab.note(note::SESSION) {
        let found = parts.sessions.find(&cx.realm.name, SessionKind::Online, &id.into(), cx.now).await?;
        let is_shown = found.is_some_and(|session| Login::shown_in(&session).any(|shown| SECOND_FACTORS.contains(&shown)));
        if is_shown {
            return Ok(());
        }
    }
    Err(login.fault(PageFault::in_login(403, "access-denied")))
}

pub(super) async fn ask(login: &mut Login<'_, '_>, due: Due<'_>) -> Result<Did, LoginError> {
    let Some(user) = login.user.clone() else { return Ok(Did::NotDue) };
    let Some(credential) = named(login, &user) else { return Ok(Did::NotDue) };
    if credential.kind == CredentialKind::Password {
        return Ok(Did::NotDue); // nobody takes away what logins begin with
    }
    refuse_without_second_factor(login, credential).await?;
    let action = login.required_action_url(&due.action.alias);
    let label = credential.label.as_deref().filter(|label| !label.is_empty()).unwrap_or_else(|| kind_of(credential));
    Ok(Did::Ask(login.page(None, &DeleteCredentialPage { action: &action, label })))
}

pub(super) async fn answer(login: &mut Login<'_, '_>, due: Due<'_>, form: &Params) -> Result<Did, LoginError> {
    let Some(user) = login.user.clone() else { return Ok(Did::NotDue) };
    let Some(credential) = named(login, &user).filter(|credential| credential.kind != CredentialKind::Password) else {
        return Ok(Did::NotDue);
    };
    if form.get("accept").is_none() {
        return ask(login, due).await;
    }
    refuse_without_second_factor(login, credential).await?;
    let parts = login.browser.parts;
    parts.user_authentication.remove_credential(&login.browser.at(), &user, credential.id.as_deref().unwrap_or_default()).await?;
    login.reload_user().await?;
    let kind = kind_of(credential);
    let details = [("credential_type", kind), ("credential_user_label", credential.label.as_deref().unwrap_or_default())];
    let older = (kind == "otp").then_some(EventType::RemoveTotp);
    older.into_iter().chain([EventType::RemoveCredential]).for_each(|event_type| report::changed(login, event_type, &details));
    Ok(Did::Done)
}
