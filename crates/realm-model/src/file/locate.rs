//! From problems to diagnostics: looks the places up in the text, once per file.

use std::collections::HashMap;
use std::ops::Range;

use super::lines::Lines;
use super::place::{Place, Step};
use super::placeholder::Expanded;
use super::problem::{Mark, Problem};
use super::scan::{Token, walk};
use crate::diagnostic::{Diagnostic, Severity};

/// How much of a long line is shown, in characters.
const SHOWN: usize = 120;

/// A file with something wrong in it: its text as it stands on the disk.
pub(crate) struct Located<'t> {
    name: &'t str,
    text: &'t str,
    secrets: Vec<Range<usize>>,
    lines: Lines,
}

/// Whether the value of this key is nobody's business.
pub(crate) fn is_secret(key: &str) -> bool {
    const PUBLIC: &[&str] =
        &["passwordpolicy", "client.secret.creation.time", "client.secret.authentication.allowed.method", "resetpasswordallowed"];
    const SECRET: &[&str] =
        &["value", "bindcredential", "salt", "registrationaccesstoken", "hashedsaltedvalue", "passphrase", "latchkey.webhooks"];
    const PARTS: &[&str] = &["secret", "password", "private"];
    let key = key.to_lowercase();
    let is_named_so = SECRET.contains(&key.as_str()) || PARTS.iter().any(|part| key.contains(part));
    is_named_so && !PUBLIC.contains(&key.as_str())
}

/// Whether this key of a credential says nothing of the credential itself. Any other may be a slip of the pen.
fn is_harmless_in_credential(key: &str) -> bool {
    const HARMLESS: &[&str] =
        &["id", "type", "userLabel", "createdDate", "priority", "temporary", "credentialData", "algorithm", "hashIterations"];
    HARMLESS.contains(&key)
}

/// Whether a place lies in a value that is nobody's business, at any usual depth.
pub(crate) fn holds_secret(place: &Place) -> bool {
    lies_in_secret(&place.0)
}

fn lies_in_secret(steps: &[Step]) -> bool {
    const DEEPEST: usize = 8; // a file can nest without end, and this is asked of every token
    let mut in_credential = false;
    steps.iter().skip(steps.len().saturating_sub(DEEPEST)).any(|step| {
        let Step::Key(key) = step else { return false };
        let secret = is_secret(key) || in_credential && !is_harmless_in_credential(key);
        in_credential |= key == "credentials";
        secret
    })
}

/// What of `text` is not to be shown, in order.
fn secrets_of(text: &str) -> Vec<Range<usize>> {
    let mut secrets: Vec<Range<usize>> = Vec::new();
    // Of each value above: whether it is secret, and whether it lies in credentials.
    let mut above: Vec<(bool, bool)> = vec![(false, false)];
    walk(text, &mut |token, range, place| {
        let Some((last, _)) = place.0.split_last() else { return };
        above.resize(place.0.len(), (false, false));
        let (in_secret, in_credential) = above.last().copied().unwrap_or_default();
        if in_secret && token == Token::Open {
            above.push((true, in_credential));
            return;
        }
        let own = match last {
            Step::Key(key) if !in_secret && token != Token::Key => {
                let secret = is_secret(key) || in_credential && !is_harmless_in_credential(key);
                (secret, in_credential || key == "credentials")
            }
            Step::Key(_) | Step::Index(_) => (in_secret, in_credential),
        };
        above.push(own);
        let hidden = match token {
            Token::Open => false,
            Token::Key => in_secret,
            Token::Scalar => own.0,
        };
        if !hidden {
            return;
        }
        let end = end_of_secret(text, &range);
        match secrets.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(end),
            _ => secrets.push(range.start..end),
        }
    });
    secrets
}

/// A text that its line breaks off goes on to the next quote: a PEM key, pasted as it is.
fn end_of_secret(text: &str, range: &Range<usize>) -> usize {
    let end = range.end.min(text.len());
    let token = text.get(range.start..end).unwrap_or_default();
    let is_whole = !token.starts_with('"') || token.len() > 1 && token.ends_with('"');
    if is_whole {
        return end;
    }
    memchr::memchr(b'"', text.as_bytes().get(end..).unwrap_or_default()).map_or(text.len(), |at| end + at + 1)
}

impl<'t> Located<'t> {
    /// Prepares `text` of the file called `name` for being shown.
    pub(crate) fn new(name: &'t str, text: &'t str) -> Self {
        Self { name, text, secrets: secrets_of(text), lines: Lines::of(text) }
    }

    /// The same for a text that is no JSON from byte `at` on: what stands behind it cannot be told apart, so none of it is shown.
    pub(crate) fn broken_at(name: &'t str, text: &'t str, at: usize) -> Self {
        let mut located = Self::new(name, text);
        let rest = at.min(text.len())..text.len();
        located.secrets.retain(|secret| secret.start < rest.start);
        match located.secrets.last_mut() {
            Some(last) if last.end > rest.start => last.end = rest.end,
            _ => located.secrets.push(rest),
        }
        located
    }

    /// The diagnostic for bytes `range` of the file.
    pub(crate) fn diagnostic(&self, severity: Severity, range: Range<usize>, message: String) -> Diagnostic {
        let start = range.start.min(self.text.len());
        let (number, line) = self.lines.line_at(start, self.text.len());
        let column = self.lines.characters(self.text, start) - self.lines.characters(self.text, line.start) + 1;
        let (excerpt, mark_start, mark_length) = self.excerpt(&line, range);
        Diagnostic {
            rule: "syntax",
            severity,
            file: self.name.to_owned(),
            line: number,
            column,
            message,
            help: None,
            excerpt,
            mark_start,
            mark_length,
        }
    }

    /// The line with its secrets masked, cut to a window around the mark; and the mark in it, in characters.
    fn excerpt(&self, line: &Range<usize>, mark: Range<usize>) -> (String, usize, usize) {
        let near = self.near(line, mark.start);
        let mut shown: Vec<char> = Vec::new();
        let (mut first, mut last) = (None, None);
        let mut masked_until = 0;
        for (offset, char) in self.text.get(near.clone()).unwrap_or_default().char_indices() {
            let at = near.start + offset;
            if at < masked_until {
                continue;
            }
            let secret = self.secret_at(at);
            if first.is_none() && (at >= mark.start || secret.is_some_and(|secret| secret.end > mark.start)) {
                first = Some(shown.len());
            }
            if let Some(secret) = secret {
                masked_until = secret.end;
                shown.extend("***".chars());
            } else {
                shown.push(if char.is_control() { ' ' } else { char });
            }
            if at < mark.end {
                last = Some(shown.len() - 1);
            }
        }
        let first = first.unwrap_or(shown.len());
        let length = last.map_or(1, |last| (last + 1).saturating_sub(first)).max(1);
        window(&shown, (near.start > line.start, near.end < line.end), (first, length))
    }

    /// The part of a line that can be shown at all: enough characters on both sides of `at`.
    fn near(&self, line: &Range<usize>, at: usize) -> Range<usize> {
        const BYTES: usize = 4 * SHOWN;
        let mut start = at.saturating_sub(BYTES).max(line.start);
        let mut end = at.saturating_add(BYTES).min(line.end);
        while !self.text.is_char_boundary(start) {
            start -= 1;
        }
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        start..end.max(start)
    }

    fn secret_at(&self, at: usize) -> Option<&Range<usize>> {
        let index = self.secrets.partition_point(|secret| secret.end <= at);
        self.secrets.get(index).filter(|secret| secret.contains(&at))
    }
}

/// A part of `line` around the mark, with `…` where something is left out (`cut` tells what was before).
fn window(line: &[char], cut: (bool, bool), (first, length): (usize, usize)) -> (String, usize, usize) {
    let length = length.min(SHOWN / 2);
    let from = (first + length / 2).saturating_sub(SHOWN / 2).min(line.len().saturating_sub(SHOWN));
    let to = (from + SHOWN).min(line.len());
    let (before, after) = (cut.0 || from > 0, cut.1 || to < line.len());
    let mut text = String::new();
    if before {
        text.push('…');
    }
    text.extend(line.get(from..to).unwrap_or_default());
    if after {
        text.push('…');
    }
    text.truncate(text.trim_end().len());
    (text, first - from + usize::from(before), length)
}

/// The place of the value that serde_json stopped at, having read the byte at `at`; between two values, the next.
pub(crate) fn place_at(text: &str, at: usize) -> Option<(Place, Range<usize>)> {
    let between = text.as_bytes().get(at).is_some_and(|byte| byte.is_ascii_whitespace() || matches!(byte, b':' | b','));
    let mut found: Option<Range<usize>> = None;
    walk(text, &mut |_, range, _| {
        let next = between && found.as_ref().is_none_or(|found| found.start < at);
        if range.start <= at || next {
            found = Some(range);
        }
    });
    let found = found?;
    let mut place = None; // copied only once: a path can be as long as the text
    walk(text, &mut |_, range, path| {
        if range == found {
            place = Some(path.clone());
        }
    });
    Some((place?, found))
}

/// Places that are looked for, as a tree: what is not on the way to one of them is passed by without a look.
#[derive(Default)]
struct Sought<'p> {
    nodes: Vec<SoughtNode<'p>>,
}

#[derive(Default)]
struct SoughtNode<'p> {
    below: HashMap<&'p Step, usize>,
    key: Range<usize>,
    value: Range<usize>,
}

impl<'p> Sought<'p> {
    fn new(places: impl Iterator<Item = &'p Place>) -> Self {
        let mut sought = Self { nodes: vec![SoughtNode::default()] };
        for place in places {
            let mut at = 0;
            for step in &place.0 {
                let next = sought.nodes.len();
                let Some(node) = sought.nodes.get_mut(at) else { break };
                at = *node.below.entry(step).or_insert(next);
                if at == next {
                    sought.nodes.push(SoughtNode::default());
                }
            }
        }
        sought
    }

    /// Looks all of them up in `text`.
    fn find(&mut self, text: &str) {
        // The node of each value above, where it is on the way to a place.
        let mut above: Vec<Option<usize>> = Vec::new();
        walk(text, &mut |token, range, place| {
            let depth = place.0.len();
            let node = match place.0.last() {
                None => Some(0),
                Some(step) => {
                    let parent = above.get(depth - 1).copied().flatten();
                    parent.and_then(|at| self.nodes.get(at)?.below.get(step).copied())
                }
            };
            above.resize(depth, None);
            above.push(node);
            if let Some(node) = node.and_then(|at| self.nodes.get_mut(at)) {
                let known = if token == Token::Key { &mut node.key } else { &mut node.value };
                if known.start == known.end {
                    *known = range;
                }
            }
        });
    }

    /// Where the part of `place` stands that is there; the beginning of the text where none is.
    fn range_of(&self, place: &Place, mark: Mark) -> Range<usize> {
        let (mut at, mut best) = (0, 0..1);
        for step in std::iter::once(None).chain(place.0.iter().map(Some)) {
            if let Some(step) = step {
                match self.nodes.get(at).and_then(|node| node.below.get(step)) {
                    Some(next) => at = *next,
                    None => break,
                }
            }
            if let Some(node) = self.nodes.get(at) {
                let range = if mark == Mark::Key { &node.key } else { &node.value };
                if range.start < range.end {
                    best = range.clone();
                }
            }
        }
        best
    }
}

/// Diagnostics of the problems of one file.
pub(crate) fn locate(name: &str, original: &str, expanded: &Expanded<'_>, problems: &[&Problem]) -> Vec<Diagnostic> {
    let mut sought = Sought::new(problems.iter().map(|problem| &problem.place));
    sought.find(&expanded.text);
    let located = Located::new(name, original);
    problems
        .iter()
        .map(|problem| {
            let range = sought.range_of(&problem.place, problem.mark);
            let start = expanded.origin_of(range.start);
            let end = expanded.origin_of(range.end.saturating_sub(1)).max(start) + 1;
            let mut diagnostic = located.diagnostic(problem.severity, start..end, problem.message.clone());
            diagnostic.help.clone_from(&problem.help);
            diagnostic.rule = problem.rule;
            diagnostic
        })
        .collect()
}
