//! The first pass over the arguments: what is ours goes on to clap, what is only Keycloak's is set aside.

use super::UsageError;
use super::commands;
use super::keycloak::{self, Known};
use super::table::{self, Kind};

/// The arguments, sorted.
#[derive(Debug, Default)]
pub(crate) struct Sieved {
    /// What clap shall see.
    pub(crate) ours: Vec<String>,
    /// Options that mean nothing here, by name.
    pub(crate) ignored: Vec<String>,
    /// `--log-level-<category>=<level>`.
    pub(crate) categories: Vec<(String, String)>,
}

/// Sorts `arguments` (without the program's name).
///
/// # Errors
/// Unknown options and commands, and options that must not be ignored.
pub(crate) fn sieve(arguments: impl IntoIterator<Item = String>) -> Result<Sieved, UsageError> {
    let mut sieved = Sieved::default();
    let mut rest = arguments.into_iter().peekable();
    let mut command = None;
    while let Some(argument) = rest.next() {
        let Some(option) = argument.strip_prefix("--") else {
            if argument == "-cf" {
                sieved.ours.push("--config-file".to_owned());
                sieved.ours.extend(rest.next());
                continue;
            }
            if command.is_none() && !argument.starts_with('-') {
                commands::check(&argument)?;
                command = Some(argument.clone());
            }
            sieved.ours.push(argument);
            continue;
        };
        let (name, value) = option.split_once('=').map_or((option, None), |(name, value)| (name, Some(value.to_owned())));
        if commands::command_options().any(|option| option == name) {
            let takes_next = value.is_none() && commands::takes_value(name);
            sieved.ours.push(argument);
            sieved.ours.extend(takes_next.then(|| rest.next()).flatten());
            continue;
        }
        let known = keycloak::classify(name)
            .ok_or_else(|| UsageError::UnknownOption { name: name.to_owned(), nearest: nearest_option(name) })?;
        if let Known::Ours(name) = known {
            let flag = table::find(name).is_some_and(|option| option.kind == Kind::Flag);
            let takes_next = value.is_none() && !flag;
            sieved.ours.push(argument);
            sieved.ours.extend(takes_next.then(|| rest.next()).flatten());
            // What a shell makes of `--realms *.json`.
            while let Some(further) =
                rest.next_if(|next| name == "realms" && !next.starts_with('-') && !commands::is_command(next))
            {
                sieved.ours.push(format!("--realms={further}"));
            }
            continue;
        }
        let name = name.to_owned();
        let value = value.or_else(|| rest.next_if(|next| !next.starts_with('-') && !commands::is_command(next)));
        sieved.set_aside(known, name, value.unwrap_or_default())?;
    }
    Ok(sieved)
}

fn nearest_option(name: &str) -> Option<String> {
    keycloak::nearest(name).or_else(|| keycloak::closest(name, commands::command_options())).map(str::to_owned)
}

impl Sieved {
    fn set_aside(&mut self, known: Known, name: String, value: String) -> Result<(), UsageError> {
        let origin = format!("--{name}");
        match known {
            Known::CategoryLevel => self.categories.push((name.trim_start_matches("log-level-").to_owned(), value)),
            Known::Refused { harmless, instead } if value.to_ascii_lowercase() != harmless => {
                return Err(UsageError::Refused { name, origin, instead });
            }
            Known::Dropped(instead) => return Err(UsageError::Dropped { name, origin, instead }),
            Known::Ours(_) | Known::Ignored | Known::Refused { .. } => self.ignored.push(name),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sieved(line: &str) -> Result<Sieved, UsageError> {
        sieve(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn keycloaks_own_options_are_set_aside_with_their_values() {
        let sieved =
            sieved("start --db-driver x --http-port 1 --spi-a--b=c --cache=ispn --log-level-org.keycloak=debug").unwrap();
        assert_eq!(sieved.ours, ["start", "--http-port", "1"]);
        assert_eq!(sieved.ignored, ["db-driver", "spi-a--b", "cache"]);
        assert_eq!(sieved.categories, [("org.keycloak".to_owned(), "debug".to_owned())]);
    }

    #[test]
    fn an_ignored_option_does_not_swallow_the_command() {
        assert_eq!(sieved("--features-disabled start-dev").unwrap().ours, ["start-dev"]);
    }

    #[test]
    fn several_realm_files_may_follow_one_option() {
        let sieved = sieved("--realms a.json b.json start --realms c.json --http-port 1").unwrap();
        assert_eq!(sieved.ours, ["--realms", "a.json", "--realms=b.json", "start", "--realms", "c.json", "--http-port", "1"]);
    }

    #[test]
    fn an_unknown_option_gets_the_nearest_name() {
        let error = sieved("start --http-prot=1").unwrap_err();
        assert_eq!(error.to_string(), "unknown option --http-prot; did you mean --http-port?");
    }

    #[test]
    fn an_unknown_command_gets_the_nearest_name() {
        assert_eq!(sieved("start-de").unwrap_err().to_string(), "unknown command start-de; did you mean start-dev?");
        assert!(sieved("tools x").unwrap_err().to_string().starts_with("there is no command tools here"));
    }

    #[test]
    fn asking_for_client_certificates_at_the_management_port_is_refused_rather_than_ignored() {
        assert!(sieved("start --https-management-client-auth=required").is_err());
        assert!(sieved("start --https-management-client-auth=none").is_ok());
    }

    #[test]
    fn an_option_that_keycloak_dropped_names_its_successor() {
        let error = sieved("start --proxy edge").unwrap_err().to_string();
        assert!(error.ends_with("use proxy-headers"), "{error}");
    }
}
