//! Links in mails: of one kind for one user the newest counts.

use ambient::Timestamp;
use oidc_types::{RealmName, UserId};

use crate::sessions::hashed;
use crate::{Inserted, Record, RecordKey, RecordKind, Replaced, Sessions, StoreError};

/// Rounds of find and replace before a caller gives up: each lost round means that another caller has won.
const ROUNDS: usize = 256;

impl Sessions {
    /// From now on the link `id` is the newest of this `kind` for a user; gives the time at which the one before was made, if it is
    /// known still.
    pub async fn name_newest_link(
        &self,
        (realm, user, kind): (&RealmName, &UserId, &str),
        (id, expires_at): (&str, Timestamp),
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let key = key(realm, user, kind);
        let value = [&now.millis().to_be_bytes()[..], hashed(id).as_bytes()].concat();
        let record = Record { expires_at, owner: None, value };
        for _ in 0..ROUNDS {
            let Some(stored) = self.store().find(&key, now).await? else {
                if self.store().insert(&key, record.clone(), now).await? == Inserted::Done {
                    return Ok(None);
                }
                continue;
            };
            if self.store().replace(&key, stored.version, record.clone(), now).await? == Replaced::Done {
                return Ok(made_at(&stored.record));
            }
        }
        Err(StoreError::Contended { what: "link" })
    }

    /// When the newest link of this `kind` was made for a user.
    pub async fn newest_link_made(
        &self,
        (realm, user, kind): (&RealmName, &UserId, &str),
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.store().find(&key(realm, user, kind), now).await?.and_then(|stored| made_at(&stored.record)))
    }

    /// Whether `id` is the newest link of this `kind` for a user.
    pub async fn is_newest_link(
        &self,
        (realm, user, kind): (&RealmName, &UserId, &str),
        id: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let found = self.store().find(&key(realm, user, kind), now).await?;
        Ok(found.is_some_and(|stored| stored.record.value.get(8..) == Some(hashed(id).as_bytes())))
    }
}

fn made_at(record: &Record) -> Option<Timestamp> {
    record.value.first_chunk().map(|millis| Timestamp::from_millis(i64::from_be_bytes(*millis)))
}

fn key(realm: &RealmName, user: &UserId, kind: &str) -> RecordKey {
    RecordKey::new(RecordKind::ActionLink, realm, &format!("{kind} {user}"))
}
