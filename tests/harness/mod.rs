//! What the tests stand on.

pub mod client;
pub mod departures;
pub mod postgres;
pub mod process;
pub mod replayer;
pub mod server;

use std::path::PathBuf;

/// A path below the repository's root.
pub fn repository(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// A path below this folder of tests.
pub fn tests(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A setting of the test run; tests, unlike the crates, may look at the environment.
#[allow(clippy::disallowed_methods)]
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
