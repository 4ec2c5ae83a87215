//! What is wrong with a file, by place; positions are looked up later, once per file.

use super::place::Place;
use crate::diagnostic::Severity;

/// Which part of the place is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// The name of the member.
    Key,
    /// The value.
    Value,
}

/// One thing that is wrong.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) rule: &'static str,
    pub(crate) severity: Severity,
    pub(crate) file: usize,
    pub(crate) place: Place,
    pub(crate) mark: Mark,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

/// All that is wrong, in the order it was found.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    /// The file that is being read: what is reported belongs to it.
    pub(crate) file: usize,
    pub(crate) found: Vec<Problem>,
}

/// The rule of what is found on the way to a realm.
pub(crate) const UNNAMED: &str = "realm";

/// More than this says nothing new about one run.
const MOST: usize = 1000;

impl Problems {
    /// Reports what keeps the realm from being served.
    pub(crate) fn error(&mut self, place: Place, message: impl Into<String>, help: Option<String>) {
        self.of_value(Severity::Error, place, message.into(), help);
    }

    /// Reports what the server can live with.
    pub(crate) fn warning(&mut self, place: Place, message: impl Into<String>, help: Option<String>) {
        self.of_value(Severity::Warning, place, message.into(), help);
    }

    /// Reports a field nobody knows.
    pub(crate) fn unknown_field(&mut self, place: Place, message: String, help: Option<String>) {
        let (severity, mark, rule) = (Severity::Warning, Mark::Key, "unknown-field");
        self.report(Problem { rule, severity, file: self.file, place, mark, message, help });
    }

    /// Whether there is no room for more: saves the work of finding words for it.
    pub(crate) fn is_full(&self) -> bool {
        self.found.len() >= MOST
    }

    fn of_value(&mut self, severity: Severity, place: Place, message: String, help: Option<String>) {
        self.report(Problem { rule: UNNAMED, severity, file: self.file, place, mark: Mark::Value, message, help });
    }

    fn report(&mut self, problem: Problem) {
        let is_error = problem.severity == Severity::Error;
        if self.found.len() < MOST || is_error && !self.found.iter().any(|p| p.severity == Severity::Error) {
            self.found.push(problem);
        }
    }
}

/// `did you mean "…"?`, where one of `words` is near `word`.
pub fn did_you_mean<'a>(word: &str, words: impl IntoIterator<Item = &'a str>) -> Option<String> {
    if word.len() > 100 {
        return None;
    }
    let lower = word.to_lowercase();
    let near = |candidate: &&str| strsim::damerau_levenshtein(&lower, &candidate.to_lowercase());
    let best = words.into_iter().filter(|w| w.len().abs_diff(word.len()) <= 4).min_by_key(near)?;
    let allowed = 1 + word.chars().count() / 4;
    (near(&best) <= allowed).then(|| format!("did you mean \"{best}\"?"))
}
