//! `auth-conditional-otp-form`: whether a one-time code is asked for depends on the user and on the configuration.

use login_pages::Message;
use realm_model::AuthenticatorConfig;

use super::{Place, Step, otp, set_up};
use crate::error::LoginError;
use crate::flow::Outcome;
use crate::login::Login;

/// What the configuration says of this login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Force,
    Skip,
}

pub(super) fn ask(login: &mut Login<'_, '_>, place: Place<'_>, message: Option<&Message>) -> Result<Step, LoginError> {
    if wanted(login, place.execution.config()) == Wanted::Skip {
        return Ok(Step::Over(Outcome::Done));
    }
    match set_up::begin(login, place)? {
        Some(step) => Ok(step),
        None => otp::ask(login, place, message),
    }
}

/// The user's attribute, roles, headers, the default; in this order, as Keycloak. A request's headers are the browser's own word:
/// none of them lets anybody off.
fn wanted(login: &Login<'_, '_>, config: Option<&AuthenticatorConfig>) -> Wanted {
    let Some(user) = login.user.as_deref() else { return Wanted::Force };
    let value = |key: &str| config.and_then(|config| config.get(key));
    match value("otpControlAttribute").and_then(|name| user.attribute(name)) {
        Some("skip") => return Wanted::Skip,
        Some("force") => return Wanted::Force,
        _ => {}
    }
    if value("skipOtpRole").is_some_and(|role| login.is_in_role(user, role)) {
        return Wanted::Skip;
    }
    if value("forceOtpRole").is_some_and(|role| login.is_in_role(user, role)) {
        return Wanted::Force;
    }
    if value("forceOtpForHeaderPattern").is_some() || value("noOtpRequiredForHeaderPattern").is_some() {
        return Wanted::Force;
    }
    match value("defaultOtpOutcome") {
        Some("skip") => Wanted::Skip,
        _ => Wanted::Force,
    }
}
