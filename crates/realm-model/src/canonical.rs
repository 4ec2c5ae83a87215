//! The one way to write a realm file, so that `git diff` shows what changed and nothing else.
//!
//! Members stand in the order in which Keycloak writes them, unknown ones last by the alphabet; lists that Keycloak takes as
//! sets are sorted by what names their elements; lists whose order means something stay as they are. Scalars are copied as
//! they were written: numbers, escapes, placeholders.

mod node;
mod order;

use serde_json::{Map, Value};

use self::node::{Node, parse, write};
use crate::file::placeholder::{quote_bare, unquote_bare};
use crate::file::{SourceFile, Text};
use crate::{Diagnostic, Severity};

/// `text` in its canonical form: the same values, two spaces for each level, a line end at the end. What is canonical already
/// comes back as it is.
///
/// # Errors
/// Where it is no JSON, with the position (in a file called `-`).
pub fn format(text: &str) -> Result<String, Box<Diagnostic>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let quoted = quote_bare(text);
    if serde_json::from_str::<serde::de::IgnoredAny>(&quoted).is_err() {
        return Err(why(text));
    }
    let mut root = parse(&quoted);
    order::sort_file(&mut root);
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    write(&root, 0, &mut out);
    out.push('\n');
    Ok(unquote_bare(&out).into_owned())
}

/// What is wrong with a text that is no JSON.
fn why(text: &str) -> Box<Diagnostic> {
    let file = SourceFile { name: "-".to_owned(), bytes: text.as_bytes().to_vec() };
    let no_variables = |_: &str| None;
    let told = Text::new(&file, &no_variables).and_then(|text| text.parse::<serde::de::IgnoredAny>());
    match told {
        Err(diagnostic) => diagnostic,
        Ok(_) => Box::new(Diagnostic::of_file(Severity::Error, "-", "this is no JSON: a placeholder stands where none can")),
    }
}

/// Brings the members and lists of a realm into the canonical order.
pub fn sort_realm(realm: &mut Map<String, Value>) {
    let text = Value::Object(std::mem::take(realm)).to_string();
    let mut root = parse(&text);
    order::sort_file(&mut root);
    if let Node::Object(members) = &root {
        for (name, value) in members {
            if let (Ok(name), Ok(value)) = (serde_json::from_str::<String>(name), serde_json::from_str(&value.compact())) {
                realm.insert(name, value);
            }
        }
    }
}

#[cfg(test)]
mod tests;
