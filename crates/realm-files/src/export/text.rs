//! JSON text on its way into a file that is there as a whole or not at all.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use realm_model::unquote_bare;
use serde_json::Value;

/// With two spaces for each level, placeholders outside of quotes as they stood in the file.
pub(super) fn pretty(value: &Value) -> String {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    unquote_bare(&text).into_owned()
}

/// A file that gets its name when it is whole.
pub(super) struct Output {
    path: PathBuf,
    unfinished: PathBuf,
    file: BufWriter<File>,
    failure: Option<io::Error>,
}

impl Output {
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)?;
        }
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        let unfinished = path.with_file_name(name);
        let file = BufWriter::new(private(&unfinished)?);
        Ok(Self { path: path.to_owned(), unfinished, file, failure: None })
    }

    /// What fails here is told by [`Output::finish`].
    pub(super) fn write(&mut self, text: &str) {
        if self.failure.is_none() {
            self.failure = self.file.write_all(text.as_bytes()).err();
        }
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        self.file.write_all(b"\n")?;
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        std::fs::rename(&self.unfinished, &self.path)
    }
}

/// For the owner's eyes only: secrets and password hashes are in it.
fn private(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    // One that was left behind may be open to others, or lead elsewhere.
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
