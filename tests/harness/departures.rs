//! The rows of docs/compatibility.md that excuse a recording: departures that were decided, and what waits for later work.

use std::collections::HashSet;

use super::replayer::{StepDifference, is_listed};
use super::repository;

/// One excuse.
#[derive(Debug)]
pub struct Row {
    /// `topic/file`.
    pub recording: String,
    /// The step it is about; empty: the whole recording.
    step: String,
    /// The fields that may differ, each with all below it; empty: all.
    fields: Vec<String>,
}

impl Row {
    fn covers(&self, recording: &str, difference: &StepDifference) -> bool {
        self.recording == recording
            && (self.step.is_empty() || self.step == difference.step)
            && (self.fields.is_empty() || is_listed(&difference.field.path, &self.fields))
    }
}

/// All rows, and which of them excused something.
#[derive(Debug)]
pub struct Departures {
    rows: Vec<Row>,
    used: HashSet<usize>,
}

impl Departures {
    /// Those of docs/compatibility.md whose recording is of `topic`.
    pub fn of_topic(topic: &str) -> Self {
        let text = std::fs::read_to_string(repository("docs/compatibility.md")).unwrap();
        let mut rows = read(&text).unwrap_or_else(|error| panic!("docs/compatibility.md: {error}"));
        rows.retain(|row| row.recording.split('/').next() == Some(topic));
        Self::new(rows)
    }

    pub fn new(rows: Vec<Row>) -> Self {
        Self { rows, used: HashSet::new() }
    }

    /// Whether a row covers that difference; the row counts as used.
    pub fn excuse(&mut self, recording: &str, difference: &StepDifference) -> bool {
        let found = self.rows.iter().position(|row| row.covers(recording, difference));
        self.used.extend(found);
        found.is_some()
    }

    /// Rows that excused nothing: what they say is no longer so.
    pub fn stale(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().enumerate().filter(|(at, _)| !self.used.contains(at)).map(|(_, row)| row)
    }
}

/// Reads the tables "Departures" (recording, step, fields, Keycloak, Latchkey, reason) and "Waiting" (recording, what brings it).
pub fn read(text: &str) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    let mut section = "";
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            section = title.trim();
        }
        let Some(cells) = line.strip_prefix('|').and_then(|line| line.trim_end().strip_suffix('|')) else { continue };
        let cells: Vec<_> = cells.split('|').map(|cell| cell.trim().trim_matches('`')).collect();
        if !cells[0].contains('/') || cells[0].starts_with('/') {
            continue;
        }
        let reasoned = cells.last().is_some_and(|reason| reason.len() > 10);
        match (section, &cells[..]) {
            (_, [recording, ..]) if ["Departures", "Waiting"].contains(&section) && !reasoned => {
                return Err(format!("{recording} has no reason"));
            }
            ("Departures", [recording, step, fields, _, _, _]) => {
                let fields = fields.split(',').map(|field| field.trim().trim_matches('`').to_owned()).collect();
                rows.push(Row { recording: (*recording).to_owned(), step: (*step).to_owned(), fields });
            }
            ("Waiting", [recording, _]) => {
                rows.push(Row { recording: (*recording).to_owned(), step: String::new(), fields: Vec::new() });
            }
            ("Departures" | "Waiting", [recording, ..]) => return Err(format!("{recording}: wrong number of cells")),
            _ => {}
        }
    }
    Ok(rows)
}
