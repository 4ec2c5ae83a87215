//! `latchkey check`: configuration and realm files, all that is wrong with them, in one run.

use std::process::ExitCode;

use key_rotation::{Schedule, check_provider};
use realm_model::Realm;
use sessions::SessionsUrl;

use crate::cli::{Invocation, Plan};
use crate::realms;
use crate::{tls, written};

/// Prints every finding; fails where one is an error.
pub(super) fn check(plan: &Plan, invocation: &Invocation) -> ExitCode {
    let settings = &plan.settings;
    let mut errors = 0_usize;
    let mut tell = |finding: String| {
        errors += 1;
        say!("{finding}");
    };
    if let Err(error) = settings.sessions.parse::<SessionsUrl>() {
        tell(format!("error: {error}"));
    }
    if let Some(https) = &settings.https
        && let Err(error) = tls::acceptor(&https.certificate, &https.key)
    {
        tell(format!("error: {error}"));
    }
    let files = realms::paths(settings);
    let (realms, diagnostics) = realms::read(&files, &invocation.environment);
    for diagnostic in diagnostics {
        if diagnostic.is_error() {
            tell(diagnostic.to_string());
        } else {
            say!("{diagnostic}");
        }
    }
    for loaded in written::realms(&files, &invocation.environment) {
        keys(&loaded.realm).into_iter().for_each(&mut tell);
    }
    if files.is_empty() {
        tell("error: no realm files: name files or folders with --realms (LATCHKEY_REALMS)".to_owned());
    }
    let realms = realms.len();
    say!("{realms} {} valid, {errors} {}", noun(realms, "realm"), noun(errors, "error"));
    if errors == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn noun(count: usize, word: &str) -> String {
    if count == 1 { word.to_owned() } else { format!("{word}s") }
}

/// What is wrong with the key providers and the rotation of `realm`.
fn keys(realm: &Realm) -> Vec<String> {
    let providers = realm.key_providers.iter().filter_map(|provider| check_provider(provider).err());
    let mut wrong: Vec<String> = providers.map(|fault| format!("realm {}: error: {fault}", realm.name)).collect();
    wrong.extend(Schedule::of(realm).err().map(|fault| format!("realm {}: error: {fault}", realm.name)));
    wrong
}
