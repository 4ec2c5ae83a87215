//! The command line, the environment and latchkey.toml, read into [`Settings`].

mod commands;
mod database;
mod error;
mod explain_command;
mod keycloak;
mod layers;
mod outbound;
mod reader;
mod realm_commands;
mod settings;
mod sieve;
mod table;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

pub use commands::{Command, Rotation};
pub use database::Database;
pub use error::UsageError;
pub use explain_command::Explain;
pub use layers::Layers;
pub use realm_commands::{Deletions, Export, FormatMode, Import, RealmCommand, Reconcile, ReportFormat};
pub use settings::{BootstrapAdmin, Https, LogFormat, Management, Profile, Settings};

use layers::Layer;

/// What the process was started with.
#[derive(Clone, Debug, Default)]
pub struct Invocation {
    /// The arguments, without the program's name.
    pub arguments: Vec<String>,
    /// The environment.
    pub environment: Vec<(String, String)>,
    /// Where `latchkey.toml`, `realms` and `data` are looked for; empty is the process's own directory.
    pub directory: PathBuf,
}

/// What shall be done, and how.
#[derive(Debug)]
pub struct Plan {
    /// The command.
    pub command: Command,
    /// The configuration as it was given.
    pub layers: Layers,
    /// The configuration, typed and complete.
    pub settings: Settings,
    /// Lines for the operator, one for each option that has no effect.
    pub warnings: Vec<String>,
}

/// Reads command line, environment and configuration file.
///
/// # Errors
/// Every error that was found, at least one.
pub fn plan(invocation: &Invocation) -> Result<Plan, Vec<UsageError>> {
    let one = |error: UsageError| vec![error];
    let sieved = sieve::sieve(invocation.arguments.iter().cloned()).map_err(one)?;
    let line = std::iter::once("latchkey".to_owned()).chain(sieved.ours);
    let matches = commands::command_line().try_get_matches_from(line).map_err(|error| one(error.into()))?;
    let command = Command::of(&matches);

    let mut arguments = Layer::of_arguments(&matches);
    arguments.categories = sieved.categories;
    arguments.warnings = sieved.ignored.iter().map(|name| layers::ignored(&format!("--{name}"), name)).collect();
    let environment = Layer::of_environment(&invocation.environment).map_err(one)?;
    let above = Layers::laid(&[environment.clone(), arguments.clone()]).map_err(one)?;
    let file = match configuration_file(&above, &invocation.directory).map_err(one)? {
        Some(path) => Layer::of_file(&path).map_err(one)?,
        None => Layer::default(),
    };
    let mut warnings: Vec<String> = Vec::new();
    for warning in [&file, &environment, &arguments].into_iter().flat_map(|layer| &layer.warnings) {
        if !warnings.contains(warning) {
            warnings.push(warning.clone());
        }
    }
    let layers = Layers::laid(&[file, environment, arguments]).map_err(one)?;
    let settings = Settings::read(&layers, &command, invocation)?;
    Ok(Plan { command, layers, settings, warnings })
}

/// The file that `--config-file` names, which must be there; else `latchkey.toml` or `conf/latchkey.toml`, which may be.
fn configuration_file(given: &Layers, directory: &Path) -> Result<Option<PathBuf>, UsageError> {
    if let Some(file) = given.one("config-file") {
        let path = directory.join(&file.text);
        let missing = || UsageError::File(format!("{}: there is no file {}", file.origin, file.text));
        return if path.is_file() { Ok(Some(path)) } else { Err(missing()) };
    }
    Ok(["latchkey.toml", "conf/latchkey.toml"].iter().map(|name| directory.join(name)).find(|path| path.is_file()))
}
