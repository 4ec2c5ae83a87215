//! Requests and realm files with something wrong in them: every one is answered or refused, none brings the server down.

mod change;
mod realm_files;
mod token_requests;

use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::harness::environment;

/// A runner that makes the same cases every time; `LATCHKEY_MUTATIONS` says how many, else `cases`.
fn runner(cases: u32) -> TestRunner {
    let cases = environment("LATCHKEY_MUTATIONS").map_or(cases, |number| number.parse().unwrap());
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}
