//! Which files make up which realm, by their names.

use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

use realm_model::{Diagnostic, Severity};

use super::{Part, Source};

/// What was found under some paths.
#[derive(Debug, Default)]
pub struct Found {
    /// The realms' files, in the order of the paths and of their names.
    pub sources: Vec<Source>,
    /// The folders in which something can appear or change.
    pub folders: Vec<PathBuf>,
    /// What cannot be read or belongs to nothing.
    pub diagnostics: Vec<Diagnostic>,
}

/// Folders of a realm in parts, and the members whose entities are in them. A file of the name (`clients.json`) is read, too.
const FOLDERS: [(&str, &str); 14] = [
    ("clients", "clients"),
    ("users", "users"),
    ("roles", "roles"),
    ("groups", "groups"),
    ("client-scopes", "clientScopes"),
    ("flows", "authenticationFlows"),
    ("authentication-flows", "authenticationFlows"),
    ("authenticator-config", "authenticatorConfig"),
    ("required-actions", "requiredActions"),
    ("identity-providers", "identityProviders"),
    ("identity-provider-mappers", "identityProviderMappers"),
    ("components", "components"),
    ("scope-mappings", "scopeMappings"),
    ("organizations", "organizations"),
];

/// The realms' files under `paths`: a file as it is; of a folder the `*.json` in it and each sub-folder with a `realm.json`; a folder
/// with a `realm.json` and folders of parts is one realm. Names that begin with a dot are not looked at.
pub fn find(paths: &[PathBuf]) -> Found {
    let mut run = Run::default();
    for path in paths {
        if let Err(error) = run.path(path) {
            run.found.diagnostics.push(unreadable(path, &error));
        }
    }
    run.group();
    run.found.folders.sort();
    run.found.folders.dedup();
    run.found
}

/// About a path that cannot be read.
pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic::of_file(Severity::Error, &path.display().to_string(), format!("this cannot be read: {error}"))
}

#[derive(Default)]
struct Run {
    found: Found,
    plain: Vec<PathBuf>,
    /// What was found, whatever it is: there may be ten thousand realms, and each is looked up.
    seen: HashSet<OsString>,
}

impl Run {
    fn path(&mut self, path: &Path) -> io::Result<()> {
        if !std::fs::metadata(path)?.is_dir() {
            if let Some(folder) = path.parent() {
                self.watch(folder);
            }
            self.plain(path.to_owned());
            return Ok(());
        }
        self.watch(path);
        let entries = entries(path)?;
        if is_in_parts(&entries) {
            return self.parts(path, &entries);
        }
        for entry in entries {
            if entry.is_dir() {
                self.sub_folder(&entry)?;
            } else if is_json(&entry) {
                self.plain(entry);
            }
        }
        Ok(())
    }

    fn sub_folder(&mut self, path: &Path) -> io::Result<()> {
        let inner = entries(path)?;
        if inner.iter().any(|path| is_named(path, "realm.json")) {
            self.parts(path, &inner)?;
        }
        self.watch(path); // one can become a realm in parts
        Ok(())
    }

    fn plain(&mut self, path: PathBuf) {
        if self.seen.insert(path.clone().into_os_string()) {
            self.plain.push(path);
        }
    }

    fn watch(&mut self, folder: &Path) {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        self.found.folders.push(folder.to_owned());
    }

    fn parts(&mut self, folder: &Path, entries: &[PathBuf]) -> io::Result<()> {
        let mut files = Vec::new();
        for entry in entries {
            if is_named(entry, "realm.json") {
                files.insert(0, (entry.clone(), Part::Settings));
            } else if let Some((_, member)) = known(entry) {
                if entry.is_dir() {
                    self.entities(entry, member, &mut files)?;
                } else {
                    files.push((entry.clone(), Part::Entities(member, None)));
                }
            } else if entry.is_dir() || is_json(entry) {
                self.found.diagnostics.push(Diagnostic::of_file(
                    Severity::Warning,
                    &entry.display().to_string(),
                    "this is no part of a realm: it has no effect",
                ));
            }
        }
        if self.seen.insert(folder.as_os_str().to_owned()) {
            self.found.sources.push(Source { path: folder.to_owned(), files });
        }
        Ok(())
    }

    fn entities(&mut self, folder: &Path, member: &'static str, files: &mut Vec<(PathBuf, Part)>) -> io::Result<()> {
        self.watch(folder);
        for entry in entries(folder)? {
            if is_json(&entry) && !entry.is_dir() {
                files.push((entry, Part::Entities(member, None)));
            } else if entry.is_dir() && matches!(member, "components" | "roles") {
                let key = entry.file_name().map(|name| name.to_string_lossy().into_owned());
                self.watch(&entry);
                let inner = entries(&entry)?.into_iter().filter(|path| is_json(path) && !path.is_dir());
                files.extend(inner.map(|path| (path, Part::Entities(member, key.clone()))));
            }
        }
        Ok(())
    }

    /// Puts users files to their realm files.
    fn group(&mut self) {
        let mut realms = Realms::default();
        let (users, plain): (Vec<_>, Vec<_>) = self.plain.drain(..).partition(|path| users_of(path).is_some());
        plain.into_iter().for_each(|path| realms.add(path));
        for path in users {
            match realms.owner_of(&path) {
                Some(source) => source.files.push((path, Part::Users)),
                None => self.found.diagnostics.push(Diagnostic::of_file(
                    Severity::Error,
                    &path.display().to_string(),
                    "these are users of a realm that no file has: its \"…-realm.json\" is missing",
                )),
            }
        }
        self.found.sources.extend(realms.sources);
    }
}

/// Realm files, found by their names.
#[derive(Default)]
struct Realms {
    sources: Vec<Source>,
    named: HashMap<OsString, Vec<usize>>,
}

impl Realms {
    fn add(&mut self, path: PathBuf) {
        let name = path.file_name().unwrap_or_default().to_owned();
        self.named.entry(name).or_default().push(self.sources.len());
        self.sources.push(Source { files: vec![(path.clone(), Part::Realm)], path });
    }

    /// The realm file to which a users file belongs: by its name, in the same folder first, else by the realm's name in it.
    fn owner_of(&mut self, users: &Path) -> Option<&mut Source> {
        let realm = users_of(users)?;
        let is_far = |index: &usize| self.sources.get(*index).is_none_or(|source| source.path.parent() != users.parent());
        let named =
            |name: String| self.named.get(OsStr::new(&name)).into_iter().flatten().min_by_key(|index| is_far(index)).copied();
        // Files are read only where no name tells: there may be thousands of them.
        let quoted = format!("\"{realm}\"");
        let says = |source: &Source| std::fs::read_to_string(&source.path).is_ok_and(|text| text.contains(&quoted));
        let saying =
            || self.sources.iter().enumerate().filter(|(_, source)| says(source)).map(|(index, _)| index).min_by_key(is_far);
        let found = named(format!("{realm}-realm.json")).or_else(|| named(format!("{realm}.json"))).or_else(saying)?;
        self.sources.get_mut(found)
    }
}

/// Whose users are in a file of this name.
fn users_of(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_string_lossy();
    let (stem, number) = name.strip_suffix(".json")?.rsplit_once('-')?;
    let stem = stem.strip_suffix("-users").filter(|_| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))?;
    Some(stem.strip_suffix("-federated").unwrap_or(stem).to_owned())
}

fn is_in_parts(entries: &[PathBuf]) -> bool {
    let has_settings = entries.iter().any(|path| is_named(path, "realm.json"));
    has_settings && entries.iter().any(|path| path.is_dir() && known(path).is_some())
}

fn known(path: &Path) -> Option<(&'static str, &'static str)> {
    let name = path.file_name()?.to_str()?;
    let name = name.strip_suffix(".json").unwrap_or(name);
    FOLDERS.into_iter().find(|(folder, member)| *folder == name || *member == name)
}

fn is_named(path: &Path, name: &str) -> bool {
    path.file_name() == Some(OsStr::new(name))
}

fn is_json(path: &Path) -> bool {
    // The schema of realm files may lie beside them (docs/decisions/0004).
    path.extension().is_some_and(|extension| extension == "json") && !path.to_string_lossy().ends_with(".schema.json")
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if !entry.file_name().to_string_lossy().starts_with('.') {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}
