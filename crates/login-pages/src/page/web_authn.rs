//! Security keys and passkeys (Web Authentication Level 3). The script `webauthn.js` reads the `data-` attributes of the forms.

use serde::Serialize;

use super::{Initiated, PageKind, page};
use crate::Message;

/// What a browser is asked to sign, wherever a passkey can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PasskeyRequest<'a> {
    /// Where the answer is posted.
    pub action: &'a str,
    /// base64url.
    pub challenge: &'a str,
    /// The relying party's id; empty: the host.
    pub rp_id: &'a str,
    /// `required`, `preferred`, `discouraged`, or `not specified`.
    pub user_verification: &'a str,
    /// Seconds; 0: the browser's own.
    pub timeout: u32,
}

/// One passkey of the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Passkey<'a> {
    /// base64url.
    pub credential_id: &'a str,
    /// What the user calls it.
    pub label: &'a str,
    /// `usb`, `nfc`, `ble`, `internal`, `hybrid`, `smart-card`.
    pub transports: &'a [&'a str],
    /// When it was made, as it is shown.
    pub created: &'a str,
}

/// A passkey is asked for (`#webauth`).
#[derive(Clone, Copy, Debug, Serialize)]
pub struct WebAuthnPage<'a> {
    /// What is to be signed.
    pub request: PasskeyRequest<'a>,
    /// Those of the user; empty: the browser offers its own.
    pub passkeys: &'a [Passkey<'a>],
    /// Whether the user may see the list (`shouldDisplayAuthenticators`).
    pub shows_passkeys: bool,
    /// `Register`, where a login without a password begins here.
    pub registration_url: Option<&'a str>,
}

page!(
    WebAuthnPage in "webauthn-authenticate.html",
    PageKind::action("webauthn-authenticate"),
    |_p, texts| texts.text("webauthn-login-title")
);

/// The required actions webauthn-register and webauthn-register-passwordless (`#register`). Names are those of
/// PublicKeyCredentialCreationOptions.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct WebAuthnRegisterPage<'a> {
    /// Where the answer is posted.
    pub action: &'a str,
    /// base64url.
    pub challenge: &'a str,
    /// base64url.
    pub user_id: &'a str,
    /// The user name.
    pub username: &'a str,
    /// The relying party's name.
    pub rp_name: &'a str,
    /// Its id; empty: the host.
    pub rp_id: &'a str,
    /// COSE algorithms, such as -7.
    pub algorithms: &'a [i32],
    /// `none`, `indirect`, `direct`, or `not specified`.
    pub attestation: &'a str,
    /// `platform`, `cross-platform`, or `not specified`.
    pub attachment: &'a str,
    /// `Yes`, `No`, or `not specified`.
    pub resident_key: &'a str,
    /// `required`, `preferred`, `discouraged`, or `not specified`.
    pub user_verification: &'a str,
    /// Seconds; 0: the browser's own.
    pub timeout: u32,
    /// base64url ids that must not be registered again.
    pub excluded: &'a [&'a str],
    /// Whether it can be cancelled.
    pub initiated: Initiated,
}

page!(
    WebAuthnRegisterPage in "webauthn-register.html",
    PageKind::action("webauthn-register"),
    |_p, texts| texts.text("webauthn-registration-title")
);

/// A passkey was not accepted.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct WebAuthnErrorPage<'a> {
    /// Where another try is posted.
    pub action: &'a str,
    /// The execution that is tried again.
    pub execution: &'a str,
    /// What went wrong; shown unless the frame has a banner.
    pub message: Option<&'a Message>,
    /// Whether it can be cancelled.
    pub initiated: Initiated,
}

page!(WebAuthnErrorPage in "webauthn-error.html", PageKind::action("webauthn-error"), |_p, texts| texts.text("webauthn-error-title"));
