//! What is wrong with realm files, found without a server and without a store.
//!
//! Beyond what keeps a realm from being served (that is asked of [`file::check`](crate::file::check), as a start
//! does) it looks at every name that refers to something, at what is there twice, at what an attacker would like, and at what
//! Keycloak would refuse or ignore. Each finding has the id of one of the [`RULES`].

mod cycles;
mod duplicates;
mod finding;
mod keycloak;
pub(crate) mod providers;
mod references;
mod repeated;
mod rules;
mod security;
mod shapes;
mod view;

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use self::finding::{At, Findings};
pub use self::providers::{CLIENT_POLICY_CONDITIONS, CLIENT_POLICY_EXECUTORS, COMPONENTS, REQUIRED_ACTIONS};
use self::repeated::Noted;
pub use self::rules::{RULES, Rule};
use self::view::{Object, UsersPart, View, objects, text};
use crate::file::shape::{REALM, USERS_FILE};
use crate::file::{FileKind, Place, SourceFile, Text, check, kind_of};
use crate::{Diagnostic, Placeholders, Severity, quote_bare};

/// Everything that is wrong with `files`, file by file in the order of their positions; errors are what keeps this server
/// from starting or Keycloak from importing the file. Where a rule finds the same again and again, the first of it are shown
/// and the rest is counted.
pub fn lint(files: &[SourceFile], placeholders: &dyn Placeholders) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    let read: Vec<Option<Content<'_>>> = files.iter().map(|file| content(file, placeholders, &mut told)).collect();
    let mut users_of: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, file) in files.iter().enumerate() {
        if let FileKind::Users { realm } = kind_of(&file.name) {
            users_of.entry(realm).or_default().push(index);
        }
    }
    for (index, file) in files.iter().enumerate().filter(|(_, file)| kind_of(&file.name) == FileKind::Realm) {
        let Some(content) = read.get(index).and_then(Option::as_ref) else { continue };
        for (place, realm, literal) in realms(content) {
            let parts = users_of.get(text(realm, "realm").unwrap_or_default()).map(Vec::as_slice).unwrap_or_default();
            let view = View::new(realm, place.clone(), index, users_parts(&read, parts, |content| &content.value));
            let literal = View::new(literal, place, index, users_parts(&read, parts, |content| content.literal()));
            let findings = of_realm(&view, &literal);
            told.extend(located(&findings, &read));
            told.extend(findings.left_out().into_iter().map(|(rule, count)| {
                let message = format!("{count} more findings of rule {rule} {NOT_SHOWN}");
                Diagnostic::of_file(Severity::Warning, &file.name, message).of_rule(rule)
            }));
        }
    }
    drop(read);
    with_those_of_a_start(told, files, placeholders)
}

/// How it ends that something was cut short.
const NOT_SHOWN: &str = "are not shown";

/// A file that is JSON.
struct Content<'f> {
    text: Text<'f>,
    value: Value,
    /// The same with its placeholders as they were written, where there are any.
    literal: Option<Value>,
}

impl Content<'_> {
    fn literal(&self) -> &Value {
        self.literal.as_ref().unwrap_or(&self.value)
    }
}

fn content<'f>(file: &'f SourceFile, placeholders: &dyn Placeholders, told: &mut Vec<Diagnostic>) -> Option<Content<'f>> {
    let kind = kind_of(&file.name);
    if matches!(kind, FileKind::FederatedUsers | FileKind::Schema) {
        return None;
    }
    let text = Text::new(file, placeholders).map_err(|wrong| told.push(*wrong)).ok()?;
    told.extend(text.missing(if kind == FileKind::Realm { &REALM } else { &USERS_FILE }));
    let Noted { value, has_repeated } = text.parse::<Noted>().map_err(|wrong| told.push(*wrong)).ok()?;
    if has_repeated {
        told.extend(repeated::find(&text));
    }
    let literal = text.has_values().then(|| serde_json::from_str(&quote_bare(text.original())).ok()).flatten();
    Some(Content { text, value, literal })
}

/// The realms of a file, with their places: with values, and as they were written.
fn realms<'v>(content: &'v Content<'_>) -> Vec<(Place, &'v Object, &'v Object)> {
    match (&content.value, content.literal()) {
        (Value::Array(realms), Value::Array(literal)) => {
            let pairs = realms.iter().zip(literal).enumerate();
            pairs.filter_map(|(at, (one, same))| Some((Place::default().then(at), one.as_object()?, same.as_object()?))).collect()
        }
        (Value::Object(realm), Value::Object(literal)) => vec![(Place::default(), realm, literal)],
        _ => Vec::new(),
    }
}

fn users_parts<'v>(
    read: &'v [Option<Content<'_>>],
    parts: &[usize],
    value: impl Fn(&'v Content<'_>) -> &'v Value,
) -> Vec<UsersPart<'v>> {
    let part = |file: &usize| {
        let owner = value(read.get(*file)?.as_ref()?).as_object()?;
        Some(UsersPart { file: *file, place: Place::default(), owner })
    };
    parts.iter().filter_map(part).collect()
}

/// The findings with their positions, file by file.
fn located(findings: &Findings, read: &[Option<Content<'_>>]) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for (number, content) in read.iter().enumerate() {
        if let Some(content) = content
            && findings.found.iter().any(|problem| problem.file == number)
        {
            told.extend(content.text.locate(number, &findings.found));
        }
    }
    told
}

fn of_realm(view: &View<'_>, literal: &View<'_>) -> Findings {
    let mut findings = Findings::of_file(view.file);
    shapes::check(view.realm, &REALM, &view.at(), &mut findings);
    duplicates::check(view, &mut findings);
    references::check(view, &mut findings);
    cycles::check(view, &mut findings);
    security::check(view, literal, &mut findings);
    keycloak::check(view, &mut findings);
    users(view, &mut findings);
    credentials(literal, &mut findings);
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
            keycloak::of_user(user, &here, findings);
        }
    }
    findings.file = view.file;
}

fn credentials(literal: &View<'_>, findings: &mut Findings) {
    for part in &literal.parts {
        findings.file = part.file;
        let root = At::Root(&part.place);
        let list = root.key("users");
        for (index, user) in objects(part.owner, "users") {
            security::of_user(user, &list.index(index), findings);
        }
    }
    findings.file = literal.file;
}

/// What a start says in addition, in the order of files and positions.
fn with_those_of_a_start(mut told: Vec<Diagnostic>, files: &[SourceFile], placeholders: &dyn Placeholders) -> Vec<Diagnostic> {
    let position = |one: &Diagnostic| (one.file.clone(), one.line, one.column);
    let known: HashSet<_> = told.iter().map(position).collect();
    let has_errors = told.iter().any(Diagnostic::is_error);
    let is_cut_short = told.iter().any(|one| one.message.ends_with(NOT_SHOWN));
    let at_start = check(files, placeholders).into_iter();
    let is_new = |one: &Diagnostic| {
        // What was cut short here is not to come in again by that way.
        let wanted = !is_cut_short || one.is_error() && !has_errors;
        // An id is made from the name where there is none: two of a name have one, too.
        wanted && !known.contains(&position(one)) && !one.message.starts_with("another user has this id")
    };
    told.extend(at_start.filter(is_new));
    let order: HashMap<&str, usize> = files.iter().enumerate().map(|(index, file)| (file.name.as_str(), index)).collect();
    told.sort_by_key(|one| (order.get(one.file.as_str()).copied(), one.line, one.column));
    told.dedup_by(|one, other| one == other);
    told
}

#[cfg(test)]
mod tests;
