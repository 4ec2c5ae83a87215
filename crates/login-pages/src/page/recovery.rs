//! Recovery codes: shown once, and asked for.

use serde::Serialize;

use super::{Initiated, PageKind, page};
use crate::Message;

/// The required action CONFIGURE_RECOVERY_AUTHN_CODES.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct RecoveryCodesPage<'a> {
    /// Where the form posts, absolute.
    pub action: &'a str,
    /// All codes, as they are shown.
    pub codes: &'a [&'a str],
    /// What stands in the hidden field `generatedRecoveryAuthnCodes`; it is not to be trusted when it comes back.
    pub form_codes: &'a str,
    /// What stands in the hidden field `generatedAt`: milliseconds since 1970.
    pub generated_at: i64,
    /// Whether it can be cancelled.
    pub initiated: Initiated,
}

page!(
    RecoveryCodesPage in "login-recovery-authn-code-config.html",
    PageKind::action("login-recovery-authn-code-config"),
    |_p, texts| texts.text("recovery-code-config-header")
);

/// One of the codes is asked for.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct RecoveryCodePage<'a> {
    /// Where the form posts, absolute.
    pub action: &'a str,
    /// Which code, counted from 1.
    pub number: u32,
    /// Shown at the field.
    pub fault: Option<&'a Message>,
}

page!(
    RecoveryCodePage in "login-recovery-authn-code-input.html",
    PageKind::action("login-recovery-authn-code-input"),
    |_p, texts| texts.text("auth-recovery-code-header")
);
