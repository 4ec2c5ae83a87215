//! The authenticators: one file each, by the provider ids of Keycloak's flows.

mod cookie;
mod registration;
mod reset_credentials;
mod username_password;

use login_pages::Message;
use oidc_types::Params;
use realm_model::{CredentialKind, Execution, Flow};

use crate::answer::Answer;
use crate::error::{LoginError, PageFault};
use crate::flow::{Conditions, Outcome};
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
    /// A page asks for something.
    Ask(Answer),
    /// The login is over: this is the answer, nothing is kept.
    Leave(Answer),
}

/// An authenticator's turn begins; `message` stands on the page that it may show.
pub(crate) async fn begin(login: &mut Login<'_, '_>, place: Place<'_>, message: Option<&Message>) -> Result<Step, LoginError> {
    match place.execution.provider().unwrap_or_default() {
        "auth-cookie" => cookie::begin(login).await,
        "auth-username-password-form" => username_password::ask(login, place, message),
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
    match place.execution.provider().unwrap_or_default() {
        "auth-username-password-form" => username_password::answer(login, place, form).await,
        "reset-credentials-choose-user" => reset_credentials::user_chosen(login, place, form).await,
        "registration-page-form" => registration::answer(login, place, form).await,
        _ => Err(PageFault::in_login(400, "unexpectedErrorHandlingRequestMessage").into()),
    }
}

impl Login<'_, '_> {
    /// Whether the user has set up what a conditional flow asks for.
    fn is_set_up(&self, flow: &Flow) -> bool {
        let Some(user) = self.user.as_deref() else { return false };
        let steps = flow.executions.iter().filter(|step| !step.is_disabled() && !crate::flow::is_condition(step));
        let mut any = false;
        let all = steps.filter_map(|step| step.provider()).all(|provider| {
            any = true;
            match provider {
                "auth-otp-form" | "reset-otp" => user.credentials_of(&CredentialKind::Otp).next().is_some(),
                _ => false,
            }
        });
        any && all
    }
}

impl Conditions for Login<'_, '_> {
    fn holds(&self, flow: &Flow, execution: &Execution) -> bool {
        match execution.provider().unwrap_or_default() {
            "conditional-user-configured" => self.is_set_up(flow),
            // A condition that nobody here can judge keeps the strict way.
            _ => false,
        }
    }
}
