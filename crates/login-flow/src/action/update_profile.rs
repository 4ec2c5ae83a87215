//! `UPDATE_PROFILE`, and `VERIFY_PROFILE` where the profile lacks what the realm wants.

use login_pages::{FieldFault, Message, UpdateProfilePage};
use oidc_types::Params;
use realm_model::User;
use user_profile::{Context, Judged, ProfileFault, UserProfile, Viewer};

use super::{Did, Due, banner};
use crate::error::LoginError;
use crate::login::Login;

/// Whether the profile of a user is not what the realm wants.
pub(super) fn is_due(login: &Login<'_, '_>, user: &User) -> bool {
    let realm = login.realm();
    let scopes = login.scope_words();
    let viewer = Viewer { scopes: &scopes, ..Viewer::USER };
    let profile = UserProfile::of(realm);
    profile.judge(Context::UpdateProfile, &viewer, &profile.present(user), Some(user)).is_err()
}

pub(super) fn ask(login: &mut Login<'_, '_>, due: Due<'_>, message: Option<&Message>) -> Result<Did, LoginError> {
    let lacks = match &*due.action.provider {
        "VERIFY_PROFILE" => missing(login),
        _ => Vec::new(),
    };
    show(login, due, message, (None, &lacks))
}

/// What the profile lacks, each at its field. Keycloak: in the same words for all (recording required-actions/incomplete-profile).
fn missing(login: &Login<'_, '_>) -> Vec<FieldFault> {
    let (realm, Some(user)) = (login.realm(), login.user.as_deref()) else { return Vec::new() };
    let scopes = login.scope_words();
    let viewer = Viewer { scopes: &scopes, ..Viewer::USER };
    let profile = UserProfile::of(realm);
    let mut faults = profile.judge(Context::UpdateProfile, &viewer, &profile.present(user), Some(user)).err().unwrap_or_default();
    faults.iter_mut().filter(|fault| fault.message == MISSING_EMAIL).for_each(|fault| REQUIRED.clone_into(&mut fault.message));
    profile_form::faults(realm, &faults)
}

const MISSING_EMAIL: &str = "missingEmailMessage";
const REQUIRED: &str = "error-user-attribute-required";

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
        profile_form::fields(login.realm(), (Context::UpdateProfile, &viewer), user.as_deref(), sent)
    };
    let own = banner(due, "updateProfileMessage").filter(|_| faults.is_empty());
    let page = UpdateProfilePage { action: &action, fields: &fields, faults, initiated: due.initiated };
    Ok(Did::Ask(login.page(message.or(own.as_ref()), &page)))
}

pub(super) async fn answer(login: &mut Login<'_, '_>, due: Due<'_>, form: &Params) -> Result<Did, LoginError> {
    let Some(user) = login.user.clone() else { return Ok(Did::NotDue) };
    let judged = {
        let scopes = login.scope_words();
        let viewer = Viewer { scopes: &scopes, ..Viewer::USER };
        UserProfile::of(login.realm()).judge(Context::UpdateProfile, &viewer, &profile_form::values(form), Some(&user))
    };
    let judged = match judged {
        Ok(judged) => judged,
        Err(mut faults) => {
            // Keycloak: an address is asked for twice here (recording required-actions/update-profile).
            let of_address = faults.iter().position(|fault| fault.message == MISSING_EMAIL);
            if let Some((at, fault)) = of_address.and_then(|at| Some((at, faults.get(at)?.clone()))) {
                faults.insert(at + 1, ProfileFault { message: REQUIRED.to_owned(), ..fault });
            }
            let faults = profile_form::faults(login.realm(), &faults);
            return show(login, due, None, (Some(form), &faults));
        }
    };
    if let Some(fault) = refuse_taken(login, &user, &judged).await? {
        return show(login, due, None, (Some(form), &[fault]));
    }
    login.change_user(&mut |record| judged.put_into(&mut record.0)).await?;
    Ok(Did::Done)
}

/// Whether the name or the address is somebody else's.
async fn refuse_taken(login: &Login<'_, '_>, user: &User, judged: &Judged) -> Result<Option<FieldFault>, LoginError> {
    let (realm, users) = (login.realm(), &login.browser.parts.users);
    if let Some(name) = judged.username() {
        let found = users.find_by_username(&realm.name, name).await?;
        if found.is_some_and(|found| found.id != user.id) {
            return Ok(Some(FieldFault::new("username", Message::error("usernameExistsMessage"))));
        }
    }
    if let Some(email) = judged.email().filter(|_| !realm.login.duplicate_emails_allowed) {
        let found = users.find_by_email(&realm.name, email).await?;
        if found.is_some_and(|found| found.id != user.id) {
            return Ok(Some(FieldFault::new("email", Message::error("emailExistsMessage"))));
        }
    }
    Ok(None)
}
