//! Regular expressions of Java, as far as they can be tried in linear time.

use regex_lite::Regex;

/// A pattern that a whole text must match.
#[derive(Debug)]
pub struct Pattern {
    whole: Regex,
    /// `(?=…)` and `(?!…)` at the beginning: what follows must, or must not, begin so.
    ahead: Vec<(Regex, Ahead)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ahead {
    Must,
    MustNot,
}

impl Pattern {
    /// `None`: what cannot be tried here.
    pub fn of(text: &str) -> Option<Self> {
        let mut rest = text.strip_prefix('^').unwrap_or(text);
        let mut ahead = Vec::new();
        loop {
            let (kind, within) = match (rest.strip_prefix("(?="), rest.strip_prefix("(?!")) {
                (Some(within), _) => (Ahead::Must, within),
                (_, Some(within)) => (Ahead::MustNot, within),
                _ => break,
            };
            let (group, after) = group(within)?;
            ahead.push((Regex::new(&format!("^(?:{group})")).ok()?, kind));
            rest = after;
        }
        Some(Self { whole: Regex::new(&format!("^(?:{rest})$")).ok()?, ahead })
    }

    /// Whether all of `text` matches.
    pub fn matches(&self, text: &str) -> bool {
        let ahead = self.ahead.iter().all(|(regex, kind)| regex.is_match(text) == (*kind == Ahead::Must));
        ahead && self.whole.is_match(text)
    }
}

/// Parts `text` at the parenthesis that closes the group it begins in.
fn group(text: &str) -> Option<(&str, &str)> {
    let (mut depth, mut in_class, mut escaped) = (0_u32, false, false);
    for (at, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class => depth = depth.saturating_add(1),
            ')' if !in_class && depth == 0 => return Some((text.get(..at)?, text.get(at.saturating_add(1)..)?)),
            ')' if !in_class => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_texts_match_and_lookaheads_at_the_beginning_are_tried() {
        for (pattern, text, expected) in [
            ("[0-9]+", "123", true),
            ("[0-9]+", "abc1", false),
            ("^a+$", "aaa", true),
            ("a", "bab", false),
            ("a|b", "b", true),
            (r"^(?=.*[a-z])(?=.*\d)(?=.*[)(\]])(?!.*x).{4,}$", "ab1)", true),
            (r"^(?=.*[a-z])(?=.*\d)(?!.*x).{4,}$", "ab1x", false),
            (r"^(?=.*[a-z])(?=.*\d).{4,}$", "abcd", false),
        ] {
            assert_eq!(Pattern::of(pattern).unwrap().matches(text), expected, "{pattern} {text}");
        }
        assert!(Pattern::of("(").is_none());
        assert!(Pattern::of("(?=x").is_none());
    }
}
