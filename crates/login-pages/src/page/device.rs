//! The page that a device sends its user to.

use serde::Serialize;

use super::{PageKind, page};

/// The code of the device is asked for.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct DeviceCodePage<'a> {
    /// Where the form posts: `/realms/<realm>/device`.
    pub action: &'a str,
}

page!(
    DeviceCodePage in "login-oauth2-device-verify-user-code.html",
    PageKind::action("login-oauth2-device-verify-user-code"),
    |_p, texts| texts.text("oauth2DeviceVerificationTitle")
);
