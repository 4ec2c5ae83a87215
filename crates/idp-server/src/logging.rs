//! Log lines on standard output (commands other than start: standard error), with Keycloak's words for levels and categories.

use std::io::Write;

use env_logger::{Builder, Target};
use log::LevelFilter;

use crate::cli::LogFormat;

/// The crates of this server, as log targets.
const CRATES: &[&str] = &[
    "latchkey",
    "idp_server",
    "admin_api",
    "client_registration",
    "ambient",
    "client_auth",
    "decoupled_login",
    "discovery",
    "events",
    "key_rotation",
    "login_flow",
    "org.keycloak.events",
    "outbound_http",
    "passwords",
    "realm_files",
    "realm_http",
    "realm_model",
    "realm_store",
    "sessions",
    "token_endpoint",
    "token_inspection",
    "token_issuer",
];

/// Categories of Keycloak and what they are here. The first that fits counts.
static CATEGORIES: &[(&str, &[&str])] = &[
    ("org.keycloak.events", &["org.keycloak.events", "events"]),
    ("org.keycloak.authentication", &["token_endpoint", "login_flow", "client_auth"]),
    ("org.keycloak.protocol", &["token_endpoint", "token_inspection", "token_issuer", "discovery"]),
    ("org.keycloak.credential", &["passwords"]),
    ("org.keycloak.keys", &["key_rotation"]),
    ("org.keycloak.models", &["realm_model", "realm_store"]),
    ("org.keycloak.exportimport", &["realm_files", "realm_model", "realm_store"]),
    ("org.keycloak", CRATES),
    ("org.infinispan", &["sessions", "redis"]),
    ("io.quarkus", &["actix_server"]),
    ("io.vertx", &["actix_http", "actix_server"]),
    ("org.hibernate", &["sessions"]),
];

/// Where lines go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// A server's log.
    Log,
    /// Beside the output of a command.
    Diagnostics,
}

/// Sets the logger of the process. `level` is Keycloak's `log-level`; `fallback` is what `RUST_LOG` says, used without one.
pub fn init(level: Option<&str>, fallback: Option<&str>, format: LogFormat, output: Output) -> Vec<String> {
    let mut builder = Builder::new();
    builder.filter_level(LevelFilter::Info).filter_module("actix_server", LevelFilter::Warn);
    let mut warnings = Vec::new();
    match (level, fallback) {
        (Some(level), _) => warnings = apply(level, |target, level| filter(&mut builder, target, level)),
        (None, Some(rust_log)) => {
            builder.parse_filters(rust_log);
        }
        (None, None) => {}
    }
    builder.target(if output == Output::Log { Target::Stdout } else { Target::Stderr });
    match format {
        LogFormat::Plain => builder.format(|out, record| {
            let message = harmless(record.args().to_string());
            writeln!(out, "{} {:<5} [{}] {message}", out.timestamp_millis(), record.level(), record.target())
        }),
        LogFormat::Json => builder.format(|out, record| {
            let line = serde_json::json!({
                "timestamp": out.timestamp_millis().to_string(),
                "loggerName": record.target(),
                "level": record.level().as_str(),
                "message": record.args().to_string(),
            });
            writeln!(out, "{line}")
        }),
    };
    if builder.try_init().is_err() {
        warnings.push("a logger was set already".to_owned());
    }
    warnings
}

/// A message that can neither pass for another line nor steer a terminal, whatever names stand in it: further lines of it are
/// set in, other control characters escaped (CVE-2023-6484).
fn harmless(message: String) -> String {
    if !message.contains(char::is_control) {
        return message;
    }
    let mut safe = String::with_capacity(message.len() + 16);
    for char in message.trim_end().chars() {
        match char {
            '\n' => safe.push_str("\n    "),
            control if control.is_control() => safe.extend(control.escape_default()),
            other => safe.push(other),
        }
    }
    safe
}

fn filter(builder: &mut Builder, target: Option<&str>, level: LevelFilter) {
    match target {
        Some(target) => builder.filter_module(target, level),
        None => builder.filter_level(level),
    };
}

/// Reads `info,org.keycloak:debug` and says each target with its level; what cannot be read comes back as warnings.
fn apply(spec: &str, mut set: impl FnMut(Option<&str>, LevelFilter)) -> Vec<String> {
    let mut warnings = Vec::new();
    for item in spec.split(',').map(str::trim).filter(|item| !item.is_empty()) {
        let (category, level) = item.rsplit_once(':').map_or((None, item), |(category, level)| (Some(category), level));
        let Some(level) = level_of(level) else {
            warnings.push(format!("log-level: `{level}` is no level (off, fatal, error, warn, info, debug, trace, all)"));
            continue;
        };
        match category {
            None => set(None, level),
            Some(category) => targets_of(category).into_iter().for_each(|target| set(Some(target), level)),
        }
    }
    warnings
}

fn level_of(word: &str) -> Option<LevelFilter> {
    Some(match word.to_ascii_lowercase().as_str() {
        "off" => LevelFilter::Off,
        "fatal" | "error" => LevelFilter::Error,
        "warn" | "warning" => LevelFilter::Warn,
        "info" => LevelFilter::Info,
        "debug" => LevelFilter::Debug,
        "trace" | "all" => LevelFilter::Trace,
        _ => return None,
    })
}

/// The targets here that a category of Keycloak stands for; a category that is not Keycloak's is taken as a target.
fn targets_of(category: &str) -> Vec<&str> {
    let dotted = |prefix: &str| {
        category.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-']))
            || category.replace('-', ".").strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    match CATEGORIES.iter().find(|(prefix, _)| dotted(prefix)) {
        Some((_, targets)) => targets.to_vec(),
        None => vec![category],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(spec: &str) -> (Vec<(Option<String>, LevelFilter)>, Vec<String>) {
        let mut set = Vec::new();
        let warnings = apply(spec, |target, level| set.push((target.map(str::to_owned), level)));
        (set, warnings)
    }

    #[test]
    fn reads_a_root_level_and_categories() {
        let (set, warnings) = applied("WARN,org.keycloak.credential:debug, redis:trace");
        assert_eq!(warnings, [""; 0]);
        let target = |name: &str| Some(name.to_owned());
        assert_eq!(
            set,
            [(None, LevelFilter::Warn), (target("passwords"), LevelFilter::Debug), (target("redis"), LevelFilter::Trace)]
        );
    }

    #[test]
    fn no_message_passes_for_a_line_of_its_own_or_steers_a_terminal() {
        assert_eq!(harmless("realm r: all is well".to_owned()), "realm r: all is well");
        let forged = "realm a\n2026-11-22T00:00:00Z INFO  [latchkey] forged\r\u{1b}[2J\u{85}\t.".to_owned();
        assert_eq!(harmless(forged), "realm a\n    2026-11-22T00:00:00Z INFO  [latchkey] forged\\r\\u{1b}[2J\\u{85}\\t.");
    }

    #[test]
    fn the_whole_of_keycloak_is_the_whole_of_this_server() {
        assert_eq!(applied("org.keycloak:debug").0.len(), CRATES.len());
        assert_eq!(applied("org-keycloak-services:debug").0.len(), CRATES.len());
    }

    #[test]
    fn a_word_that_is_no_level_is_told() {
        assert_eq!(applied("chatty").1.len(), 1);
    }
}
