use base64_simd::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256, Sha384, Sha512};

/// `at_hash`, `c_hash`: the left half of the hash that the signature algorithm uses (OpenID Connect Core section 3.1.3.6).
pub(crate) fn left_half_hash(algorithm: &str, text: &str) -> String {
    let digest = match algorithm {
        name if name.ends_with("384") => Sha384::digest(text).to_vec(),
        // EdDSA over Ed25519 hashes with SHA-512.
        name if name.ends_with("512") || name == "EdDSA" => Sha512::digest(text).to_vec(),
        _ => Sha256::digest(text).to_vec(),
    };
    let (left, _) = digest.split_at(digest.len() / 2);
    URL_SAFE_NO_PAD.encode_to_string(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_as_long_as_half_the_hash() {
        let length = |algorithm| left_half_hash(algorithm, "token").len();
        assert_eq!((length("RS256"), length("PS384"), length("ES512"), length("EdDSA")), (22, 32, 43, 43));
    }

    #[test]
    fn agrees_with_the_example_of_the_standard() {
        // OpenID Connect Core appendix A.3
        assert_eq!(left_half_hash("RS256", "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"), "77QmUPtjPfzWtF2AnpK9RQ");
    }
}
