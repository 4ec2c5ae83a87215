//! Setting up one-time codes: the secret, what the authenticator app is told, and the first code (recording
//! required-actions/configure-totp).

use ambient::Entropy;
use oidc_types::Secret;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use realm_model::{Credential, CredentialKind, OtpAlgorithm, OtpKind, OtpPolicy, Realm, User};
use serde_json::json;
use thiserror::Error;

use crate::authentication::{At, UserAuthentication};
use crate::base32;
use crate::credentials::Added;
use crate::error::Trouble;
use crate::otp::OtpCredential;
use crate::random_text::random_text;

const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const LENGTH: usize = 20;

const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'_').remove(b'*');

/// The secret of one-time codes that are being set up: 20 letters and digits, whose bytes are the key. It is kept with the login in
/// progress; what a form says of it counts for nothing.
#[derive(Clone, Debug)]
pub struct OtpSecret(Secret<String>);

impl OtpSecret {
    /// A new one.
    pub fn new(entropy: &dyn Entropy) -> Self {
        Self::kept(random_text(entropy, LETTERS, LENGTH))
    }

    /// One that was kept.
    pub fn kept(text: String) -> Self {
        Self(Secret::new(text))
    }

    /// The secret itself: for the state that keeps it, and for the page (`totpSecret`).
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// As users type it: Base32 in groups of four (`#kc-totp-secret-key`).
    pub fn to_groups(&self) -> String {
        let text = base32::encode(self.expose().as_bytes());
        let mut groups = String::with_capacity(text.len().saturating_mul(2));
        for (at, letter) in text.chars().enumerate() {
            if at > 0 && at % 4 == 0 {
                groups.push(' ');
            }
            groups.push(letter);
        }
        groups
    }

    /// What a QR code tells the app (the key URI format of authenticator apps), with the members in Keycloak's order.
    pub fn to_uri(&self, realm: &Realm, user: &User) -> String {
        let policy = &realm.otp;
        let name = realm.display_name.as_deref().filter(|name| !name.is_empty()).unwrap_or(realm.name.as_str());
        let issuer = utf8_percent_encode(name, KEPT);
        let account = utf8_percent_encode(&user.username, KEPT);
        let algorithm = match policy.algorithm {
            OtpAlgorithm::HmacSha1 => "SHA1",
            OtpAlgorithm::HmacSha256 => "SHA256",
            OtpAlgorithm::HmacSha512 => "SHA512",
        };
        let counted = match policy.kind {
            OtpKind::Totp => format!("period={}", policy.period),
            OtpKind::Hotp => format!("counter={}", policy.initial_counter),
        };
        let (kind, secret) = (policy.kind.as_str(), base32::encode(self.expose().as_bytes()));
        let digits = policy.digits;
        format!(
            "otpauth://{kind}/{issuer}:{account}?secret={secret}&digits={digits}&algorithm={algorithm}&issuer={issuer}&{counted}"
        )
    }
}

/// Message keys of the apps that can do what the policy asks for (`otpSupportedApplications`).
pub fn supported_applications(policy: &OtpPolicy) -> Vec<&'static str> {
    let plain = policy.algorithm == OtpAlgorithm::HmacSha1 && policy.digits == 6;
    let by_half_minutes = policy.kind == OtpKind::Totp && policy.period == 30;
    let google = plain && (by_half_minutes || policy.kind == OtpKind::Hotp);
    let all = [
        ("totpAppFreeOTPName", true),
        ("totpAppGoogleName", google),
        ("totpAppMicrosoftAuthenticatorName", plain && by_half_minutes),
    ];
    all.into_iter().filter_map(|(name, can)| can.then_some(name)).collect()
}

/// What somebody sends who has set up an app.
#[derive(Clone, Copy)]
pub struct FirstCode<'a> {
    /// The secret that was shown.
    pub secret: &'a OtpSecret,
    /// The code that the app shows.
    pub code: &'a str,
    /// What the user calls the app (`userLabel`).
    pub label: &'a str,
}

/// Why one-time codes were not set up.
#[derive(Debug, Error)]
pub enum OtpSetupError {
    /// No code: field `totp`.
    #[error("no code")]
    CodeMissing,
    /// Another code: field `totp`.
    #[error("a wrong code")]
    WrongCode,
    /// The second app has no name: field `userLabel`.
    #[error("a further app without a name")]
    LabelMissing,
    /// Another app of the user has the name: field `userLabel`.
    #[error("the name is that of another app")]
    LabelTaken,
    /// The server cannot say.
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

impl OtpSetupError {
    /// Keycloak's key of the message, and the field it belongs to; none where the server cannot say.
    pub const fn message(&self) -> Option<(&'static str, &'static str)> {
        Some(match self {
            Self::CodeMissing => ("totp", "missingTotpMessage"),
            Self::WrongCode => ("totp", "invalidTotpMessage"),
            Self::LabelMissing => ("userLabel", "missingTotpDeviceNameMessage"),
            // Keycloak: a text without a key.
            Self::LabelTaken => ("userLabel", "Device already exists with the same name"),
            Self::Trouble(_) => return None,
        })
    }
}

impl UserAuthentication {
    /// Gives a user one-time codes by an app that shows the right code. It gives the id of the credential.
    ///
    /// # Errors
    /// What is wrong with what the user sent; or the store cannot be reached.
    pub async fn add_otp_credential(&self, at: &At<'_>, user: &User, first: FirstCode<'_>) -> Result<String, OtpSetupError> {
        if first.code.trim().is_empty() {
            return Err(OtpSetupError::CodeMissing);
        }
        let mut credential = self.new_otp(at, first);
        let otp = OtpCredential::read(&credential).ok_or(OtpSetupError::WrongCode)?;
        // Keycloak: the first code is not used up, a login may follow at once.
        let step = otp.matching_step(first.code, at.now, at.realm.otp.look_ahead_window).ok_or(OtpSetupError::WrongCode)?;
        if let Some(advanced) = otp.advanced_beyond(&credential, step) {
            credential = advanced;
        }
        let label = first.label.trim();
        if label.is_empty() && user.credentials_of(&CredentialKind::Otp).next().is_some() {
            return Err(OtpSetupError::LabelMissing);
        }
        let id = credential.id.clone().unwrap_or_default();
        match self.add_credential(at, user, &credential).await? {
            Added::Yes => Ok(id),
            Added::LabelTaken => Err(OtpSetupError::LabelTaken),
        }
    }

    fn new_otp(&self, at: &At<'_>, first: FirstCode<'_>) -> Credential {
        let policy = &at.realm.otp;
        let data = json!({
            "subType": policy.kind.as_str(),
            "digits": policy.digits,
            "counter": policy.initial_counter,
            "period": policy.period,
            "algorithm": policy.algorithm.as_str(),
        });
        Credential {
            id: Some(self.entropy.uuid().to_string()),
            kind: CredentialKind::Otp,
            label: Some(first.label.trim().to_owned()).filter(|label| !label.is_empty()),
            created_date: Some(at.now.millis()),
            secret_data: Secret::new(json!({ "value": first.secret.expose() }).to_string()),
            credential_data: data.to_string(),
        }
    }
}

#[cfg(test)]
mod tests;
