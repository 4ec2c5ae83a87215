//! The account page: what users see and change of themselves.

use serde::Serialize;

use super::{PageKind, page};
use crate::{ClientLink, FieldFault, ProfileField};

/// What stands around every section.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct AccountNav<'a> {
    /// `…/account`, without a slash at the end.
    pub base: &'a str,
    /// Where people sign out.
    pub sign_out_url: &'a str,
    /// What every form carries in the field `stateChecker`.
    pub state_checker: &'a str,
    /// Who is logged in.
    pub username: &'a str,
    /// The application that people come from.
    pub referrer: Option<ClientLink<'a>>,
}

const fn section(name: &'static str) -> PageKind {
    PageKind { titled_by_heading: true, ..PageKind::action(name) }
}

/// For whom nobody is logged in.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct AccountPage<'a> {
    /// The login.
    pub sign_in_url: &'a str,
}

page!(AccountPage in "account.html", section("account"), |_p, texts| texts.text("latchkey.account"));

/// The profile.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct AccountProfilePage<'a> {
    /// Around it.
    pub nav: AccountNav<'a>,
    /// In the order of the profile.
    pub fields: &'a [ProfileField],
    /// Of all fields.
    pub faults: &'a [FieldFault],
}

page!(AccountProfilePage in "account-profile.html", section("account-profile"), |_p, texts| texts.text("latchkey.account.profile"));

/// What a user signs in with, beside a password.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AccountCredential<'a> {
    /// The login that asks whether it shall go.
    pub remove_url: &'a str,
    /// The key of what it is.
    pub kind: &'a str,
    /// What the user calls it; may be empty.
    pub label: &'a str,
    /// When it was set up; may be empty.
    pub created: &'a str,
}

/// Something that can be set up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AccountSetUp {
    /// The alias of the required action.
    pub action: String,
    /// The login that asks for it.
    pub url: String,
}

/// Password and authenticators.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct AccountSecurityPage<'a> {
    /// Around it.
    pub nav: AccountNav<'a>,
    /// Whether the user has a password.
    pub has_password: bool,
    /// All that are no passwords.
    pub credentials: &'a [AccountCredential<'a>],
    /// What can be set up.
    pub set_up: &'a [AccountSetUp],
    /// Of the fields.
    pub faults: &'a [FieldFault],
}

page!(AccountSecurityPage in "account-security.html", section("account-security"), |_p, texts| texts.text("latchkey.account.security"));

/// A session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AccountSession {
    /// Its id.
    pub id: String,
    /// Whether it is the one in which the page is shown.
    pub current: bool,
    /// Where it began; may be empty.
    pub address: String,
    /// When it began.
    pub started: String,
    /// When it was used last.
    pub last_access: String,
    /// The names of the applications in it.
    pub clients: String,
}

/// The sessions.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct AccountSessionsPage<'a> {
    /// Around it.
    pub nav: AccountNav<'a>,
    /// The current one first.
    pub sessions: &'a [AccountSession],
}

page!(AccountSessionsPage in "account-sessions.html", section("account-sessions"), |_p, texts| texts.text("latchkey.account.sessions"));

/// An application.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AccountApplication {
    /// `clientId`
    pub client_id: String,
    /// Its name; `${key}` is looked up.
    pub name: String,
    /// Its address, absolute; may be empty.
    pub url: String,
    /// Whether a session has it.
    pub in_use: bool,
    /// Whether it acts while nobody is there.
    pub offline: bool,
    /// What the user has granted; `${key}` is looked up.
    pub scopes: Vec<String>,
    /// Whether there is anything that can be taken back.
    pub revocable: bool,
}

/// The applications.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct AccountApplicationsPage<'a> {
    /// Around it.
    pub nav: AccountNav<'a>,
    /// All that have to do with the user.
    pub applications: &'a [AccountApplication],
}

page!(
    AccountApplicationsPage in "account-applications.html",
    section("account-applications"),
    |_p, texts| texts.text("latchkey.account.applications")
);
