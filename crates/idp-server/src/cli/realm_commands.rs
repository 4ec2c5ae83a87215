//! The commands on realm files and on the durable store.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches};

/// A command on realm files or on the durable store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RealmCommand {
    /// Say what is wrong with realm files, without server or store.
    Lint {
        /// The files and folders; empty: those of `--realms`.
        files: Vec<PathBuf>,
        /// How to print.
        format: ReportFormat,
    },
    /// Lay realm files out in the canonical order.
    Format {
        /// The files and folders.
        files: Vec<PathBuf>,
        /// Whether files are written.
        mode: FormatMode,
    },
    /// Print the JSON Schema of a realm file.
    Schema,
    /// Show what `apply` would change.
    Plan(Reconcile),
    /// Bring the store to what the files say.
    Apply(Reconcile),
    /// Show where the store differs from the files.
    Drift(Reconcile),
    /// Write realms out, as Keycloak's `export` does.
    Export(Export),
    /// Read realms in, as Keycloak's `import` does.
    Import(Import),
}

/// How `lint` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportFormat {
    /// For people.
    Human,
    /// For programs.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
    /// For a pull request (`plan` and `drift`).
    Markdown,
}

/// What `fmt` does with a file that is not laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormatMode {
    /// Writes it.
    Write,
    /// Names it and fails.
    Check,
}

/// What `plan`, `apply` and `drift` take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconcile {
    /// The files and folders; empty: those of `--realms`.
    pub files: Vec<PathBuf>,
    /// How to print.
    pub format: ReportFormat,
    /// `--allow-deletes`, `--delete-users`: what may go.
    pub deletions: Deletions,
}

/// What a plan may take away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deletions {
    /// More than a tenth of a kind of entity, and whole realms.
    pub allow_deletes: bool,
    /// Users that left the files.
    pub delete_users: bool,
}

/// What `export` takes; the names are Keycloak's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// `--dir`
    pub dir: Option<PathBuf>,
    /// `--file`
    pub file: Option<PathBuf>,
    /// `--realm`; all without.
    pub realm: Option<String>,
    /// `--users`: `skip`, `realm_file`, `same_file`, `different_files`.
    pub users: Option<String>,
    /// `--users-per-file`
    pub users_per_file: usize,
}

/// What `import` takes; the names are Keycloak's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// `--dir`
    pub dir: Option<PathBuf>,
    /// `--file`
    pub file: Option<PathBuf>,
    /// `--override`: whether a realm that is there already is replaced. Default: true, as in Keycloak.
    pub replaces: bool,
}

/// Name and what it does.
pub(super) static COMMANDS: &[(&str, &str)] = &[
    ("lint", "Say what is wrong with realm files; needs neither server nor store"),
    ("fmt", "Lay realm files out in the canonical order, so that git diff reads well"),
    ("schema", "Print the JSON Schema of a realm file, for editors"),
    ("plan", "Show what apply would change: exit code 0 nothing, 2 changes, 1 error"),
    ("apply", "Bring the store to what the realm files say; a running server takes it over"),
    ("drift", "Show where the store differs from the realm files: exit codes as plan"),
    ("export", "Write realms to files, with Keycloak's options and layout"),
    ("import", "Read realms from files, with Keycloak's options"),
];

/// Options of these commands, and whether each takes a value.
pub(super) static OPTIONS: &[(&str, bool)] = &[
    ("format", true),
    ("check", false),
    ("allow-deletes", false),
    ("delete-users", false),
    ("dir", true),
    ("file", true),
    ("realm", true),
    ("users", true),
    ("users-per-file", true),
    ("override", true),
];

/// The arguments of the command `name`; `command` as it is where `name` is none of these.
pub(super) fn arguments(command: clap::Command, name: &str) -> clap::Command {
    let value =
        |name: &'static str, shown: &'static str, help: &'static str| Arg::new(name).long(name).value_name(shown).help(help);
    let switch = |name: &'static str, help: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
    let format = |words: &'static [&'static str]| {
        let parser = PossibleValuesParser::new(words.iter().copied());
        Arg::new("format").long("format").value_parser(parser).default_value("human").help("How to print")
    };
    let files = |help: &'static str| Arg::new("files").value_name("FILE|DIR").num_args(0..).help(help);
    let of_realms = "Realm files, or folders of them. Default: those of --realms.";
    let allow = || switch("allow-deletes", "Let more than a tenth of a kind of entity, or a whole realm, be deleted");
    let users = || switch("delete-users", "Delete users that left the files, too");
    match name {
        "lint" => command.arg(files(of_realms)).arg(format(&["human", "json", "sarif", "github"])),
        "fmt" => command.arg(files(of_realms)).arg(switch("check", "Write nothing; fail where a file is not laid out")),
        "plan" | "drift" | "apply" => {
            command.arg(files(of_realms)).arg(format(&["human", "json", "markdown"])).arg(allow()).arg(users())
        }
        "export" => command
            .arg(value("dir", "DIR", "The folder to write to"))
            .arg(value("file", "FILE", "The file to write to"))
            .arg(value("realm", "REALM", "The realm. Default: all"))
            .arg(value("users", "WHERE", "skip, realm_file, same_file, different_files (default with --dir)"))
            .arg(value("users-per-file", "NUMBER", "With different_files. Default: 50")),
        "import" => command
            .arg(value("dir", "DIR", "The folder to read"))
            .arg(value("file", "FILE", "The file to read"))
            .arg(value("override", "true|false", "Replace realms that are there already. Default: true")),
        _ => command,
    }
}

/// The command that `name` and `matches` give.
pub(super) fn of(name: &str, matches: &ArgMatches) -> Option<RealmCommand> {
    let text = |name: &str| matches.get_one::<String>(name).cloned();
    let path = |name: &str| text(name).map(PathBuf::from);
    let on = |name: &str| matches.try_get_one::<bool>(name).ok().flatten().copied().unwrap_or_default();
    let files = || matches.get_many::<String>("files").into_iter().flatten().map(PathBuf::from).collect::<Vec<_>>();
    let format = || match matches.get_one::<String>("format").map(String::as_str) {
        Some("json") => ReportFormat::Json,
        Some("sarif") => ReportFormat::Sarif,
        Some("github") => ReportFormat::Github,
        Some("markdown") => ReportFormat::Markdown,
        _ => ReportFormat::Human,
    };
    let reconcile = || Reconcile {
        files: files(),
        format: format(),
        deletions: Deletions { allow_deletes: on("allow-deletes"), delete_users: on("delete-users") },
    };
    Some(match name {
        "lint" => RealmCommand::Lint { files: files(), format: format() },
        "fmt" => {
            let mode = if on("check") { FormatMode::Check } else { FormatMode::Write };
            RealmCommand::Format { files: files(), mode }
        }
        "schema" => RealmCommand::Schema,
        "plan" => RealmCommand::Plan(reconcile()),
        "apply" => RealmCommand::Apply(reconcile()),
        "drift" => RealmCommand::Drift(reconcile()),
        "export" => RealmCommand::Export(Export {
            dir: path("dir"),
            file: path("file"),
            realm: text("realm"),
            users: text("users"),
            users_per_file: text("users-per-file").and_then(|number| number.parse().ok()).unwrap_or(50),
        }),
        "import" => RealmCommand::Import(Import {
            dir: path("dir"),
            file: path("file"),
            replaces: text("override").is_none_or(|word| !word.eq_ignore_ascii_case("false")),
        }),
        _ => return None,
    })
}
