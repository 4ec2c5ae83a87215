//! What lint found, by place.

use std::collections::HashMap;

use super::rules::Rule;
use crate::Severity;
use crate::file::{Mark, Place, Problem, did_you_mean};

/// The way to a value, made without a copy while the file is walked.
#[derive(Clone, Copy)]
pub(crate) enum At<'a> {
    /// The beginning.
    Root(&'a Place),
    /// A member of an object.
    Key(&'a At<'a>, &'a str),
    /// An element of a list.
    Index(&'a At<'a>, usize),
}

impl<'a> At<'a> {
    pub(crate) fn key(&'a self, key: &'a str) -> At<'a> {
        At::Key(self, key)
    }

    pub(crate) fn index(&'a self, index: usize) -> At<'a> {
        At::Index(self, index)
    }

    pub(crate) fn place(&self) -> Place {
        match self {
            At::Root(place) => (*place).clone(),
            At::Key(above, key) => above.place().then(*key),
            At::Index(above, index) => above.place().then(*index),
        }
    }
}

/// So many findings of one rule tell all there is to tell; the rest is counted.
const MOST_OF_A_RULE: usize = 50;

/// All that is found in the files of a realm.
#[derive(Default)]
pub(crate) struct Findings {
    /// The file that is being looked at.
    pub(crate) file: usize,
    pub(crate) found: Vec<Problem>,
    counts: HashMap<&'static str, usize>,
}

/// One finding, to be completed.
pub(crate) struct Finding<'f> {
    findings: &'f mut Findings,
    problem: Problem,
}

impl Findings {
    /// Nothing found so far in file number `file`.
    pub(crate) fn of_file(file: usize) -> Self {
        Self { file, ..Self::default() }
    }

    /// Reports what `rule` found in the value at `at`; nothing where there is enough of it.
    pub(crate) fn report(&mut self, rule: &Rule, at: &At<'_>, message: impl FnOnce() -> String) -> Option<Finding<'_>> {
        let count = self.counts.entry(rule.id).or_default();
        *count += 1;
        if *count > MOST_OF_A_RULE {
            return None;
        }
        let problem = Problem {
            rule: rule.id,
            severity: rule.severity,
            file: self.file,
            place: at.place(),
            mark: Mark::Value,
            message: message(),
            help: None,
        };
        Some(Finding { findings: self, problem })
    }

    /// How much more there is of each rule than is shown.
    pub(crate) fn left_out(&self) -> Vec<(&'static str, usize)> {
        let mut more: Vec<_> =
            self.counts.iter().filter_map(|(rule, count)| Some((*rule, count.checked_sub(MOST_OF_A_RULE)?))).collect();
        more.retain(|(_, count)| *count > 0);
        more.sort_unstable();
        more
    }
}

impl Drop for Finding<'_> {
    fn drop(&mut self) {
        let empty = Problem { place: Place::default(), message: String::new(), help: None, ..self.problem };
        self.findings.found.push(std::mem::replace(&mut self.problem, empty));
    }
}

/// What can be said in addition.
pub(crate) trait Complete: Sized {
    /// The finding, changed.
    fn with(self, change: impl FnOnce(&mut Problem)) -> Self;

    /// What to do about it.
    fn help(self, help: impl Into<String>) -> Self {
        self.with(|problem| problem.help = Some(help.into()))
    }

    /// The nearest of `words`, where one is near.
    fn nearest<'w>(self, word: &str, words: impl IntoIterator<Item = &'w str>) -> Self {
        self.with(|problem| problem.help = did_you_mean(word, words))
    }

    /// It keeps the realm from being served, or from being imported into Keycloak.
    fn error(self) -> Self {
        self.with(|problem| problem.severity = Severity::Error)
    }

    /// It can be lived with.
    fn warning(self) -> Self {
        self.with(|problem| problem.severity = Severity::Warning)
    }

    /// The name of the member is meant, not its value.
    fn on_the_name(self) -> Self {
        self.with(|problem| problem.mark = Mark::Key)
    }
}

impl Complete for Option<Finding<'_>> {
    fn with(mut self, change: impl FnOnce(&mut Problem)) -> Self {
        if let Some(finding) = &mut self {
            change(&mut finding.problem);
        }
        self
    }
}
