//! Which tokens have been verified lately: the same access token is shown many times, and its signature stays what it was.

use quick_cache::sync::Cache;
use sha2::{Digest, Sha256};

use crate::ParsedJws;

/// Tokens that are remembered at the most; the longest unused gives way. Less than a hundred bytes each.
const MOST: usize = 10_000;

/// Remembers, by a hash, that a token verified under a ring, and nothing else: what the token says, and whether it still
/// counts, is judged each time. A ring never changes, so what is remembered cannot become false; what did not verify is not
/// remembered.
pub(crate) struct VerifiedLately(Cache<Fact, ()>);

/// A token under a ring.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Fact([u8; 32]);

impl Fact {
    /// `ring` is the number of the ring; the header of the token, with `kid` and `alg`, is part of the signing input.
    pub(crate) fn new(ring: u64, token: &ParsedJws<'_>) -> Self {
        let mut hash = Sha256::new_with_prefix(ring.to_be_bytes());
        hash.update(token.signing_input);
        hash.update(b"."); // no part of base64url, so that no two tokens are alike
        hash.update(&token.signature);
        Self(hash.finalize().into())
    }
}

impl VerifiedLately {
    pub(crate) fn new() -> Self {
        Self(Cache::new(MOST))
    }

    pub(crate) fn knows(&self, fact: &Fact) -> bool {
        self.0.get(fact).is_some()
    }

    pub(crate) fn remember(&self, fact: Fact) {
        self.0.insert(fact, ());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use ambient::{ManualClock, SystemEntropy, Timestamp};
    use realm_model::Realm;
    use sessions::Memory;

    use crate::test_realm::exported;
    use crate::{Algorithm, Keyrings, VerifyError, parse_compact, sign_compact};

    /// Keyrings, a realm, and a token of it that has been verified.
    async fn world() -> (Keyrings, Arc<Realm>, String) {
        let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_763_769_600)));
        let node = Keyrings::new(Arc::new(Memory::new()), clock, Arc::new(SystemEntropy));
        let realm = exported("bench");
        let token = sign_compact(&*node.signer(&realm, Algorithm::Rs256).await.unwrap(), "JWT", b"{}").unwrap();
        for _ in 0..2 {
            assert_eq!(verify(&node, &realm, &token).await, Ok(()));
        }
        (node, realm, token)
    }

    async fn verify(node: &Keyrings, realm: &Arc<Realm>, token: &str) -> Result<(), VerifyError> {
        node.verify(realm, &parse_compact(token).unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn a_token_that_verified_is_refused_with_another_payload_or_signature() {
        let (node, realm, token) = world().await;
        let parts: Vec<&str> = token.split('.').collect();
        for (payload, signature) in [("e30K", parts[2]), (parts[1], "AAAA")] {
            let changed = format!("{}.{payload}.{signature}", parts[0]);
            for _ in 0..2 {
                assert_eq!(verify(&node, &realm, &changed).await, Err(VerifyError::BadSignature));
            }
        }
    }

    #[tokio::test]
    async fn a_token_that_verified_is_refused_in_another_realm() {
        let (node, _, token) = world().await;
        assert_eq!(verify(&node, &exported("acme"), &token).await, Err(VerifyError::UnknownKey));
    }

    #[tokio::test]
    async fn a_token_that_verified_is_refused_once_its_key_is_taken_away() {
        let (node, realm, token) = world().await;
        let without = Realm { generation: 2, key_providers: Vec::new(), ..Realm::clone(&realm) };
        assert_eq!(verify(&node, &Arc::new(without), &token).await, Err(VerifyError::UnknownKey));
    }
}
