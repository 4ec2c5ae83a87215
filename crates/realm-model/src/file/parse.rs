//! From bytes to representations.

use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::SourceFile;
use super::locate::{Located, holds_secret, locate, place_at};
use super::place::{Place, Step};
use super::placeholder::{Expanded, Placeholders, expand};
use super::problem::Problem;
use super::representation::RealmRepresentation;
use super::shape::Entity;
use super::unresolved;
use crate::{Diagnostic, Severity};

/// The text of a file, before and after its placeholders were replaced.
pub(crate) struct Text<'f> {
    name: &'f str,
    original: &'f str,
    expanded: Expanded<'f>,
}

/// A value and where in the file it stands.
pub(super) struct Parsed<T> {
    pub(super) value: T,
    pub(super) place: Place,
}

impl<'f> Text<'f> {
    /// The text of `file`; an error where it is not UTF-8.
    pub(crate) fn new(file: &'f SourceFile, placeholders: &dyn Placeholders) -> Result<Self, Box<Diagnostic>> {
        let bytes = file.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&file.bytes);
        let original = str::from_utf8(bytes).map_err(|error| {
            let valid = bytes.get(..error.valid_up_to()).and_then(|valid| str::from_utf8(valid).ok()).unwrap_or_default();
            let located = Located::new(&file.name, valid);
            let message = "this file is not UTF-8: a byte here belongs to no character".to_owned();
            Box::new(located.diagnostic(Severity::Error, valid.len()..valid.len(), message))
        })?;
        Ok(Self { name: &file.name, original, expanded: expand(original, placeholders) })
    }

    /// The text as it stands in the file.
    pub(crate) fn original(&self) -> &'f str {
        self.original
    }

    /// The text with its placeholders replaced.
    pub(crate) fn expanded_text(&self) -> &str {
        &self.expanded.text
    }

    /// The diagnostics for bytes of the text with its placeholders replaced.
    pub(crate) fn diagnostics(&self, severity: Severity, found: Vec<(std::ops::Range<usize>, String)>) -> Vec<Diagnostic> {
        let located = Located::new(self.name, self.original);
        let one = |(range, message): (std::ops::Range<usize>, String)| {
            let start = self.expanded.origin_of(range.start);
            let end = self.expanded.origin_of(range.end.saturating_sub(1)).max(start) + 1;
            located.diagnostic(severity, start..end, message)
        };
        found.into_iter().map(one).collect()
    }

    /// Whether some placeholder was replaced.
    pub(crate) fn has_values(&self) -> bool {
        matches!(self.expanded.text, std::borrow::Cow::Owned(_))
    }

    /// The realms of the file.
    pub(super) fn realms(&self) -> Result<Vec<Parsed<RealmRepresentation>>, Box<Diagnostic>> {
        if self.expanded.text.trim_start().starts_with('[') {
            let realms: Vec<RealmRepresentation> = self.parse()?;
            let with_place = |(index, value)| Parsed { value, place: Place::default().then(index) };
            return Ok(realms.into_iter().enumerate().map(with_place).collect());
        }
        Ok(vec![Parsed { value: self.parse()?, place: Place::default() }])
    }

    /// The value of the file.
    pub(crate) fn parse<T: DeserializeOwned>(&self) -> Result<T, Box<Diagnostic>> {
        serde_json::from_str(&self.expanded.text).map_err(|error| Box::new(self.explain(&error)))
    }

    /// Placeholders that have no value where one is needed. `root` is what the file holds.
    pub(crate) fn missing(&self, root: &'static Entity) -> Vec<Diagnostic> {
        let missing = unresolved::judge(self.original, &self.expanded, root);
        if missing.is_empty() {
            return Vec::new();
        }
        let located = Located::new(self.name, self.original);
        let told = missing.into_iter().map(|missing| {
            let (start, length) = missing.of.old;
            let mut diagnostic = located.diagnostic(missing.severity, start..start + length, missing.message);
            diagnostic.help =
                missing.of.failure.is_none().then(|| "set the variable, or give a default: ${NAME:default}".to_owned());
            diagnostic.of_rule("unresolved-placeholder")
        });
        told.collect()
    }

    /// Those of them that keep the file from being used.
    pub(super) fn needed(&self, root: &'static Entity) -> Vec<Diagnostic> {
        let mut missing = self.missing(root);
        missing.retain(Diagnostic::is_error);
        missing
    }

    /// Diagnostics of what was found in this file, number `index`.
    pub(crate) fn locate(&self, index: usize, problems: &[Problem]) -> Vec<Diagnostic> {
        let own: Vec<_> = problems.iter().filter(|problem| problem.file == index).collect();
        if own.is_empty() { Vec::new() } else { locate(self.name, self.original, &self.expanded, &own) }
    }

    fn explain(&self, error: &serde_json::Error) -> Diagnostic {
        let text = &self.expanded.text;
        let at = offset_of(text, error.line(), error.column());
        let shown = |from: usize, to: usize| {
            let from = self.expanded.origin_of(from);
            from..self.expanded.origin_of(to.saturating_sub(1)).max(from) + 1
        };
        if error.classify() != Category::Data {
            let message = without_position(&error.to_string());
            let behind = text.get(at..).and_then(|rest| rest.chars().next()).map_or(at, |char| at + char.len_utf8());
            let located = Located::broken_at(self.name, self.original, self.expanded.origin_of(behind));
            let mut diagnostic = located.diagnostic(Severity::Error, shown(at, at + 1), syntax_message(&message));
            diagnostic.help = syntax_help(text, at, &message);
            return diagnostic;
        }
        let (place, range) = place_at(text, at).unwrap_or_default();
        let message = type_message(&without_position(&error.to_string()), &place);
        let located = Located::new(self.name, self.original);
        located.diagnostic(Severity::Error, shown(range.start, range.end), message).of_rule("wrong-type")
    }
}

/// The byte that serde_json's `line` and `column` (both from 1, the column in bytes) mean.
fn offset_of(text: &str, line: usize, column: usize) -> usize {
    let start = match line.checked_sub(2) {
        None => 0,
        Some(nth) => memchr::memchr_iter(b'\n', text.as_bytes()).nth(nth).map_or(text.len(), |at| at + 1),
    };
    let mut at = (start + column.saturating_sub(1)).min(text.len().saturating_sub(1));
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn without_position(message: &str) -> String {
    message.rsplit_once(" at line ").map_or(message, |(message, _)| message).to_owned()
}

fn syntax_message(message: &str) -> String {
    match message {
        "recursion limit exceeded" => "this is nested too deeply".to_owned(),
        message if message.starts_with("EOF") => format!("the file ends too early: {message}"),
        message => format!("this is no JSON: {message}"),
    }
}

fn syntax_help(text: &str, at: usize, message: &str) -> Option<String> {
    let help = match message {
        "trailing comma" => "remove the comma before this",
        "expected `,` or `}`" | "expected `,` or `]`" => "is a comma missing before this?",
        "key must be a string" if text.get(at..).is_some_and(|rest| rest.starts_with('/')) => "JSON has no comments",
        "key must be a string" => "put the name in double quotes",
        "control character (\\u0000-\\u001F) found while parsing a string" => "is the closing quote of this text missing?",
        _ => return None,
    };
    Some(help.to_owned())
}

/// What serde_json says of a wrong type, with the place and without the value.
fn type_message(message: &str, place: &Place) -> String {
    let member = match place.0.last() {
        None => "the file".to_owned(),
        Some(Step::Key(_) | Step::Index(_)) => place.to_string(),
    };
    let said = match message.split_once(", expected ") {
        Some((found, expected)) => {
            let found = found.trim_start_matches("invalid type: ").trim_start_matches("invalid value: ");
            let kind = found.split(['`', '"']).next().unwrap_or(found).trim();
            format!("expected {expected}, found {}", if kind.is_empty() { "something else" } else { kind })
        }
        None if holds_secret(place) => "expected another value".to_owned(),
        None => message.to_owned(),
    };
    format!("{member}: {said}")
}
