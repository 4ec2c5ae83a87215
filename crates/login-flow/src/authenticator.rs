//! The authenticators: one file each, by the provider ids of Keycloak's flows.

mod cookie;
mod username_password;

use login_pages::Message;
use oidc_types::Params;
use realm_model::{Execution, Flow};

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
        // An authenticator that is not there never passes.
        _ => Ok(Step::Over(Outcome::Skipped)),
    }
}

/// What somebody sent from the page of an authenticator.
pub(crate) async fn answer(login: &mut Login<'_, '_>, place: Place<'_>, form: &Params) -> Result<Step, LoginError> {
    match place.execution.provider().unwrap_or_default() {
        "auth-username-password-form" => username_password::answer(login, place, form).await,
        _ => Err(PageFault::in_login(400, "unexpectedErrorHandlingRequestMessage").into()),
    }
}

impl Conditions for Login<'_, '_> {
    fn holds(&self, _flow: &Flow, _execution: &Execution) -> bool {
        false
    }
}
