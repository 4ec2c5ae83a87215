//! Reading Keycloak realm JSON: exports as they are, and what an admin writes by hand in 20 lines.
//!
//! A realm is one file, or `<realm>-realm.json` with `<realm>-users-N.json` beside it. What the file leaves out is Keycloak's
//! default. Everything that is wrong with any file is found in one run; a file with an error gives no realm.
//!
//! What a file holds beyond what this server acts on (`rest` of the [`representation`]s) is not kept in memory: it stands in
//! the file, and [`parse`] gives it back whenever an export needs it.

pub(crate) mod build;
pub(crate) mod built_in;
mod defaults;
pub(crate) mod ids;
mod lenient;
mod lines;
mod locate;
mod names;
mod parse;
pub(crate) mod place;
pub mod placeholder;
pub(crate) mod problem;
pub mod representation;
mod representation_macro;
mod scan;
pub(crate) mod shape;
mod unresolved;

use std::collections::HashMap;

use oidc_types::RealmName;

use self::parse::Parsed;
use self::placeholder::Placeholders;
use self::problem::Problems;
use self::representation::{RealmRepresentation, UserRepresentation, UsersRepresentation};
use crate::{Diagnostic, Realm, Severity, User};

pub(crate) use self::build::web_origins::derived as derived_origins;
pub(crate) use self::ids::stable_id;
pub use self::lenient::{Flag, Text as TextValue, TextMap, TextsMap, Whole};
pub(crate) use self::locate::is_secret;
pub(crate) use self::names::{FileKind, kind_of};
pub(crate) use self::parse::Text;
pub(crate) use self::place::Place;
pub use self::problem::did_you_mean;
pub(crate) use self::problem::{Mark, Problem};
pub(crate) use self::scan::{Token, walk};

/// A file: its name as people are told of it, and its bytes.
pub struct SourceFile {
    /// The path; its last part tells what kind of file it is.
    pub name: String,
    /// The content.
    pub bytes: Vec<u8>,
}

/// A realm and its users, checked.
#[derive(Debug)]
pub struct LoadedRealm {
    /// The realm.
    pub realm: Realm,
    /// Its users, service accounts last.
    pub users: Vec<User>,
    /// The file it came from.
    pub file: String,
}

/// What a run over files gave.
#[derive(Debug, Default)]
pub struct Reading {
    /// The realms of the files without an error.
    pub realms: Vec<LoadedRealm>,
    /// All that is wrong with any of the files, file by file.
    pub diagnostics: Vec<Diagnostic>,
}

impl Reading {
    /// Whether some file could not be used.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// The representations in a realm file, everything in `rest` included: one, or several where the file is a list.
///
/// # Errors
/// Where it is no JSON text of a realm, in words and with the position.
pub fn parse(file: &SourceFile, env: &dyn Fn(&str) -> Option<String>) -> Result<Vec<RealmRepresentation>, Box<Diagnostic>> {
    let text = Text::new(file, &env)?;
    Ok(text.realms()?.into_iter().map(|parsed| parsed.value).collect())
}

/// Reads all realms of `files`; `env` gives the values of environment variables. `${file:…}` has no value here.
pub fn read(files: &[SourceFile], env: &dyn Fn(&str) -> Option<String>) -> Reading {
    read_with(files, &env)
}

/// Reads all realms of `files` with the values of `placeholders`.
pub fn read_with(files: &[SourceFile], placeholders: &dyn Placeholders) -> Reading {
    look_through(files, placeholders, Wanted::Realms)
}

/// All that is wrong with any of `files`: the diagnostics of [`read_with`], for less than the realms cost.
pub fn check(files: &[SourceFile], placeholders: &dyn Placeholders) -> Vec<Diagnostic> {
    look_through(files, placeholders, Wanted::Diagnostics).diagnostics
}

/// What files are read for.
#[derive(Clone, Copy)]
enum Wanted {
    /// Their realms, and what is wrong.
    Realms,
    /// What is wrong alone.
    Diagnostics,
}

fn look_through(files: &[SourceFile], placeholders: &dyn Placeholders, wanted: Wanted) -> Reading {
    let mut reading = Reading::default();
    let mut users_files: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut realm_files = Vec::new();
    for (index, file) in files.iter().enumerate() {
        match kind_of(&file.name) {
            FileKind::Realm => realm_files.push(index),
            FileKind::Users { realm } => users_files.entry(realm).or_default().push(index),
            FileKind::Schema => {}
            FileKind::FederatedUsers => {
                let message = "federated users are not read: what is in this file has no effect";
                reading.diagnostics.push(Diagnostic::of_file(Severity::Warning, &file.name, message));
            }
        }
    }
    let mut seen: HashMap<RealmName, String> = HashMap::new();
    for index in realm_files {
        if let Some(file) = files.get(index) {
            let (users_files, reading, seen) = (&mut users_files, &mut reading, &mut seen);
            Run { files, placeholders, wanted, users_files, reading, seen }.file(index, file);
        }
    }
    let mut left: Vec<usize> = users_files.into_values().flatten().collect();
    left.sort_unstable();
    for file in left.into_iter().filter_map(|index| files.get(index)) {
        let message = "these are users of a realm that no file has: its \"…-realm.json\" is missing";
        reading.diagnostics.push(Diagnostic::of_file(Severity::Error, &file.name, message));
    }
    reading
}

/// One run over all files.
struct Run<'r, 'f> {
    files: &'f [SourceFile],
    placeholders: &'r dyn Placeholders,
    wanted: Wanted,
    users_files: &'r mut HashMap<&'f str, Vec<usize>>,
    reading: &'r mut Reading,
    seen: &'r mut HashMap<RealmName, String>,
}

impl Run<'_, '_> {
    fn file(mut self, index: usize, file: &SourceFile) {
        let text = match Text::new(file, self.placeholders) {
            Ok(text) => text,
            Err(diagnostic) => return self.reading.diagnostics.push(*diagnostic),
        };
        let missing = text.needed(&shape::REALM);
        if !missing.is_empty() {
            return self.reading.diagnostics.extend(missing);
        }
        match text.realms() {
            Ok(realms) => {
                for parsed in realms {
                    self.realm(index, file, &text, parsed);
                }
            }
            Err(diagnostic) => self.reading.diagnostics.push(*diagnostic),
        }
    }

    fn realm(&mut self, index: usize, file: &SourceFile, text: &Text<'_>, parsed: Parsed<RealmRepresentation>) {
        let name = parsed.value.realm.as_ref().map(|TextValue(name)| name.clone()).unwrap_or_default();
        let mut problems = Problems { file: index, ..Problems::default() };
        if let Some(other) = self.seen.insert(name.as_str().into(), file.name.clone()) {
            problems.error(parsed.place.then("realm"), format!("realm \"{name}\" is in {other}, too"), None);
        }
        let wanted = self.wanted;
        let mut users = UsersOf { run: self, realm: &name, texts: Vec::new(), diagnostics: Vec::new() };
        let mut more_users = |problems: &mut Problems| users.next(problems);
        let built = match wanted {
            Wanted::Realms => build::realm(parsed.value, parsed.place, &mut problems, &mut more_users),
            Wanted::Diagnostics => {
                build::check(parsed.value, parsed.place, &mut problems, &mut more_users);
                None
            }
        };
        let UsersOf { texts, diagnostics, .. } = users;
        let before = self.reading.diagnostics.len();
        self.reading.diagnostics.extend(text.locate(index, &problems.found));
        for (index, text) in &texts {
            self.reading.diagnostics.extend(text.locate(*index, &problems.found));
        }
        self.reading.diagnostics.extend(diagnostics);
        let broken = self.reading.diagnostics.get(before..).unwrap_or_default().iter().any(Diagnostic::is_error);
        if let Some((realm, users)) = built.filter(|_| !broken) {
            self.reading.realms.push(LoadedRealm { realm, users, file: file.name.clone() });
        }
    }
}

/// The users files of one realm, one at a time.
struct UsersOf<'u, 'r, 'f> {
    run: &'u mut Run<'r, 'f>,
    realm: &'u str,
    /// The files with problems: their texts are needed to show where.
    texts: Vec<(usize, Text<'f>)>,
    diagnostics: Vec<Diagnostic>,
}

impl UsersOf<'_, '_, '_> {
    fn next(&mut self, problems: &mut Problems) -> Option<Vec<UserRepresentation>> {
        loop {
            let index = {
                let left = self.run.users_files.get_mut(self.realm)?;
                if left.is_empty() {
                    self.run.users_files.remove(self.realm);
                    return None;
                }
                left.remove(0)
            };
            problems.file = index;
            let text = Text::new(self.run.files.get(index)?, self.run.placeholders);
            let missing = text.as_ref().map(|text| text.needed(&shape::USERS_FILE)).unwrap_or_default();
            if !missing.is_empty() {
                self.diagnostics.extend(missing);
                continue;
            }
            let parsed = text.and_then(|text| Ok((text.parse::<UsersRepresentation>()?, text)));
            match parsed {
                Ok((UsersRepresentation { realm, users, .. }, text)) => {
                    if let Some(TextValue(other)) = realm.filter(|TextValue(name)| name != self.realm) {
                        let message =
                            format!("these are users of realm \"{other}\", but the file is named for \"{}\"", self.realm);
                        problems.error(Place::default().then("realm"), message, None);
                    }
                    self.texts.push((index, text));
                    return Some(users);
                }
                Err(diagnostic) => self.diagnostics.push(*diagnostic),
            }
        }
    }
}

#[cfg(test)]
mod tests;
