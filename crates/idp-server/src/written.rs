//! Realm files as they were written: passwords that stand plain in them are in no store.

use std::path::PathBuf;

use realm_model::file::{LoadedRealm, SourceFile, read_with};

use crate::database::Environment;

/// The realms of the files under `paths`, one after the other; what cannot be read gives none.
pub(crate) fn realms(paths: &[PathBuf], environment: &[(String, String)]) -> impl Iterator<Item = LoadedRealm> {
    let environment = Environment::of(environment);
    let read = move |source: realm_files::Source| {
        let file =
            |(path, _): &(PathBuf, _)| Some(SourceFile { name: path.display().to_string(), bytes: std::fs::read(path).ok()? });
        let files: Vec<SourceFile> = source.files.iter().filter_map(file).collect();
        read_with(&files, environment.as_ref()).realms
    };
    let sources = realm_files::find(paths).sources;
    sources.into_iter().filter(|source| !source.is_in_parts()).flat_map(read)
}
