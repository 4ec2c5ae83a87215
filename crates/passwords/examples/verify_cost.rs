//! How long one verification takes on this machine, for each algorithm at Keycloak's default cost.
//!
//! `cargo run --release -p passwords --example verify_cost`

use std::hint::black_box;
use std::time::Duration;

use ambient::SystemEntropy;
use passwords::{HashAlgorithm, HashPolicy, hash};

#[allow(clippy::disallowed_methods)] // a stopwatch, not a clock that anything is decided by
fn best_of(rounds: u32, mut work: impl FnMut()) -> Duration {
    (0..rounds)
        .map(|_| {
            let start = std::time::Instant::now();
            work();
            start.elapsed()
        })
        .min()
        .unwrap_or_default()
}

fn main() {
    let policies = [
        (HashAlgorithm::Argon2, None, 30),
        (HashAlgorithm::Pbkdf2Sha256, Some(27_500), 30),
        (HashAlgorithm::Pbkdf2Sha256, None, 5),
        (HashAlgorithm::Pbkdf2Sha512, None, 10),
        (HashAlgorithm::Pbkdf2, None, 3),
        (HashAlgorithm::Bcrypt, None, 10),
    ];
    for (algorithm, iterations, rounds) in policies {
        let policy = HashPolicy { algorithm, iterations };
        let stored = hash("correct horse", &policy, &SystemEntropy);
        let best = best_of(rounds, || {
            black_box(stored.verify(black_box("correct horse")));
        });
        println!("{:14} {:>9}  {best:.2?}", algorithm.as_str(), policy.effective_iterations());
    }
}
