use std::borrow::Cow;

use askama::Template;
use serde::Serialize;

use super::{Page, PageKind};
use crate::{Message, Texts, View};

/// `rememberMe` of the login page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RememberMe {
    /// The realm does not offer it.
    #[default]
    NotOffered,
    /// The box is empty.
    Offered,
    /// The box is checked.
    Checked,
}

/// A button that leads to an identity provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ProviderButton<'a> {
    /// Its alias: the id of the link is `social-<alias>`.
    pub alias: &'a str,
    /// What the button says.
    pub display_name: &'a str,
    /// Where it leads.
    pub url: &'a str,
}

/// Passkeys offered by the browser while a name is typed (conditional UI of Web Authentication).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PasskeyRequest<'a> {
    /// base64url.
    pub challenge: &'a str,
    /// The relying party's id; empty: the host.
    pub rp_id: &'a str,
    /// `required`, `preferred`, `discouraged` or `not specified`.
    pub user_verification: &'a str,
    /// Seconds; 0: the browser's own.
    pub timeout: u32,
}

/// User name and password on one page (`#kc-form-login`).
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct LoginPage<'a> {
    /// Where the form posts, absolute.
    pub action: &'a str,
    /// What stands in the field already. Where the frame has an attempted user, there is no field.
    pub username: &'a str,
    /// The box.
    pub remember_me: RememberMe,
    /// `forgot password`.
    pub reset_url: Option<&'a str>,
    /// `register`.
    pub registration_url: Option<&'a str>,
    /// Other ways in.
    pub identity_providers: &'a [ProviderButton<'a>],
    /// The credential chosen among several.
    pub selected_credential: Option<&'a str>,
    /// Shown at the fields.
    pub fault: Option<&'a Message>,
    /// Where the realm has passkeys.
    pub passkey: Option<PasskeyRequest<'a>>,
}

#[derive(Template)]
#[template(path = "login.html")]
struct Content<'a> {
    f: &'a View<'a>,
    p: &'a LoginPage<'a>,
}

impl Page for LoginPage<'_> {
    fn kind(&self) -> PageKind {
        PageKind::form("login")
    }

    fn heading<'t>(&'t self, texts: &Texts<'t>) -> Cow<'t, str> {
        texts.text("loginAccountTitle")
    }

    fn write(&self, view: &View<'_>, out: &mut String) -> askama::Result<()> {
        Content { f: view, p: self }.render_into(out)
    }
}
