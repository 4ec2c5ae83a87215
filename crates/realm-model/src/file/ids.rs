//! Ids of what the file gives none: the same on every start and on every replica.

use sha1::{Digest, Sha1};
use uuid::Builder;

/// A name-based (version 5) UUID of an entity of `realm`; `kind` keeps entities of one name apart.
pub fn stable_id(realm: &str, kind: &str, name: &str) -> String {
    /// The namespace of all of them: any fixed bytes do.
    const NAMESPACE: &[u8; 16] = b"latchkey-realm-1";
    let mut hash = Sha1::new();
    hash.update(NAMESPACE);
    for part in [realm, kind, name] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip(hash.finalize()) {
        *to = from;
    }
    Builder::from_sha1_bytes(bytes).into_uuid().hyphenated().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_depends_on_realm_kind_and_name_alone() {
        assert_eq!(stable_id("a", "user", "b"), stable_id("a", "user", "b"));
        assert_ne!(stable_id("a", "user", "b"), stable_id("a", "userb", ""));
        assert_ne!(stable_id("a", "user", "b"), stable_id("b", "user", "b"));
        assert_eq!(stable_id("a", "user", "b").as_bytes().get(14), Some(&b'5'));
    }
}
