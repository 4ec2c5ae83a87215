//! A required step whose credential the user has not set up: it is set up before the login is finished, or there is no login. Nothing
//! passes by itself.

use super::condition::{SECOND_FACTORS, asked_by, has_credential};
use super::{Place, Step};
use crate::action;
use crate::error::{LoginError, PageFault};
use crate::flow::Outcome;
use crate::login::{Entry, Login};

/// What becomes of a step whose credential is missing; `None` where it is there, or none is asked for.
pub(super) fn begin(login: &mut Login<'_, '_>, place: Place<'_>) -> Result<Option<Step>, LoginError> {
    let Some(asked) = place.execution.provider().and_then(asked_by) else { return Ok(None) };
    let Some(user) = login.user.clone() else {
        // A passkey says who its user is; all others need to know.
        let is_discoverable = asked.credential == web_authn::PASSWORDLESS;
        return if is_discoverable { Ok(None) } else { Err(not_set_up()) };
    };
    if has_credential(&user, asked.credential) {
        return Ok(None);
    }
    // Whoever has a second factor shows it before another one is set up (CVE-2023-3597). Keycloak: the password is enough.
    let has_other = SECOND_FACTORS.iter().any(|kind| has_credential(&user, kind));
    let has_shown_one = login.shown_now().any(|shown| SECOND_FACTORS.contains(&shown));
    let action = login.realm().required_actions.iter().find(|action| action.enabled && &*action.provider == asked.action);
    match action {
        Some(action) if login.entry() == Entry::Authenticate && (!has_other || has_shown_one) => {
            login.tab.set_note(&action::set_note(&action.alias), "");
            Ok(Some(Step::Over(Outcome::ToBeSetUp)))
        }
        _ => Err(not_set_up()),
    }
}

/// Nobody gets in without it.
pub(crate) fn not_set_up() -> LoginError {
    PageFault::in_login(400, "credentialSetupRequired").into()
}
