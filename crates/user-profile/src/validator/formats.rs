//! Dates and addresses.

use serde_json::json;

use super::Fault;

/// An absolute `http` or `https` URI.
pub(super) fn uri(value: &str) -> Option<Fault> {
    let invalid = |reason: String| Some(("error-invalid-uri".to_owned(), vec![json!(value), json!(reason)]));
    let scheme = value.split_once(':').map(|(scheme, _)| scheme).filter(|scheme| is_scheme(scheme));
    if let Some(at) = value.find(|letter: char| letter.is_whitespace() || "<>\"{}|\\^`".contains(letter)) {
        return invalid(format!("Illegal character in {} at index {at}: {value}", part_at(value, at)));
    }
    match scheme {
        None => invalid("URI is not absolute".to_owned()),
        Some("http" | "https") => None,
        Some(other) => Some(("error-invalid-uri-scheme".to_owned(), vec![json!(value), json!(other)])),
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter))
}

/// What the part of a URI is called in which the place `at` lies.
fn part_at(value: &str, at: usize) -> &'static str {
    let before = value.get(..at).unwrap_or_default();
    let below = before.split_once("://").map_or(before, |(_, below)| below);
    match (before.contains('#'), before.contains('?'), below.contains('/') || !before.contains("://")) {
        (true, _, _) => "fragment",
        (_, true, _) => "query",
        (_, _, true) => "path",
        _ => "authority",
    }
}

/// `2020-01-31`
pub(super) fn is_iso_date(value: &str) -> bool {
    match *value.split('-').collect::<Vec<_>>() {
        [year, month, day] if year.len() == 4 && month.len() == 2 && day.len() == 2 => is_date(year, month, day),
        _ => false,
    }
}

/// `1/31/20`: the short date of English.
pub(super) fn is_local_date(value: &str) -> bool {
    match *value.split('/').collect::<Vec<_>>() {
        [month, day, year] if year.len() == 2 && (1..=2).contains(&month.len()) && (1..=2).contains(&day.len()) => {
            is_date(&format!("20{year}"), month, day)
        }
        _ => false,
    }
}

fn is_date(year: &str, month: &str, day: &str) -> bool {
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u32>().ok()).flatten();
    let (Some(year), Some(month), Some(day)) = (number(year), number(month), number(day)) else { return false };
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}
