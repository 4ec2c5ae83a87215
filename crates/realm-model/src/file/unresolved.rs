//! Placeholders without a value: where one may stay, and where it would be taken for a URL, a secret or a number.

use super::locate::is_secret;
use super::place::{Place, Step};
use super::placeholder::{Expanded, Unresolved, is_name};
use super::scan::{Token, walk};
use super::shape::{Entity, REALM, Shape, Use};
use crate::Severity;

/// One that should not stay.
pub(super) struct Missing<'u> {
    pub(super) of: &'u Unresolved,
    pub(super) severity: Severity,
    pub(super) message: String,
}

/// Where it stands.
enum Spot {
    /// A text that people read: a message key belongs here.
    Message,
    Secret,
    Url,
    /// `true`, `false`, or a number.
    Exact,
    Other,
}

/// Those that are wrong where they are, in the order of the text. `root` is what the file holds.
pub(super) fn judge<'u>(original: &str, expanded: &'u Expanded<'_>, root: &'static Entity) -> Vec<Missing<'u>> {
    let mut left = expanded.unresolved.iter().peekable();
    let mut missing = Vec::new();
    if left.peek().is_none() {
        return missing;
    }
    walk(&expanded.text, &mut |token, range, place| {
        if token == Token::Open {
            return;
        }
        while let Some(of) = left.next_if(|one| one.new < range.end) {
            let inner = original.get(of.old.0..of.old.0 + of.old.1).unwrap_or_default();
            let spot = if token == Token::Key { Spot::Other } else { spot(root, place) };
            let judged = judge_one(of, inner, spot);
            missing.extend(judged.map(|(severity, message)| Missing { of, severity, message }));
        }
    });
    missing
}

fn judge_one(of: &Unresolved, written: &str, spot: Spot) -> Option<(Severity, String)> {
    let inner = written.trim_start_matches(['"', '\u{fdd0}']).strip_prefix("${").unwrap_or(written).trim_end_matches(['"', '}']);
    if let Some(failure) = &of.failure {
        return Some((Severity::Error, format!("{written}: the file cannot be read: {failure}")));
    }
    let name = inner.split([':', ',']).next().unwrap_or(inner);
    if !is_name(inner) || name == "authBaseUrl" || name == "authAdminUrl" {
        return None;
    }
    let said = |what: &str| Some((Severity::Error, format!("{written} has no value: {what}")));
    match spot {
        Spot::Message if !of.bare => None,
        Spot::Secret => said("it would be taken for the secret itself"),
        Spot::Url => said("it would be taken for a part of the URL"),
        Spot::Exact => said("a number, true or false is needed here"),
        Spot::Message | Spot::Other if of.bare => said("outside of quotes, this is no JSON"),
        Spot::Message | Spot::Other => Some((Severity::Warning, format!("{written} has no value: it stays as it is"))),
    }
}

fn spot(root: &'static Entity, place: &Place) -> Spot {
    let steps = match place.0.split_first() {
        Some((Step::Index(_), rest)) if std::ptr::eq(root, &raw const REALM) => rest, // a list of realms
        _ => place.0.as_slice(),
    };
    let shape = root.at(&Place(steps.to_vec()));
    match shape {
        Some(Shape::Flag | Shape::Whole | Shape::Word(_)) => return Spot::Exact,
        Some(Shape::Text(Use::Url)) => return Spot::Url,
        Some(Shape::Text(Use::Secret)) => return Spot::Secret,
        Some(Shape::Text(Use::Message)) => return Spot::Message,
        _ => {}
    }
    let Some((at, key)) = steps.iter().enumerate().rev().find_map(|(at, step)| match step {
        Step::Key(key) => Some((at, key)),
        Step::Index(_) => None,
    }) else {
        return Spot::Other;
    };
    let above = steps.get(..at).map(|steps| Place(steps.to_vec()));
    let is_listed = above.and_then(|above| root.at(&above)).is_some_and(|above| matches!(above, Shape::Object(_))) || at == 0;
    if is_listed && shape.is_some() { Spot::Other } else { by_name(key) }
}

/// What is said of a setting by its name alone.
fn by_name(key: &str) -> Spot {
    let key = key.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| key.contains(word));
    if is_secret(&key) {
        Spot::Secret
    } else if has(&["url", "uri"]) {
        Spot::Url
    } else if has(&["text", "name", "label", "description", "message", "title", "kc.user.profile.config"]) {
        Spot::Message
    } else {
        Spot::Other
    }
}
