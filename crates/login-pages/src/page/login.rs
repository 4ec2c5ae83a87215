//! Where a login begins: name, password, identity providers.

use serde::Serialize;

use super::web_authn::PasskeyRequest;
use super::{PageKind, page};
use crate::{FieldFault, Message};

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

impl RememberMe {
    /// For templates: whether there is a box, and its attribute.
    pub(crate) const fn attribute(self) -> Option<&'static str> {
        match self {
            Self::NotOffered => None,
            Self::Offered => Some(""),
            Self::Checked => Some(" checked"),
        }
    }
}

/// A button that leads to an identity provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ProviderButton<'a> {
    /// Its alias: the id of the link is `social-<alias>`.
    pub alias: &'a str,
    /// What the button says; `${key}` is looked up.
    pub display_name: &'a str,
    /// Where it leads.
    pub url: &'a str,
}

/// User name and password on one page (`#kc-form-login`). Where the frame has an attempted user, only the password.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct LoginPage<'a> {
    /// Where the form posts, absolute.
    pub action: &'a str,
    /// What stands in the field already.
    pub username: &'a str,
    /// The box.
    pub remember_me: RememberMe,
    /// `Forgot Password?`
    pub reset_url: Option<&'a str>,
    /// `Register`
    pub registration_url: Option<&'a str>,
    /// Other ways in.
    pub identity_providers: &'a [ProviderButton<'a>],
    /// The credential chosen among several.
    pub selected_credential: Option<&'a str>,
    /// Shown at the first field.
    pub fault: Option<&'a Message>,
    /// Where the realm has passkeys.
    pub passkey: Option<PasskeyRequest<'a>>,
}

page!(LoginPage in "login.html", PageKind::form("login"), |_p, texts| texts.text("loginAccountTitle"));

/// The name alone: what comes next depends on it.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct LoginUsernamePage<'a> {
    /// Where the form posts, absolute.
    pub action: &'a str,
    /// What stands in the field already.
    pub username: &'a str,
    /// The box.
    pub remember_me: RememberMe,
    /// `Register`
    pub registration_url: Option<&'a str>,
    /// Other ways in.
    pub identity_providers: &'a [ProviderButton<'a>],
    /// Shown at the field.
    pub fault: Option<&'a Message>,
    /// Where the realm has passkeys.
    pub passkey: Option<PasskeyRequest<'a>>,
}

page!(
    LoginUsernamePage in "login-username.html",
    PageKind::form("login-username"),
    |_p, texts| texts.text("loginAccountTitle")
);

/// The password alone, of the frame's attempted user.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct LoginPasswordPage<'a> {
    /// Where the form posts, absolute.
    pub action: &'a str,
    /// `Forgot Password?`
    pub reset_url: Option<&'a str>,
    /// Shown at the field.
    pub fault: Option<&'a Message>,
}

page!(LoginPasswordPage in "login-password.html", PageKind::form("login-password"), |_p, texts| texts.text("doLogIn"));

/// One way to log in among several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct AuthenticatorChoice<'a> {
    /// The id of the execution, which the button posts as `authenticationExecution`.
    pub execution: &'a str,
    /// The key of its name, such as `otp-display-name`.
    pub display_name: &'a str,
    /// The key of what it says, such as `otp-help-text`.
    pub help_text: &'a str,
}

/// The choice after `Try Another Way`.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct SelectAuthenticatorPage<'a> {
    /// Where the form posts.
    pub action: &'a str,
    /// In the order of the flow.
    pub choices: &'a [AuthenticatorChoice<'a>],
}

page!(
    SelectAuthenticatorPage in "select-authenticator.html",
    PageKind::form("select-authenticator"),
    |_p, texts| texts.text("loginChooseAuthenticator")
);

/// One organization of the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct OrganizationChoice<'a> {
    /// Its alias, which the button posts as `kc.org`.
    pub alias: &'a str,
    /// Its name.
    pub name: &'a str,
}

/// Which organization a user of several logs in for.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct SelectOrganizationPage<'a> {
    /// Where the form posts.
    pub action: &'a str,
    /// Those of the user.
    pub organizations: &'a [OrganizationChoice<'a>],
}

page!(
    SelectOrganizationPage in "select-organization.html",
    PageKind::form("select-organization"),
    |_p, texts| texts.text("organization.select")
);

/// Where a link to a new password is asked for.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct ResetPasswordPage<'a> {
    /// Where the form posts, absolute.
    pub action: &'a str,
    /// What stands in the field already.
    pub username: &'a str,
    /// `« Back to Login`
    pub login_url: &'a str,
    /// Of the field `username`.
    pub faults: &'a [FieldFault],
}

page!(ResetPasswordPage in "login-reset-password.html", PageKind::form("login-reset-password"), |_p, texts| texts.text("emailForgotTitle"));
