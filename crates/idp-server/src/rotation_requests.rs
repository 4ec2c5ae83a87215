//! How `latchkey keys rotate` reaches a running server whose session file it cannot open: a note in the data folder, which
//! only those may write who may write the sessions.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

fn folder(data: &Path) -> PathBuf {
    data.join("rotate")
}

/// Leaves a note that the keys of `realm` are to be rotated.
///
/// # Errors
/// The folder cannot be written, or the realm's name is none that a file can have.
pub(crate) fn leave(data: &Path, realm: &str) -> io::Result<()> {
    if realm.starts_with('.') || realm.contains(['/', '\\', '\0']) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "the name of the realm cannot be the name of a file"));
    }
    fs::create_dir_all(folder(data))?;
    OpenOptions::new().create(true).append(true).open(folder(data).join(realm)).map(drop)
}

/// Takes the notes: the realms named in them. A note is gone when it was taken.
pub(crate) fn take(data: &Path) -> Vec<String> {
    let Ok(notes) = fs::read_dir(folder(data)) else { return Vec::new() };
    let taken = |path: PathBuf| fs::remove_file(&path).is_ok().then(|| path.file_name()?.to_str().map(str::to_owned)).flatten();
    notes.filter_map(|note| taken(note.ok()?.path())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_taken_once() {
        let data = tempfile::tempdir().unwrap();
        leave(data.path(), "acme").unwrap();
        leave(data.path(), "acme").unwrap();
        assert_eq!(take(data.path()), ["acme"]);
        assert!(take(data.path()).is_empty());
    }

    #[test]
    fn a_realm_named_like_a_path_gets_no_note() {
        let data = tempfile::tempdir().unwrap();
        for name in ["../x", "a/b", "..", "."] {
            assert!(leave(data.path(), name).is_err(), "{name}");
        }
    }
}
