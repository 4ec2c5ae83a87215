//! Realm files and durable stores of size. Each measurement makes what it needs in a folder of its own and takes it away.

use std::path::PathBuf;

use super::{BenchError, edits, large_file, realms, users};

/// What to measure.
#[derive(clap::Subcommand)]
pub enum Scale {
    /// The time from the edit of a realm file to the first token that shows it, under load.
    Edits(edits::Options),
    /// Many realms: the first start and the next, memory, CPU of a request.
    Realms(realms::Options),
    /// Many users: import of a Keycloak users file, lookups by username.
    Users(users::Options),
    /// A large realm file: lint, plan, apply.
    LargeFile(large_file::Options),
}

/// The `latchkey` to measure.
#[derive(clap::Args)]
pub struct Binary {
    /// The binary. Default: the one beside this program.
    #[arg(long)]
    binary: Option<PathBuf>,
}

impl Binary {
    /// Where it is.
    pub(super) fn path(&self) -> Result<PathBuf, BenchError> {
        let beside = || Some(std::env::current_exe().ok()?.parent()?.join("latchkey"));
        let found = self.binary.clone().or_else(beside).filter(|path| path.is_file());
        let found = found.ok_or(BenchError::Usage("no latchkey there: build it with --release, or name it with --binary"))?;
        std::path::absolute(&found).map_err(|error| BenchError::Machine(found.display().to_string(), error))
    }
}

impl Scale {
    /// Measures and prints.
    pub(super) fn run(&self) -> Result<(), BenchError> {
        match self {
            Self::Edits(options) => edits::run(options),
            Self::Realms(options) => realms::run(options),
            Self::Users(options) => users::run(options),
            Self::LargeFile(options) => large_file::run(options),
        }
    }
}

/// A folder that goes with its value.
pub(super) fn folder() -> Result<tempfile::TempDir, BenchError> {
    tempfile::tempdir().map_err(|error| BenchError::Machine("a folder".to_owned(), error))
}

/// Writes a file.
pub(super) fn write(path: &std::path::Path, text: &[u8]) -> Result<(), BenchError> {
    std::fs::write(path, text).map_err(|error| BenchError::Machine(path.display().to_string(), error))
}
