//! `passwordPolicy`: which passwords a realm takes (recordings admin-users/{password-policies,reset-password-refused}).

use oidc_types::java_order::sort_by_name;
use oidc_types::java_pattern::Pattern;
use thiserror::Error;

/// The rules of a realm, in the order in which they are tried.
#[derive(Clone, Debug, Default)]
pub struct PasswordPolicy {
    rules: Vec<(String, Option<String>)>,
}

/// Whose password it is to be.
#[derive(Clone, Copy, Debug, Default)]
pub struct Owner<'o> {
    /// `username`
    pub username: &'o str,
    /// `email`
    pub email: Option<&'o str>,
}

/// A rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule<'p> {
    /// It says what a password must be like: id and value, for [`refuse_shape`].
    Shape(&'p str, Option<&'p str>),
    /// `passwordHistory`: none of the last ones, the present one among them, of which so many count.
    NotOfTheLast(usize),
    /// `passwordBlacklist`: none of the list of this name.
    NotOfTheList(&'p str),
    /// `passwordAge`: the present one and none of the last days.
    NotOfTheLastDays(i64),
}

/// Why a password is refused. The text is Keycloak's English one, behind `Invalid password: `.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PasswordRefusal {
    /// `length`
    #[error("minimum length {0}.")]
    MinLength(usize),
    /// `maxLength`
    #[error("maximum length {0}.")]
    MaxLength(usize),
    /// `digits`
    #[error("must contain at least {0} numerical digits.")]
    MinDigits(usize),
    /// `lowerCase`
    #[error("must contain at least {0} lower case characters.")]
    MinLowerCase(usize),
    /// `upperCase`
    #[error("must contain at least {0} upper case characters.")]
    MinUpperCase(usize),
    /// `specialChars`
    #[error("must contain at least {0} special characters.")]
    MinSpecial(usize),
    /// `notUsername`
    #[error("must not be equal to the username.")]
    NotUsername,
    /// `notContainsUsername`
    #[error("Can not contain the username.")]
    NotContainsUsername,
    /// `notEmail`
    #[error("must not be equal to the email.")]
    NotEmail,
    /// `regexPattern`, with the pattern.
    #[error("fails to match regex pattern(s).")]
    RegexPattern(String),
    /// `passwordHistory`
    #[error("must not be equal to any of last {0} passwords.")]
    History(usize),
    /// `passwordAge`, in days.
    #[error("new password does not match password policies.")]
    Age(i64),
    /// `passwordBlacklist`
    #[error("password is blacklisted.")]
    Blacklisted,
}

impl PasswordRefusal {
    /// Keycloak's key of the message, as themes and `localizationTexts` have it.
    pub const fn message_key(&self) -> &'static str {
        match self {
            Self::MinLength(_) => "invalidPasswordMinLengthMessage",
            Self::MaxLength(_) => "invalidPasswordMaxLengthMessage",
            Self::MinDigits(_) => "invalidPasswordMinDigitsMessage",
            Self::MinLowerCase(_) => "invalidPasswordMinLowerCaseCharsMessage",
            Self::MinUpperCase(_) => "invalidPasswordMinUpperCaseCharsMessage",
            Self::MinSpecial(_) => "invalidPasswordMinSpecialCharsMessage",
            Self::NotUsername => "invalidPasswordNotUsernameMessage",
            Self::NotContainsUsername => "invalidPasswordNotContainsUsernameMessage",
            Self::NotEmail => "invalidPasswordNotEmailMessage",
            Self::RegexPattern(_) => "invalidPasswordRegexPatternMessage",
            Self::History(_) => "invalidPasswordHistoryMessage",
            Self::Age(_) => "invalidPasswordGenericMessage",
            Self::Blacklisted => "invalidPasswordBlacklistedMessage",
        }
    }

    /// What stands in the message for `{0}`.
    pub fn argument(&self) -> Option<String> {
        match self {
            Self::MinLength(number)
            | Self::MaxLength(number)
            | Self::MinDigits(number)
            | Self::MinLowerCase(number)
            | Self::MinUpperCase(number)
            | Self::MinSpecial(number)
            | Self::History(number) => Some(number.to_string()),
            Self::Age(days) => Some(days.to_string()),
            Self::RegexPattern(pattern) => Some(pattern.clone()),
            Self::NotUsername | Self::NotContainsUsername | Self::NotEmail | Self::Blacklisted => None,
        }
    }
}

impl PasswordPolicy {
    /// That of a realm: id and value of each part.
    pub fn of(parts: &[(String, Option<String>)]) -> Self {
        let mut rules = parts.to_vec();
        sort_by_name(&mut rules, |(id, _)| id);
        Self { rules }
    }

    /// The rules.
    pub fn rules(&self) -> impl Iterator<Item = Rule<'_>> {
        self.rules.iter().map(|(id, value)| match id.as_str() {
            "passwordHistory" => Rule::NotOfTheLast(number(value.as_deref(), 3)),
            "passwordBlacklist" => Rule::NotOfTheList(value.as_deref().unwrap_or_default()),
            "passwordAge" => Rule::NotOfTheLastDays(number(value.as_deref(), 30)),
            id => Rule::Shape(id, value.as_deref()),
        })
    }

    /// How many passwords before the present one are kept.
    pub fn kept_before(&self) -> usize {
        let count = self.rules().find_map(|rule| if let Rule::NotOfTheLast(count) = rule { Some(count) } else { None });
        count.unwrap_or_default().saturating_sub(1)
    }

    /// For how many days passwords before the present one are kept.
    pub fn kept_days(&self) -> i64 {
        let days = self.rules().find_map(|rule| if let Rule::NotOfTheLastDays(days) = rule { Some(days) } else { None });
        days.unwrap_or_default().max(0)
    }
}

fn number<N: std::str::FromStr>(value: Option<&str>, default: N) -> N {
    value.and_then(|value| value.trim().parse().ok()).unwrap_or(default)
}

/// Refuses a password that is not as a rule wants it.
///
/// # Errors
/// What it lacks.
pub fn refuse_shape((id, value): (&str, Option<&str>), password: &str, owner: Owner<'_>) -> Result<(), PasswordRefusal> {
    let count = |wanted: fn(char) -> bool| password.chars().filter(|letter| wanted(*letter)).count();
    // Java counts UTF-16 units.
    let length = password.encode_utf16().count();
    let lower = password.to_lowercase();
    let at_least = |found: usize, refusal: fn(usize) -> PasswordRefusal| match number(value, 1) {
        wanted if found < wanted => Err(refusal(wanted)),
        _ => Ok(()),
    };
    match id {
        "length" => match number(value, 8) {
            least if length < least => Err(PasswordRefusal::MinLength(least)),
            _ => Ok(()),
        },
        "maxLength" => match number(value, 64) {
            most if length > most => Err(PasswordRefusal::MaxLength(most)),
            _ => Ok(()),
        },
        "digits" => at_least(count(char::is_numeric), PasswordRefusal::MinDigits),
        "lowerCase" => at_least(count(char::is_lowercase), PasswordRefusal::MinLowerCase),
        "upperCase" => at_least(count(char::is_uppercase), PasswordRefusal::MinUpperCase),
        "specialChars" => at_least(count(|letter| !letter.is_alphanumeric()), PasswordRefusal::MinSpecial),
        "notUsername" if lower == owner.username.to_lowercase() => Err(PasswordRefusal::NotUsername),
        "notContainsUsername" if lower.contains(&owner.username.to_lowercase()) => Err(PasswordRefusal::NotContainsUsername),
        "notEmail" if owner.email.is_some_and(|email| email.to_lowercase() == lower) => Err(PasswordRefusal::NotEmail),
        "regexPattern" if !is_matched(value.unwrap_or_default(), password) => {
            Err(PasswordRefusal::RegexPattern(value.unwrap_or_default().to_owned()))
        }
        _ => Ok(()),
    }
}

/// A pattern that cannot be tried refuses everything: who wrote it wanted passwords refused.
fn is_matched(pattern: &str, password: &str) -> bool {
    Pattern::of(pattern).is_some_and(|pattern| pattern.matches(password))
}

#[cfg(test)]
mod tests;
