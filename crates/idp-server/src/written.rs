//! Realm files as they were written: passwords that stand plain in them are in no store.

use std::path::PathBuf;

use realm_model::file::{LoadedRealm, SourceFile, read_with};

use crate::database::Environment;

/// The realms of the files under `paths`, one after the other; what cannot be read gives none.
pub(crate) fn realms(paths: &[PathBuf], environment: &[(String, String)]) -> impl Iterator<Item = LoadedRealm> {
    realms_where(|_| true, paths, environment)
}

/// Those of files that may hold a credential of a user: most of thousands do not, and are not parsed.
pub(crate) fn realms_with_credentials(paths: &[PathBuf], environment: &[(String, String)]) -> impl Iterator<Item = LoadedRealm> {
    // A member may be written with escapes, or be in the value of a placeholder.
    let words: [&[u8]; 3] = [b"credentials", b"\\u", b"${"];
    realms_where(
        move |file| words.iter().any(|word| file.bytes.windows(word.len()).any(|part| part == *word)),
        paths,
        environment,
    )
}

fn realms_where(
    is_wanted: impl Fn(&SourceFile) -> bool,
    paths: &[PathBuf],
    environment: &[(String, String)],
) -> impl Iterator<Item = LoadedRealm> {
    let environment = Environment::of(environment);
    let read = move |source: realm_files::Source| {
        let file =
            |(path, _): &(PathBuf, _)| Some(SourceFile { name: path.display().to_string(), bytes: std::fs::read(path).ok()? });
        let files: Vec<SourceFile> = source.files.iter().filter_map(file).collect();
        if files.iter().any(&is_wanted) { read_with(&files, environment.as_ref()).realms } else { Vec::new() }
    };
    let sources = realm_files::find(paths).sources;
    sources.into_iter().filter(|source| !source.is_in_parts()).flat_map(read)
}
