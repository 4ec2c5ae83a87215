//! `Try another way`: the alternatives that are open where the login stands.

use login_pages::{AuthenticatorChoice, SelectAuthenticatorPage};
use oidc_types::Params;
use realm_model::{Execution, Flow};

use super::{Place, Step};
use crate::error::LoginError;
use crate::flow::{self, CHOSEN};
use crate::login::Login;

/// The keys of the name of an authenticator, and of what it says; `None` for one that is no choice of the user's.
fn texts(provider: &str) -> Option<(&'static str, &'static str)> {
    Some(match provider {
        "auth-username-password-form" => ("auth-username-password-form-display-name", "auth-username-password-form-help-text"),
        "auth-username-form" => ("auth-username-form-display-name", "auth-username-form-help-text"),
        "auth-password-form" => ("password-display-name", "password-help-text"),
        "auth-otp-form" | "auth-conditional-otp-form" => ("otp-display-name", "otp-help-text"),
        "auth-recovery-authn-code-form" => {
            ("auth-recovery-authn-code-form-display-name", "auth-recovery-authn-code-form-help-text")
        }
        "webauthn-authenticator" => ("webauthn-display-name", "webauthn-help-text"),
        "webauthn-authenticator-passwordless" => ("webauthn-passwordless-display-name", "webauthn-passwordless-help-text"),
        _ => return None,
    })
}

/// What was sent from the link to other ways, or from their page; `None` where it was something else.
pub(super) async fn answer(login: &mut Login<'_, '_>, place: Place<'_>, form: &Params) -> Result<Option<Step>, LoginError> {
    if let Some(wanted) = form.get("authenticationExecution").filter(|wanted| !wanted.is_empty()) {
        // One that is not open is not chosen: the page of before comes again.
        let open = login.ways().into_iter().find(|(flow, execution)| login.realm().execution_id(flow, execution) == wanted);
        let (flow, execution) = open.unwrap_or((place.flow, place.execution));
        login.tab.set_note(CHOSEN, &flow::name_of(flow, execution));
        return Ok(Some(Step::Onward));
    }
    if form.get("tryAnotherWay").is_none() {
        return Ok(None);
    }
    let ways = login.ways();
    let action = login.action_url(place.flow, place.execution);
    let ids: Vec<String> = ways.iter().map(|(flow, execution)| login.realm().execution_id(flow, execution)).collect();
    let pairs = ways.iter().zip(&ids);
    let choices: Vec<_> = pairs
        .filter_map(|((_, one), id)| {
            let (display_name, help_text) = texts(one.provider().unwrap_or_default())?;
            Some(AuthenticatorChoice { execution: id, display_name, help_text })
        })
        .collect();
    login.other_ways = None;
    Ok(Some(Step::Ask(login.page(None, &SelectAuthenticatorPage { action: &action, choices: &choices }))))
}

impl<'a> Login<'_, 'a> {
    fn ways(&self) -> Vec<(&'a Flow, &'a Execution)> {
        let Some(flow) = self.flow() else { return Vec::new() };
        let mut ways = flow::ways(self.realm(), flow, &self.tab, self);
        ways.retain(|(_, execution)| texts(execution.provider().unwrap_or_default()).is_some());
        ways
    }

    /// The page that is to be shown leads to other ways, where there are any.
    pub(super) fn offer_other_ways(&mut self, place: Place<'_>) {
        let is_choice = texts(place.execution.provider().unwrap_or_default()).is_some();
        self.other_ways = (is_choice && self.ways().len() > 1).then(|| self.action_url(place.flow, place.execution));
    }
}
