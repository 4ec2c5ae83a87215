//! `UPDATE_EMAIL`: another address. Where addresses are to be verified it is the user's once a link that was sent to it was opened.

use events::EventType;
use login_pages::{FieldFault, InfoPage, Message, UpdateEmailPage};
use oidc_types::Params;
use token_issuer::ActionKind;
use user_profile::{Context, UserProfile, Viewer};

use super::{Did, Due, banner, end_other_sessions};
use crate::error::LoginError;
use crate::link;
use crate::login::Login;
use crate::report;

/// Whether the user has shown that the address is the own one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    Shown,
    None,
}

pub(super) fn ask(login: &mut Login<'_, '_>, due: Due<'_>, message: Option<&Message>) -> Result<Did, LoginError> {
    show(login, due, message, (None, &[]))
}

fn show(
    login: &mut Login<'_, '_>,
    due: Due<'_>,
    message: Option<&Message>,
    (sent, faults): (Option<&Params>, &[FieldFault]),
) -> Result<Did, LoginError> {
    let action = login.required_action_url(&due.action.alias);
    let user = login.user.clone();
    let fields = {
        let scopes = login.scope_words();
        let viewer = Viewer { scopes: &scopes, ..Viewer::USER };
        profile_form::fields(login.realm(), (Context::UpdateEmail, &viewer), user.as_deref(), sent)
    };
    let own = banner(due, "updateEmailMessage").filter(|_| faults.is_empty());
    let page = UpdateEmailPage { action: &action, fields: &fields, faults, initiated: due.initiated };
    Ok(Did::Ask(login.page(message.or(own.as_ref()), &page)))
}

pub(super) async fn answer(login: &mut Login<'_, '_>, due: Due<'_>, form: &Params) -> Result<Did, LoginError> {
    let Some(user) = login.user.clone() else { return Ok(Did::NotDue) };
    let judged = {
        let scopes = login.scope_words();
        let viewer = Viewer { scopes: &scopes, ..Viewer::USER };
        UserProfile::of(login.realm()).judge(Context::UpdateEmail, &viewer, &profile_form::values(form), Some(&user))
    };
    let email = match judged {
        Ok(judged) => judged.email().unwrap_or_default().to_owned(),
        Err(faults) => {
            let faults = profile_form::faults(login.realm(), &faults);
            return show(login, due, None, (Some(form), &faults));
        }
    };
    let fault = |key| [FieldFault::new("email", Message::error(key))];
    if email.is_empty() {
        return show(login, due, None, (Some(form), &fault("missingEmailMessage")));
    }
    let (realm, users) = (login.realm(), &login.browser.parts.users);
    let found = users.find_by_email(&realm.name, &email).await?;
    if found.is_some_and(|found| found.id != user.id) && !realm.login.duplicate_emails_allowed {
        return show(login, due, None, (Some(form), &fault("emailExistsMessage")));
    }
    end_other_sessions(login, form).await?;
    let is_same = user.email.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(&email));
    let verifies = realm.verify_email || due.action.config.get("verifyEmail") == Some("true");
    if is_same || !verifies {
        let proof = if is_same && user.email_verified { Proof::Shown } else { Proof::None };
        put(login, &email, proof).await?;
        return Ok(Did::Done);
    }
    link::send_to(login, (ActionKind::UpdateEmail, &email), None).await?;
    let heading = Message::info("emailUpdateConfirmationSentTitle");
    let message = Message::info("emailUpdateConfirmationSent").with(email);
    login.required_action_url(&due.action.alias); // the login stays where it is
    let page = InfoPage { heading: Some(&heading), ..InfoPage::new(&message) };
    Ok(Did::Ask(login.page(None, &page)))
}

/// Gives the user the address.
pub(crate) async fn put(login: &mut Login<'_, '_>, email: &str, proof: Proof) -> Result<(), LoginError> {
    let former = login.user.as_ref().and_then(|user| user.email.clone()).unwrap_or_default();
    let names_too = login.realm().login.registration_email_as_username;
    login
        .change_user(&mut |user| {
            user.0.insert("email".to_owned(), email.into());
            user.0.insert("emailVerified".to_owned(), (proof == Proof::Shown).into());
            if names_too {
                user.0.insert("username".to_owned(), email.to_lowercase().into());
            }
            if let Some(serde_json::Value::Array(actions)) = user.0.get_mut("requiredActions") {
                actions.retain(|action| action.as_str() != Some("UPDATE_EMAIL"));
            }
        })
        .await?;
    report::changed(login, EventType::UpdateEmail, &[("previous_email", &former), ("updated_email", email)]);
    Ok(())
}
