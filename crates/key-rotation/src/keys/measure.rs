//! A measurement, no test: `cargo test --release --package key-rotation -- --ignored --nocapture rate`.

use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey};
use openssl::ecdsa::EcdsaSig;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::sign::Signer;

use crate::jws::{parse_compact, sign_compact};
use crate::keys::VerificationKey;
use crate::test_realm::exported;
use crate::{Algorithm, PublicKeySet, ShownKey};

const ROUNDS: usize = 9;
const ROUND_NANOS: u64 = 200_000_000;

/// Of this thread's own CPU time, so that it means something on a busy machine.
fn per_second(mut work: impl FnMut()) -> f64 {
    let start = cpu_nanos();
    let mut done = 0_u32;
    while cpu_nanos() - start < ROUND_NANOS {
        for _ in 0..64 {
            work();
        }
        done += 64;
    }
    f64::from(done) / ((cpu_nanos() - start) as f64 / 1e9)
}

fn cpu_nanos() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse().unwrap()
}

#[tokio::test]
#[ignore = "a measurement"]
async fn rate_of_rs256_signatures() {
    let clock = std::sync::Arc::new(ambient::ManualClock::at(ambient::Timestamp::from_secs(1_763_769_600)));
    let store = std::sync::Arc::new(sessions::Memory::new());
    let keyrings = crate::Keyrings::new(store, clock, std::sync::Arc::new(ambient::SystemEntropy));
    let ring = keyrings.of(&exported("bench")).await.unwrap();
    let signer = ring.signer(Algorithm::Rs256).unwrap();
    let claims = vec![b'x'; 1_200];
    let input = sign_compact(&*signer, "JWT", &claims).unwrap();
    let (input, _) = input.rsplit_once('.').unwrap();
    let raw = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let token = sign_compact(&*signer, "JWT", &claims).unwrap();
    let parsed = parse_compact(&token).unwrap();
    let set = PublicKeySet::parse(ring.jwks_json()).unwrap();
    let mut best = [0.0_f64; 5];
    let mut out = Vec::with_capacity(512);
    for _ in 0..ROUNDS {
        let rates = [
            per_second(|| {
                drop(Signer::new(MessageDigest::sha256(), &raw).unwrap().sign_oneshot_to_vec(input.as_bytes()).unwrap())
            }),
            per_second(|| {
                out.clear();
                signer.sign(input.as_bytes(), &mut out).unwrap();
            }),
            per_second(|| drop(sign_compact(&*signer, "JWT", &claims).unwrap())),
            per_second(|| ring.verify(parsed.kid.as_deref(), parsed.algorithm, parsed.signing_input, &parsed.signature).unwrap()),
            per_second(|| set.verify(parsed.kid.as_deref(), parsed.algorithm, parsed.signing_input, &parsed.signature).unwrap()),
        ];
        for (best, rate) in best.iter_mut().zip(rates) {
            *best = best.max(rate);
        }
    }
    for (what, rate) in ["bare OpenSSL", "signer", "whole token", "verify", "verify as a client"].iter().zip(best) {
        println!("{what:<20} {rate:>9.0}/s {:>8.1} µs  x{:.3}", 1e6 / rate, rate / best[0]);
    }
}

#[test]
#[ignore = "a measurement"]
fn rate_of_proofs_of_shown_keys() {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let key = EcKey::generate(&group).unwrap();
    let (mut x, mut y, mut context) = (BigNum::new().unwrap(), BigNum::new().unwrap(), BigNumContext::new().unwrap());
    key.public_key().affine_coordinates(&group, &mut x, &mut y, &mut context).unwrap();
    let text = |number: &BigNum| base64_simd::URL_SAFE_NO_PAD.encode_to_string(number.to_vec_padded(32).unwrap());
    let jwk = serde_json::json!({ "kty": "EC", "crv": "P-256", "x": text(&x), "y": text(&y) });
    let input = [b'x'; 400];
    let signature = EcdsaSig::sign(&openssl::sha::sha256(&input), &key).unwrap();
    let signature = [signature.r().to_vec_padded(32).unwrap(), signature.s().to_vec_padded(32).unwrap()].concat();
    let raw = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let shown = ShownKey::read(jwk.as_object().unwrap()).unwrap();
    let ready = VerificationKey::from_members(Algorithm::Es256, shown.members()).unwrap().unwrap();
    let mut best = [0.0_f64; 4];
    for _ in 0..ROUNDS {
        let rates = [
            per_second(|| drop(Signer::new(MessageDigest::sha256(), &raw).unwrap().sign_oneshot_to_vec(&input).unwrap())),
            per_second(|| {
                ShownKey::read(jwk.as_object().unwrap()).unwrap().verify(Algorithm::Es256, &input, &signature).unwrap()
            }),
            per_second(|| assert!(ready.verifies(&input, &signature))),
            per_second(|| drop(shown.thumbprint())),
        ];
        for (best, rate) in best.iter_mut().zip(rates) {
            *best = best.max(rate);
        }
    }
    for (what, rate) in ["RSA signature", "ES256, shown key", "ES256, key at hand", "thumbprint"].iter().zip(best) {
        println!("{what:<20} {rate:>9.0}/s {:>8.1} µs  x{:.3}", 1e6 / rate, best[0] / rate);
    }
}
