//! What loading realm files costs: `cargo run --release -p realm-store --example load -- PATH…`
//!
//! Prints the time of the first load, the mean of 50 more, and how much the process has grown by the first one.

use std::path::PathBuf;

use ambient::{Clock, SystemClock};

/// Resident memory in KiB, from the kernel.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).unwrap_or(0)
}

fn main() {
    const ROUNDS: i64 = 50;
    let paths: Vec<PathBuf> = std::env::args().skip(1).map(PathBuf::from).collect();
    let before = resident();
    let start = SystemClock.now();
    let outcome = realm_store::load(&paths, &|_| None);
    let first = SystemClock.now();
    println!("{}", realm_model::render(&outcome.diagnostics));
    println!("{} realms in {} ms", outcome.realms.count(), first.millis_since(start));
    println!("resident: {before} KiB before, {} KiB after", resident());
    let start = SystemClock.now();
    for _ in 0..ROUNDS {
        drop(realm_store::load(&paths, &|_| None));
    }
    let millis = SystemClock.now().millis_since(start);
    println!("{}.{:02} ms each of {ROUNDS} more", millis / ROUNDS, millis % ROUNDS * 100 / ROUNDS);
}
