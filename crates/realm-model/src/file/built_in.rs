//! The names of what is in every realm.

use super::defaults;

/// Clients that Keycloak makes in a realm that does not bring them.
pub(crate) const CLIENTS: &[&str] =
    &["account", "account-console", "admin-cli", "broker", "realm-management", "security-admin-console"];

/// Flows that Keycloak makes in every realm, and those in them.
pub(crate) const FLOWS: &[&str] = &[
    "browser",
    "direct grant",
    "registration",
    "reset credentials",
    "clients",
    "first broker login",
    "docker auth",
    "saml ecp",
    "forms",
    "registration form",
    "Direct Grant - Conditional OTP",
];

/// Roles of built-in clients: client and role.
pub(crate) fn roles() -> impl Iterator<Item = (&'static str, &'static str)> {
    let account = defaults::ACCOUNT_ROLES.iter().map(|(role, _)| ("account", *role));
    let management = defaults::MANAGEMENT_ROLES.iter().map(|(role, _)| ("realm-management", *role));
    account.chain(management).chain([("realm-management", "realm-admin"), ("broker", "read-token")])
}

/// Client scopes of a realm that brings none.
pub(crate) fn scopes() -> impl Iterator<Item = &'static str> {
    let listed = defaults::DEFAULT_SCOPES.iter().chain(defaults::OPTIONAL_SCOPES);
    listed.copied().chain(["service_account"])
}
