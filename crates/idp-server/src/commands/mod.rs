//! What the commands do.

/// A line on standard output; unlike `println!` no panic where the reader of a pipe has gone (`latchkey keys list | head -1`).
macro_rules! say {
    ($($text:tt)*) => {{
        let _ = std::io::Write::write_fmt(&mut std::io::stdout(), format_args!("{}\n", format_args!($($text)*)));
    }};
}

mod check;
mod explain;
mod hash_password;
mod keys;
mod realm;
mod show_config;
mod start;

use std::process::ExitCode;

use ambient::{Clock, SystemClock, Timestamp};

use crate::cli::{self, Command, Invocation, Plan, UsageError};
use crate::healthcheck;
use crate::http::block_on;
use crate::logging::{self, Output};

/// Exit code of a command line, an environment or a file that cannot be followed.
const USAGE: u8 = 2;

/// Carries out what the process was started for.
pub fn run(invocation: &Invocation) -> ExitCode {
    let began = SystemClock.now();
    match cli::plan(invocation) {
        Ok(plan) => carry_out(&plan, invocation, began),
        Err(errors) => refuse(&errors),
    }
}

/// Tells every error; help and version, which clap reports as errors too, are no failure.
fn refuse(errors: &[UsageError]) -> ExitCode {
    if let [UsageError::Clap(told)] = errors {
        // A closed pipe is nobody to complain to.
        return if told.print().is_err() || !told.use_stderr() { ExitCode::SUCCESS } else { ExitCode::from(USAGE) };
    }
    for error in errors {
        eprintln!("latchkey: {error}");
    }
    eprintln!("latchkey --help lists commands and options");
    ExitCode::from(USAGE)
}

fn carry_out(plan: &Plan, invocation: &Invocation, began: Timestamp) -> ExitCode {
    let serving = matches!(plan.command, Command::StartDev | Command::Start);
    let rust_log = invocation.environment.iter().find(|(name, _)| name == "RUST_LOG").map(|(_, value)| value.as_str());
    let output = if serving { Output::Log } else { Output::Diagnostics };
    // What is read on the way is not what was asked for.
    let level = plan.settings.log_level.as_deref().or_else(|| matches!(plan.command, Command::Explain(_)).then_some("warn"));
    let doubts = logging::init(level, rust_log, plan.settings.log_format, output);
    let quiet = matches!(
        plan.command,
        Command::Build | Command::Healthcheck | Command::HashPassword { .. } | Command::Explain(_) | Command::Realm(_)
    );
    for warning in plan.warnings.iter().chain(&doubts).filter(|_| !quiet) {
        log::warn!("{warning}");
    }
    match &plan.command {
        Command::StartDev | Command::Start => block_on(start::start(plan, invocation, began)),
        Command::Build => ExitCode::SUCCESS,
        Command::Healthcheck => told(healthcheck::ask(&plan.settings)),
        Command::ShowConfig => show_config::show_config(plan),
        Command::HashPassword { policy } => told(hash_password::hash_password(policy.as_deref())),
        Command::Check => check::check(plan, invocation),
        Command::Explain(what) => told(block_on(explain::explain(what, plan, invocation))),
        Command::Realm(command) => realm::run(command, plan, invocation),
        Command::KeysList => told(block_on(keys::list(plan, invocation))),
        Command::KeysRotate { realm, mode } => told(block_on(keys::rotate(plan, invocation, realm, *mode))),
    }
}

fn told<E: std::fmt::Display>(outcome: Result<(), E>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("latchkey: {error}");
            ExitCode::FAILURE
        }
    }
}
