use std::collections::HashMap;

/// Reads a `messages_xx.properties` in UTF-8: `key=text`, `#` and `!` comments, a `\` at the end of a line goes on in the next,
/// `\n`, `\t`, `\uXXXX`. The last of several equal keys wins, as in Java.
pub fn read(text: &str) -> HashMap<Box<str>, Box<str>> {
    let mut found = HashMap::new();
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    while let Some(line) = lines.next() {
        let line = line.trim_start();
        if line.is_empty() || line.starts_with(['#', '!']) {
            continue;
        }
        let mut whole = line.to_owned();
        while goes_on(&whole) {
            whole.pop();
            whole.push_str(lines.next().unwrap_or_default().trim_start());
        }
        let (key, value) = split(&whole);
        found.insert(unescape(key).into(), unescape(value).into());
    }
    found
}

/// An odd number of backslashes at the end.
fn goes_on(line: &str) -> bool {
    line.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}

/// At the first `=`, `:` or blank that is not escaped.
fn split(line: &str) -> (&str, &str) {
    let mut escaped = false;
    let end = line.char_indices().find(|(_, c)| {
        let ends = !escaped && (matches!(c, '=' | ':') || c.is_whitespace());
        escaped = *c == '\\' && !escaped;
        ends
    });
    let Some((key, rest)) = end.and_then(|(at, _)| line.split_at_checked(at)) else { return (line, "") };
    let rest = rest.trim_start();
    (key, rest.strip_prefix(['=', ':']).unwrap_or(rest).trim_start())
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('f') => out.push('\u{c}'),
            Some('u') => {
                let code: String = chars.by_ref().take(4).collect();
                out.extend(u32::from_str_radix(&code, 16).ok().and_then(char::from_u32));
            }
            Some(other) => out.push(other),
            None => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_keys_and_texts_as_java_does() {
        let found = read("\u{feff}# comment\n! too\n\na=1\nb : two\nc three\nd\\=e = x=y\\\n   z\nf=\\u00e4\\n\ng\na=last\n");
        let want = [("a", "last"), ("b", "two"), ("c", "three"), ("d=e", "x=yz"), ("f", "ä\n"), ("g", "")];
        let got: Vec<_> = want.iter().map(|(key, _)| (*key, found.get(*key).map(|text| &**text).unwrap_or("-"))).collect();
        assert_eq!(got, want);
        assert_eq!(found.len(), want.len());
    }
}
