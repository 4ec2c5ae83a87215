//! A plan for a pull request.

use std::fmt::Write as _;

use serde_json::Value;

use super::human::shown;
use super::json::word;
use super::{Action, Change, Plan};

/// All plans as Markdown: one heading and tables for each realm.
pub fn markdown(plans: &[Plan]) -> String {
    let mut text = String::new();
    let mut silent = 0;
    for plan in plans {
        if !plan.has_changes() && plan.drift.is_empty() && plan.notes.is_empty() && plan.refusals.is_empty() {
            silent += 1;
            continue;
        }
        realm(&mut text, plan);
    }
    if silent == plans.len() {
        text.push_str("Nothing to change.\n");
    }
    text
}

fn realm(text: &mut String, plan: &Plan) {
    let counts = plan.counts();
    let _ = writeln!(text, "### Realm `{}`: {}", plan.realm, word(&plan.action));
    let _ = writeln!(
        text,
        "\n{} to create, {} to change, {} to delete, {} changed at run time.\n",
        counts.create, counts.update, counts.delete, counts.drift
    );
    for refusal in &plan.refusals {
        let _ = writeln!(text, "> **Refused:** {}\n", escaped(&refusal.to_string()));
    }
    if plan.action == Action::Create {
        list(text, &plan.changes);
    } else {
        table(text, &plan.changes, ["Before", "After"]);
    }
    if !plan.drift.is_empty() {
        text.push_str("#### Changed at run time\n\n");
        table(text, &plan.drift, ["In the file", "In force"]);
    }
    for note in &plan.notes {
        let _ = writeln!(text, "- {}", escaped(note));
    }
    if !plan.notes.is_empty() {
        text.push('\n');
    }
}

/// All of a new realm is new: what is in it says enough.
fn list(text: &mut String, changes: &[Change]) {
    text.push_str("<details><summary>What is in it</summary>\n\n");
    for change in changes {
        let place = change.place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
        let _ = writeln!(text, "- {}{place}", escaped(&change.subject.to_string()));
    }
    text.push_str("\n</details>\n\n");
}

fn table(text: &mut String, changes: &[Change], heads: [&str; 2]) {
    if changes.is_empty() {
        return;
    }
    let _ = writeln!(text, "| | What | Member | {} | {} | File |\n|---|---|---|---|---|---|", heads[0], heads[1]);
    for change in changes {
        let place = change.place.as_ref().map(ToString::to_string).unwrap_or_default();
        let head = format!("| {} | {} |", word(&change.action), escaped(&change.subject.to_string()));
        if change.members.is_empty() {
            let _ = writeln!(text, "{head} | | | {place} |");
        }
        for member in &change.members {
            let _ = writeln!(
                text,
                "{head} {} | {} | {} | {place} |",
                code(&member.name()),
                value(member.before.as_ref()),
                value(member.after.as_ref())
            );
        }
    }
    text.push('\n');
}

fn value(value: Option<&Value>) -> String {
    value.map(|value| code(&shown(value))).unwrap_or_default()
}

/// As code: a fence longer than any in the text.
fn code(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let pad = if longest > 0 { " " } else { "" };
    format!("{fence}{pad}{}{pad}{fence}", text.replace('|', "\\|"))
}

fn escaped(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}
