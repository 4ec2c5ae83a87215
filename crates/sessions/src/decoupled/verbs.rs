use ambient::Timestamp;
use oidc_types::RealmName;

use super::{Decided, Decision, Decoupled, FORMAT, UserCode, WHAT, WaitingAuthorization, user_code_key};
use crate::codec::{Reader, Writer};
use crate::sessions::hashed;
use crate::{Inserted, Record, RecordKey, RecordKind, Replaced, Seen, Sessions, StoreError};

/// Rounds of find and replace before a caller gives up: each lost round means that another caller has won.
const ROUNDS: usize = 256;

/// Seconds within which user codes from one address add up.
const ENTRIES_WITHIN_SECS: i64 = 60;

/// User codes that one address may enter in that time: of 26^8, so that trying them out leads nowhere.
const MOST_ENTRIES: u64 = 30;

/// Device authorizations and back-channel requests.
impl Sessions {
    /// Records a request under its code. [`Inserted::Exists`]: the code is taken, nothing changed.
    pub async fn record_waiting(
        &self,
        (by, realm, code): (Decoupled, &RealmName, &str),
        waiting: &WaitingAuthorization,
        now: Timestamp,
    ) -> Result<Inserted, StoreError> {
        self.store().insert(&by.key(realm, code), waiting.to_record(), now).await
    }

    /// Lets a user code stand for a device code until `waiting` ends, and a little longer: whoever comes late is told so. [`Inserted::Exists`]: it stands for another one.
    pub async fn record_user_code(
        &self,
        realm: &RealmName,
        (user_code, device_code): (&str, &str),
        waiting: &WaitingAuthorization,
        now: Timestamp,
    ) -> Result<Inserted, StoreError> {
        let record = Record { expires_at: waiting.outlived_at(), owner: None, value: hashed(device_code).into_bytes() };
        self.store().insert(&user_code_key(realm, user_code), record, now).await
    }

    /// The request of a code, be it over or answered.
    pub async fn find_waiting(
        &self,
        (by, realm, code): (Decoupled, &RealmName, &str),
        now: Timestamp,
    ) -> Result<Option<Seen<WaitingAuthorization>>, StoreError> {
        self.waiting_at(&by.key(realm, code), now).await
    }

    async fn waiting_at(&self, key: &RecordKey, now: Timestamp) -> Result<Option<Seen<WaitingAuthorization>>, StoreError> {
        let Some(stored) = self.store().find(key, now).await? else { return Ok(None) };
        Ok(Some(Seen { value: WaitingAuthorization::of_record(&stored.record)?, version: stored.version }))
    }

    /// Writes a request back that was found and changed. [`Replaced::Lost`]: find it again, judge it again.
    pub async fn replace_waiting(
        &self,
        (by, realm, code): (Decoupled, &RealmName, &str),
        waiting: &Seen<WaitingAuthorization>,
        now: Timestamp,
    ) -> Result<Replaced, StoreError> {
        self.store().replace(&by.key(realm, code), waiting.version, waiting.value.to_record(), now).await
    }

    /// Ends a request that was found and is not changed since: to exactly one of those who try it is [`Replaced::Done`].
    pub async fn end_waiting(
        &self,
        (by, realm, code): (Decoupled, &RealmName, &str),
        waiting: &Seen<WaitingAuthorization>,
        now: Timestamp,
    ) -> Result<Replaced, StoreError> {
        let gone = Record { expires_at: now, owner: None, value: Vec::new() };
        self.store().replace(&by.key(realm, code), waiting.version, gone, now).await
    }

    /// Forgets a request, whatever its state; whether there was one.
    pub async fn forget_waiting(&self, (by, realm, code): (Decoupled, &RealmName, &str)) -> Result<bool, StoreError> {
        self.store().remove(&by.key(realm, code)).await
    }

    /// Puts the user's answer to a request; the first one counts.
    pub async fn decide(
        &self,
        (by, realm, code): (Decoupled, &RealmName, &str),
        decision: Decision,
        now: Timestamp,
    ) -> Result<Decided, StoreError> {
        self.decide_at(&by.key(realm, code), decision, now).await
    }

    async fn decide_at(&self, key: &RecordKey, decision: Decision, now: Timestamp) -> Result<Decided, StoreError> {
        for _ in 0..ROUNDS {
            let Some(mut waiting) = self.waiting_at(key, now).await? else { return Ok(Decided::Absent) };
            if waiting.is_over(now) {
                return Ok(Decided::Absent);
            }
            if waiting.decision != Decision::Pending {
                return Ok(Decided::Already);
            }
            waiting.decision = decision.clone();
            match self.store().replace(key, waiting.version, waiting.value.to_record(), now).await? {
                Replaced::Done => return Ok(Decided::Done),
                Replaced::Absent => return Ok(Decided::Absent),
                Replaced::Lost => {}
            }
        }
        Err(StoreError::Contended { what: WHAT })
    }

    /// What a user code is worth that somebody at the address `peer` entered; how many one address may enter is bounded, so that
    /// codes cannot be tried out (RFC 8628 section 5.1). Case and separators do not matter.
    pub async fn enter_user_code(
        &self,
        realm: &RealmName,
        (user_code, peer): (&str, &str),
        now: Timestamp,
    ) -> Result<UserCode, StoreError> {
        // Counted before it is looked at, or codes tried all at once would be free.
        if self.count_entry(realm, peer, now).await? > MOST_ENTRIES {
            return Ok(UserCode::TooManyEntries);
        }
        let Some(key) = self.device_key_of(realm, user_code, now).await? else { return Ok(UserCode::Unknown) };
        Ok(match self.waiting_at(&key, now).await? {
            None => UserCode::Unknown,
            Some(waiting) if waiting.is_over(now) => UserCode::Over,
            Some(waiting) => UserCode::Known(Box::new(waiting.value)),
        })
    }

    /// How many codes came from `peer` lately, this one among them.
    async fn count_entry(&self, realm: &RealmName, peer: &str, now: Timestamp) -> Result<u64, StoreError> {
        let key = RecordKey::new(RecordKind::UserCode, realm, &format!("from:{peer}"));
        for _ in 0..ROUNDS {
            let seen = self.store().find(&key, now).await?;
            let before = match &seen {
                Some(stored) => Reader::new(&stored.record.value, FORMAT, WHAT)?.number()?,
                None => 0,
            };
            let mut writer = Writer::new(FORMAT);
            writer.number(before.saturating_add(1));
            let expires_at = seen.as_ref().map_or_else(|| now.plus_secs(ENTRIES_WITHIN_SECS), |stored| stored.record.expires_at);
            let record = Record { expires_at, owner: None, value: writer.finish() };
            let done = match seen {
                Some(stored) => self.store().replace(&key, stored.version, record, now).await? == Replaced::Done,
                None => self.store().insert(&key, record, now).await? == Inserted::Done,
            };
            if done {
                return Ok(before.saturating_add(1));
            }
        }
        Err(StoreError::Contended { what: "count of user codes" })
    }

    async fn device_key_of(&self, realm: &RealmName, user_code: &str, now: Timestamp) -> Result<Option<RecordKey>, StoreError> {
        let Some(stored) = self.store().find(&user_code_key(realm, user_code), now).await? else { return Ok(None) };
        let hash = std::str::from_utf8(&stored.record.value).map_err(|_| StoreError::Malformed { what: WHAT })?;
        Ok(Some(Decoupled::Device.key_of(realm, hash)))
    }

    /// Answers the device authorization of a user code, for a page that [`Self::enter_user_code`] has let through; the user
    /// code is worth nothing afterwards.
    pub async fn decide_device(
        &self,
        realm: &RealmName,
        user_code: &str,
        decision: Decision,
        now: Timestamp,
    ) -> Result<Decided, StoreError> {
        let Some(key) = self.device_key_of(realm, user_code, now).await? else { return Ok(Decided::Absent) };
        let decided = self.decide_at(&key, decision, now).await?;
        if decided == Decided::Done {
            self.store().remove(&user_code_key(realm, user_code)).await?;
        }
        Ok(decided)
    }
}
