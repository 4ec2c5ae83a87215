//! What a realm may not say. Keycloak: recordings admin-realms/{create-odd-names,put-bad,put-flow-bindings,put-rename-conflict}.

use realm_model::document::{Body, Documents, FLOW_BINDINGS, Kind};

use crate::body::text;
use crate::error::{AdminError, Word};

/// Characters that a name may not have.
const RESERVED: [char; 4] = ['/', '?', '#', ';'];

/// Policies that Keycloak has.
const POLICIES: &[&str] = &[
    "digits",
    "forceExpiredPasswordChange",
    "hashAlgorithm",
    "hashIterations",
    "length",
    "lowerCase",
    "maxAuthAge",
    "maxLength",
    "notContainsUsername",
    "notEmail",
    "notUsername",
    "passwordAge",
    "passwordBlacklist",
    "passwordHistory",
    "recoveryCodesWarningThreshold",
    "regexPattern",
    "specialChars",
    "upperCase",
];

/// Under which key an operation words a reserved character.
pub(crate) use crate::error::Word as ErrorKey;

/// Refuses a name that cannot stand in a path.
pub(crate) fn refuse_bad_name(name: &str, key: Word) -> Result<(), AdminError> {
    if name.is_empty() {
        return Err(AdminError::message(400, "Realm name cannot be empty"));
    }
    match name.chars().find(|c| RESERVED.contains(c)) {
        Some(c) => Err(AdminError::Refused(400, key, format!("Character '{c}' not allowed."))),
        None => Ok(()),
    }
}

/// Refuses what a `PUT` of a realm may not say.
pub(crate) fn refuse_invalid(given: &Body, documents: &Documents) -> Result<(), AdminError> {
    let failed = || AdminError::message(500, "Failed to update realm");
    if text(given, "sslRequired").is_some_and(|word| !matches!(word.to_lowercase().as_str(), "none" | "external" | "all" | "")) {
        return Err(failed());
    }
    let policy = text(given, "passwordPolicy").unwrap_or_default();
    let ids = policy.split(" and ").map(|part| part.split('(').next().unwrap_or_default().trim()).filter(|id| !id.is_empty());
    if ids.into_iter().any(|id| !POLICIES.contains(&id)) {
        return Err(AdminError::message(400, "Password policy not found"));
    }
    let flows = FLOW_BINDINGS.iter().filter_map(|binding| text(given, binding));
    match flows.into_iter().all(|alias| alias.is_empty() || documents.named(Kind::Flow, alias).is_some()) {
        true => Ok(()),
        false => Err(failed()),
    }
}
