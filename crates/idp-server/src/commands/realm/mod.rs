//! The commands on realm files and on the durable store.

mod files;

use std::process::ExitCode;

use crate::cli::{Invocation, Plan, RealmCommand};

/// Carries `command` out.
pub(super) fn run(command: &RealmCommand, plan: &Plan, invocation: &Invocation) -> ExitCode {
    match command {
        RealmCommand::Lint { files, format } => files::lint(&files::paths(files, plan), *format, invocation),
        RealmCommand::Format { files, mode } => files::format(&files::paths(files, plan), *mode),
        _ => ExitCode::FAILURE,
    }
}
