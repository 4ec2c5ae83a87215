//! `webauthn-authenticator` (a security key beside a password), `webauthn-authenticator-passwordless` (a passkey instead of one), and
//! passkeys on the page of the name. The challenge is kept in the tab and is good for one answer.

use std::sync::Arc;

use login_pages::{Message, Passkey, PasskeyRequest, WebAuthnErrorPage, WebAuthnPage};
use oidc_types::{Params, UserId};
use realm_model::User;
use user_authentication::{AuthenticationError, Ceremony, Refusal, authenticators};
use web_authn::{Assertion, Challenge, PASSWORDLESS, RelyingParty, SECOND_FACTOR, browser_error};

use super::{Place, Step};
use crate::error::LoginError;
use crate::flow::Outcome;
use crate::login::Login;
use crate::report;

/// Note of a tab: what a browser is to sign.
pub(crate) const CHALLENGE: &str = "web_authn_challenge";

/// The realm under the policy for credentials of this type.
pub(crate) fn party(login: &Login<'_, '_>, kind: &str) -> Option<RelyingParty> {
    let policies = &login.realm().web_authn;
    let policy = if kind == PASSWORDLESS { &policies.passwordless } else { &policies.second_factor };
    RelyingParty::new(Arc::clone(policy), &login.browser.cx.bases.front)
}

/// A new challenge, kept for the answer.
pub(crate) fn new_challenge(login: &mut Login<'_, '_>) -> Challenge {
    let challenge = Challenge::new(login.browser.cx.entropy());
    login.tab.set_note(CHALLENGE, challenge.as_str());
    challenge
}

/// The challenge that was kept: once. One that is not there matches nothing.
pub(crate) fn take_challenge(login: &mut Login<'_, '_>) -> Challenge {
    let kept = login.tab.note(CHALLENGE).unwrap_or_default().to_owned();
    login.tab.remove_note(CHALLENGE);
    Challenge::kept(kept)
}

/// What a browser is asked to sign.
pub(super) struct Asking {
    action: String,
    challenge: Challenge,
    party: RelyingParty,
}

impl Asking {
    fn begin(login: &mut Login<'_, '_>, action: &str, kind: &str) -> Option<Self> {
        let party = party(login, kind)?;
        Some(Self { action: action.to_owned(), challenge: new_challenge(login), party })
    }

    /// For a page that asks for a name, where the realm has passkeys.
    pub(super) fn for_passkeys(login: &mut Login<'_, '_>, action: &str) -> Option<Self> {
        let offers = login.realm().web_authn.passwordless.passkeys_enabled;
        if offers { Self::begin(login, action, PASSWORDLESS) } else { None }
    }

    pub(super) fn request(&self) -> PasskeyRequest<'_> {
        let policy = self.party.policy();
        PasskeyRequest {
            action: &self.action,
            challenge: self.challenge.as_str(),
            rp_id: self.party.id(),
            user_verification: policy.user_verification.as_deref().unwrap_or("not specified"),
            timeout: u32::try_from(policy.create_timeout).unwrap_or_default(),
        }
    }
}

/// The type of credential that the authenticator asks for.
fn kind_of(place: Place<'_>) -> &'static str {
    match place.execution.provider() {
        Some("webauthn-authenticator-passwordless") => PASSWORDLESS,
        _ => SECOND_FACTOR,
    }
}

pub(super) fn ask(login: &mut Login<'_, '_>, place: Place<'_>, message: Option<&Message>) -> Result<Step, LoginError> {
    let kind = kind_of(place);
    let action = login.action_url(place.flow, place.execution);
    let Some(asking) = Asking::begin(login, &action, kind) else { return Ok(Step::Over(Outcome::Skipped)) };
    let user = login.user.clone();
    let known: Vec<_> = user.iter().flat_map(|user| authenticators(user, kind)).collect();
    let shown: Vec<(String, Vec<&str>, String)> = known
        .iter()
        .map(|(stored, record)| {
            let transports = record.transports.iter().map(String::as_str).collect();
            (record.id_for_browsers(), transports, stored.created_date.map(date).unwrap_or_default())
        })
        .collect();
    let passkeys: Vec<Passkey<'_>> = known
        .iter()
        .zip(&shown)
        .map(|((stored, _), (id, transports, created))| Passkey {
            credential_id: id,
            label: stored.label.as_deref().unwrap_or_default(),
            transports,
            created,
        })
        .collect();
    let page =
        WebAuthnPage { request: asking.request(), passkeys: &passkeys, shows_passkeys: user.is_some(), registration_url: None };
    Ok(Step::Ask(login.page(message, &page)))
}

/// The day of a time in milliseconds, as `2026-11-22`.
pub(crate) fn date(millis: i64) -> String {
    // Days to a date of the Gregorian calendar: the year begins in March, so that a leap day is its last.
    let days = millis.div_euclid(86_400_000).saturating_add(719_468);
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

pub(super) async fn answer(login: &mut Login<'_, '_>, place: Place<'_>, form: &Params) -> Result<Step, LoginError> {
    if form.get("clientDataJSON").is_none() && form.get("error").is_none() {
        return ask(login, place, None);
    }
    let kind = kind_of(place);
    match verify(login, kind, form).await? {
        Ok(user) => {
            login.prove(kind);
            login.set_user(user);
            Ok(Step::Over(Outcome::Done))
        }
        Err(message) => {
            let action = login.action_url(place.flow, place.execution);
            let execution = login.realm().execution_id(place.flow, place.execution);
            let page = WebAuthnErrorPage {
                action: &action,
                execution: &execution,
                message: Some(&message),
                initiated: Default::default(),
            };
            Ok(Step::Ask(login.page(None, &page)))
        }
    }
}

/// What was sent from the page of the name with a passkey; `None` where it was something else, or the realm has no passkeys.
pub(super) async fn answer_passkey(
    login: &mut Login<'_, '_>,
    form: &Params,
) -> Result<Option<Result<Step, Message>>, LoginError> {
    let is_sent = form.get("clientDataJSON").is_some_and(|sent| !sent.is_empty());
    let failed = form.get("clientDataJSON").is_some() && form.get("error").is_some_and(|error| !error.is_empty());
    if !login.realm().web_authn.passwordless.passkeys_enabled || !(is_sent || failed) {
        return Ok(None);
    }
    Ok(Some(match verify(login, PASSWORDLESS, form).await? {
        Ok(user) => {
            login.prove(PASSWORDLESS);
            login.set_user(user);
            Ok(Step::Over(Outcome::Done))
        }
        Err(message) => Err(message),
    }))
}

/// The user whose key has signed, or what to say. Nothing that was sent is in it.
async fn verify(login: &mut Login<'_, '_>, kind: &str, form: &Params) -> Result<Result<Arc<User>, Message>, LoginError> {
    let challenge = take_challenge(login);
    if let Some(error) = form.get("error").filter(|error| !error.is_empty()) {
        return Ok(Err(Message::error("webauthn-error-api-get").with(browser_error(error))));
    }
    let invalid = || Message::error("webauthn-error-auth-verification").with("");
    let Some(party) = party(login, kind) else { return Ok(Err(invalid())) };
    let field = |name: &str| form.get(name).unwrap_or_default();
    let sent = Assertion {
        client_data_json: field("clientDataJSON"),
        authenticator_data: field("authenticatorData"),
        signature: field("signature"),
        credential_id: field("credentialId"),
        user_handle: form.get("userHandle").filter(|handle| !handle.is_empty()),
    };
    let user = match (login.user.clone(), sent.user()) {
        (Some(user), _) => Some(user),
        (None, Some(id)) => login.find_user(&UserId::from(id.as_str())).await?,
        (None, None) => None,
    };
    let Some(user) = user else { return Ok(Err(Message::error("webauthn-error-user-not-found"))) };
    let ceremony = Ceremony { party: &party, challenge: &challenge, kind };
    let parts = login.browser.parts;
    match parts.user_authentication.verify_authenticator(&login.browser.at(), &user, ceremony, &sent).await {
        Ok(_) => Ok(Ok(user)),
        Err(AuthenticationError::Trouble(trouble)) => Err(trouble.into()),
        Err(AuthenticationError::Refused(refusal)) => {
            report::refused(login, (Some(&user), ""), &refusal);
            Ok(Err(match refusal {
                Refusal::UserDisabled(_) => Message::error("accountDisabledMessage"),
                _ => invalid(),
            }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn a_day_is_written_as_year_month_and_day() {
        let days = [(0, "1970-01-01"), (951_782_400_000, "2000-02-29"), (1_795_305_600_000, "2026-11-22"), (-1, "1969-12-31")];
        for (millis, expected) in days {
            assert_eq!(date(millis), expected);
        }
    }
}
