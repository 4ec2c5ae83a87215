//! Initial access tokens: how many clients may still be registered with each.

use ambient::Timestamp;
use oidc_types::RealmName;

use crate::codec::{Reader, Writer};
use crate::{Inserted, Record, RecordKey, RecordKind, Replaced, Sessions, StoreError};

const FORMAT: u8 = 1;
const WHAT: &str = "initial access token";
/// Under what all of a realm are found.
const OWNER: &str = "clients";
/// Rounds of find and replace before a caller gives up.
const ROUNDS: usize = 256;

/// What is known of an initial access token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitialAccess {
    /// `jti` of the token.
    pub id: String,
    /// When it was made.
    pub issued: Timestamp,
    /// Seconds from then; 0: it does not end.
    pub lifespan: u32,
    /// Clients that may be registered with it.
    pub count: u32,
    /// Clients that may still be.
    pub remaining: u32,
}

/// Whether a client may be registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Drawn {
    /// It may: one less remains.
    Done,
    /// As many as may be have been registered.
    Exhausted,
    /// It was withdrawn, or never was.
    Unknown,
}

impl InitialAccess {
    /// When it ends.
    pub fn expires_at(&self) -> Timestamp {
        match self.lifespan {
            0 => Timestamp::MAX,
            lifespan => self.issued.plus_secs(i64::from(lifespan)),
        }
    }

    fn to_record(&self) -> Record {
        let mut writer = Writer::new(FORMAT);
        writer.time(self.issued, Timestamp::default());
        for number in [self.lifespan, self.count, self.remaining] {
            writer.number(u64::from(number));
        }
        Record { expires_at: self.expires_at(), owner: Some(OWNER.into()), value: writer.finish() }
    }

    fn of_record(id: &str, record: &Record) -> Result<Self, StoreError> {
        let mut reader = Reader::new(&record.value, FORMAT, WHAT)?;
        let issued = reader.time(Timestamp::default())?;
        let mut number = || u32::try_from(reader.number()?).map_err(|_| StoreError::Malformed { what: WHAT });
        Ok(Self { id: id.to_owned(), issued, lifespan: number()?, count: number()?, remaining: number()? })
    }
}

impl Sessions {
    /// Records a new one.
    pub async fn record_initial_access(
        &self,
        realm: &RealmName,
        access: &InitialAccess,
        now: Timestamp,
    ) -> Result<Inserted, StoreError> {
        self.store().insert(&key(realm, &access.id), access.to_record(), now).await
    }

    /// Those of a realm that have not ended, the oldest first.
    pub async fn initial_accesses(&self, realm: &RealmName, now: Timestamp) -> Result<Vec<InitialAccess>, StoreError> {
        let found = self.store().of_owner(RecordKind::InitialAccess, realm, OWNER, now).await?;
        let all = found.iter().map(|(key, stored)| InitialAccess::of_record(&key.id, &stored.record));
        let mut all = all.collect::<Result<Vec<_>, _>>()?;
        all.sort_by(|a, b| (a.issued, &a.id).cmp(&(b.issued, &b.id)));
        Ok(all)
    }

    /// Withdraws one; whether it was there.
    pub async fn remove_initial_access(&self, realm: &RealmName, id: &str) -> Result<bool, StoreError> {
        self.store().remove(&key(realm, id)).await
    }

    /// Draws one client from its count. Of any number of callers at once no more get [`Drawn::Done`] than remain.
    pub async fn draw_initial_access(&self, realm: &RealmName, id: &str, now: Timestamp) -> Result<Drawn, StoreError> {
        self.count_initial_access((realm, id), now, |remaining| remaining.checked_sub(1)).await
    }

    /// Gives back what was drawn for a client that was not registered after all.
    pub async fn give_back_initial_access(&self, realm: &RealmName, id: &str, now: Timestamp) -> Result<(), StoreError> {
        self.count_initial_access((realm, id), now, |remaining| remaining.checked_add(1)).await.map(|_| ())
    }

    async fn count_initial_access(
        &self,
        (realm, id): (&RealmName, &str),
        now: Timestamp,
        next: impl Fn(u32) -> Option<u32> + Send + Sync,
    ) -> Result<Drawn, StoreError> {
        let key = key(realm, id);
        for _ in 0..ROUNDS {
            let Some(stored) = self.store().find(&key, now).await? else { return Ok(Drawn::Unknown) };
            let mut access = InitialAccess::of_record(id, &stored.record)?;
            let Some(remaining) = next(access.remaining) else { return Ok(Drawn::Exhausted) };
            access.remaining = remaining;
            match self.store().replace(&key, stored.version, access.to_record(), now).await? {
                Replaced::Done => return Ok(Drawn::Done),
                Replaced::Lost => {}
                Replaced::Absent => return Ok(Drawn::Unknown),
            }
        }
        Err(StoreError::Contended { what: WHAT })
    }
}

fn key(realm: &RealmName, id: &str) -> RecordKey {
    RecordKey::new(RecordKind::InitialAccess, realm, id)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::Memory;

    #[tokio::test]
    async fn no_more_clients_are_drawn_than_the_token_is_for() {
        let (sessions, realm, now) = (Sessions::new(Arc::new(Memory::new())), RealmName::from("r"), Timestamp::from_secs(1000));
        let access = InitialAccess { id: "i".to_owned(), issued: now, lifespan: 60, count: 2, remaining: 2 };
        assert_eq!(sessions.record_initial_access(&realm, &access, now).await.unwrap(), Inserted::Done);
        let draw = || sessions.draw_initial_access(&realm, "i", now);
        let drawn = futures_util::future::join3(draw(), draw(), draw()).await;
        let done = [drawn.0, drawn.1, drawn.2].into_iter().filter(|drawn| *drawn.as_ref().unwrap() == Drawn::Done).count();
        assert_eq!(done, 2);
        sessions.give_back_initial_access(&realm, "i", now).await.unwrap();
        assert_eq!(sessions.initial_accesses(&realm, now).await.unwrap(), [InitialAccess { remaining: 1, ..access }]);
        assert_eq!(sessions.draw_initial_access(&realm, "i", now.plus_secs(61)).await.unwrap(), Drawn::Unknown);
    }
}
