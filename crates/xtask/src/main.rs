//! What maintainers run beside the tests: `cargo xtask bench`.
#![allow(clippy::disallowed_methods)] // it measures: the clock is its subject

mod bench;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Loads a running server (and a second one, alternating) and prints rates, latencies, CPU per request and memory.
    Bench(bench::Options),
}

fn main() -> std::process::ExitCode {
    let Task::Bench(options) = Cli::parse().task;
    match bench::run(&options) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}
