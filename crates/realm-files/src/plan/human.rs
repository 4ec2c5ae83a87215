//! A plan for people at a terminal.

use std::fmt::Write as _;

use serde_json::Value;

use super::{Action, Change, MemberChange, Plan};

/// Whether colours are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// ANSI colours, for a terminal.
    Ansi,
    /// Plain text.
    Off,
}

/// More characters of one value are not shown.
const SHOWN: usize = 100;

/// All plans as one text that ends with a summary.
pub fn human(plans: &[Plan], colour: Colour) -> String {
    let mut text = String::new();
    let mut writer = Writer { text: &mut text, colour };
    for plan in plans {
        writer.plan(plan);
    }
    writer.summary(plans);
    text
}

struct Writer<'t> {
    text: &'t mut String,
    colour: Colour,
}

impl Writer<'_> {
    fn plan(&mut self, plan: &Plan) {
        let quiet = !plan.has_changes() && plan.drift.is_empty() && plan.notes.is_empty() && plan.refusals.is_empty();
        if quiet {
            return;
        }
        let what = match &plan.action {
            Action::Keep | Action::Update => String::new(),
            Action::Create => " is made".to_owned(),
            Action::Rename(before) => format!(" (it was called \"{before}\")"),
            Action::Delete => " is deleted".to_owned(),
        };
        let source = if plan.source.is_empty() { String::new() } else { format!(" ({})", plan.source) };
        let _ = writeln!(self.text, "realm \"{}\"{what}{source}", plan.realm);
        for change in &plan.changes {
            self.change(change);
            // All of a new realm is new: what is in it says enough.
            if plan.action != Action::Create {
                self.members(change);
            }
        }
        if !plan.drift.is_empty() {
            let _ = writeln!(self.text, "  changed at run time (stays; the file says otherwise or nothing):");
            for change in &plan.drift {
                self.drift(change);
            }
        }
        for note in &plan.notes {
            let _ = writeln!(self.text, "  note: {note}");
        }
        for refusal in &plan.refusals {
            let line = self.painted("31", &format!("  refused: {refusal}"));
            let _ = writeln!(self.text, "{line}");
        }
        self.text.push('\n');
    }

    fn change(&mut self, change: &Change) {
        let (sign, paint) = match change.action {
            Action::Create => ("+", "32"),
            Action::Delete => ("-", "31"),
            Action::Update | Action::Rename(_) | Action::Keep => ("~", "33"),
        };
        let renamed = match &change.action {
            Action::Rename(before) => format!(" (it was called \"{before}\")"),
            _ => String::new(),
        };
        let place = change.place.as_ref().map(|place| format!("   {place}")).unwrap_or_default();
        let line = self.painted(paint, &format!("  {sign} {}{renamed}", change.subject));
        let _ = writeln!(self.text, "{line}{place}");
    }

    fn members(&mut self, change: &Change) {
        for member in &change.members {
            let _ = writeln!(self.text, "      {}", member_line(member));
        }
    }

    fn drift(&mut self, change: &Change) {
        let place = change.place.as_ref().map(|place| format!("   {place}")).unwrap_or_default();
        let gone = if change.action == Action::Delete { " was deleted" } else { "" };
        let line = self.painted("36", &format!("    ! {}{gone}", change.subject));
        let _ = writeln!(self.text, "{line}{place}");
        for member in &change.members {
            let said = member.before.as_ref().map_or_else(|| "nothing".to_owned(), shown);
            let live = member.after.as_ref().map_or_else(|| "nothing".to_owned(), shown);
            let _ = writeln!(self.text, "        {}: the file says {said}, in force is {live}", member.name());
        }
    }

    fn summary(&mut self, plans: &[Plan]) {
        let mut counts = super::Counts::default();
        for plan in plans {
            let of = plan.counts();
            counts.create += of.create;
            counts.update += of.update;
            counts.delete += of.delete;
            counts.drift += of.drift;
        }
        let changed = plans.iter().filter(|plan| plan.has_changes()).count();
        let _ = match changed {
            0 => write!(self.text, "Nothing to change."),
            n => write!(
                self.text,
                "{n} {}: {} to create, {} to change, {} to delete.",
                if n == 1 { "realm" } else { "realms" },
                counts.create,
                counts.update,
                counts.delete
            ),
        };
        if counts.drift > 0 {
            let _ = write!(self.text, " {} changed at run time.", counts.drift);
        }
        self.text.push('\n');
    }

    fn painted(&self, paint: &str, line: &str) -> String {
        match self.colour {
            Colour::Ansi => format!("\u{1b}[{paint}m{line}\u{1b}[0m"),
            Colour::Off => line.to_owned(),
        }
    }
}

fn member_line(member: &MemberChange) -> String {
    let name = member.name();
    match (&member.before, &member.after) {
        (None, None) => name,
        (None, Some(after)) => format!("{name}: {}", shown(after)),
        (Some(before), None) => format!("{name}: {} → (gone)", shown(before)),
        (Some(before), Some(after)) if before == after => format!("{name}: changes"),
        (Some(before), Some(after)) => format!("{name}: {} → {}", shown(before), shown(after)),
    }
}

/// A value in one line, cut where it is long; control characters are escaped by JSON.
pub(super) fn shown(value: &Value) -> String {
    let text = realm_model::unquote_bare(&value.to_string()).into_owned();
    if text.chars().count() <= SHOWN {
        return text;
    }
    let mut cut: String = text.chars().take(SHOWN).collect();
    cut.push('…');
    cut
}
