//! Validators of attributes, with their words (measured on Keycloak 26.7.4; recordings admin-users/{create-profile-errors,
//! profile-attribute-validation}).

mod characters;
mod formats;

use oidc_types::java_pattern::Pattern;
use realm_model::document::Body;
use serde_json::{Value, json};

use crate::is_email;

/// What a validator finds wrong: its words, and what follows the attribute's name among the parameters.
pub(crate) type Fault = (String, Vec<Value>);

/// Whether a validator of this name is known.
pub fn is_known(id: &str) -> bool {
    KNOWN.contains(&id)
}

const KNOWN: &[&str] = &[
    "double",
    "email",
    "integer",
    "iso-date",
    "length",
    "local-date",
    "multivalued",
    "options",
    "pattern",
    "person-name-prohibited-characters",
    "up-username-not-idn-homograph",
    "uri",
    "username-prohibited-characters",
];

/// What the validator `id` finds wrong with a value. An empty value is never wrong.
pub(crate) fn fault((id, config): (&str, &Body), value: &str) -> Option<Fault> {
    if value.is_empty() {
        return None;
    }
    let bare = |wrong: bool, words: &str| wrong.then(|| (words.to_owned(), Vec::new()));
    let own = |wrong: bool, words: &str| bare(wrong, text(config, "error-message").unwrap_or(words));
    match id {
        "length" => length(config, value),
        "integer" => number(config, value.parse::<i64>().ok().map(|number| number as f64)),
        "double" => number(config, value.trim().parse::<f64>().ok()),
        "email" => (!is_email(value)).then(|| ("error-invalid-email".to_owned(), vec![json!(value)])),
        "uri" => formats::uri(value),
        "local-date" => bare(!formats::is_local_date(value), "error-invalid-date"),
        "iso-date" => (!formats::is_iso_date(value)).then(|| ("error-invalid-date".to_owned(), vec![json!(value)])),
        "options" => bare(texts(config, "options").all(|option| option != value), "error-invalid-value"),
        "pattern" => {
            let pattern = text(config, "pattern").unwrap_or_default();
            let matches = Pattern::of(pattern).is_some_and(|pattern| pattern.matches(value));
            let words = text(config, "error-message").unwrap_or("error-pattern-no-match");
            (!matches).then(|| (words.to_owned(), vec![json!(pattern)]))
        }
        "username-prohibited-characters" => own(!characters::is_username(value), "error-username-invalid-character"),
        "person-name-prohibited-characters" => own(!characters::is_person_name(value), "error-person-name-invalid-character"),
        "up-username-not-idn-homograph" => own(!characters::is_latin(value), "error-username-invalid-character"),
        _ => None,
    }
}

fn text<'c>(config: &'c Body, name: &str) -> Option<&'c str> {
    config.get(name).and_then(Value::as_str)
}

fn texts<'c>(config: &'c Body, name: &str) -> impl Iterator<Item = &'c str> {
    config.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

fn limit<'c>(config: &'c Body, name: &str) -> Option<(f64, &'c Value)> {
    let value = config.get(name)?;
    let number = value.as_f64().or_else(|| value.as_str().and_then(|text| text.trim().parse().ok()))?;
    Some((number, value))
}

/// The fault of a number or length that is out of its bounds, in the words for both, the lower or the upper alone.
fn out_of_bounds(config: &Body, number: f64, words: [&str; 3]) -> Option<Fault> {
    let (least, most) = (limit(config, "min"), limit(config, "max"));
    let wrong = least.is_some_and(|(least, _)| number < least) || most.is_some_and(|(most, _)| number > most);
    let [both, lower, upper] = words;
    let words = match (least, most) {
        (Some(_), Some(_)) => both,
        (Some(_), None) => lower,
        _ => upper,
    };
    let given = |limit: Option<(f64, &Value)>| limit.map(|(_, value)| value.clone()).unwrap_or_default();
    wrong.then(|| (words.to_owned(), vec![given(least), given(most)]))
}

fn length(config: &Body, value: &str) -> Option<Fault> {
    let whole = config.get("trim-disabled") == Some(&Value::Bool(true)) || text(config, "trim-disabled") == Some("true");
    let value = if whole { value } else { value.trim() };
    let units = u32::try_from(value.encode_utf16().count()).unwrap_or(u32::MAX);
    let words = ["error-invalid-length", "error-invalid-length-too-short", "error-invalid-length-too-long"];
    out_of_bounds(config, f64::from(units), words)
}

fn number(config: &Body, number: Option<f64>) -> Option<Fault> {
    let words = ["error-number-out-of-range", "error-number-out-of-range-too-small", "error-number-out-of-range-too-big"];
    match number {
        Some(number) => out_of_bounds(config, number, words),
        None => Some(("error-invalid-number".to_owned(), Vec::new())),
    }
}

#[cfg(test)]
mod tests;
