//! `auth-otp-form`: a one-time code of one of the user's devices.

use login_pages::{Message, OtpDevice, OtpPage};
use oidc_types::Params;
use realm_model::CredentialKind;
use user_authentication::AuthenticationError;

use super::condition::OTP;
use super::{Place, Step};
use crate::error::LoginError;
use crate::flow::Outcome;
use crate::login::Login;
use crate::report;

const INVALID: &str = "invalidTotpMessage";

pub(super) fn ask(login: &mut Login<'_, '_>, place: Place<'_>, message: Option<&Message>) -> Result<Step, LoginError> {
    show(login, place, message, None)
}

/// `chosen`: the id of the device that the user has chosen.
fn show(
    login: &mut Login<'_, '_>,
    place: Place<'_>,
    message: Option<&Message>,
    chosen: Option<&str>,
) -> Result<Step, LoginError> {
    let Some(user) = login.user.clone() else { return Ok(Step::Over(Outcome::Skipped)) };
    let action = login.action_url(place.flow, place.execution);
    let device = |id, label| OtpDevice { id, label };
    let all = user.credentials_of(&CredentialKind::Otp);
    let devices: Vec<_> = all
        .filter_map(|credential| Some(device(credential.id.as_deref()?, credential.label.as_deref().unwrap_or_default())))
        .collect();
    let is_own = |id: &&str| devices.iter().any(|device| device.id == *id);
    let selected = chosen.filter(is_own).or_else(|| devices.first().map(|device| device.id)).unwrap_or_default();
    let page = OtpPage { action: &action, devices: &devices, selected, fault: message.filter(|message| message.key == INVALID) };
    let banner = message.filter(|message| message.key != INVALID);
    Ok(Step::Ask(login.page(banner, &page)))
}

pub(super) async fn answer(login: &mut Login<'_, '_>, place: Place<'_>, form: &Params) -> Result<Step, LoginError> {
    let Some(user) = login.user.clone() else { return Ok(Step::Over(Outcome::Skipped)) };
    let chosen = form.get("selectedCredentialId").filter(|id| !id.is_empty()).map(str::to_owned);
    // Keycloak: another form says nothing (recording otp/letters-and-missing-field).
    let Some(code) = form.get("otp") else { return show(login, place, None, chosen.as_deref()) };
    // A code is one of the device that was shown (recording otp/two-devices).
    let first = || user.credentials_of(&CredentialKind::Otp).next().and_then(|credential| credential.id.clone());
    let device = chosen.or_else(first);
    let parts = login.browser.parts;
    let verdict = parts.user_authentication.verify_otp(&login.browser.at(), &user, (device.as_deref(), Some(code))).await;
    match verdict {
        Ok(_) => {
            login.prove(OTP);
            Ok(Step::Over(Outcome::Done))
        }
        Err(AuthenticationError::Trouble(trouble)) => Err(trouble.into()),
        Err(AuthenticationError::Refused(refusal)) => {
            report::refused(login, (Some(&user), ""), &refusal);
            show(login, place, Some(&Message::error(INVALID)), device.as_deref())
        }
    }
}
