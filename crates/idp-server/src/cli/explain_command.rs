//! `latchkey explain`.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches};

/// What `explain` takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explain {
    /// Realm files or folders of them; empty: the store, or the files of `--realms` where there is none.
    pub files: Vec<PathBuf>,
    /// The realm; needed where there are several and no token.
    pub realm: Option<String>,
    /// `clientId`
    pub client: Option<String>,
    /// Username or e-mail address; the client's service account without.
    pub user: Option<String>,
    /// The `scope` parameter.
    pub scope: Option<String>,
    /// `claim:NAME`, `role:NAME`, `audience:NAME`, `scope:NAME`.
    pub why: Vec<String>,
    /// A file with a token; `-` is standard input.
    pub token: Option<PathBuf>,
    /// Whether JSON is printed.
    pub json: bool,
}

/// Name and what it does.
pub(super) static COMMAND: (&str, &str) = ("explain", "Say where each claim of a token comes from, and why others are not there");

/// Its options, and whether each takes a value.
pub(super) static OPTIONS: &[(&str, bool)] =
    &[("realm", true), ("client", true), ("user", true), ("scope", true), ("why", true), ("token", true), ("json", false)];

pub(super) fn arguments(command: clap::Command) -> clap::Command {
    let value =
        |name: &'static str, shown: &'static str, help: &'static str| Arg::new(name).long(name).value_name(shown).help(help);
    let files = "Realm files, or folders of them. Default: the store; where there is none, those of --realms.";
    command
        .arg(Arg::new("files").value_name("FILE|DIR").num_args(0..).help(files))
        .arg(value("realm", "REALM", "The realm. Default: the only one"))
        .arg(value("client", "CLIENT", "The client that gets the tokens"))
        .arg(value("user", "USER", "For whom, by name or e-mail address. Default: the service account of the client"))
        .arg(value("scope", "SCOPE", "The scope parameter. Default: openid, nothing for a service account"))
        .arg(
            value("why", "KIND:NAME", "What is missed: claim:NAME, role:NAME, audience:NAME, scope:NAME; may be repeated")
                .action(ArgAction::Append),
        )
        .arg(value("token", "FILE", "A token; client, user and scope are taken from it. - reads standard input"))
        .arg(Arg::new("json").long("json").action(ArgAction::SetTrue).help("Print JSON"))
}

impl Explain {
    pub(super) fn of(matches: &ArgMatches) -> Self {
        let text = |name: &str| matches.get_one::<String>(name).cloned();
        let all = |name: &str| matches.get_many::<String>(name).into_iter().flatten().cloned().collect::<Vec<_>>();
        Self {
            files: all("files").into_iter().map(PathBuf::from).collect(),
            realm: text("realm"),
            client: text("client"),
            user: text("user"),
            scope: text("scope"),
            why: all("why"),
            token: text("token").map(PathBuf::from),
            json: matches.get_flag("json"),
        }
    }
}
