//! The authenticators: one file each, by the provider ids of Keycloak's flows.

mod access;
mod another_way;
mod condition;
mod conditional_otp;
mod cookie;
mod otp;
mod password;
mod recovery_code;
mod registration;
mod reset_credentials;
mod set_up;
mod username;
mod username_password;
pub(crate) mod web_authn;

use login_pages::Message;
use oidc_types::Params;
use realm_model::{Execution, Flow};

use crate::answer::Answer;
use crate::error::{LoginError, PageFault};
use crate::flow::Outcome;
use crate::login::Login;

/// An execution of a flow.
#[derive(Clone, Copy)]
pub(crate) struct Place<'r> {
    pub(crate) flow: &'r Flow,
    pub(crate) execution: &'r Execution,
}

/// What comes of an authenticator.
pub(crate) enum Step {
    /// It is over, and the flow goes on.
    Over(Outcome),
    /// The login begins anew, with this message.
    Again(Message),
    /// The flow goes on from where it stands.
    Onward,
    /// A page asks for something.
    Ask(Answer),
    /// The login is over: this is the answer, nothing is kept.
    Leave(Answer),
}

pub(crate) use condition::SECOND_FACTORS;
pub(crate) use set_up::not_set_up;

/// An authenticator's turn begins; `message` stands on the page that it may show.
pub(crate) async fn begin(login: &mut Login<'_, '_>, place: Place<'_>, message: Option<&Message>) -> Result<Step, LoginError> {
    let provider = place.execution.provider().unwrap_or_default();
    if provider != "auth-conditional-otp-form"
        && provider != "reset-otp"
        && let Some(step) = set_up::begin(login, place)?
    {
        return Ok(step);
    }
    login.offer_other_ways(place);
    match provider {
        "auth-cookie" => cookie::begin(login).await,
        "auth-username-password-form" => username_password::ask(login, place, message),
        "auth-username-form" => username::ask(login, place, message),
        "auth-password-form" => password::ask(login, place, message),
        "auth-otp-form" => otp::ask(login, place, message),
        "auth-conditional-otp-form" => conditional_otp::ask(login, place, message),
        "auth-recovery-authn-code-form" => recovery_code::ask(login, place, message),
        "webauthn-authenticator" | "webauthn-authenticator-passwordless" => web_authn::ask(login, place, message),
        "identity-provider-redirector" => access::redirect(login, place).await,
        "allow-access-authenticator" => Ok(Step::Over(Outcome::Done)),
        "deny-access-authenticator" => Err(access::deny(login, place)),
        "reset-credentials-choose-user" => reset_credentials::choose_user(login, place, message),
        "reset-credential-email" => reset_credentials::send_email(login, place).await,
        "reset-password" => reset_credentials::set_action(login, "UPDATE_PASSWORD"),
        "reset-otp" => reset_credentials::set_action(login, "CONFIGURE_TOTP"),
        "registration-page-form" => registration::ask(login, place, None, &[]),
        // An authenticator that is not there never passes.
        _ => Ok(Step::Over(Outcome::Skipped)),
    }
}

/// What somebody sent from the page of an authenticator.
pub(crate) async fn answer(login: &mut Login<'_, '_>, place: Place<'_>, form: &Params) -> Result<Step, LoginError> {
    login.offer_other_ways(place);
    if let Some(step) = another_way::answer(login, place, form).await? {
        return Ok(step);
    }
    match place.execution.provider().unwrap_or_default() {
        "auth-username-password-form" => username_password::answer(login, place, form).await,
        "auth-username-form" => username::answer(login, place, form).await,
        "auth-password-form" => password::answer(login, place, form).await,
        "auth-otp-form" | "auth-conditional-otp-form" => otp::answer(login, place, form).await,
        "auth-recovery-authn-code-form" => recovery_code::answer(login, place, form).await,
        "webauthn-authenticator" | "webauthn-authenticator-passwordless" => web_authn::answer(login, place, form).await,
        "identity-provider-redirector" => access::redirect(login, place).await,
        "reset-credentials-choose-user" => reset_credentials::user_chosen(login, place, form).await,
        "registration-page-form" => registration::answer(login, place, form).await,
        _ => Err(PageFault::in_login(400, "unexpectedErrorHandlingRequestMessage").into()),
    }
}

#[cfg(test)]
mod tests;
