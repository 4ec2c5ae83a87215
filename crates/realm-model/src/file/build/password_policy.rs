//! `passwordPolicy` (wire.md section 8.7).

use super::super::problem::did_you_mean;
use super::super::representation::RealmRepresentation;
use super::Draft;
use crate::file::lenient::Text;

/// The policies of Keycloak 26.
const KNOWN: &[&str] = &[
    "length",
    "maxLength",
    "digits",
    "lowerCase",
    "upperCase",
    "specialChars",
    "notUsername",
    "notContainsUsername",
    "notEmail",
    "regexPattern",
    "passwordHistory",
    "passwordAge",
    "passwordBlacklist",
    "forceExpiredPasswordChange",
    "hashAlgorithm",
    "hashIterations",
    "maxAuthAge",
    "recoveryCodesWarningThreshold",
];

/// Reads `length(8) and digits(1) and notUsername`: id and value of each.
pub(super) fn read(draft: &mut Draft<'_>, representation: &RealmRepresentation) -> Vec<(String, Option<String>)> {
    let Some(Text(text)) = &representation.password_policy else { return Vec::new() };
    let mut policies = Vec::new();
    for part in text.split(" and ").map(str::trim).filter(|part| !part.is_empty()) {
        let (id, value) = match part.split_once('(') {
            Some((id, rest)) => (id.trim(), Some(rest.strip_suffix(')').unwrap_or(rest).to_owned())),
            None => (part, None),
        };
        if !KNOWN.contains(&id) {
            let place = draft.place.then("passwordPolicy");
            draft.problems.error(place, format!("there is no password policy \"{id}\""), did_you_mean(id, KNOWN.iter().copied()));
        }
        policies.push((id.to_owned(), value));
    }
    policies
}

/// The rule that `password` breaks, as it stands in the policy. Rules that need more than the password and the user
/// (`regexPattern`, `passwordBlacklist`, history) are not looked at.
pub(super) fn broken_rule(
    policies: &[(String, Option<String>)],
    password: &str,
    username: &str,
    email: Option<&str>,
) -> Option<String> {
    let count = |wanted: fn(char) -> bool| password.chars().filter(|c| wanted(*c)).count();
    let lower = password.to_lowercase();
    let broken = |(id, value): &&(String, Option<String>)| {
        let number = |default: usize| value.as_deref().and_then(|v| v.trim().parse().ok()).unwrap_or(default);
        match id.as_str() {
            "length" => password.chars().count() < number(8),
            "maxLength" => password.chars().count() > number(64),
            "digits" => count(|c| c.is_numeric()) < number(1),
            "lowerCase" => count(char::is_lowercase) < number(1),
            "upperCase" => count(char::is_uppercase) < number(1),
            "specialChars" => count(|c| !c.is_alphanumeric()) < number(1),
            "notUsername" => lower == username,
            "notContainsUsername" => lower.contains(username),
            "notEmail" => email.is_some_and(|email| lower == email),
            _ => false,
        }
    };
    let (id, value) = policies.iter().find(broken)?;
    Some(value.as_ref().map_or_else(|| id.clone(), |value| format!("{id}({value})")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(parts: &[(&str, &str)]) -> Vec<(String, Option<String>)> {
        parts.iter().map(|(id, value)| ((*id).to_owned(), (!value.is_empty()).then(|| (*value).to_owned()))).collect()
    }

    #[test]
    fn names_the_first_rule_that_is_broken() {
        let all = policy(&[("length", "10"), ("digits", "1"), ("upperCase", "1"), ("notUsername", "")]);
        assert_eq!(broken_rule(&all, "Nora-Password-1", "nora", None), None);
        assert_eq!(broken_rule(&all, "short", "nora", None).as_deref(), Some("length(10)"));
        assert_eq!(broken_rule(&all, "Nora-Password", "nora", None).as_deref(), Some("digits(1)"));
        assert_eq!(broken_rule(&all, "Nora-nora-1", "nora-nora-1", None).as_deref(), Some("notUsername"));
    }
}
