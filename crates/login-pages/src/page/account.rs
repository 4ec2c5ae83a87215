//! Required actions around the account itself.

use serde::Serialize;

use super::{Initiated, PageKind, page};

/// The required action VERIFY_EMAIL: a mail was sent.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct VerifyEmailPage<'a> {
    /// Where it was sent, or would be.
    pub email: &'a str,
    /// Sends it again.
    pub resend_url: &'a str,
    /// Whether it was sent.
    pub sent: Sent,
    /// Whether it can be cancelled.
    pub initiated: Initiated,
}

/// Whether the mail of the page was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sent {
    /// It was.
    #[default]
    Yes,
    /// It will be, when the user says so.
    NotYet,
}

page!(VerifyEmailPage in "login-verify-email.html", PageKind::form("login-verify-email"), |_p, texts| texts.text("emailVerifyTitle"));

/// The action delete_account.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct DeleteAccountPage<'a> {
    /// Where the form posts, absolute.
    pub action: &'a str,
    /// Whether it can be cancelled.
    pub initiated: Initiated,
}

page!(
    DeleteAccountPage in "delete-account-confirm.html",
    PageKind::action("delete-account-confirm"),
    |_p, texts| texts.text("deleteAccountConfirm")
);

/// The action delete_credential.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct DeleteCredentialPage<'a> {
    /// Where the form posts, absolute.
    pub action: &'a str,
    /// What the user calls the credential.
    pub label: &'a str,
}

page!(DeleteCredentialPage in "delete-credential.html", PageKind { shows_banner: false, ..PageKind::action("delete-credential") }, |p, texts| {
    texts.with("deleteCredentialTitle", p.label)
});
