//! `latchkey show-config`: every option that was given, and where.

use std::process::ExitCode;

use crate::cli::Plan;

/// Prints `name = value (origin)`; values that may be secrets are masked.
pub(super) fn show_config(plan: &Plan) -> ExitCode {
    for (name, value, origin) in plan.layers.given() {
        say!("{name} = {value} ({origin})");
    }
    ExitCode::SUCCESS
}
