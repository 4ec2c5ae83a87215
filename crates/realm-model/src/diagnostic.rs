//! What is wrong with a realm file, for the person who wrote it.

use std::fmt;

/// Whether a realm can be served in spite of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The realm is served; what is reported has no effect or another one than meant.
    Warning,
    /// The realm is not served.
    Error,
}

/// One thing that is wrong with a file: where, what, and the nearest right word. It holds no secret: values of keys such as
/// `secret` are masked in the line it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// What was looked for: one of the ids of `lint::RULES`, stable from version to version.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The file, as it was named to the reader.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong and what was expected.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// The line itself, or the part of a long one around the position; empty where there is none to show.
    pub excerpt: String,
    /// Where in `excerpt` the marks begin, in characters.
    pub mark_start: usize,
    /// How many marks.
    pub mark_length: usize,
}

impl Diagnostic {
    /// About a file as a whole.
    pub fn of_file(severity: Severity, file: &str, message: impl Into<String>) -> Self {
        Self {
            rule: "file",
            severity,
            file: file.to_owned(),
            line: 1,
            column: 1,
            message: message.into(),
            help: None,
            excerpt: String::new(),
            mark_start: 0,
            mark_length: 0,
        }
    }

    /// The same, as what `rule` found.
    #[must_use]
    pub fn of_rule(self, rule: &'static str) -> Self {
        Self { rule, ..self }
    }

    /// Whether it keeps the realm from being served.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// Several lines: `file:line:col: error: …`, the line, the marks below it, the help.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(f, "{}:{}:{}: {severity}: {}", self.file, self.line, self.column, self.message)?;
        if !self.excerpt.is_empty() {
            let number = self.line.to_string();
            let blank = " ".repeat(number.len());
            write!(f, "\n{number} | {}", self.excerpt)?;
            write!(f, "\n{blank} | {}{}", " ".repeat(self.mark_start), "^".repeat(self.mark_length.max(1)))?;
        }
        if let Some(help) = &self.help {
            write!(f, "\n  = help: {help}")?;
        }
        Ok(())
    }
}

/// All of `diagnostics` as one text, a blank line between two: errors last, where a terminal shows them.
pub fn render(diagnostics: &[Diagnostic]) -> String {
    let mut sorted: Vec<_> = diagnostics.iter().collect();
    sorted.sort_by_key(|d| d.severity);
    sorted.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n\n")
}
