//! The realm files of a configuration.

use std::path::PathBuf;
use std::sync::Arc;

use realm_model::Diagnostic;
use realm_store::{FileUsers, RealmStore};

use crate::cli::Settings;
use crate::server::StartError;

/// What was loaded.
pub(crate) struct Realms {
    pub(crate) realms: Arc<RealmStore>,
    pub(crate) users: Arc<FileUsers>,
}

/// All realm files and folders of `settings`, those of `--import-realm` last.
pub(crate) fn paths(settings: &Settings) -> Vec<PathBuf> {
    settings.realms.iter().chain(&settings.import).cloned().collect()
}

/// The realms with everything that is wrong with their files. Placeholders are resolved from `environment`.
pub(crate) fn read(settings: &Settings, environment: &[(String, String)]) -> (Realms, Vec<Diagnostic>) {
    let value = |name: &str| environment.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone());
    let outcome = realm_store::load(&paths(settings), &value);
    (Realms { realms: outcome.realms, users: outcome.users }, outcome.diagnostics)
}

/// The realms, for serving: warnings are logged.
///
/// # Errors
/// Every error of every file.
pub(crate) fn load(settings: &Settings, environment: &[(String, String)]) -> Result<Realms, StartError> {
    let (loaded, diagnostics) = read(settings, environment);
    let (errors, warnings): (Vec<_>, Vec<_>) = diagnostics.into_iter().partition(Diagnostic::is_error);
    for warning in warnings {
        log::warn!("{warning}");
    }
    if !errors.is_empty() {
        return Err(StartError::Realms(Wrong(errors)));
    }
    if loaded.realms.count() == 0 {
        log::warn!("no realm: name realm files or folders of them with --realms (LATCHKEY_REALMS)");
    }
    Ok(loaded)
}

/// What is wrong with realm files; prints all of it.
#[derive(Debug)]
pub struct Wrong(pub(crate) Vec<Diagnostic>);

impl Wrong {
    /// The errors, in the order of the files.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.0
    }
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (count, noun) = (self.0.len(), if self.0.len() == 1 { "error" } else { "errors" });
        write!(f, "{count} {noun} in realm files")?;
        self.0.iter().try_for_each(|diagnostic| write!(f, "\n{diagnostic}"))
    }
}
