//! Parts of a realm put together to the text of one realm file, and the way back from its lines to those of the parts.

use std::ops::Range;

use realm_model::Diagnostic;

use super::Part;
use super::scan::{elements, member, members};

/// The text of one file.
pub(crate) struct PartText<'t> {
    pub(crate) file: &'t str,
    pub(crate) part: &'t Part,
    pub(crate) text: &'t str,
}

/// The whole and where its pieces came from.
#[derive(Debug, Default)]
pub(crate) struct Composed {
    pub(crate) text: String,
    pieces: Vec<Piece>,
}

/// Begins at a line of its own in the whole.
#[derive(Debug)]
struct Piece {
    /// Its first line in the whole, from 1.
    line: usize,
    file: String,
    /// Line and column of its beginning in the file, from 1.
    from: (usize, usize),
}

/// JSON of pieces of text.
enum Raw<'t> {
    Text(&'t PartText<'t>, Range<usize>),
    Object(Vec<(String, Raw<'t>)>),
    List(Vec<Raw<'t>>),
}

/// The text of a realm file that says what all `parts` say.
pub(crate) fn compose(parts: &[PartText<'_>]) -> Composed {
    let mut whole = Raw::Object(Vec::new());
    for part in parts {
        let all = Raw::Text(part, 0..part.text.len());
        let raw = match part.part {
            Part::Entities(member, key) => wrap(member, key.as_deref(), all),
            Part::Settings | Part::Realm | Part::Users => all,
        };
        whole = merge(whole, raw);
    }
    let mut composed = Composed::default();
    composed.write(&whole);
    composed
}

/// The entities of one file as the realm has them.
fn wrap<'t>(member: &str, key: Option<&str>, all: Raw<'t>) -> Raw<'t> {
    let one = |name: &str, raw| Raw::Object(vec![(name.to_owned(), raw)]);
    let inner = match (member, key) {
        ("roles", Some("client") | None) if has_member(&all, &["realm", "client"]) => all,
        ("roles", Some("realm") | None) => one("realm", listed(all)),
        ("roles", Some("client")) => one("client", all),
        ("roles", Some(client)) => one("client", one(client, listed(all))),
        ("components", Some(provider)) => one(provider, listed(all)),
        ("components", None) => match text_member(&all, "providerType") {
            Some(provider) => one(&provider, listed(all)),
            None => all,
        },
        _ => listed(all),
    };
    one(member, inner)
}

fn listed(raw: Raw<'_>) -> Raw<'_> {
    match exploded_list(&raw) {
        Some(elements) => Raw::List(elements),
        None => Raw::List(vec![raw]),
    }
}

fn has_member(raw: &Raw<'_>, names: &[&str]) -> bool {
    let Raw::Text(part, range) = raw else { return false };
    members(part.text, range.clone()).is_some_and(|found| found.iter().all(|member| names.contains(&member.name.as_str())))
}

fn text_member(raw: &Raw<'_>, name: &str) -> Option<String> {
    let Raw::Text(part, range) = raw else { return None };
    serde_json::from_str(part.text.get(member(part.text, range.clone(), name)?)?).ok()
}

fn exploded<'t>(raw: &Raw<'t>) -> Option<Vec<(String, Raw<'t>)>> {
    let Raw::Text(part, range) = raw else { return None };
    let found = members(part.text, range.clone())?;
    Some(found.into_iter().map(|member| (member.name, Raw::Text(part, member.value))).collect())
}

fn exploded_list<'t>(raw: &Raw<'t>) -> Option<Vec<Raw<'t>>> {
    let Raw::Text(part, range) = raw else { return None };
    Some(elements(part.text, range.clone())?.into_iter().map(|range| Raw::Text(part, range)).collect())
}

/// Objects member by member, lists one behind the other; what is neither is `new`.
fn merge<'t>(old: Raw<'t>, new: Raw<'t>) -> Raw<'t> {
    let (old, new) = match (as_object(old), as_object(new)) {
        (Ok(old), Ok(new)) => {
            let mut all = old;
            for (name, value) in new {
                match all.iter().position(|(known, _)| *known == name) {
                    None => all.push((name, value)),
                    Some(at) => {
                        let (_, before) = all.remove(at);
                        all.insert(at, (name, merge(before, value)));
                    }
                }
            }
            return Raw::Object(all);
        }
        (Ok(old), Err(new)) => (Raw::Object(old), new),
        (Err(old), Ok(new)) => (old, Raw::Object(new)),
        (Err(old), Err(new)) => (old, new),
    };
    match (as_list(old), as_list(new)) {
        (Ok(mut all), Ok(new)) => {
            all.extend(new);
            Raw::List(all)
        }
        (_, Ok(new)) => Raw::List(new),
        (_, Err(new)) => new,
    }
}

fn as_object(raw: Raw<'_>) -> Result<Vec<(String, Raw<'_>)>, Raw<'_>> {
    match raw {
        Raw::Object(members) => Ok(members),
        other => exploded(&other).ok_or(other),
    }
}

fn as_list(raw: Raw<'_>) -> Result<Vec<Raw<'_>>, Raw<'_>> {
    match raw {
        Raw::List(elements) => Ok(elements),
        other => exploded_list(&other).ok_or(other),
    }
}

impl Composed {
    fn write(&mut self, raw: &Raw<'_>) {
        match raw {
            Raw::Text(part, range) => self.piece(part, range),
            Raw::Object(members) => {
                self.text.push('{');
                for (at, (name, value)) in members.iter().enumerate() {
                    self.text.push_str(if at == 0 { "\n" } else { ",\n" });
                    self.text.push_str(&serde_json::Value::from(name.as_str()).to_string());
                    self.text.push(':');
                    self.write(value);
                }
                self.text.push_str("\n}");
            }
            Raw::List(elements) => {
                self.text.push('[');
                for (at, element) in elements.iter().enumerate() {
                    self.text.push_str(if at == 0 { "" } else { "," });
                    self.write(element);
                }
                self.text.push_str("\n]");
            }
        }
    }

    fn piece(&mut self, part: &PartText<'_>, range: &Range<usize>) {
        self.text.push('\n');
        let before = part.text.get(..range.start).unwrap_or_default();
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        self.pieces.push(Piece { line: lines(&self.text) + 1, file: part.file.to_owned(), from: (lines(before) + 1, column) });
        self.text.push_str(part.text.get(range.clone()).unwrap_or_default());
    }

    /// File, line and column of a line and column of the whole.
    pub(crate) fn origin(&self, line: usize, column: usize) -> Option<(&str, usize, usize)> {
        let piece = self.pieces.get(self.pieces.partition_point(|piece| piece.line <= line).checked_sub(1)?)?;
        let column = if line == piece.line { column + piece.from.1 - 1 } else { column };
        Some((piece.file.as_str(), line - piece.line + piece.from.0, column))
    }

    /// A diagnostic of the whole as one of the part that it is about.
    pub(crate) fn traced(&self, mut diagnostic: Diagnostic) -> Diagnostic {
        if let Some((file, line, column)) = self.origin(diagnostic.line, diagnostic.column) {
            (diagnostic.file, diagnostic.line, diagnostic.column) = (file.to_owned(), line, column);
        }
        diagnostic
    }
}

fn lines(text: &str) -> usize {
    memchr::memchr_iter(b'\n', text.as_bytes()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_make_one_realm_and_every_line_is_traced_to_its_part() {
        let settings = "{\"realm\": \"x\",\n \"clients\": [{\"clientId\": \"a\"}]}";
        let (clients, roles) = (Part::Entities("clients", None), Part::Entities("roles", None));
        let parts = [
            PartText { file: "realm.json", part: &Part::Settings, text: settings },
            PartText { file: "clients/b.json", part: &clients, text: "\n{\"clientId\": \"b\",\n  \"name\": 1}" },
            PartText { file: "clients/c.json", part: &clients, text: "[{\"clientId\": \"c\"}, {\"clientId\": \"d\"}]" },
            PartText { file: "roles/r.json", part: &roles, text: "{\"name\": \"r\"}" },
            PartText { file: "roles/s.json", part: &roles, text: "{\"client\": {\"a\": [{\"name\": \"s\"}]}}" },
        ];
        let composed = compose(&parts);
        let value: serde_json::Value = serde_json::from_str(&composed.text).unwrap();
        let expected = serde_json::json!({"realm": "x",
            "clients": [{"clientId": "a"}, {"clientId": "b", "name": 1}, {"clientId": "c"}, {"clientId": "d"}],
            "roles": {"realm": [{"name": "r"}], "client": {"a": [{"name": "s"}]}}});
        assert_eq!(value, expected);
        let line_of = |wanted: &str| composed.text.lines().position(|line| line.contains(wanted)).unwrap() + 1;
        assert_eq!(composed.origin(line_of("\"name\": 1"), 3), Some(("clients/b.json", 3, 3)));
        assert_eq!(composed.origin(line_of("\"d\""), 1), Some(("clients/c.json", 1, 21)));
    }
}
