//! A folder of realm files, written to as people and programs write.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// A folder; a new one is gone with its value.
pub struct Folder {
    path: PathBuf,
    _temporary: Option<tempfile::TempDir>,
}

impl Folder {
    pub fn new() -> Self {
        let temporary = tempfile::tempdir().unwrap();
        Self { path: temporary.path().to_owned(), _temporary: Some(temporary) }
    }

    /// One that is there already, and stays.
    pub fn at(path: PathBuf) -> Self {
        Self { path, _temporary: None }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Under another name first, then renamed: vim, most editors, git.
    pub fn put(&self, name: &str, json: &Value) {
        self.put_text(name, &format!("{json:#}\n"));
    }

    pub fn put_text(&self, name: &str, text: &str) {
        let path = self.file(name);
        let beside = path.with_extension("json.new");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&beside, text).unwrap();
        std::fs::rename(&beside, path).unwrap();
    }

    /// In place: the file is empty for a moment.
    pub fn overwrite(&self, name: &str, text: &str) {
        std::fs::write(self.file(name), text).unwrap();
    }

    pub fn remove(&self, name: &str) {
        std::fs::remove_file(self.file(name)).unwrap();
    }
}
