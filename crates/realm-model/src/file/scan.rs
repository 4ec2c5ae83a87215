//! A tolerant walk over JSON text, right or broken: where each key and value stands. Used only to tell people about
//! problems, never on the way to a realm.

use std::ops::Range;

use super::place::{Place, Step};

/// What the walk met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// A member's name.
    Key,
    /// A text, number, word; or anything else that stands where a value should.
    Scalar,
    /// `{` or `[`: the beginning of a value.
    Open,
}

enum Container {
    Object { value_next: bool },
    List { index: usize },
}

struct Walk<'t, 'v> {
    text: &'t str,
    open: Vec<Container>,
    path: Place,
    spare: Vec<String>,
    visit: &'v mut dyn FnMut(Token, Range<usize>, &Place),
}

/// Calls `visit` for every key and value of `text` in order, with its bytes and its place.
pub(crate) fn walk(text: &str, visit: &mut dyn FnMut(Token, Range<usize>, &Place)) {
    let mut walk = Walk { text, open: Vec::new(), path: Place::default(), spare: Vec::new(), visit };
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let next = match byte {
            b' ' | b'\t' | b'\r' | b'\n' => at + 1,
            b'{' => walk.open(at, Container::Object { value_next: false }),
            b'[' => walk.open(at, Container::List { index: 0 }),
            b'}' | b']' => walk.close(at),
            b',' => walk.comma(at),
            b':' => at + 1,
            b'"' => walk.token(at..end_of_string(bytes, at)),
            _ => walk.token(at..end_of_word(bytes, at)),
        };
        at = next.max(at + 1);
    }
}

fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\n' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn end_of_word(bytes: &[u8], start: usize) -> usize {
    let ends = |b: &u8| b" \t\r\n{}[],:\"".contains(b);
    bytes.get(start..).and_then(|rest| rest.iter().position(ends)).map_or(bytes.len(), |length| start + length)
}

impl Walk<'_, '_> {
    /// The text of a key token, without its quotes and escapes.
    fn name_of(&mut self, token: &str) -> String {
        if token.contains('\\')
            && let Ok(name) = serde_json::from_str(token)
        {
            return name;
        }
        let mut name = self.spare.pop().unwrap_or_default();
        name.clear();
        name.push_str(token.trim_matches(['"', '\'']));
        name
    }

    /// The last step leaves the path; the room of its name is used again.
    fn leave(&mut self) {
        if let Some(Step::Key(name)) = self.path.0.pop() {
            self.spare.push(name);
        }
    }

    /// A value begins: its index in a list goes onto the path (a member's key is there already).
    fn begin_value(&mut self) {
        if let Some(Container::List { index }) = self.open.last() {
            self.path.0.push(Step::Index(*index));
        }
    }

    /// A value has ended: its step leaves the path.
    fn end_value(&mut self) {
        match self.open.last_mut() {
            Some(Container::Object { value_next }) => {
                *value_next = false;
                self.leave();
            }
            Some(Container::List { .. }) => {
                self.leave();
            }
            None => {}
        }
    }

    fn open(&mut self, at: usize, container: Container) -> usize {
        if let Some(Container::Object { value_next: value_next @ false }) = self.open.last_mut() {
            *value_next = true; // a value without a key: broken, but keep the steps in pairs
            self.path.0.push(Step::Key(String::new()));
        }
        self.begin_value();
        (self.visit)(Token::Open, at..at + 1, &self.path);
        self.open.push(container);
        at + 1
    }

    fn close(&mut self, at: usize) -> usize {
        if let Some(Container::Object { value_next: true }) = self.open.pop() {
            self.leave(); // a key without a value
        }
        self.end_value();
        at + 1
    }

    fn comma(&mut self, at: usize) -> usize {
        match self.open.last_mut() {
            Some(Container::List { index }) => *index += 1,
            Some(Container::Object { value_next: value_next @ true }) => {
                *value_next = false;
                self.leave();
            }
            _ => {}
        }
        at + 1
    }

    fn token(&mut self, range: Range<usize>) -> usize {
        let end = range.end.min(self.text.len());
        let text = self.text.get(range.start..end).unwrap_or_default();
        match self.open.last_mut() {
            Some(Container::Object { value_next: value_next @ false }) => {
                *value_next = true;
                let name = self.name_of(text);
                self.path.0.push(Step::Key(name));
                (self.visit)(Token::Key, range, &self.path);
            }
            _ => {
                self.begin_value();
                (self.visit)(Token::Scalar, range, &self.path);
                self.end_value();
            }
        }
        end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(text: &str) -> Vec<String> {
        let mut seen = Vec::new();
        walk(text, &mut |token, range, place| {
            if token == Token::Scalar {
                seen.push(format!("{place}={}", text.get(range).unwrap_or("?")));
            }
        });
        seen
    }

    #[test]
    fn tells_the_place_of_every_value() {
        assert_eq!(
            places(r#"{"a": {"b": [1, "x", {"c": true}]}, "d\u0061": 2}"#),
            ["a.b[0]=1", "a.b[1]=\"x\"", "a.b[2].c=true", "da=2"]
        );
    }

    #[test]
    fn goes_on_after_what_is_broken() {
        assert_eq!(places(r#"{"a": , "b" 3, c: 4, "d": {"e": "open"#), ["b=3", "c=4", "d.e=\"open"]);
        assert_eq!(places("}}]], 1"), ["=1"]);
        assert_eq!(places("{\"secret\": \"abc\n, \"x\": 1}"), ["secret=\"abc", "x=1"]);
    }
}
