//! The benchmark: the same load on each server, alternating, with the machine's raw RSA signature as the yardstick.

mod edits;
mod large_file;
mod latchkey;
mod load;
mod made;
mod process;
mod proof;
mod realms;
mod report;
mod scale;
mod users;
mod workload;
mod yardstick;

use std::time::Duration;

use thiserror::Error;
use yardstick::Yardstick;

use crate::http_client::HttpError;

/// Options of `cargo xtask bench`.
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Options {
    /// Realm files and durable stores of size, on a server or command of the benchmark's own.
    #[command(subcommand)]
    scale: Option<scale::Scale>,
    /// The server: scheme, host and port, and the relative path if it has one.
    #[arg(long)]
    base: Option<String>,
    /// A second server that gets the same load in turns.
    #[arg(long)]
    compare: Option<String>,
    /// Process id of the server: CPU and memory are read from /proc.
    #[arg(long)]
    pid: Option<u32>,
    /// Process id of the second server.
    #[arg(long)]
    compare_pid: Option<u32>,
    /// Seconds of one round.
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// Rounds of each workload on each server.
    #[arg(long, default_value_t = 3)]
    rounds: u32,
    /// Connections that ask at the same time.
    #[arg(long, default_value_t = 8)]
    connections: usize,
    /// Only the workloads whose name contains this.
    #[arg(long)]
    only: Option<String>,
    /// Makes this many sessions and prints the memory that each took (needs --pid).
    #[arg(long)]
    sessions: Option<u32>,
    /// Starts this command line (words at blanks) a few times and prints the time from exec to the first ready answer of --base.
    #[arg(long)]
    start: Option<String>,
}

/// Why a benchmark could not run.
#[derive(Debug, Error)]
pub enum BenchError {
    /// The server did not answer as HTTP.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The server refused what the workload needs.
    #[error("{workload}: status {status}: {body}")]
    Refused {
        /// Which workload.
        workload: &'static str,
        /// The status it got.
        status: u16,
        /// The beginning of the answer.
        body: String,
    },
    /// A command or file of the machine.
    #[error("{0}: {1}")]
    Machine(String, std::io::Error),
    /// Options that do not fit together.
    #[error("{0}")]
    Usage(&'static str),
    /// What was measured did not go as it must.
    #[error("{0}")]
    Wrong(String),
    /// OpenSSL.
    #[error(transparent)]
    Crypto(#[from] openssl::error::ErrorStack),
}

/// Runs what the options ask for.
///
/// # Errors
/// See [`BenchError`].
pub fn run(options: &Options) -> Result<(), BenchError> {
    if let Some(scale) = &options.scale {
        return scale.run();
    }
    if let Some(command) = &options.start {
        return process::print_start_times(command, options.base.as_deref().ok_or(BenchError::Usage("--start needs --base"))?);
    }
    let servers = servers(options)?;
    if let Some(count) = options.sessions {
        return load::print_memory_per_session(
            servers.first().ok_or(BenchError::Usage("--base is needed"))?,
            count,
            options.connections,
        );
    }
    let yardstick = Yardstick::measure()?;
    report::print_head(&yardstick);
    for workload in workload::ALL.iter().filter(|w| options.only.as_deref().is_none_or(|only| w.name.contains(only))) {
        let mut results: Vec<Vec<load::Round>> = servers.iter().map(|_| Vec::new()).collect();
        for _ in 0..options.rounds {
            for (server, rounds) in servers.iter().zip(&mut results) {
                rounds.push(load::round(workload, server, options.connections, Duration::from_secs(options.seconds))?);
            }
        }
        for (server, rounds) in servers.iter().zip(&results) {
            report::print_row(workload, server, rounds, &yardstick);
        }
    }
    for server in servers.iter().filter(|s| s.pid.is_some()) {
        println!("\n{}: {:.1} MiB resident", server.base, process::resident_bytes(server.pid)? / 1_048_576.0);
    }
    Ok(())
}

/// A server under load.
#[derive(Clone)]
pub struct Server {
    base: String,
    pid: Option<u32>,
}

fn servers(options: &Options) -> Result<Vec<Server>, BenchError> {
    let base = options.base.clone().ok_or(BenchError::Usage("--base is needed"))?;
    let second = options.compare.clone().map(|base| Server { base, pid: options.compare_pid });
    Ok(std::iter::once(Server { base, pid: options.pid }).chain(second).collect())
}
