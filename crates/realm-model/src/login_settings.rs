use std::sync::Arc;

use crate::Realm;

/// What a realm says of logins in a browser. Equal ones are there once in a process.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LoginSettings {
    /// `rememberMe`
    pub remember_me: bool,
    /// `resetPasswordAllowed`
    pub reset_password_allowed: bool,
    /// `editUsernameAllowed`
    pub edit_username_allowed: bool,
    /// `registrationEmailAsUsername`
    pub registration_email_as_username: bool,
    /// `duplicateEmailsAllowed`
    pub duplicate_emails_allowed: bool,
    /// `displayNameHtml`
    pub display_name_html: Option<Arc<str>>,
    /// `loginTheme`
    pub login_theme: Option<Arc<str>>,
    /// `accountTheme`
    pub account_theme: Option<Arc<str>>,
    /// `emailTheme`
    pub email_theme: Option<Arc<str>>,
    /// `accessCodeLifespan`, seconds: a code and the step after it.
    pub access_code_lifespan: i64,
    /// `accessCodeLifespanUserAction`, seconds: a page that asks for something.
    pub access_code_lifespan_user_action: i64,
    /// `accessCodeLifespanLogin`, seconds: a whole login.
    pub access_code_lifespan_login: i64,
    /// `actionTokenGeneratedByUserLifespan`, seconds.
    pub action_token_by_user_lifespan: i64,
    /// `actionTokenGeneratedByAdminLifespan`, seconds.
    pub action_token_by_admin_lifespan: i64,
}

impl Default for LoginSettings {
    /// Those of a new realm of Keycloak 26.7.
    fn default() -> Self {
        Self {
            remember_me: false,
            reset_password_allowed: false,
            edit_username_allowed: false,
            registration_email_as_username: false,
            duplicate_emails_allowed: false,
            display_name_html: None,
            login_theme: None,
            account_theme: None,
            email_theme: None,
            access_code_lifespan: 60,
            access_code_lifespan_user_action: 300,
            access_code_lifespan_login: 1800,
            action_token_by_user_lifespan: 300,
            action_token_by_admin_lifespan: 43_200,
        }
    }
}

impl Realm {
    /// Seconds that an action token lives which a user asked for. `kind` is its type, such as `reset-credentials`: the attribute
    /// `actionTokenGeneratedByUserLifespan.<kind>` goes before the realm's setting.
    pub fn user_action_token_lifespan(&self, kind: &str) -> i64 {
        let own = self.attribute(&format!("actionTokenGeneratedByUserLifespan.{kind}"));
        own.and_then(|seconds| seconds.parse().ok()).unwrap_or(self.login.action_token_by_user_lifespan)
    }
}
