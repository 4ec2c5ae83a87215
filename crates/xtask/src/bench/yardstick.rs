use std::time::{Duration, Instant};

use ambient::SystemEntropy;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::sign::Signer;
use passwords::{HashAlgorithm, HashPolicy, PasswordCredential, hash};

use super::{BenchError, process};

/// What the crypto of an answer costs on this machine with nothing around it: milliseconds of CPU.
pub(super) struct Yardstick {
    /// One RS256 signature with a 2048-bit key.
    pub(super) signature_ms: f64,
    /// One verification of Argon2id, 7 MiB, 5 passes.
    pub(super) argon2id_ms: f64,
    /// One verification of PBKDF2-HMAC-SHA512, 210,000 rounds.
    pub(super) pbkdf2_ms: f64,
}

impl Yardstick {
    pub(super) fn measure() -> Result<Self, BenchError> {
        Ok(Self {
            signature_ms: signature_ms()?,
            argon2id_ms: verification_ms(HashAlgorithm::Argon2)?,
            pbkdf2_ms: verification_ms(HashAlgorithm::Pbkdf2Sha512)?,
        })
    }
}

fn signature_ms() -> Result<f64, BenchError> {
    let key = PKey::from_rsa(Rsa::generate(2048)?)?;
    let input = [b'x'; 1700];
    cpu_ms_of(|| Ok(Signer::new(MessageDigest::sha256(), &key)?.sign_oneshot_to_vec(&input).map(drop)?))
}

fn verification_ms(algorithm: HashAlgorithm) -> Result<f64, BenchError> {
    let credential: PasswordCredential = hash("yardstick", &HashPolicy { algorithm, iterations: None }, &SystemEntropy);
    cpu_ms_of(|| if credential.verify("yardstick") { Ok(()) } else { Err(BenchError::Usage("a hash does not verify")) })
}

/// On every core at once, as the server works under load: what cores share, they share here too. CPU and not wall time, so
/// that whatever else the machine does counts little.
fn cpu_ms_of(work: impl Fn() -> Result<(), BenchError> + Sync) -> Result<f64, BenchError> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let before = process::cpu_ms(Some(std::process::id()))?;
    let done = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(|| repeat(&work))).collect();
        let counts = threads.into_iter().map(|t| t.join().unwrap_or(Err(BenchError::Usage("a yardstick panicked"))));
        counts.sum::<Result<u32, _>>()
    })?;
    let after = process::cpu_ms(Some(std::process::id()))?;
    Ok(after.zip(before).map_or(0.0, |(after, before)| (after - before) / f64::from(done)))
}

fn repeat(work: &impl Fn() -> Result<(), BenchError>) -> Result<u32, BenchError> {
    let (start, mut done) = (Instant::now(), 0);
    while start.elapsed() < Duration::from_secs(2) {
        work()?;
        done += 1;
    }
    Ok(done)
}
