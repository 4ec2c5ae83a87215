//! `webauthn-register`, `webauthn-register-passwordless`: a security key, or a passkey.

use login_pages::{Message, WebAuthnErrorPage, WebAuthnRegisterPage};
use oidc_types::Params;
use realm_model::WebAuthnPolicy;
use user_authentication::{Ceremony, WebAuthnSetupError, authenticators};
use web_authn::{PASSWORDLESS, Registration, SECOND_FACTOR, browser_error};

use super::{Did, Due, end_other_sessions};
use crate::authenticator::web_authn::{new_challenge, party, take_challenge};
use crate::error::LoginError;
use crate::login::Login;
use crate::report;

/// The type of credential that the action makes.
fn kind_of(due: Due<'_>) -> &'static str {
    if &*due.action.provider == "webauthn-register-passwordless" { PASSWORDLESS } else { SECOND_FACTOR }
}

/// `Yes`, `No`: what scripts of Keycloak's pages read.
fn resident_key(policy: &WebAuthnPolicy) -> &'static str {
    match policy.resident_key.as_deref() {
        Some("required") => "Yes",
        Some("discouraged") => "No",
        _ => "not specified",
    }
}

pub(super) fn ask(login: &mut Login<'_, '_>, due: Due<'_>, message: Option<&Message>) -> Result<Did, LoginError> {
    let kind = kind_of(due);
    let (Some(user), Some(party)) = (login.user.clone(), party(login, kind)) else { return Ok(Did::NotDue) };
    let action = login.required_action_url(&due.action.alias);
    let challenge = new_challenge(login);
    let known: Vec<_> = authenticators(&user, kind).map(|(_, record)| record).collect();
    let excluded = party.excluded(&known);
    let excluded: Vec<&str> = excluded.iter().map(String::as_str).collect();
    let user_id = base64_simd::URL_SAFE_NO_PAD.encode_to_string(user.id.as_str());
    let algorithms = party.algorithms();
    let policy = party.policy();
    let said = |value: &Option<String>| value.clone().unwrap_or_else(|| "not specified".to_owned());
    let page = WebAuthnRegisterPage {
        action: &action,
        challenge: challenge.as_str(),
        user_id: &user_id,
        username: &user.username,
        rp_name: &policy.rp_entity_name,
        rp_id: party.id(),
        algorithms: &algorithms,
        attestation: &said(&policy.attestation_conveyance_preference),
        attachment: &said(&policy.authenticator_attachment),
        resident_key: resident_key(policy),
        user_verification: &said(&policy.user_verification),
        timeout: u32::try_from(policy.create_timeout).unwrap_or_default(),
        excluded: &excluded,
        initiated: due.initiated,
    };
    Ok(Did::Ask(login.page(message, &page)))
}

pub(super) async fn answer(login: &mut Login<'_, '_>, due: Due<'_>, form: &Params) -> Result<Did, LoginError> {
    let kind = kind_of(due);
    let (Some(user), Some(party)) = (login.user.clone(), party(login, kind)) else { return Ok(Did::NotDue) };
    let field = |name: &str| form.get(name).unwrap_or_default();
    if !field("error").is_empty() {
        let name = browser_error(field("error"));
        return refused(login, due, &Message::error("webauthn-error-registration").with(name));
    }
    if form.get("clientDataJSON").is_none() {
        return ask(login, due, None); // another try
    }
    let challenge = take_challenge(login);
    let sent = Registration {
        client_data_json: field("clientDataJSON"),
        attestation_object: field("attestationObject"),
        credential_id: field("publicKeyCredentialId"),
        transports: field("transports"),
        attachment: field("authenticatorAttachment"),
    };
    let ceremony = Ceremony { party: &party, challenge: &challenge, kind };
    let label = field("authenticatorLabel");
    let parts = login.browser.parts;
    let added = parts.user_authentication.add_authenticator(&login.browser.at(), &user, ceremony, (&sent, label)).await;
    match added {
        Ok(_) => {
            login.reload_user().await?;
            report::credential_updated(login, kind);
            end_other_sessions(login, form).await?;
            Ok(Did::Done)
        }
        Err(WebAuthnSetupError::Trouble(trouble)) => Err(trouble.into()),
        Err(WebAuthnSetupError::LabelTaken) => {
            refused(login, due, &Message::error("webauthn-error-registration").with("Device already exists with the same name"))
        }
        Err(WebAuthnSetupError::Refused(error)) => {
            log::info!("realm {}: authenticator of user {} not registered: {error}", login.realm().name, user.id);
            refused(login, due, &Message::error("webauthn-error-register-verification").with(""))
        }
    }
}

fn refused(login: &mut Login<'_, '_>, due: Due<'_>, message: &Message) -> Result<Did, LoginError> {
    let action = login.required_action_url(&due.action.alias);
    let page =
        WebAuthnErrorPage { action: &action, execution: &due.action.alias, message: Some(message), initiated: due.initiated };
    Ok(Did::Ask(login.page(None, &page)))
}
