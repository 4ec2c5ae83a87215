//! Rust source read just far enough to be measured: comments and literals blanked, tests cut away, functions and enums found.

use std::path::{Path, PathBuf};

/// One source file without its tests.
pub struct Source {
    /// From the repository's root.
    pub path: PathBuf,
    /// Comments and the inside of literals are spaces, tests are gone; lines stay lines.
    pub code: String,
    /// Lines of the file without its tests, comments and blank lines included.
    pub lines: usize,
}

/// A function and what is counted of it.
#[derive(Debug, PartialEq)]
pub struct Function {
    pub name: String,
    /// Name and type of each argument; `self`, which has no type, counts.
    pub arguments: Vec<(String, String)>,
    /// Lines of its body that hold code.
    pub lines: usize,
}

/// The sources of the crates, tests left out.
pub fn of_crates(root: &Path) -> Vec<Source> {
    let mut files = Vec::new();
    collect(&root.join("crates"), &mut files);
    files.sort();
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        let kept = without_tests(&text);
        Source { path: path.strip_prefix(root).unwrap().to_owned(), code: blanked(&kept), lines: kept.lines().count() }
    };
    files.into_iter().map(read).collect()
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && !["tests", "examples", "benches", "target"].contains(&name.as_str()) {
            collect(&path, into);
        } else if name.ends_with(".rs") && name != "tests.rs" {
            into.push(path);
        }
    }
}

/// `text` without what stands under `#[cfg(test)]`.
pub fn without_tests(text: &str) -> String {
    let (blank, mut out, mut at) = (blanked(text), String::new(), 0);
    while let Some(found) = blank[at..].find("#[cfg(test)]").map(|found| at + found) {
        out.push_str(&text[at..found]);
        at = item_end(&blank, found);
    }
    out.push_str(&text[at..]);
    out
}

/// Where the item that begins at `from` ends: behind its `;` or its closing brace.
fn item_end(blank: &str, from: usize) -> usize {
    match blank[from..].find(['{', ';']).map(|at| from + at) {
        Some(at) if blank[at..].starts_with('{') => closing(blank, at) + 1,
        Some(at) => at + 1,
        None => blank.len(),
    }
}

/// The position of the bracket that closes the one at `open`.
fn closing(blank: &str, open: usize) -> usize {
    let mut depth = 0usize;
    for (at, byte) in blank.bytes().enumerate().skip(open) {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    blank.len() - 1
}

/// `text` with comments and the inside of literals replaced by spaces; same length, same lines.
pub fn blanked(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = literal_or_comment(bytes, at);
        let inside = if end > at + 1 { at..end } else { at..at };
        out[inside].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
        at = end.max(at + 1);
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The end of the comment or literal that begins at `at`; `at` where there is none.
fn literal_or_comment(bytes: &[u8], at: usize) -> usize {
    let rest = &bytes[at..];
    let find = |from: usize, what: &[u8]| {
        let found = bytes[from.min(bytes.len())..].windows(what.len()).position(|window| window == what);
        found.map_or(bytes.len(), |found| from + found + what.len())
    };
    let word_before = at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_');
    match rest {
        [b'/', b'/', ..] => rest.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |end| at + end),
        [b'/', b'*', ..] => find(at + 2, b"*/"),
        [b'r', b'"' | b'#', ..] if !word_before || bytes[at - 1] == b'b' => {
            let hashes = rest[1..].iter().take_while(|byte| **byte == b'#').count();
            if rest.get(1 + hashes) != Some(&b'"') {
                return at;
            }
            find(at + 2 + hashes, &[b"\"", "#".repeat(hashes).as_bytes()].concat())
        }
        [b'"', ..] => {
            let mut end = at + 1;
            while end < bytes.len() && bytes[end] != b'"' {
                end += if bytes[end] == b'\\' { 2 } else { 1 };
            }
            end + 1
        }
        [b'\'', b'\\', ..] => find(at + 3, b"'"),
        // A lifetime has no closing quote within one character.
        [b'\'', ..] => (2..=5)
            .find(|width| rest.get(*width) == Some(&b'\''))
            .filter(|width| one_char(&rest[1..*width]))
            .map_or(at, |width| at + width + 1),
        _ => at,
    }
}

fn one_char(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| text.chars().count() == 1)
}

/// Every function in blanked code; those without a body (in traits) have no lines.
pub fn functions(code: &str) -> Vec<Function> {
    let mut out = Vec::new();
    for (at, _) in code.match_indices("fn ") {
        let word_before = code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let name: String = code[at + 3..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let after = at + 3 + name.len();
        if word_before || name.is_empty() || !code[after..].starts_with(['(', '<']) {
            continue;
        }
        let open = if code[after..].starts_with('<') { generics_end(code, after) } else { after };
        let close = closing(code, open);
        let arguments = split(&code[open + 1..close]).into_iter().map(|argument| {
            let (name, kind) = argument.split_once(':').unwrap_or((&argument, ""));
            (name.trim().to_owned(), kind.trim().to_owned())
        });
        let lines = match code[close..].find(['{', ';']).map(|at| close + at) {
            Some(body) if code[body..].starts_with('{') => {
                let inside = &code[body + 1..closing(code, body)];
                inside.lines().filter(|line| !line.trim().is_empty()).count()
            }
            _ => 0,
        };
        out.push(Function { name, arguments: arguments.collect(), lines });
    }
    out
}

/// The `(` after the generics that begin at `from`.
fn generics_end(code: &str, from: usize) -> usize {
    let mut depth = 0usize;
    let bytes = code.as_bytes();
    for at in from..bytes.len() {
        match bytes[at] {
            b'<' => depth += 1,
            b'>' if bytes[at - 1] != b'-' => depth -= 1,
            b'(' if depth == 0 => return at,
            _ => {}
        }
    }
    from
}

/// The parts between commas that stand in no bracket.
fn split(list: &str) -> Vec<String> {
    let (mut parts, mut depth, mut before) = (vec![String::new()], 0i32, ' ');
    for c in list.chars() {
        depth += i32::from("([{<".contains(c)) - i32::from(")]}".contains(c) || c == '>' && before != '-' && before != '=');
        match c {
            ',' if depth == 0 => parts.push(String::new()),
            _ => parts.last_mut().unwrap().push(c),
        }
        before = c;
    }
    parts.retain(|part| !part.trim().is_empty());
    parts
}

/// Name and number of variants of every enum in blanked code that is an error.
pub fn error_enums(code: &str) -> Vec<(String, usize)> {
    let enums = code.match_indices("enum ").filter_map(|(at, _)| {
        let name: String = code[at + 5..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let open = at + code[at..].find('{')?;
        Some((name, split(&code[open + 1..closing(code, open)]).len()))
    });
    enums.filter(|(name, _)| name.ends_with("Error")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_comments_strings_and_characters_but_not_lifetimes() {
        let text = "a // fn b(\n\"fn c( \\\" {\" r#\"fn \" d(\"# 'e' '\\'' &'f str /* fn g() */ h";
        let code = blanked(text);
        assert_eq!(code.len(), text.len());
        assert_eq!(code.split_whitespace().collect::<Vec<_>>(), ["a", "&'f", "str", "h"]);
    }

    #[test]
    fn counts_the_arguments_and_lines_of_functions() {
        let code = blanked(
            "impl A { async fn b<F: Fn(u8) -> u8>(&self, c: Map<u8, u8>, d: bool,) -> u8 {\n  one();\n\n  // no\n  two()\n} }\nfn e();",
        );
        let found = functions(&code);
        let arguments = [("&self", ""), ("c", "Map<u8, u8>"), ("d", "bool")].map(|(name, kind)| (name.into(), kind.into()));
        assert_eq!(found[0], Function { name: "b".into(), arguments: arguments.into(), lines: 2 });
        assert_eq!(found[1], Function { name: "e".into(), arguments: vec![], lines: 0 });
    }

    #[test]
    fn cuts_tests_away() {
        let kept =
            without_tests("fn a() {}\n#[cfg(test)]\nmod tests {\n fn b() { \"}\" }\n}\nfn c() {}\n#[cfg(test)]\nmod more;\n");
        assert_eq!(functions(&kept).iter().map(|f| f.name.as_str()).collect::<Vec<_>>(), ["a", "c"]);
        assert_eq!(kept, "fn a() {}\n\nfn c() {}\n\n");
    }

    #[test]
    fn counts_the_variants_of_errors() {
        let code = "pub enum AError { #[error(\"x\")] One, Two(u8, u8), Three { a: u8, b: u8 }, }\nenum Other { A, B }";
        assert_eq!(error_enums(&blanked(code)), [("AError".to_owned(), 3)]);
    }
}
