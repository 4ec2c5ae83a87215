//! What is said at the fields of forms.

use std::fmt::Write as _;

use message_texts::write_escaped;

use crate::{FieldFault, View};

impl View<'_> {
    /// The attributes of a field that is faulty; nothing of one that is not.
    pub(crate) fn invalid(&self, faults: &[FieldFault], field: &str) -> String {
        if faults.iter().all(|fault| fault.field != field) {
            return String::new();
        }
        let mut out = String::from(" aria-invalid=\"true\" aria-describedby=\"input-error-");
        let _ = write_escaped(&mut out, field);
        out.push('"');
        out
    }

    /// What is wrong with a field, as HTML: all its faults, in their order.
    pub(crate) fn fault(&self, faults: &[FieldFault], field: &str) -> String {
        let mut of_field = faults.iter().filter(|fault| fault.field == field).peekable();
        if of_field.peek().is_none() {
            return String::new();
        }
        let mut out = String::from("<span id=\"input-error-");
        let _ = write_escaped(&mut out, field);
        out.push_str("\" class=\"fault\" aria-live=\"polite\">");
        for (at, fault) in of_field.enumerate() {
            out.push_str(if at == 0 { "" } else { "<br> " });
            let _ = write_escaped(&mut out, &self.m(&fault.message));
        }
        out.push_str("</span>");
        out
    }

    /// One sentence above a form with faults, which screen readers tell at once.
    pub(crate) fn summary(&self, faults: &[FieldFault]) -> String {
        if faults.is_empty() || self.banner().is_some_and(|banner| banner.severity == crate::Severity::Error) {
            return String::new();
        }
        let mut out = String::from("<p class=\"summary\" role=\"alert\">");
        let _ = write_escaped(&mut out, &self.t("latchkey.faults"));
        let _ = write!(out, "</p>");
        out
    }

    /// ` autofocus` for the field that has the first fault, or for `first` where there is none.
    pub(crate) fn focus(&self, faults: &[FieldFault], field: &str, first: &str) -> &'static str {
        let focused = faults.first().map_or(first, |fault| &fault.field);
        if focused == field { " autofocus" } else { "" }
    }
}
