//! Placeholders outside of quotes, as texts that JSON can carry.

use std::borrow::Cow;

use super::source::{self, Quotes};

/// What such a text begins with: a code point that is no character and stands in no file.
const MARKER: char = '\u{fdd0}';

/// The text with each value outside of quotes that has a placeholder in it made a JSON text, marked so that [`unquote_bare`]
/// and [`resolve`](super::resolve) know it again.
pub fn quote_bare(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut copied = 0;
    for_each_token(text, &mut |start, end| {
        let token = text.get(start..end).unwrap_or_default();
        out.push_str(text.get(copied..start).unwrap_or_default());
        out.push_str(&serde_json::Value::from(format!("{MARKER}{token}")).to_string());
        copied = end;
    });
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    Cow::Owned(out)
}

/// What [`quote_bare`] made of a text, undone.
pub fn unquote_bare(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut copied = 0;
    let marker = format!("\"{MARKER}");
    for start in memchr::memmem::find_iter(text.as_bytes(), marker.as_bytes()) {
        if let Some((token, end)) = marked_at(text, start) {
            out.push_str(text.get(copied..start).unwrap_or_default());
            out.push_str(&token);
            copied = end;
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    Cow::Owned(out)
}

/// What is marked at byte `start` of `text`, as it stood in the file, and where the marked text ends.
pub(super) fn marked_at(text: &str, start: usize) -> Option<(String, usize)> {
    let rest = text.get(start..)?;
    rest.strip_prefix('"')?.strip_prefix(MARKER)?;
    let mut texts = serde_json::Deserializer::from_str(rest).into_iter::<String>();
    let quoted = texts.next()?.ok()?;
    Some((quoted.strip_prefix(MARKER)?.to_owned(), start + texts.byte_offset()))
}

/// Calls `found` with begin and end of every value outside of quotes that has a placeholder in it.
fn for_each_token(text: &str, found: &mut dyn FnMut(usize, usize)) {
    if memchr::memmem::find(text.as_bytes(), b"${").is_none() {
        return;
    }
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at = match byte {
            b'"' => end_of_text(bytes, at),
            b' ' | b'\t' | b'\r' | b'\n' | b'{' | b'}' | b'[' | b']' | b',' | b':' => at + 1,
            _ => {
                let (end, has_placeholder) = end_of_token(text, at);
                if has_placeholder {
                    found(at, end);
                }
                end
            }
        };
    }
}

fn end_of_text(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr3(b'"', b'\\', b'\n', rest)) {
        match bytes.get(at + found) {
            Some(b'\\') => at += found + 2,
            _ => return at + found + 1,
        }
    }
    bytes.len()
}

fn end_of_token(text: &str, start: usize) -> (usize, bool) {
    let bytes = text.as_bytes();
    let (mut at, mut has_placeholder) = (start, false);
    while let Some(&byte) = bytes.get(at) {
        if byte == b'$' && bytes.get(at + 1) == Some(&b'{') {
            let Some(inner) = text.get(at + 2..).and_then(|rest| source::inner(rest, Quotes::Outside)) else { break };
            has_placeholder = true;
            at += inner.len() + 3;
        } else if b" \t\r\n{}[],:\"".contains(&byte) {
            break;
        } else {
            at += 1;
        }
    }
    (at.max(start + 1), has_placeholder)
}
