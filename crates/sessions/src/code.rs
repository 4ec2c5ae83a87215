//! Authorization codes: each is spent once, and known as spent for a while, so that whoever shows it again is found out.

use ambient::Timestamp;
use oidc_types::RealmName;

use crate::sessions::hashed;
use crate::{Inserted, Record, RecordKey, RecordKind, Replaced, Sessions, StoreError};

const FRESH: u8 = 0;
const SPENT: u8 = 1;

/// Rounds of find and replace before a caller gives up: each lost round means that another caller has won.
const ROUNDS: usize = 256;

/// What an authorization code is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spent {
    /// What is kept under it: this caller is the first.
    Now(Vec<u8>),
    /// What was kept under it: somebody was here before.
    Before(Vec<u8>),
    /// Nothing is known of it.
    Absent,
}

impl Sessions {
    /// Keeps `value` under the secret of a code until it is spent or `expires_at`. The store sees a hash of the secret.
    pub async fn record_code(
        &self,
        (realm, secret): (&RealmName, &str),
        value: &[u8],
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Inserted, StoreError> {
        let value = [&[FRESH], value].concat();
        self.store().insert(&key(realm, secret), Record { expires_at, owner: None, value }, now).await
    }

    /// Spends a code; of all who try one is the first. It stays known until `known_until`.
    pub async fn spend_code(
        &self,
        (realm, secret): (&RealmName, &str),
        known_until: Timestamp,
        now: Timestamp,
    ) -> Result<Spent, StoreError> {
        let key = key(realm, secret);
        for _ in 0..ROUNDS {
            let Some(stored) = self.store().find(&key, now).await? else { return Ok(Spent::Absent) };
            let (state, value) = stored.record.value.split_first().ok_or(StoreError::Malformed { what: "code" })?;
            if *state != FRESH {
                return Ok(Spent::Before(value.to_vec()));
            }
            let spent = Record { expires_at: known_until, owner: None, value: [&[SPENT], value].concat() };
            match self.store().replace(&key, stored.version, spent, now).await? {
                Replaced::Done => return Ok(Spent::Now(value.to_vec())),
                Replaced::Absent => return Ok(Spent::Absent),
                Replaced::Lost => {}
            }
        }
        Err(StoreError::Contended { what: "code" })
    }
}

fn key(realm: &RealmName, secret: &str) -> RecordKey {
    RecordKey::new(RecordKind::Code, realm, &hashed(secret))
}
