//! From folders and files to realms.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use realm_model::file::{LoadedRealm, SourceFile, read};
use realm_model::{Diagnostic, Severity};

use crate::{FileUsers, RealmStore};

/// What loading gave: the realms without an error, and all that is wrong with any file.
pub struct LoadOutcome {
    /// The realms.
    pub realms: Arc<RealmStore>,
    /// Their users.
    pub users: Arc<FileUsers>,
    /// What is wrong with the files, errors and warnings.
    pub diagnostics: Vec<Diagnostic>,
}

impl LoadOutcome {
    /// Whether some file could not be used.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// Loads the realm files of `paths`: files as they are, of folders the `*.json` in them (without sub-folders) in the order
/// of their names. `env` gives the values of environment variables for placeholders.
///
/// A path that cannot be read is an error in the outcome.
pub fn load(paths: &[PathBuf], env: &dyn Fn(&str) -> Option<String>) -> LoadOutcome {
    let mut diagnostics = Vec::new();
    let mut files: Vec<PathBuf> = Vec::new();
    for path in paths {
        match expand(path) {
            Ok(found) => found.into_iter().for_each(|file| {
                if !files.contains(&file) {
                    files.push(file);
                }
            }),
            Err(error) => diagnostics.push(unreadable(path, &error)),
        }
    }
    let mut sources = Vec::with_capacity(files.len());
    for path in files {
        match std::fs::read(&path) {
            Ok(bytes) => sources.push(SourceFile { name: path.display().to_string(), bytes }),
            Err(error) => diagnostics.push(unreadable(&path, &error)),
        }
    }
    let reading = read(&sources, env);
    diagnostics.extend(reading.diagnostics);
    let realms = RealmStore::default();
    let users = FileUsers::default();
    users.set_all(reading.realms.into_iter().map(|LoadedRealm { realm, users, .. }| {
        let name = realm.name.clone();
        realms.set(realm);
        (name, users)
    }));
    LoadOutcome { realms: Arc::new(realms), users: Arc::new(users), diagnostics }
}

fn expand(path: &Path) -> std::io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Diagnostic {
    Diagnostic::of_file(Severity::Error, &path.display().to_string(), format!("this cannot be read: {error}"))
}

#[cfg(test)]
mod tests;
