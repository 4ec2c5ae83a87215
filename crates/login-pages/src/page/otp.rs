//! One-time codes: asked for, and set up.

use serde::Serialize;

use super::{Initiated, PageKind, page};
use crate::{FieldFault, Message};

/// One device of the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct OtpDevice<'a> {
    /// The id of its credential.
    pub id: &'a str,
    /// What the user calls it; may be empty.
    pub label: &'a str,
}

/// A code of a device is asked for (`#kc-otp-login-form`).
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct OtpPage<'a> {
    /// Where the form posts, absolute.
    pub action: &'a str,
    /// All devices of the user; the choice is shown when there are several.
    pub devices: &'a [OtpDevice<'a>],
    /// The one in force.
    pub selected: &'a str,
    /// Shown at the field.
    pub fault: Option<&'a Message>,
}

page!(OtpPage in "login-otp.html", PageKind::form("login-otp"), |_p, texts| texts.text("doLogIn"));

/// How the secret is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TotpMode {
    /// As a picture to scan.
    #[default]
    QrCode,
    /// As a text to type.
    Manual,
}

/// What an app has to know beside the secret, as it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct TotpPolicy<'a> {
    /// `totp` or `hotp`.
    pub kind: &'a str,
    /// `SHA1`, `SHA256`, `SHA512`.
    pub algorithm: &'a str,
    /// Of a code.
    pub digits: u32,
    /// Seconds, of `totp`; else nothing.
    pub period: Option<u32>,
    /// The first counter, of `hotp`; else nothing.
    pub counter: Option<u32>,
}

/// The required action CONFIGURE_TOTP (`#kc-totp-settings-form`).
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ConfigTotpPage<'a> {
    /// Where the form posts, absolute.
    pub action: &'a str,
    /// The QR code of the key URI, an SVG element of our own making: it goes into the page as it is.
    pub qr_code: &'a str,
    /// What stands in the hidden field `totpSecret`.
    pub form_secret: &'a str,
    /// The secret in base32, as it is typed; shown in groups of four.
    pub secret: &'a str,
    /// What else an app has to know.
    pub policy: TotpPolicy<'a>,
    /// Keys of the names of apps that know this policy: `totpAppFreeOTPName` …
    pub applications: &'a [&'a str],
    /// How the secret is shown.
    pub mode: TotpMode,
    /// This page in the other mode.
    pub mode_url: &'a str,
    /// What stands in the field of the name already.
    pub user_label: &'a str,
    /// Whether a name has to be given: the user has a device already.
    pub label_required: bool,
    /// Of the fields `totp` and `userLabel`.
    pub faults: &'a [FieldFault],
    /// Whether it can be cancelled.
    pub initiated: Initiated,
}

page!(ConfigTotpPage in "login-config-totp.html", PageKind::form("login-config-totp"), |_p, texts| texts.text("loginTotpTitle"));

impl ConfigTotpPage<'_> {
    fn is_manual(&self) -> bool {
        self.mode == TotpMode::Manual
    }

    /// `ABCD EFGH …`
    fn grouped_secret(&self) -> String {
        let chars: Vec<char> = self.secret.chars().filter(|c| !c.is_whitespace()).collect();
        chars.chunks(4).map(|chunk| chunk.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
    }
}
