//! Annotations: lines that GitHub Actions shows beside the code of a pull request.

use super::word;
use crate::Diagnostic;

/// One `::error file=…,line=…,col=…,title=…::message` per diagnostic, each on its own line.
pub fn github(diagnostics: &[Diagnostic]) -> String {
    let mut text = String::new();
    for diagnostic in diagnostics {
        let help = diagnostic.help.as_deref().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
        text.push_str(&format!(
            "::{} file={},line={},col={},title={}::{}\n",
            word(diagnostic.severity),
            property(&diagnostic.file),
            diagnostic.line,
            diagnostic.column,
            property(diagnostic.rule),
            data(&format!("{}{help}", diagnostic.message)),
        ));
    }
    text
}

/// The text behind `::`: percent signs and line ends are escaped.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property: colons and commas, too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
