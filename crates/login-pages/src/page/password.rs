//! A new password.

use serde::Serialize;

use super::{Initiated, PageKind, page};
use crate::FieldFault;

/// The required action UPDATE_PASSWORD.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct UpdatePasswordPage<'a> {
    /// Where the form posts, absolute.
    pub action: &'a str,
    /// For the browser's password manager; not shown.
    pub username: &'a str,
    /// Of the fields `password-new` and `password-confirm`.
    pub faults: &'a [FieldFault],
    /// Whether it can be cancelled.
    pub initiated: Initiated,
}

page!(
    UpdatePasswordPage in "login-update-password.html",
    PageKind::form("login-update-password"),
    |_p, texts| texts.text("updatePasswordTitle")
);
