//! What a user agrees to.

use serde::Serialize;

use super::{PageKind, page};

/// What an application asks for (`#kc-oauth`).
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct ConsentPage<'a> {
    /// Where the form posts.
    pub action: &'a str,
    /// What stands in the hidden field `code`.
    pub code: &'a str,
    /// The name of the client, or its id; `${key}` is looked up.
    pub client_name: &'a str,
    /// `logoUri`
    pub logo_uri: Option<&'a str>,
    /// `policyUri`
    pub policy_uri: Option<&'a str>,
    /// `tosUri`
    pub tos_uri: Option<&'a str>,
    /// Texts of the scopes, in the order of `gui.order`; `${key}` is looked up.
    pub scopes: &'a [&'a str],
}

page!(ConsentPage in "login-oauth-grant.html", PageKind::form("login-oauth-grant"), |p, texts| {
    texts.with("oauthGrantTitle", texts.resolve(p.client_name))
});

/// The required action TERMS_AND_CONDITIONS.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct TermsPage<'a> {
    /// Where the form posts, absolute.
    pub action: &'a str,
}

page!(TermsPage in "terms.html", PageKind { shows_banner: false, ..PageKind::action("terms") }, |_p, texts| texts.text("termsTitle"));
