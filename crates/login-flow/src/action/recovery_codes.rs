//! `CONFIGURE_RECOVERY_AUTHN_CODES`: codes on paper. They come from the login's own state, never from the form.

use login_pages::{Message, RecoveryCodesPage};
use oidc_types::{Params, Secret};
use user_authentication::{RECOVERY_CODES, new_recovery_codes};

use super::{Did, Due, end_other_sessions};
use crate::error::LoginError;
use crate::login::Login;
use crate::report;

/// Note of the tab: the codes that were shown, with spaces between.
const CODES: &str = "recovery_codes";

pub(super) fn ask(login: &mut Login<'_, '_>, due: Due<'_>, message: Option<&Message>) -> Result<Did, LoginError> {
    let codes = codes(login);
    let action = login.required_action_url(&due.action.alias);
    let shown: Vec<&str> = codes.iter().map(|code| code.expose().as_str()).collect();
    let form_codes = shown.join(",");
    let page = RecoveryCodesPage {
        action: &action,
        codes: &shown,
        form_codes: &form_codes,
        generated_at: login.browser.cx.now.millis(),
        initiated: due.initiated,
    };
    Ok(Did::Ask(login.page(message, &page)))
}

fn codes(login: &mut Login<'_, '_>) -> Vec<Secret<String>> {
    if let Some(kept) = login.tab.note(CODES) {
        return kept.split(' ').map(|code| Secret::new(code.to_owned())).collect();
    }
    let codes = new_recovery_codes(login.browser.cx.entropy());
    let kept: Vec<&str> = codes.iter().map(|code| code.expose().as_str()).collect();
    login.tab.set_note(CODES, &kept.join(" "));
    codes
}

pub(super) async fn answer(login: &mut Login<'_, '_>, due: Due<'_>, form: &Params) -> Result<Did, LoginError> {
    let Some(user) = login.user.clone() else { return Ok(Did::NotDue) };
    if login.tab.note(CODES).is_none() || form.get("generatedRecoveryAuthnCodes").is_none() {
        return ask(login, due, None); // nothing was shown yet
    }
    let (codes, label) = (codes(login), form.get("userLabel").map(str::trim));
    let parts = login.browser.parts;
    parts.user_authentication.put_recovery_codes(&login.browser.at(), &user, (&codes, label)).await?;
    login.tab.remove_note(CODES);
    login.reload_user().await?;
    report::credential_updated(login, RECOVERY_CODES);
    end_other_sessions(login, form).await?;
    Ok(Did::Done)
}
