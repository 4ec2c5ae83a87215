//! Placeholders: `${NAME}`, `${NAME:default}` as Keycloak's import replaces them, and `${file:/run/secrets/x}`.
//!
//! They are replaced in the text before it is read as JSON, as Keycloak does (wire.md section 8.2; what is nested in what was
//! asked of Keycloak 26.7.4 itself). A value is put inside a JSON text as it is where it can stand there, and escaped where it
//! cannot: unlike Keycloak's, a password with `"` in it breaks no file. What stands between `$$` pairs is literal.
//!
//! Documents that are already stored keep their placeholders; [`resolve`] gives what is in force. A placeholder that stands
//! outside the quotes (`"accessTokenLifespan": ${LIFE:300}`) is no JSON; [`quote_bare`] makes one text of it that can be
//! stored, and [`unquote_bare`] gives the file's own writing back.

mod bare;
mod source;

use std::borrow::Cow;

pub use self::bare::{quote_bare, unquote_bare};
pub use self::source::Placeholders;
pub(crate) use self::source::is_name;
use self::source::{Found, Quotes};

/// A piece of the text that was replaced.
struct Shift {
    /// Where it begins in the text after replacement, and its length there.
    new: (usize, usize),
    /// Where it began in the file, and its length there.
    old: (usize, usize),
}

/// A placeholder that has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unresolved {
    /// Where it stands in the file.
    pub(crate) old: (usize, usize),
    /// Where what stands for it begins in the text after replacement.
    pub(crate) new: usize,
    /// Whether it stands outside of quotes.
    pub(crate) bare: bool,
    /// Why a file could not be read; `None` where it is a variable.
    pub(crate) failure: Option<String>,
}

/// A text whose placeholders are replaced, and the way back to where its parts stood in the file.
pub(crate) struct Expanded<'t> {
    pub(crate) text: Cow<'t, str>,
    shifts: Vec<Shift>,
    /// In the order of the text.
    pub(crate) unresolved: Vec<Unresolved>,
}

impl Expanded<'_> {
    /// Where the byte at `at` of the expanded text stands in the file.
    pub(crate) fn origin_of(&self, at: usize) -> usize {
        let behind = self.shifts.partition_point(|shift| shift.new.0 <= at);
        match behind.checked_sub(1).and_then(|index| self.shifts.get(index)) {
            None => at,
            Some(shift) if at < shift.new.0 + shift.new.1 => shift.old.0,
            Some(shift) => at - (shift.new.0 + shift.new.1) + shift.old.0 + shift.old.1,
        }
    }
}

/// The text of JSON that is stored already, its placeholders replaced: those inside of texts, and those that [`quote_bare`] has
/// marked (they become the bare value again). What has no value stays as it is, message keys such as `${role_admin}` among
/// them; so does a file that cannot be read.
pub fn resolve<'t>(text: &'t str, placeholders: &dyn Placeholders) -> Cow<'t, str> {
    expand(text, placeholders).text
}

/// Whether every placeholder in the text of stored JSON has a value.
pub(crate) fn is_resolved(text: &str, placeholders: &dyn Placeholders) -> bool {
    expand(text, placeholders).unresolved.is_empty()
}

/// One run over a text.
struct Run<'t, 'p> {
    text: &'t str,
    placeholders: &'p dyn Placeholders,
    out: String,
    shifts: Vec<Shift>,
    unresolved: Vec<Unresolved>,
    /// Up to where the text is in `out`.
    copied: usize,
}

/// Replaces all placeholders of a file's text.
pub(crate) fn expand<'t>(text: &'t str, placeholders: &dyn Placeholders) -> Expanded<'t> {
    if memchr::memmem::find(text.as_bytes(), b"${").is_none() {
        return Expanded { text: Cow::Borrowed(text), shifts: Vec::new(), unresolved: Vec::new() };
    }
    let mut run = Run { text, placeholders, out: String::new(), shifts: Vec::new(), unresolved: Vec::new(), copied: 0 };
    run.all();
    let Run { mut out, shifts, unresolved, copied, .. } = run;
    if shifts.is_empty() {
        return Expanded { text: Cow::Borrowed(text), shifts, unresolved };
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    Expanded { text: Cow::Owned(out), shifts, unresolved }
}

impl Run<'_, '_> {
    fn all(&mut self) {
        let bytes = self.text.as_bytes();
        let (mut at, mut quotes) = (0, Quotes::Outside);
        while let Some(found) = bytes.get(at..).and_then(|rest| next_of_interest(rest, quotes)).map(|found| at + found) {
            at = match bytes.get(found) {
                Some(b'\\') => found + 2,
                Some(b'"') if quotes == Quotes::Outside => match self.marked(found) {
                    Some(end) => end,
                    None => {
                        quotes = Quotes::Inside;
                        found + 1
                    }
                },
                Some(b'$') if bytes.get(found + 1) == Some(&b'$') => found + 2,
                Some(b'$') => self.placeholder(found, quotes).unwrap_or(found + 1),
                _ => {
                    quotes = Quotes::Outside; // a closing quote, or the end of a line that has none
                    found + 1
                }
            };
        }
    }

    /// The text at `start` where [`quote_bare`] made it: its end.
    fn marked(&mut self, start: usize) -> Option<usize> {
        let (token, end) = bare::marked_at(self.text, start)?;
        let mut inner = Run {
            text: &token,
            placeholders: self.placeholders,
            out: String::new(),
            shifts: Vec::new(),
            unresolved: Vec::new(),
            copied: 0,
        };
        inner.all();
        inner.out.push_str(token.get(inner.copied..).unwrap_or_default());
        let (value, missing) = (inner.out, inner.unresolved);
        let new = self.replace(start..end, &value);
        self.unresolved.extend(missing.into_iter().map(|one| Unresolved { old: (start, end - start), new, ..one }));
        Some(end)
    }

    /// The placeholder at `start`: its end, where it is one.
    fn placeholder(&mut self, start: usize, quotes: Quotes) -> Option<usize> {
        let inner = source::inner(self.text.get(start + 2..)?, quotes)?;
        let end = start + 2 + inner.len() + 1;
        match source::value(inner, self.placeholders) {
            Found::Value(value) if quotes == Quotes::Inside => {
                self.replace(start..end, &source::in_quotes(value));
            }
            Found::Value(value) => {
                self.replace(start..end, &value);
            }
            Found::Content(content) if quotes == Quotes::Inside => {
                self.replace(start..end, &source::escaped(&content));
            }
            Found::Content(content) => {
                self.replace(start..end, &content);
            }
            Found::Nothing { failure } => {
                let bare = quotes == Quotes::Outside;
                let mut new = self.out.len() + start - self.copied;
                if bare && (is_name(inner) || failure.is_some()) {
                    // A bare one would break the file, and hide what else is wrong.
                    new = self.replace(start..end, &format!("\"{}\"", source::escaped(self.text.get(start..end)?)));
                }
                self.unresolved.push(Unresolved { old: (start, end - start), new, bare, failure });
            }
        }
        Some(end)
    }

    /// Puts `value` in the place of a part of the text: where it begins now.
    fn replace(&mut self, part: std::ops::Range<usize>, value: &str) -> usize {
        self.out.push_str(self.text.get(self.copied..part.start).unwrap_or_default());
        let new = self.out.len();
        self.shifts.push(Shift { new: (new, value.len()), old: (part.start, part.len()) });
        self.out.push_str(value);
        self.copied = part.end;
        new
    }
}

/// The next byte that changes something.
fn next_of_interest(rest: &[u8], quotes: Quotes) -> Option<usize> {
    if quotes == Quotes::Outside {
        return memchr::memchr2(b'"', b'$', rest);
    }
    let end = memchr::memchr3(b'"', b'\\', b'$', rest);
    let line = memchr::memchr(b'\n', rest.get(..end.unwrap_or(rest.len())).unwrap_or_default());
    line.or(end)
}

#[cfg(test)]
mod tests;
