//! The parts of a JSON text by their bytes, without reading it: right texts only.

use std::ops::Range;

/// A member of an object.
pub(crate) struct Member {
    /// Its name, unescaped.
    pub(crate) name: String,
    /// The value.
    pub(crate) value: Range<usize>,
}

/// The members of the object in `text[range]`; `None` where it is none.
pub(crate) fn members(text: &str, range: Range<usize>) -> Option<Vec<Member>> {
    let mut members = Vec::new();
    let mut at = opened(text.as_bytes(), &range, b'{')?;
    loop {
        match next_member(text.as_bytes(), &mut at)? {
            Next::End => return Some(members),
            Next::Member { name, value } => members.push(Member { name: serde_json::from_str(text.get(name)?).ok()?, value }),
        }
    }
}

/// The value of the first member called `name` of the object in `text[range]`. What comes after it is not looked at.
pub(crate) fn member(text: &str, range: Range<usize>, name: &str) -> Option<Range<usize>> {
    let mut at = opened(text.as_bytes(), &range, b'{')?;
    loop {
        match next_member(text.as_bytes(), &mut at)? {
            Next::End => return None,
            Next::Member { name: quoted, value } if is_name(text.get(quoted.clone())?, name) => return Some(value),
            Next::Member { .. } => {}
        }
    }
}

fn is_name(quoted: &str, name: &str) -> bool {
    if quoted.contains('\\') {
        return serde_json::from_str::<String>(quoted).is_ok_and(|unescaped| unescaped == name);
    }
    quoted.get(1..quoted.len().saturating_sub(1)) == Some(name)
}

/// What follows within an object.
enum Next {
    End,
    /// The name in its quotes, and the value.
    Member {
        name: Range<usize>,
        value: Range<usize>,
    },
}

fn next_member(bytes: &[u8], at: &mut usize) -> Option<Next> {
    loop {
        *at = skip_blank(bytes, *at);
        match bytes.get(*at)? {
            b'}' => return Some(Next::End),
            b',' => *at += 1,
            b'"' => {
                let name = *at..end_of_text(bytes, *at);
                let colon = skip_blank(bytes, name.end);
                if bytes.get(colon) != Some(&b':') {
                    return None;
                }
                let start = skip_blank(bytes, colon + 1);
                let value = start..end_of_value(bytes, start);
                *at = value.end.max(*at + 1);
                return Some(Next::Member { name, value });
            }
            _ => return None,
        }
    }
}

/// The elements of the list in `text[range]`; `None` where it is none.
pub(crate) fn elements(text: &str, range: Range<usize>) -> Option<Vec<Range<usize>>> {
    let mut elements = Vec::new();
    let bytes = text.as_bytes();
    let mut at = opened(bytes, &range, b'[')?;
    loop {
        at = skip_blank(bytes, at);
        match bytes.get(at)? {
            b']' => return Some(elements),
            b',' => at += 1,
            _ => {
                let end = end_of_value(bytes, at);
                elements.push(at..end);
                at = end.max(at + 1);
            }
        }
    }
}

fn opened(bytes: &[u8], range: &Range<usize>, bracket: u8) -> Option<usize> {
    let start = skip_blank(bytes, range.start);
    (bytes.get(start) == Some(&bracket)).then_some(start + 1)
}

fn skip_blank(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(|byte| b" \t\r\n".contains(byte)) {
        at += 1;
    }
    at
}

/// Where the value that begins at `start` ends.
fn end_of_value(bytes: &[u8], start: usize) -> usize {
    let (mut at, mut depth) = (start, 0_usize);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => at = end_of_text(bytes, at),
            b'$' if bytes.get(at + 1) == Some(&b'{') => at = end_of_placeholder(bytes, at),
            b'{' | b'[' => (at, depth) = (at + 1, depth + 1),
            b'}' | b']' if depth == 0 => return at,
            b'}' | b']' => (at, depth) = (at + 1, depth - 1),
            b',' | b' ' | b'\t' | b'\r' | b'\n' if depth == 0 => return at,
            _ => {
                at += 1;
                continue;
            }
        }
        if depth == 0 && byte != b'$' {
            return at;
        }
    }
    bytes.len()
}

fn end_of_text(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// A placeholder outside of quotes: braces count in pairs.
fn end_of_placeholder(bytes: &[u8], start: usize) -> usize {
    let (mut at, mut depth) = (start + 1, 0_usize);
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'{' => depth += 1,
            b'}' if depth <= 1 => return at,
            b'}' => depth -= 1,
            b'\n' => return at,
            _ => {}
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_and_elements_are_found_with_their_bytes() {
        let text = r#" {"a\u0062": [1, {"x":"]"}, ${L:{}}], "c": ${N}, "d": "e\"" } "#;
        let found = members(text, 0..text.len()).unwrap();
        let shown: Vec<_> = found.iter().map(|m| (m.name.as_str(), &text[m.value.clone()])).collect();
        assert_eq!(shown, [("ab", r#"[1, {"x":"]"}, ${L:{}}]"#), ("c", "${N}"), ("d", r#""e\"""#)]);
        let list = elements(text, found[0].value.clone()).unwrap();
        assert_eq!(list.iter().map(|range| &text[range.clone()]).collect::<Vec<_>>(), ["1", r#"{"x":"]"}"#, "${L:{}}"]);
        assert_eq!(member(text, 0..text.len(), "d").map(|value| &text[value]), Some(r#""e\"""#));
        assert_eq!(member(text, 0..text.len(), "ab").map(|value| value.start), Some(found[0].value.start));
        assert_eq!(member(text, 0..text.len(), "e"), None);
        assert!(members("[1]", 0..3).is_none());
        assert!(elements("{}", 0..2).is_none());
        assert!(members("{\"a\"", 0..4).is_none());
    }
}
