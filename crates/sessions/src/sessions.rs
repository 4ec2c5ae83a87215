use std::sync::Arc;

use ambient::Timestamp;
use oidc_types::{RealmName, SessionId, UserId};
use realm_model::Realm;
use sha2::{Digest, Sha256};

use crate::trusted_device::Shown;
use crate::user_session::BROWSER;
use crate::{
    DeviceKey, Inserted, LoginAttempts, Record, RecordKey, RecordKind, RecordStore, Replaced, Seen, SessionKind, SingleUse,
    StoreError, Subject, TrustedDevice, UserSession, Version,
};

/// Rounds of find and replace before a caller gives up: each lost round means that another caller has won.
const ROUNDS: usize = 256;

/// Trusted devices of one user at the most.
pub const MOST_DEVICES: usize = 1000;

/// What a secret is kept for, until it is taken once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kept {
    /// RFC 9126 `request_uri`.
    PushedRequest,
}

impl Kept {
    pub(crate) const fn record_kind(self) -> RecordKind {
        match self {
            Self::PushedRequest => RecordKind::PushedRequest,
        }
    }
}

/// Sessions and all that is remembered beside them, typed, over any [`RecordStore`].
#[derive(Clone)]
pub struct Sessions {
    store: Arc<dyn RecordStore>,
}

impl Sessions {
    /// Over `store`.
    pub fn new(store: Arc<dyn RecordStore>) -> Self {
        Self { store }
    }

    /// The store below, for health, metrics and shutdown.
    pub fn store(&self) -> &Arc<dyn RecordStore> {
        &self.store
    }

    /// Records a new session. [`Inserted::Exists`]: its id is taken, nothing changed.
    pub async fn record(&self, realm: &RealmName, session: &UserSession, now: Timestamp) -> Result<Inserted, StoreError> {
        self.store.insert(&session_key(realm, session.kind, &session.id), session.to_record(), now).await
    }

    /// The session with this id, if its record is live. Whether it is still *valid* is [`crate::lifespan`]'s to say.
    pub async fn find(
        &self,
        realm: &RealmName,
        kind: SessionKind,
        id: &SessionId,
        now: Timestamp,
    ) -> Result<Option<Seen<UserSession>>, StoreError> {
        let Some(stored) = self.store.find(&session_key(realm, kind, id), now).await? else { return Ok(None) };
        let value = UserSession::of_record(id.clone(), kind, &stored.record)?;
        Ok(Some(Seen { value, version: stored.version }))
    }

    /// Writes a session back that was found and changed. [`Replaced::Lost`]: another caller was faster; find it again, judge it
    /// again, or a refresh token is used twice.
    pub async fn replace(&self, realm: &RealmName, session: &Seen<UserSession>, now: Timestamp) -> Result<Replaced, StoreError> {
        let key = session_key(realm, session.kind, &session.id);
        self.store.replace(&key, session.version, session.value.to_record(), now).await
    }

    /// Ends a session; whether there was one.
    pub async fn remove(&self, realm: &RealmName, kind: SessionKind, id: &SessionId) -> Result<bool, StoreError> {
        self.store.remove(&session_key(realm, kind, id)).await
    }

    /// Ends a client's part of a session with all that came of its tokens by exchange, and the session with its last part;
    /// whether the client had one.
    pub async fn detach(
        &self,
        realm: &RealmName,
        of: (SessionKind, &SessionId),
        client: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let detach = |session: &mut UserSession| {
            let had_one = session.detach(client);
            if had_one {
                session.detach_exchanged(client);
            }
            had_one
        };
        self.change_parts(realm, of, now, detach).await
    }

    /// Ends the parts of a session that came of a client's tokens by exchange; whether there was one.
    pub async fn detach_exchanged(
        &self,
        realm: &RealmName,
        of: (SessionKind, &SessionId),
        client: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.change_parts(realm, of, now, |session| session.detach_exchanged(client)).await
    }

    /// Takes parts out of a session; `detach` tells whether it did.
    async fn change_parts(
        &self,
        realm: &RealmName,
        (kind, id): (SessionKind, &SessionId),
        now: Timestamp,
        detach: impl Fn(&mut UserSession) -> bool + Send + Sync,
    ) -> Result<bool, StoreError> {
        for _ in 0..ROUNDS {
            let Some(mut session) = self.find(realm, kind, id, now).await? else { return Ok(false) };
            if !detach(&mut session) {
                return Ok(false);
            }
            // Keycloak: a browser's login lives on without clients (recording consent/revoked-by-admin).
            if session.clients.is_empty() && session.note(BROWSER).is_none() {
                session.expires_at = now; // removed only where nobody joined it meanwhile
            }
            match self.replace(realm, &session, now).await? {
                Replaced::Done => return Ok(true),
                Replaced::Absent => return Ok(false),
                Replaced::Lost => {}
            }
        }
        Err(StoreError::Contended { what: "user session" })
    }

    /// Withdraws a token by its `jti` until `expires_at`, when it is dead anyway. Doing it again changes nothing.
    pub async fn revoke_token(
        &self,
        realm: &RealmName,
        jti: &str,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let record = Record { expires_at, owner: None, value: Vec::new() };
        let _ = self.store.insert(&revoked_key(realm, jti), record, now).await?; // withdrawn already: as well
        Ok(())
    }

    /// Whether the token with this `jti` was withdrawn.
    pub async fn is_token_revoked(&self, realm: &RealmName, jti: &str, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.store.find(&revoked_key(realm, jti), now).await?.is_some())
    }

    /// The sessions of a user, the oldest first.
    pub async fn of_user(
        &self,
        realm: &RealmName,
        kind: SessionKind,
        user: &UserId,
        now: Timestamp,
    ) -> Result<Vec<Seen<UserSession>>, StoreError> {
        let found = self.store.of_owner(kind.record_kind(), realm, user.as_str(), now).await?;
        let mut sessions = Vec::with_capacity(found.len());
        for (key, stored) in found {
            let value = UserSession::of_record((&*key.id).into(), kind, &stored.record)?;
            sessions.push(Seen { value, version: stored.version });
        }
        sessions.sort_by(|a, b| (a.started, &a.id).cmp(&(b.started, &b.id)));
        Ok(sessions)
    }

    /// Keeps `value` under a secret until it is taken or `expires_at`. The store sees a hash of the secret.
    pub async fn keep(
        &self,
        (kept, realm, secret): (Kept, &RealmName, &str),
        value: Vec<u8>,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Inserted, StoreError> {
        let key = RecordKey::new(kept.record_kind(), realm, &hashed(secret));
        self.store.insert(&key, Record { expires_at, owner: None, value }, now).await
    }

    /// Takes what is kept under a secret: to exactly one caller.
    pub async fn take(
        &self,
        (kept, realm, secret): (Kept, &RealmName, &str),
        now: Timestamp,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let key = RecordKey::new(kept.record_kind(), realm, &hashed(secret));
        Ok(self.store.take(&key, now).await?.map(|record| record.value))
    }

    /// Marks `id` as used until `expires_at`; whether this was the first use. The caller refuses beforehand what wants to be
    /// remembered for longer than it is worth (CVE-2025-2559). `id` is hashed: its length costs nothing here.
    pub async fn mark_used(
        &self,
        (used, realm, id): (SingleUse, &RealmName, &str),
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let key = used_key(used, realm, id);
        let record = Record { expires_at, owner: None, value: Vec::new() };
        let inserted = match used.may_be_written_soon() {
            true => self.store.insert_soon(&key, record, now).await?,
            false => self.store.insert(&key, record, now).await?,
        };
        Ok(inserted == Inserted::Done)
    }

    /// Whether `id` is marked as used.
    pub async fn was_used(&self, (used, realm, id): (SingleUse, &RealmName, &str), now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.store.find(&used_key(used, realm, id), now).await?.is_some())
    }

    /// The failed logins of a user or device.
    pub async fn find_attempts(
        &self,
        realm: &RealmName,
        subject: Subject<'_>,
        now: Timestamp,
    ) -> Result<Option<LoginAttempts>, StoreError> {
        let stored = self.store.find(&subject.key(realm), now).await?;
        stored.map(|stored| LoginAttempts::of_record(&stored.record)).transpose()
    }

    /// Whether failed logins have locked a user for good. Keycloak: that disables the user, sessions and all, while a temporary
    /// lock only keeps logins out (measured on 26.7.4).
    pub async fn is_locked_for_good(&self, realm: &Realm, user: &UserId, now: Timestamp) -> Result<bool, StoreError> {
        if !(realm.brute_force.protected && realm.brute_force.permanent_lockout) {
            return Ok(false);
        }
        let attempts = self.find_attempts(&realm.name, Subject::User(user), now).await?;
        Ok(attempts.is_some_and(|attempts| attempts.not_before == Timestamp::MAX))
    }

    /// Changes the count of failed logins as one step, whoever else does at the same time: `change` gets what is there and says
    /// what shall be (`None`: nothing); it runs again when another caller was faster. Gives what now is.
    ///
    /// Count an attempt *before* verifying its password, or attempts sent at once are all free (CVE-2024-4629).
    pub async fn update_attempts<F>(
        &self,
        realm: &RealmName,
        subject: Subject<'_>,
        now: Timestamp,
        mut change: F,
    ) -> Result<Option<LoginAttempts>, StoreError>
    where
        F: FnMut(Option<LoginAttempts>) -> Option<LoginAttempts> + Send,
    {
        let key = subject.key(realm);
        for _ in 0..ROUNDS {
            let found = self.store.find(&key, now).await?;
            let present = found.as_ref().map(|stored| LoginAttempts::of_record(&stored.record)).transpose()?;
            let next = change(present.clone());
            if next == present {
                return Ok(next);
            }
            let record = next.as_ref().map_or_else(|| forgotten(now), LoginAttempts::to_record);
            if self.write(&key, found.map(|stored| stored.version), record, now).await? {
                return Ok(next);
            }
        }
        Err(StoreError::Contended { what: "count of failed logins" })
    }

    /// Inserts or replaces; whether this caller was the fastest.
    async fn write(&self, key: &RecordKey, seen: Option<Version>, record: Record, now: Timestamp) -> Result<bool, StoreError> {
        match seen {
            Some(version) => Ok(self.store.replace(key, version, record, now).await? == Replaced::Done),
            None => Ok(self.store.insert(key, record, now).await? == Inserted::Done),
        }
    }

    /// Records a device with the first key it is sent. Of the devices of one user the oldest goes when there are more than
    /// [`MOST_DEVICES`]: a client that drops its cookies would leave one behind with every answer.
    pub async fn record_device(
        &self,
        realm: &RealmName,
        key: &DeviceKey,
        device: &TrustedDevice,
        now: Timestamp,
    ) -> Result<Inserted, StoreError> {
        let owned = self.store.of_owner(RecordKind::TrustedDevice, realm, device.user.as_str(), now).await?;
        if owned.len() >= MOST_DEVICES
            && let Some((oldest, _)) = owned.iter().min_by_key(|(_, stored)| stored.record.expires_at)
        {
            self.store.remove(oldest).await?;
        }
        self.store.insert(&device_key(realm, key), device.to_record(), now).await
    }

    /// Judges a key that a device shows. A live one gives its device, and the keys before it die; an unknown one, one that was
    /// followed by another in use, one past its end and one of another `cruise` give nothing.
    pub async fn show_device_key(
        &self,
        realm: &RealmName,
        key: &DeviceKey,
        cruise: &str,
        now: Timestamp,
    ) -> Result<Option<TrustedDevice>, StoreError> {
        let at = device_key(realm, key);
        for _ in 0..ROUNDS {
            let Some(stored) = self.store.find(&at, now).await? else { return Ok(None) };
            let mut device = TrustedDevice::of_record(&stored.record)?;
            if device.cruise != cruise {
                return Ok(None);
            }
            match device.show(key, now) {
                None => return Ok(None),
                Some(Shown::Again) => return Ok(Some(device)),
                Some(Shown::First) => {}
            }
            if self.store.replace(&at, stored.version, device.to_record(), now).await? == Replaced::Done {
                return Ok(Some(device));
            }
        }
        Err(StoreError::Contended { what: "trusted device" })
    }

    /// Adds the key that is about to be sent to a device ([`DeviceKey::successor`] of the one it showed), good until
    /// `expires_at`. Whether the device is still known.
    pub async fn offer_device_key(
        &self,
        realm: &RealmName,
        next: &DeviceKey,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let at = device_key(realm, next);
        for _ in 0..ROUNDS {
            let Some(stored) = self.store.find(&at, now).await? else { return Ok(false) };
            let mut device = TrustedDevice::of_record(&stored.record)?;
            device.offer(next, expires_at);
            match self.store.replace(&at, stored.version, device.to_record(), now).await? {
                Replaced::Done => return Ok(true),
                Replaced::Absent => return Ok(false),
                Replaced::Lost => {}
            }
        }
        Err(StoreError::Contended { what: "trusted device" })
    }
}

fn session_key(realm: &RealmName, kind: SessionKind, id: &SessionId) -> RecordKey {
    RecordKey::new(kind.record_kind(), realm, id.as_str())
}

fn revoked_key(realm: &RealmName, jti: &str) -> RecordKey {
    RecordKey::new(RecordKind::RevokedToken, realm, &hashed(jti))
}

fn device_key(realm: &RealmName, key: &DeviceKey) -> RecordKey {
    RecordKey::new(RecordKind::TrustedDevice, realm, &key.device())
}

/// SHA-256 in base64url: what stands in the store for a secret.
pub(crate) fn hashed(secret: &str) -> String {
    base64_simd::URL_SAFE_NO_PAD.encode_to_string(Sha256::digest(secret))
}

/// In the place of a record that shall be no more.
const fn forgotten(now: Timestamp) -> Record {
    Record { expires_at: now, owner: None, value: Vec::new() }
}

fn used_key(used: SingleUse, realm: &RealmName, id: &str) -> RecordKey {
    RecordKey::new(RecordKind::SingleUse, realm, &format!("{}:{}", used.as_str(), hashed(id)))
}

#[cfg(test)]
mod tests {
    use ambient::SeededEntropy;

    use super::*;

    #[tokio::test]
    async fn a_user_has_a_bounded_number_of_devices_and_the_oldest_goes_first() {
        let sessions = Sessions::new(Arc::new(crate::Memory::new()));
        let (realm, entropy) = (RealmName::from("r"), SeededEntropy::new(1));
        let at = |secs: usize| Timestamp::from_secs(i64::try_from(secs).unwrap());
        let mut keys = Vec::new();
        for nth in 0..=MOST_DEVICES {
            let key = DeviceKey::new(&entropy);
            let device = TrustedDevice::new("ann".into(), "", (&key, at(nth + 10_000)), at(nth));
            let recorded = sessions.record_device(&realm, &key, &device, at(nth)).await.unwrap();
            assert_eq!(recorded, Inserted::Done);
            keys.push(key);
        }
        let now = at(MOST_DEVICES);
        assert!(sessions.show_device_key(&realm, keys.first().unwrap(), "", now).await.unwrap().is_none());
        assert!(sessions.show_device_key(&realm, keys.get(1).unwrap(), "", now).await.unwrap().is_some());
        assert!(sessions.show_device_key(&realm, keys.last().unwrap(), "", now).await.unwrap().is_some());
    }
}
