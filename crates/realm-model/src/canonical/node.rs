//! JSON as it was written: a tree over the text, scalars and names untouched.

use std::borrow::Cow;

/// A value.
#[derive(Debug, PartialEq)]
pub(super) enum Node<'t> {
    /// Members by name; the name with its quotes.
    Object(Vec<(&'t str, Node<'t>)>),
    List(Vec<Node<'t>>),
    /// A text with its quotes, a number, or a word.
    Scalar(&'t str),
}

impl<'t> Node<'t> {
    /// A text without quotes and escapes; anything else as it was written.
    pub(super) fn text(&self) -> Option<Cow<'t, str>> {
        match self {
            Self::Scalar(written) => Some(plain(written)),
            Self::Object(_) | Self::List(_) => None,
        }
    }

    /// The value of a member; of two, the last: that is the one in force.
    pub(super) fn member(&self, name: &str) -> Option<&Node<'t>> {
        let Self::Object(members) = self else { return None };
        members.iter().rev().find(|(own, _)| plain(own) == name).map(|(_, value)| value)
    }

    /// The value on one line.
    pub(super) fn compact(&self) -> String {
        let mut out = String::new();
        self.add_compact(&mut out);
        out
    }

    fn add_compact(&self, out: &mut String) {
        match self {
            Self::Scalar(written) => out.push_str(written),
            Self::List(values) => {
                out.push('[');
                for (index, value) in values.iter().enumerate() {
                    out.push_str(if index == 0 { "" } else { "," });
                    value.add_compact(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    out.push_str(if index == 0 { "" } else { "," });
                    out.push_str(name);
                    out.push(':');
                    value.add_compact(out);
                }
                out.push('}');
            }
        }
    }
}

/// A name or text without quotes and escapes.
pub(super) fn plain(written: &str) -> Cow<'_, str> {
    let Some(inside) = written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else { return Cow::Borrowed(written) };
    if inside.contains('\\')
        && let Ok(text) = serde_json::from_str(written)
    {
        return Cow::Owned(text);
    }
    Cow::Borrowed(inside)
}

/// The tree of `text`, which is known to be JSON, and so not nested deeper than serde_json goes.
pub(super) fn parse(text: &str) -> Node<'_> {
    Reader { text, at: 0 }.value()
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            if !byte.is_ascii_whitespace() && !matches!(byte, b',' | b':') {
                return Some(*byte);
            }
            self.at += 1;
        }
        None
    }

    fn value(&mut self) -> Node<'t> {
        match self.next() {
            Some(b'{') => {
                self.at += 1;
                let mut members = Vec::new();
                while self.next().is_some_and(|byte| byte != b'}') {
                    let name = self.scalar();
                    members.push((name, self.value()));
                }
                self.at += 1;
                Node::Object(members)
            }
            Some(b'[') => {
                self.at += 1;
                let mut values = Vec::new();
                while self.next().is_some_and(|byte| byte != b']') {
                    values.push(self.value());
                }
                self.at += 1;
                Node::List(values)
            }
            _ => Node::Scalar(self.scalar()),
        }
    }

    fn scalar(&mut self) -> &'t str {
        let (start, bytes) = (self.at, self.text.as_bytes());
        if self.next() == Some(b'"') {
            self.at += 1;
            while let Some(found) = bytes.get(self.at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
                self.at += found;
                if bytes.get(self.at) == Some(&b'"') {
                    break;
                }
                self.at += 2;
            }
            self.at += 1;
        } else {
            let ends = |byte: &u8| b" \t\r\n{}[],:\"".contains(byte);
            let rest = bytes.get(start..).unwrap_or_default();
            self.at = start + rest.iter().position(ends).unwrap_or(rest.len()).max(1);
        }
        self.at = self.at.min(self.text.len());
        self.text.get(start..self.at).unwrap_or_default()
    }
}

/// Writes `node`, whose line is indented by `depth` levels already.
pub(super) fn write(node: &Node<'_>, depth: usize, out: &mut String) {
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    };
    match node {
        Node::Scalar(written) => out.push_str(written),
        Node::List(values) if values.iter().all(|value| matches!(value, Node::Scalar(_))) && values.len() < 2 => {
            out.push('[');
            out.push_str(values.iter().map(Node::compact).collect::<String>().as_str());
            out.push(']');
        }
        Node::List(values) => {
            out.push('[');
            for (index, value) in values.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { "," });
                line(out, depth + 1);
                write(value, depth + 1, out);
            }
            line(out, depth);
            out.push(']');
        }
        Node::Object(members) if members.is_empty() => out.push_str("{}"),
        Node::Object(members) => {
            out.push('{');
            for (index, (name, value)) in members.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { "," });
                line(out, depth + 1);
                out.push_str(name);
                out.push_str(": ");
                write(value, depth + 1, out);
            }
            line(out, depth);
            out.push('}');
        }
    }
}
