//! `passwordPolicy`: which passwords a realm takes (recordings admin-users/{password-policies,reset-password-refused}).

use oidc_types::java_order::sort_by_name;
use realm_model::document::Body;

use crate::body::text;
use crate::error::AdminError;
use crate::pattern::Pattern;

/// The rules of a realm, in the order in which they are tried.
#[derive(Debug, Default)]
pub(crate) struct PasswordPolicy {
    rules: Vec<(String, Option<String>)>,
}

/// Whose password it is to be.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Owner<'o> {
    pub(crate) username: &'o str,
    pub(crate) email: Option<&'o str>,
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// It says what a password must be like.
    Shape(String, Option<String>),
    /// `passwordHistory`: none of the last ones, of which so many count.
    NotOfTheLast(usize),
    /// `passwordAge`: none of the last days.
    NotOfTheLastDays(i64),
}

impl PasswordPolicy {
    /// That of the realm with these settings.
    pub(crate) fn of(settings: &Body) -> Self {
        let parts = text(settings, "passwordPolicy").unwrap_or_default().split(" and ").map(str::trim);
        let mut rules: Vec<_> = parts.filter(|part| !part.is_empty()).map(read).collect();
        sort_by_name(&mut rules, |(id, _)| id);
        Self { rules }
    }

    /// The rules.
    pub(crate) fn rules(&self) -> impl Iterator<Item = Rule> {
        self.rules.iter().map(|(id, value)| match id.as_str() {
            "passwordHistory" => Rule::NotOfTheLast(number(value.as_deref(), 3)),
            "passwordAge" => Rule::NotOfTheLastDays(number(value.as_deref(), 30)),
            _ => Rule::Shape(id.clone(), value.clone()),
        })
    }

    /// How many passwords before the present one are kept.
    pub(crate) fn kept_before(&self) -> usize {
        let count = self.rules().find_map(|rule| if let Rule::NotOfTheLast(count) = rule { Some(count) } else { None });
        count.unwrap_or_default().saturating_sub(1)
    }

    /// For how many days passwords before the present one are kept.
    pub(crate) fn kept_days(&self) -> i64 {
        let days = self.rules().find_map(|rule| if let Rule::NotOfTheLastDays(days) = rule { Some(days) } else { None });
        days.unwrap_or_default().max(0)
    }
}

fn read(part: &str) -> (String, Option<String>) {
    match part.split_once('(') {
        Some((id, rest)) => (id.trim().to_owned(), Some(rest.strip_suffix(')').unwrap_or(rest).to_owned())),
        None => (part.to_owned(), None),
    }
}

fn number<N: std::str::FromStr>(value: Option<&str>, default: N) -> N {
    value.and_then(|value| value.trim().parse().ok()).unwrap_or(default)
}

fn refused(word: &'static str, text: String) -> AdminError {
    AdminError::Described(400, word, format!("Invalid password: {text}"))
}

/// Refuses a password that one of the last `count` ones was.
pub(crate) fn refused_as_one_of_the_last(count: usize) -> AdminError {
    refused("invalidPasswordHistoryMessage", format!("must not be equal to any of last {count} passwords."))
}

/// Refuses a password that was used in the last days.
pub(crate) fn refused_as_too_young() -> AdminError {
    refused("invalidPasswordGenericMessage", "new password does not match password policies.".to_owned())
}

/// Refuses a password that is not as a rule wants it.
///
/// # Errors
/// 400, in Keycloak's words
pub(crate) fn refuse_shape((id, value): (&str, Option<&str>), password: &str, owner: Owner<'_>) -> Result<(), AdminError> {
    let count = |wanted: fn(char) -> bool| password.chars().filter(|letter| wanted(*letter)).count();
    // Java counts UTF-16 units.
    let length = password.encode_utf16().count();
    let lower = password.to_lowercase();
    let at_least = |found: usize, word: &'static str, what: &str| match number(value, 1) {
        wanted if found < wanted => Err(refused(word, format!("must contain at least {wanted} {what}."))),
        _ => Ok(()),
    };
    match id {
        "length" => match number(value, 8) {
            least if length < least => Err(refused("invalidPasswordMinLengthMessage", format!("minimum length {least}."))),
            _ => Ok(()),
        },
        "maxLength" => match number(value, 64) {
            most if length > most => Err(refused("invalidPasswordMaxLengthMessage", format!("maximum length {most}."))),
            _ => Ok(()),
        },
        "digits" => at_least(count(char::is_numeric), "invalidPasswordMinDigitsMessage", "numerical digits"),
        "lowerCase" => at_least(count(char::is_lowercase), "invalidPasswordMinLowerCaseCharsMessage", "lower case characters"),
        "upperCase" => at_least(count(char::is_uppercase), "invalidPasswordMinUpperCaseCharsMessage", "upper case characters"),
        "specialChars" => {
            at_least(count(|letter| !letter.is_alphanumeric()), "invalidPasswordMinSpecialCharsMessage", "special characters")
        }
        "notUsername" if lower == owner.username.to_lowercase() => {
            Err(refused("invalidPasswordNotUsernameMessage", "must not be equal to the username.".to_owned()))
        }
        "notContainsUsername" if lower.contains(&owner.username.to_lowercase()) => {
            Err(refused("invalidPasswordNotContainsUsernameMessage", "Can not contain the username.".to_owned()))
        }
        "notEmail" if owner.email.is_some_and(|email| email.to_lowercase() == lower) => {
            Err(refused("invalidPasswordNotEmailMessage", "must not be equal to the email.".to_owned()))
        }
        "regexPattern" if !is_matched(value.unwrap_or_default(), password) => {
            Err(refused("invalidPasswordRegexPatternMessage", "fails to match regex pattern(s).".to_owned()))
        }
        _ => Ok(()),
    }
}

/// A pattern that cannot be tried refuses everything: who wrote it wanted passwords refused.
fn is_matched(pattern: &str, password: &str) -> bool {
    let pattern = Pattern::of(pattern);
    if pattern.is_none() {
        log::warn!("the pattern of a password policy cannot be tried: it refuses every password");
    }
    pattern.is_some_and(|pattern| pattern.matches(password))
}

#[cfg(test)]
mod tests;
