//! From files to realms and diagnostics.

use std::borrow::Cow;
use std::path::PathBuf;

use realm_model::document::Body;
use realm_model::file::{SourceFile, check};
use realm_model::{Diagnostic, Placeholders, quote_bare, resolve};
use serde_json::Value;

use super::compose::{PartText, compose};
use super::discover::unreadable;
use super::places::Located;
use super::scan;
use super::{Digest, FileRealm, Part, Source};
use crate::making;
use crate::side_by_side::side_by_side;

/// Files of more bytes than this are checked and taken apart at the same time.
const LARGE: usize = 1 << 20;

/// The files of a source as they are at one moment.
pub struct Content {
    source: Source,
    files: Vec<SourceFile>,
    digest: Digest,
}

/// What the files of a source say.
#[derive(Debug, Default)]
pub struct Reading {
    /// Its realms; none where there is an error.
    pub realms: Vec<FileRealm>,
    /// All that is wrong.
    pub diagnostics: Vec<Diagnostic>,
}

impl Source {
    /// Reads the files from the disk.
    ///
    /// # Errors
    /// One of them cannot be read.
    pub fn content(&self) -> Result<Content, Box<Diagnostic>> {
        let mut files = Vec::with_capacity(self.files.len());
        for (path, _) in &self.files {
            let bytes = std::fs::read(path).map_err(|error| Box::new(unreadable(path, &error)))?;
            files.push(SourceFile { name: path.display().to_string(), bytes });
        }
        let digest = Digest::of(files.iter().map(|file| (file.name.as_str(), file.bytes.as_slice())));
        Ok(Content { source: self.clone(), files, digest })
    }

    /// A file that is not on the disk.
    pub fn of_text(path: impl Into<PathBuf>, text: &str) -> Content {
        let path = path.into();
        let file = SourceFile { name: path.display().to_string(), bytes: text.as_bytes().to_vec() };
        let source = Self { path: path.clone(), files: vec![(path, Part::Realm)] };
        let digest = Digest::of([(file.name.as_str(), file.bytes.as_slice())]);
        Content { source, files: vec![file], digest }
    }
}

impl Content {
    /// Of all files.
    pub fn bytes(&self) -> &Digest {
        &self.digest
    }

    /// Of all files, and of whether placeholders in them have values.
    pub fn digest(&self, placeholders: &dyn Placeholders) -> Digest {
        if self.has_values(placeholders) { self.digest.with_values() } else { self.digest.clone() }
    }

    /// Whether placeholders have values, so that the files can say something else though they did not change.
    pub fn has_values(&self, placeholders: &dyn Placeholders) -> bool {
        self.files.iter().any(|file| matches!(resolve(text_of(file), placeholders), Cow::Owned(_)))
    }

    /// What people are told: the realm file or the folder.
    pub fn path(&self) -> String {
        self.source.path.display().to_string()
    }

    /// The realms, checked; `placeholders` gives the values with which they are checked and their entities are named.
    pub fn realms(&self, placeholders: &(dyn Placeholders + Sync)) -> Reading {
        if self.source.files.iter().any(|(_, part)| *part == Part::Settings) {
            return self.composed(placeholders);
        }
        let diagnostics = || check(&self.files, placeholders);
        if self.files.iter().map(|file| file.bytes.len()).sum::<usize>() > LARGE {
            let (diagnostics, realms) = side_by_side(diagnostics, || self.taken_apart(placeholders));
            let realms = if diagnostics.iter().any(Diagnostic::is_error) { Vec::new() } else { realms };
            return Reading { realms, diagnostics };
        }
        let diagnostics = diagnostics();
        let is_wrong = diagnostics.iter().any(Diagnostic::is_error);
        Reading { realms: if is_wrong { Vec::new() } else { self.taken_apart(placeholders) }, diagnostics }
    }

    fn taken_apart(&self, placeholders: &dyn Placeholders) -> Vec<FileRealm> {
        let mut realms = Vec::new();
        for (file, (_, part)) in self.files.iter().zip(&self.source.files) {
            let located = Located { file: &file.name, text: text_of(file), composed: None };
            match part {
                Part::Users => users_file(&mut realms, &located, placeholders),
                Part::Realm | Part::Settings | Part::Entities(..) => realms.extend(self.realms_of(&located, placeholders)),
            }
        }
        realms
    }

    fn composed(&self, placeholders: &dyn Placeholders) -> Reading {
        let mut reading = Reading::default();
        for file in &self.files {
            reading.diagnostics.extend(broken(file, placeholders));
        }
        if !reading.diagnostics.is_empty() {
            return reading;
        }
        let parts = self.files.iter().zip(&self.source.files);
        let parts: Vec<_> = parts.map(|(file, (_, part))| PartText { file: &file.name, part, text: text_of(file) }).collect();
        let composed = compose(&parts);
        let whole = SourceFile { name: self.path(), bytes: composed.text.clone().into_bytes() };
        let found = check(std::slice::from_ref(&whole), placeholders);
        reading.diagnostics = found.into_iter().map(|diagnostic| composed.traced(diagnostic)).collect();
        if !reading.diagnostics.iter().any(Diagnostic::is_error) {
            let located = Located { file: &whole.name, text: &composed.text, composed: Some(&composed) };
            reading.realms = self.realms_of(&located, placeholders);
        }
        reading
    }

    fn realms_of(&self, located: &Located<'_>, placeholders: &dyn Placeholders) -> Vec<FileRealm> {
        let text = located.text;
        let ranges = scan::elements(text, 0..text.len()).unwrap_or_else(|| std::iter::once(0..text.len()).collect());
        let bodies = match serde_json::from_str(&quote_bare(text)) {
            Ok(Value::Array(all)) => all,
            Ok(one) => vec![one],
            Err(_) => Vec::new(),
        };
        let resolving = |text: &str| name_of(text, placeholders);
        let digest = self.digest(placeholders);
        let with_places = bodies.into_iter().zip(ranges).filter_map(|(body, range)| {
            let Value::Object(body) = body else { return None };
            let mut realm = making::file_realm(body, &resolving);
            realm.places.add(located, range, &resolving);
            (realm.source, realm.digest) = (self.path(), digest.clone());
            Some(realm)
        });
        with_places.collect()
    }
}

/// A name with its placeholders resolved.
pub(crate) fn name_of(text: &str, placeholders: &dyn Placeholders) -> String {
    if !text.contains("${") {
        return text.to_owned();
    }
    let quoted = Value::from(text).to_string();
    match serde_json::from_str(&resolve(&quoted, placeholders)) {
        Ok(Value::String(name)) => name,
        Ok(other) => other.to_string(),
        Err(_) => text.to_owned(),
    }
}

fn users_file(realms: &mut [FileRealm], located: &Located<'_>, placeholders: &dyn Placeholders) {
    let Ok(mut body) = serde_json::from_str::<Body>(&quote_bare(located.text)) else { return };
    let resolving = |text: &str| name_of(text, placeholders);
    let named = body.get("realm").and_then(Value::as_str).map(resolving);
    let at = realms.iter().position(|realm| named.as_deref().is_none_or(|name| realm.name == name));
    let Some(realm) = at.and_then(|at| realms.get_mut(at)) else { return };
    if let Some(Value::Array(users)) = body.shift_remove("users") {
        let objects = users.into_iter().filter_map(|user| if let Value::Object(user) = user { Some(user) } else { None });
        realm.split.users.extend(objects);
        realm.places.add(located, 0..located.text.len(), &resolving);
    }
}

fn text_of(file: &SourceFile) -> &str {
    let bytes = file.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&file.bytes);
    str::from_utf8(bytes).unwrap_or_default()
}

/// What keeps a part from being JSON: read as a member that no realm has, one line down.
fn broken(part: &SourceFile, placeholders: &dyn Placeholders) -> Vec<Diagnostic> {
    let bytes = part.bytes.strip_prefix(b"\xef\xbb\xbf".as_slice()).unwrap_or(&part.bytes);
    if str::from_utf8(bytes).is_ok_and(|text| serde_json::from_str::<serde::de::IgnoredAny>(&quote_bare(text)).is_ok()) {
        return Vec::new();
    }
    let wrapped = [b"{\"realm\":\"part\",\"part\":\n".as_slice(), bytes, b"\n}"].concat();
    let wrapped = SourceFile { name: part.name.clone(), bytes: wrapped };
    let mut errors = check(&[wrapped], placeholders);
    errors.retain(Diagnostic::is_error);
    for error in &mut errors {
        error.line = error.line.saturating_sub(1).max(1);
    }
    if errors.is_empty() {
        errors.push(Diagnostic::of_file(realm_model::Severity::Error, &part.name, "this is no JSON"));
    }
    errors
}

#[cfg(test)]
mod tests;
