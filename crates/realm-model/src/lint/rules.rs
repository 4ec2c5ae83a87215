//! The rules of lint: stable ids, by which a finding can be looked up, counted, or silenced.

use crate::Severity;

/// A rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its id: the same from version to version.
    pub id: &'static str,
    /// How bad it is where nothing else is said.
    pub severity: Severity,
    /// What it looks for, in a sentence.
    pub summary: &'static str,
}

macro_rules! rules {
    ($($name:ident = $severity:ident, $id:literal, $summary:literal;)*) => {
        $(pub(crate) const $name: Rule = Rule { id: $id, severity: Severity::$severity, summary: $summary };)*

        /// All rules.
        pub const RULES: &[Rule] = &[$($name),*];
    };
}

rules! {
    FILE = Error, "file", "The files belong together and can be read.";
    SYNTAX = Error, "syntax", "The file is JSON in UTF-8.";
    REALM = Warning, "realm", "The realm can be served as it is meant.";
    WRONG_TYPE = Error, "wrong-type", "A value is of the kind that Keycloak takes here.";
    UNKNOWN_FIELD = Warning, "unknown-field", "Keycloak knows every field: it refuses a file with another one.";
    REPEATED_FIELD = Warning, "repeated-field", "An object has each field once: of two, the first has no effect.";
    UNRESOLVED = Warning, "unresolved-placeholder", "A placeholder has a value, or a default.";
    MISSING_NAME = Error, "missing-name", "Whatever others refer to has a name.";
    DUPLICATE_NAME = Error, "duplicate-name", "No two of a kind have the same name.";
    DUPLICATE_ID = Error, "duplicate-id", "No two of a kind have the same id.";
    DANGLING_ROLE = Warning, "dangling-role", "A role that is named exists.";
    DANGLING_CLIENT = Error, "dangling-client", "A client that is named exists.";
    DANGLING_SCOPE = Warning, "dangling-client-scope", "A client scope that is named exists.";
    DANGLING_GROUP = Error, "dangling-group", "A group that is named exists.";
    DANGLING_FLOW = Error, "dangling-flow", "A flow that is named exists.";
    DANGLING_CONFIG = Error, "dangling-authenticator-config", "An authenticator's configuration that is named exists.";
    DANGLING_PROVIDER = Warning, "dangling-identity-provider", "An identity provider that is named exists.";
    UNKNOWN_PROVIDER = Warning, "unknown-provider", "A provider, mapper type, authenticator or policy is one that Keycloak has.";
    UNKNOWN_ACTION = Warning, "unknown-required-action", "A required action is one that the realm has.";
    GROUP_CYCLE = Error, "group-cycle", "No group is its own ancestor.";
    ROLE_CYCLE = Warning, "role-cycle", "No composite role contains itself.";
    FLOW_CYCLE = Error, "flow-cycle", "No flow contains itself.";
    REDIRECT_WILDCARD = Warning, "redirect-wildcard", "A redirect URI names its host: a wildcard gives codes and tokens to anyone.";
    HTTP_REDIRECT = Warning, "http-redirect", "A redirect URI outside of loopback is https: codes travel in clear otherwise.";
    SCRIPT_URL = Error, "script-url", "No URL runs a script.";
    ORIGIN_WILDCARD = Warning, "web-origin-wildcard", "Web origins are listed: * lets every page read this client's answers.";
    CLEAR_SECRET = Warning, "clear-secret", "Secrets do not stand in the file.";
    PUBLIC_DIRECT_GRANT = Warning, "public-direct-grant", "Public clients do not take passwords.";
    IMPLICIT_FLOW = Warning, "implicit-flow", "The implicit flow is off: it puts tokens into URLs.";
    NO_PKCE = Warning, "no-pkce", "Public clients with a browser flow ask for PKCE.";
    WEAK_HASH = Warning, "weak-hash", "Passwords are hashed at today's cost.";
    BRUTE_FORCE_OFF = Warning, "brute-force-off", "Guessing passwords is slowed down.";
    NO_TLS = Warning, "ssl-not-required", "TLS is required.";
    LONG_LIFESPAN = Warning, "long-lifespan", "Access tokens live minutes, not days.";
    REFUSED = Error, "refused-by-keycloak", "Keycloak imports the file.";
    IGNORED = Warning, "ignored-by-keycloak", "What the file says has an effect.";
    BAD_BUDGET = Error, "token-size-budget", "A budget of the size of tokens is a whole number of bytes.";
    MISSING_SECRET = Warning, "missing-secret", "A confidential client has a secret.";
}
