use std::time::{Duration, Instant};

use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::sign::Signer;

use super::BenchError;

/// RS256 signatures of a token-sized input that one core makes in a second, with nothing around them.
pub(super) fn rsa2048_signatures_per_second(time: Duration) -> Result<f64, BenchError> {
    let key = PKey::from_rsa(Rsa::generate(2048)?)?;
    let input = [b'x'; 1700];
    let start = Instant::now();
    let mut made = 0_u32;
    while start.elapsed() < time {
        for _ in 0..50 {
            let mut signer = Signer::new(MessageDigest::sha256(), &key)?;
            signer.sign_oneshot_to_vec(&input)?;
            made += 1;
        }
    }
    Ok(f64::from(made) / start.elapsed().as_secs_f64())
}
