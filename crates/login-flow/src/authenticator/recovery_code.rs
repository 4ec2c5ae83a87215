//! `auth-recovery-authn-code-form`: the next of the codes on paper.

use login_pages::{Message, RecoveryCodePage};
use oidc_types::Params;
use user_authentication::{AuthenticationError, RECOVERY_CODES, next_recovery_code};

use super::{Place, Step};
use crate::error::LoginError;
use crate::flow::Outcome;
use crate::login::Login;
use crate::report;

const INVALID: &str = "recovery-codes-error-invalid";

pub(super) fn ask(login: &mut Login<'_, '_>, place: Place<'_>, message: Option<&Message>) -> Result<Step, LoginError> {
    let number = login.user.as_deref().and_then(next_recovery_code);
    let Some(number) = number else { return Ok(Step::Over(Outcome::Skipped)) };
    let action = login.action_url(place.flow, place.execution);
    let page = RecoveryCodePage { action: &action, number, fault: message.filter(|message| message.key == INVALID) };
    let banner = message.filter(|message| message.key != INVALID);
    Ok(Step::Ask(login.page(banner, &page)))
}

pub(super) async fn answer(login: &mut Login<'_, '_>, place: Place<'_>, form: &Params) -> Result<Step, LoginError> {
    let Some(user) = login.user.clone() else { return Ok(Step::Over(Outcome::Skipped)) };
    let Some(code) = form.get("recoveryCodeInput") else { return ask(login, place, None) };
    let parts = login.browser.parts;
    match parts.user_authentication.verify_recovery_code(&login.browser.at(), &user, code).await {
        Ok(()) => {
            login.prove(RECOVERY_CODES);
            login.reload_user().await?; // the last code leaves a required action
            Ok(Step::Over(Outcome::Done))
        }
        Err(AuthenticationError::Trouble(trouble)) => Err(trouble.into()),
        Err(AuthenticationError::Refused(refusal)) => {
            report::refused(login, (Some(&user), ""), &refusal);
            ask(login, place, Some(&Message::error(INVALID)))
        }
    }
}
