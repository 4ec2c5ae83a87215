//! What maintainers run beside the tests: `cargo xtask bench`, `cargo xtask same-tokens`.
#![allow(clippy::disallowed_methods)] // it measures: the clock is its subject

mod bench;
mod http_client;
mod same_tokens;

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
    /// Logs in everybody everywhere on servers with the same realms and compares what they answer, claim by claim.
    SameTokens(same_tokens::Options),
}

fn main() -> std::process::ExitCode {
    let done = match Cli::parse().task {
        Task::Bench(options) => bench::run(&options).map_err(|error| format!("bench: {error}")),
        Task::SameTokens(options) => same_tokens::run(&options).map_err(|error| format!("same-tokens: {error}")),
    };
    match done {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            std::process::ExitCode::FAILURE
        }
    }
}
