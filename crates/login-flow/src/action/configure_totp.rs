//! `CONFIGURE_TOTP`: one-time codes by an app. The secret comes from the login's own state, never from the form.

use login_pages::{ConfigTotpPage, FieldFault, Message, TotpMode, TotpPolicy};
use oidc_types::Params;
use realm_model::{CredentialKind, OtpAlgorithm, OtpKind, OtpPolicy};
use user_authentication::{FirstCode, OtpSecret, OtpSetupError, otp_qr_svg, supported_applications};

use super::{Did, Due, banner, end_other_sessions};
use crate::error::LoginError;
use crate::login::Login;
use crate::report;

/// Note of the tab: the secret that is being set up.
const SECRET: &str = "totp_secret";

pub(super) fn ask(
    login: &mut Login<'_, '_>,
    due: Due<'_>,
    message: Option<&Message>,
    faults: &[FieldFault],
) -> Result<Did, LoginError> {
    let Some(user) = login.user.clone() else { return Ok(Did::NotDue) };
    let secret = secret(login);
    let action = login.required_action_url(&due.action.alias);
    let realm = login.realm();
    let policy = &realm.otp;
    let mode = match login.asked_mode() {
        Some("manual") => TotpMode::Manual,
        _ => TotpMode::QrCode,
    };
    let other_mode = if mode == TotpMode::Manual { "qr" } else { "manual" };
    let mode_url = format!("{}&mode={other_mode}", login.urls().page("required-action", &due.action.alias));
    let qr_code = otp_qr_svg(&secret.to_uri(realm, &user)).unwrap_or_default();
    let applications = supported_applications(policy);
    let page = ConfigTotpPage {
        action: &action,
        qr_code: &qr_code,
        form_secret: secret.expose(),
        secret: &secret.to_groups(),
        policy: shown(policy),
        applications: &applications,
        mode,
        mode_url: &mode_url,
        user_label: "", // Keycloak: what was typed is not shown again (recording required-actions/configure-totp)
        label_required: user.credentials_of(&CredentialKind::Otp).next().is_some(),
        faults,
        initiated: due.initiated,
    };
    let own = banner(due, "configureTotpMessage").filter(|_| faults.is_empty());
    Ok(Did::Ask(login.page(message.or(own.as_ref()), &page)))
}

fn secret(login: &mut Login<'_, '_>) -> OtpSecret {
    if let Some(kept) = login.tab.note(SECRET) {
        return OtpSecret::kept(kept.to_owned());
    }
    let secret = OtpSecret::new(login.browser.cx.entropy());
    login.tab.set_note(SECRET, secret.expose());
    secret
}

fn shown(policy: &OtpPolicy) -> TotpPolicy<'_> {
    TotpPolicy {
        kind: policy.kind.as_str(),
        algorithm: match policy.algorithm {
            OtpAlgorithm::HmacSha1 => "SHA1",
            OtpAlgorithm::HmacSha256 => "SHA256",
            OtpAlgorithm::HmacSha512 => "SHA512",
        },
        digits: policy.digits,
        period: (policy.kind == OtpKind::Totp).then(|| u32::try_from(policy.period).unwrap_or_default()),
        counter: (policy.kind == OtpKind::Hotp).then_some(policy.initial_counter),
    }
}

pub(super) async fn answer(login: &mut Login<'_, '_>, due: Due<'_>, form: &Params) -> Result<Did, LoginError> {
    let Some(user) = login.user.clone() else { return Ok(Did::NotDue) };
    let secret = secret(login);
    let first = FirstCode {
        secret: &secret,
        code: form.get("totp").unwrap_or_default(),
        label: form.get("userLabel").unwrap_or_default(),
    };
    let added = login.browser.parts.user_authentication.add_otp_credential(&login.browser.at(), &user, first).await;
    match added {
        Ok(_) => {
            login.tab.remove_note(SECRET);
            login.reload_user().await?;
            report::credential_updated(login, "otp");
            end_other_sessions(login, form).await?;
            Ok(Did::Done)
        }
        Err(OtpSetupError::Trouble(trouble)) => Err(trouble.into()),
        Err(refused) => {
            let (field, key) = refused.message().unwrap_or(("totp", "invalidTotpMessage"));
            ask(login, due, None, &[FieldFault::new(field, Message::error(key))])
        }
    }
}
