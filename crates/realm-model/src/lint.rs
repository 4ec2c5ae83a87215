//! What is wrong with realm files, found without a server and without a store.
//!
//! Beyond what keeps a realm from being served (that is asked of [`file::read_with`](crate::file::read_with), as a start
//! does) it looks at every name that refers to something, at what is there twice, at what an attacker would like, and at what
//! Keycloak would refuse or ignore. Each finding has the id of one of the [`RULES`].

mod cycles;
mod duplicates;
mod finding;
mod keycloak;
mod providers;
mod references;
mod rules;
mod security;
mod shapes;
mod view;

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use self::finding::{At, Findings};
pub use self::rules::{RULES, Rule};
use self::view::{UsersPart, View, objects, text};
use crate::file::shape::{REALM, USERS_FILE};
use crate::file::{FileKind, Place, SourceFile, Text, kind_of, read_with};
use crate::{Diagnostic, Placeholders, Severity};

/// Everything that is wrong with `files`, file by file in the order of their positions; errors are what keeps this server
/// from starting or Keycloak from importing the file. Where a rule finds the same again and again, the first of it are shown
/// and the rest is counted.
pub fn lint(files: &[SourceFile], placeholders: &dyn Placeholders) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    let mut read: Vec<Option<Content<'_>>> = files.iter().map(|file| content(file, placeholders, &mut told)).collect();
    let mut users_of: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, file) in files.iter().enumerate() {
        if let FileKind::Users { realm } = kind_of(&file.name) {
            users_of.entry(realm).or_default().push(index);
        }
    }
    for (index, file) in files.iter().enumerate() {
        if kind_of(&file.name) != FileKind::Realm {
            continue;
        }
        let realms: Vec<(Place, &Value)> = match read.get(index).and_then(Option::as_ref).map(|content| &content.value) {
            None => Vec::new(),
            Some(Value::Array(realms)) => {
                realms.iter().enumerate().map(|(at, realm)| (Place::default().then(at), realm)).collect()
            }
            Some(realm) => vec![(Place::default(), realm)],
        };
        for (place, realm) in realms {
            let Some(realm) = realm.as_object() else { continue };
            let parts = users_of.get(text(realm, "realm").unwrap_or_default()).into_iter().flatten();
            let parts = parts.filter_map(|part| {
                let owner = read.get(*part)?.as_ref()?.value.as_object()?;
                Some(UsersPart { file: *part, place: Place::default(), owner })
            });
            let view = View::new(realm, place, index, parts.collect());
            let findings = of_realm(&view);
            let concerned: HashSet<usize> = findings.found.iter().map(|problem| problem.file).collect();
            let mut concerned: Vec<usize> = concerned.into_iter().collect();
            concerned.sort_unstable();
            for number in concerned {
                if let Some(content) = read.get(number).and_then(Option::as_ref) {
                    told.extend(content.text.locate(number, &findings.found));
                }
            }
            told.extend(findings.left_out().into_iter().map(|(rule, count)| {
                let message = format!("{count} more findings of rule {rule} are not shown");
                Diagnostic::of_file(Severity::Warning, &file.name, message).of_rule(rule)
            }));
        }
    }
    read.clear();
    with_those_of_a_start(told, files, placeholders)
}

/// A file that is JSON.
struct Content<'f> {
    text: Text<'f>,
    value: Value,
}

fn content<'f>(file: &'f SourceFile, placeholders: &dyn Placeholders, told: &mut Vec<Diagnostic>) -> Option<Content<'f>> {
    let kind = kind_of(&file.name);
    if kind == FileKind::FederatedUsers {
        return None;
    }
    let text = Text::new(file, placeholders).map_err(|wrong| told.push(*wrong)).ok()?;
    told.extend(text.missing(if kind == FileKind::Realm { &REALM } else { &USERS_FILE }));
    let value = text.parse::<Value>().map_err(|wrong| told.push(*wrong)).ok()?;
    Some(Content { text, value })
}

fn of_realm(view: &View<'_>) -> Findings {
    let mut findings = Findings::of_file(view.file);
    shapes::check(view.realm, &REALM, &view.at(), &mut findings);
    duplicates::check(view, &mut findings);
    references::check(view, &mut findings);
    cycles::check(view, &mut findings);
    security::check(view, &mut findings);
    keycloak::check(view, &mut findings);
    users(view, &mut findings);
    findings
}

fn users(view: &View<'_>, findings: &mut Findings) {
    let actions = references::actions(view);
    let mut taken = duplicates::Taken::default();
    for part in &view.parts {
        findings.file = part.file;
        let root = At::Root(&part.place);
        if !std::ptr::eq(part.owner, view.realm) {
            shapes::check(part.owner, &USERS_FILE, &root, findings);
        }
        let list = root.key("users");
        for (index, user) in objects(part.owner, "users") {
            let here = list.index(index);
            taken.check(view, user, &here, findings);
            references::of_user(view, user, &here, &actions, findings);
            security::of_user(user, &here, findings);
            keycloak::of_user(user, &here, findings);
        }
    }
    findings.file = view.file;
}

/// What a start says in addition, in the order of files and positions.
fn with_those_of_a_start(mut told: Vec<Diagnostic>, files: &[SourceFile], placeholders: &dyn Placeholders) -> Vec<Diagnostic> {
    let position = |one: &Diagnostic| (one.file.clone(), one.line, one.column);
    let known: HashSet<_> = told.iter().map(position).collect();
    let at_start = read_with(files, placeholders).diagnostics.into_iter();
    told.extend(at_start.filter(|one| !known.contains(&position(one))));
    let order: HashMap<&str, usize> = files.iter().enumerate().map(|(index, file)| (file.name.as_str(), index)).collect();
    told.sort_by_key(|one| (order.get(one.file.as_str()).copied(), one.line, one.column));
    told.dedup_by(|one, other| one == other);
    told
}

#[cfg(test)]
mod tests;
