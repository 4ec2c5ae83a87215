//! What is kept under a secret and looked at more than once.

use ambient::Timestamp;
use oidc_types::RealmName;

use crate::sessions::hashed;
use crate::{Kept, Record, RecordKey, Replaced, Seen, Sessions, StoreError};

impl Sessions {
    /// What is kept under a secret, which goes on being kept.
    pub async fn find_kept(
        &self,
        (kept, realm, secret): (Kept, &RealmName, &str),
        now: Timestamp,
    ) -> Result<Option<Seen<Vec<u8>>>, StoreError> {
        let key = RecordKey::new(kept.record_kind(), realm, &hashed(secret));
        let found = self.store().find(&key, now).await?;
        Ok(found.map(|stored| Seen { value: stored.record.value, version: stored.version }))
    }

    /// Writes back what was found under a secret and changed, to be kept until `expires_at`.
    pub async fn replace_kept(
        &self,
        (kept, realm, secret): (Kept, &RealmName, &str),
        seen: Seen<Vec<u8>>,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Replaced, StoreError> {
        let key = RecordKey::new(kept.record_kind(), realm, &hashed(secret));
        let record = Record { expires_at, owner: None, value: seen.value };
        self.store().replace(&key, seen.version, record, now).await
    }
}
