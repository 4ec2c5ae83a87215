//! What one placeholder stands for.

use std::borrow::Cow;

/// Where the values of placeholders come from: the environment and the files of secrets, which only the binary may read.
///
/// Any `Fn(&str) -> Option<String>` is one that has variables and no files.
pub trait Placeholders {
    /// The environment variable `name`.
    fn variable(&self, name: &str) -> Option<String>;

    /// The content of the file at `path`, for `${file:path}`.
    ///
    /// # Errors
    /// Where it cannot be read, or is no UTF-8.
    fn file(&self, path: &str) -> std::io::Result<String>;
}

impl<F: Fn(&str) -> Option<String>> Placeholders for F {
    fn variable(&self, name: &str) -> Option<String> {
        self(name)
    }

    fn file(&self, _: &str) -> std::io::Result<String> {
        Err(std::io::Error::new(std::io::ErrorKind::Unsupported, "files are not read here"))
    }
}

/// Where in JSON a placeholder stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quotes {
    /// Inside of a text.
    Inside,
    /// Where a value, a name or a number stands.
    Outside,
}

/// What was found for a placeholder.
pub(super) enum Found {
    /// The value of a variable, or the default.
    Value(String),
    /// The content of a file.
    Content(String),
    /// Neither.
    Nothing {
        /// Why a file could not be read.
        failure: Option<String>,
    },
}

/// Values can name placeholders in their turn; no deeper than this.
const DEEPEST: usize = 16;

/// What stands between `${` and its `}`, where `rest` begins behind the former. Keycloak: braces count in pairs. A placeholder
/// does not go over the end of a line or of the quoted text it stands in.
pub(super) fn inner(rest: &str, quotes: Quotes) -> Option<&str> {
    let (mut depth, mut escaped) = (1, false);
    for (at, byte) in rest.bytes().enumerate() {
        match byte {
            b'\n' => return None,
            _ if escaped => escaped = false,
            b'\\' => escaped = quotes == Quotes::Inside,
            b'"' if quotes == Quotes::Inside => return None,
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return rest.get(..at);
        }
    }
    None
}

/// Whether this is how a variable is named, so that a value was meant.
pub(crate) fn is_name(inner: &str) -> bool {
    let name = inner.split([':', ',']).next().unwrap_or(inner);
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
}

/// What the placeholder with this inside stands for.
pub(super) fn value(inner: &str, placeholders: &dyn Placeholders) -> Found {
    if let Some(path) = inner.strip_prefix("file:") {
        return match placeholders.file(path.trim()) {
            Ok(content) => Found::Content(without_line_end(content)),
            Err(error) => Found::Nothing { failure: Some(error.to_string()) },
        };
    }
    named(inner, placeholders, 0).map_or(Found::Nothing { failure: None }, Found::Value)
}

fn without_line_end(mut content: String) -> String {
    if content.ends_with('\n') {
        content.pop();
        if content.ends_with('\r') {
            content.pop();
        }
    }
    content
}

/// Keycloak's order: the whole as a name, the two special ones, the names before the first colon, the default.
fn named(inner: &str, placeholders: &dyn Placeholders, depth: usize) -> Option<String> {
    if depth > DEEPEST || inner.is_empty() {
        return None;
    }
    let inner = nested(inner, placeholders, depth);
    let found = placeholders.variable(&inner).or_else(|| match &*inner {
        "/" | ":" => Some(inner.to_string()),
        _ => {
            let (names, default) = match inner.find(':') {
                Some(0) => return None,
                Some(colon) => (inner.get(..colon).unwrap_or_default(), inner.get(colon + 1..)),
                None => (&*inner, None),
            };
            either(names, placeholders).or_else(|| default.map(str::to_owned))
        }
    })?;
    Some(nested(&found, placeholders, depth).into_owned())
}

/// `A,B`: the one or the other.
fn either(names: &str, placeholders: &dyn Placeholders) -> Option<String> {
    let known = |name: &str| if name.is_empty() { None } else { placeholders.variable(name) };
    match names.split_once(',') {
        Some((first, second)) => known(first).or_else(|| known(second)),
        None => known(names),
    }
}

/// A value or default with the placeholders in it replaced.
fn nested<'t>(text: &'t str, placeholders: &dyn Placeholders, depth: usize) -> Cow<'t, str> {
    let mut out = String::new();
    let (mut copied, mut from) = (0, 0);
    while let Some(start) = text.get(from..).and_then(|rest| rest.find("${")).map(|found| from + found) {
        from = start + 2;
        let Some(inside) = text.get(from..).and_then(|rest| inner(rest, Quotes::Outside)) else { continue };
        let value = match named(inside, placeholders, depth + 1) {
            Some(value) => value,
            None => format!("${{{}}}", nested_or_same(inside, placeholders, depth + 1)),
        };
        out.push_str(text.get(copied..start).unwrap_or_default());
        out.push_str(&value);
        from += inside.len() + 1;
        copied = from;
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    Cow::Owned(out)
}

fn nested_or_same<'t>(text: &'t str, placeholders: &dyn Placeholders, depth: usize) -> Cow<'t, str> {
    if depth > DEEPEST { Cow::Borrowed(text) } else { nested(text, placeholders, depth) }
}

/// `value` as it can stand inside a JSON text: as it is, where that can be read, else escaped.
pub(super) fn in_quotes(value: String) -> String {
    let quoted = format!("\"{value}\"");
    if serde_json::from_str::<String>(&quoted).is_ok() { value } else { escaped(&value) }
}

/// `value` escaped for the inside of a JSON text.
pub(super) fn escaped(value: &str) -> String {
    let quoted = serde_json::Value::from(value).to_string();
    quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default().to_owned()
}
