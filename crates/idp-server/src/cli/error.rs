use thiserror::Error;

/// Why a command line, an environment or a configuration file cannot be followed. Carries names, and values only of
/// options that hold no secret.
#[derive(Debug, Error)]
pub enum UsageError {
    /// A name that neither this server nor Keycloak has.
    #[error("unknown option --{name}{}", did_you_mean(.nearest.as_deref(), "--"))]
    UnknownOption {
        /// As it was given, without dashes.
        name: String,
        /// The known name that is nearest.
        nearest: Option<String>,
    },
    /// A word that is no command.
    #[error("unknown command {name}{}", did_you_mean(.nearest.as_deref(), ""))]
    UnknownCommand {
        /// As it was given.
        name: String,
        /// The command that is nearest.
        nearest: Option<String>,
    },
    /// A key of latchkey.toml that is no option.
    #[error("{file}: unknown option {name}{}", did_you_mean(.nearest.as_deref(), ""))]
    UnknownKey {
        /// The configuration file.
        file: String,
        /// The key.
        name: String,
        /// The known name that is nearest.
        nearest: Option<String>,
    },
    /// A command of Keycloak's that this server does not have.
    #[error("there is no command {name} here: {instead}")]
    NoSuchCommand {
        /// The command.
        name: String,
        /// What to do instead.
        instead: &'static str,
    },
    /// An option that Keycloak 26 no longer has either.
    #[error("{origin}: Keycloak 26 has no option {name} any more: {instead}")]
    Dropped {
        /// The option.
        name: String,
        /// Where it was given.
        origin: String,
        /// What to use now.
        instead: &'static str,
    },
    /// An option whose silent loss would weaken a deployment.
    #[error("{origin}: {name} cannot be honoured: {instead}")]
    Refused {
        /// The option.
        name: String,
        /// Where it was given.
        origin: String,
        /// What to do instead.
        instead: &'static str,
    },
    /// A value that cannot be read.
    #[error("{origin}: {name} must be {expected}, not `{given}`")]
    BadValue {
        /// The option.
        name: &'static str,
        /// Where it was given.
        origin: String,
        /// What would be right.
        expected: &'static str,
        /// The value.
        given: String,
    },
    /// Options that contradict each other, or one that another needs.
    #[error("{0}")]
    Conflict(String),
    /// The configuration file cannot be read.
    #[error("the configuration file: {0}")]
    File(String),
    /// What clap has to say: help, version, a missing value.
    #[error("{0}")]
    Clap(#[from] clap::Error),
}

fn did_you_mean(nearest: Option<&str>, dashes: &str) -> String {
    nearest.map(|name| format!("; did you mean {dashes}{name}?")).unwrap_or_default()
}
