//! Diagnostics for machines: SARIF, annotations of GitHub Actions, JSON. For people there is [`render`](crate::render).

mod github;
mod sarif;

use serde_json::{Value, json};

use crate::{Diagnostic, Severity};

pub use self::github::github;
pub use self::sarif::sarif;

/// How the formats call a severity.
fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// A list of objects with `rule`, `severity`, `file`, `line`, `column`, `message`, `help` and `excerpt`, in the order given.
pub fn json(diagnostics: &[Diagnostic]) -> Value {
    let one = |diagnostic: &Diagnostic| {
        json!({
            "rule": diagnostic.rule,
            "severity": word(diagnostic.severity),
            "file": diagnostic.file,
            "line": diagnostic.line,
            "column": diagnostic.column,
            "message": diagnostic.message,
            "help": diagnostic.help,
            "excerpt": diagnostic.excerpt,
        })
    };
    Value::Array(diagnostics.iter().map(one).collect())
}

#[cfg(test)]
mod tests;
