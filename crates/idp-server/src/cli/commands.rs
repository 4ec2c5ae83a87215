//! The commands and what each takes beside the options of the server.

use clap::{Arg, ArgAction, ArgMatches};

use super::UsageError;
use super::explain_command::{self, Explain};
use super::keycloak::closest;
use super::realm_commands::{self, RealmCommand};
use super::table::{Kind, OPTIONS};

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Serve, with defaults for development. The default.
    StartDev,
    /// Serve, with checks for production.
    Start,
    /// Nothing: exits 0, as container images for Keycloak call it.
    Build,
    /// Ask the management port of a running server; the exit code is the answer.
    Healthcheck,
    /// Validate configuration and realm files.
    Check,
    /// Print the configuration and where each value comes from.
    ShowConfig,
    /// Print the keys of every realm.
    KeysList,
    /// Begin the rotation of a realm's keys.
    KeysRotate {
        /// The realm.
        realm: String,
        /// What to do with the plan.
        mode: Rotation,
    },
    /// Say where each claim of a token comes from, and why others are not there.
    Explain(Box<Explain>),
    /// Work on realm files or on the durable store.
    Realm(RealmCommand),
    /// Hash a password read from standard input, as a credential of a realm file.
    HashPassword {
        /// A password policy as in a realm file, e.g. `hashAlgorithm(pbkdf2-sha512)`; Keycloak's defaults without.
        policy: Option<String>,
    },
}

/// Whether a rotation is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// Publishes the next key.
    Begin,
    /// Shows the timeline and proves that no valid token stops verifying; changes nothing.
    Drill,
}

static COMMANDS: &[(&str, &str)] = &[
    ("start-dev", "Serve, with defaults for development (also with no command at all)"),
    ("start", "Serve, with checks for production"),
    ("build", "Nothing; exits 0, as images made for Keycloak call it"),
    ("healthcheck", "Ask the management port of a running server; the exit code is the answer"),
    ("check", "Validate configuration and realm files"),
    ("show-config", "Print the configuration and where each value comes from"),
    ("keys", "List or rotate signing keys"),
    explain_command::COMMAND,
    ("hash-password", "Read a password from standard input, print it as a credential for a realm file"),
];

/// Commands of Keycloak that are not here, and what to do instead.
static KEYCLOAK_COMMANDS: &[(&str, &str)] = &[
    ("tools", "there are no further tools"),
    ("bootstrap-admin", "set KC_BOOTSTRAP_ADMIN_USERNAME and KC_BOOTSTRAP_ADMIN_PASSWORD for the first start"),
    ("update-compatibility", "old and new versions run side by side over one store"),
];

/// Options that belong to one command, and clap's own.
static COMMAND_OPTIONS: &[&str] = &["help", "help-all", "version", "drill", "policy"];

/// Every option that belongs to one command, and clap's own.
pub(crate) fn command_options() -> impl Iterator<Item = &'static str> {
    COMMAND_OPTIONS.iter().copied().chain(realm_commands::OPTIONS.iter().chain(explain_command::OPTIONS).map(|(name, _)| *name))
}

/// Whether the command option `name` takes a value.
pub(crate) fn takes_value(name: &str) -> bool {
    name == "policy" || realm_commands::OPTIONS.iter().chain(explain_command::OPTIONS).any(|option| *option == (name, true))
}

fn commands() -> impl Iterator<Item = (&'static str, &'static str)> {
    COMMANDS.iter().chain(realm_commands::COMMANDS).copied()
}

/// Whether `word` is a command.
pub(crate) fn is_command(word: &str) -> bool {
    commands().any(|(name, _)| name == word)
}

/// Refuses a first word that is no command.
pub(crate) fn check(word: &str) -> Result<(), UsageError> {
    if is_command(word) || word == "help" {
        return Ok(());
    }
    if let Some((_, instead)) = KEYCLOAK_COMMANDS.iter().find(|(name, _)| *name == word) {
        return Err(UsageError::NoSuchCommand { name: word.to_owned(), instead });
    }
    let nearest = closest(word, commands().map(|(name, _)| name)).map(str::to_owned);
    Err(UsageError::UnknownCommand { name: word.to_owned(), nearest })
}

/// The whole command line, as clap sees it.
pub(crate) fn command_line() -> clap::Command {
    let mut line = clap::Command::new("latchkey")
        .version(env!("CARGO_PKG_VERSION"))
        .about("An OpenID Connect provider compatible with Keycloak")
        .after_help("Each option is also KC_<NAME> or LATCHKEY_<NAME> in the environment and <name> in latchkey.toml.")
        .disable_help_subcommand(true);
    for option in OPTIONS {
        let arg = Arg::new(option.name).long(option.name).global(true).help(option.help).help_heading(option.group);
        line = line.arg(match option.kind {
            Kind::Flag => arg.num_args(0..=1).require_equals(true).default_missing_value("true").action(ArgAction::Append),
            Kind::Bool | Kind::Value | Kind::List => arg.num_args(1).value_name(option.value).action(ArgAction::Append),
        });
    }
    let help_all = Arg::new("help-all").long("help-all").global(true).action(ArgAction::Help).hide(true);
    line = line.arg(help_all).mut_arg("verbose", |arg| arg.short('v'));
    for (name, about) in commands() {
        line = line.subcommand(subcommand(name).about(about));
    }
    line
}

fn subcommand(name: &'static str) -> clap::Command {
    let command = clap::Command::new(name);
    match name {
        "keys" => command
            .subcommand_required(true)
            .arg_required_else_help(true)
            .subcommand(clap::Command::new("list").about("Print the keys of every realm"))
            .subcommand(
                clap::Command::new("rotate")
                    .about("Begin the rotation of a realm's keys")
                    .arg(Arg::new("realm").value_name("REALM").required(true))
                    .arg(
                        Arg::new("drill")
                            .long("drill")
                            .action(ArgAction::SetTrue)
                            .help("Show the timeline and prove that no valid token stops verifying; change nothing"),
                    ),
            ),
        "hash-password" => command.arg(
            Arg::new("policy")
                .long("policy")
                .value_name("POLICY")
                .help("A password policy as in a realm file, e.g. \"hashAlgorithm(pbkdf2-sha512)\""),
        ),
        "explain" => explain_command::arguments(command),
        _ => realm_commands::arguments(command, name),
    }
}

impl Command {
    /// The command that `matches` name.
    pub(crate) fn of(matches: &ArgMatches) -> Self {
        let text = |matches: &ArgMatches, name: &str| matches.get_one::<String>(name).cloned();
        match matches.subcommand() {
            Some(("start", _)) => Self::Start,
            Some(("build", _)) => Self::Build,
            Some(("healthcheck", _)) => Self::Healthcheck,
            Some(("check", _)) => Self::Check,
            Some(("show-config", _)) => Self::ShowConfig,
            Some(("hash-password", hash)) => Self::HashPassword { policy: text(hash, "policy") },
            Some(("explain", explain)) => Self::Explain(Box::new(Explain::of(explain))),
            Some(("keys", keys)) => match keys.subcommand() {
                Some(("rotate", rotate)) => Self::KeysRotate {
                    realm: text(rotate, "realm").unwrap_or_default(),
                    mode: if rotate.get_flag("drill") { Rotation::Drill } else { Rotation::Begin },
                },
                _ => Self::KeysList,
            },
            Some((name, matches)) => realm_commands::of(name, matches).map_or(Self::StartDev, Self::Realm),
            None => Self::StartDev,
        }
    }
}
