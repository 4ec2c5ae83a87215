use ambient::Timestamp;
use oidc_types::{RealmName, UserId};
use realm_model::Realm;

use crate::codec::{Reader, Writer};
use crate::{DeviceKey, Record, RecordKey, RecordKind, Sessions, StoreError};

const FORMAT: u8 = 1;
const WHAT: &str = "count of failed logins";

/// Whose failed logins are counted.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'a> {
    /// A user, by id: attempts by username, e-mail and one-time code come together here.
    User(&'a UserId),
    /// A trusted device that guesses cards.
    Device(&'a DeviceKey),
}

impl Subject<'_> {
    pub(crate) fn key(self, realm: &RealmName) -> RecordKey {
        match self {
            Self::User(user) => RecordKey::new(RecordKind::LoginAttempts, realm, user.as_str()),
            Self::Device(key) => RecordKey::new(RecordKind::DeviceAttempts, realm, &key.device()),
        }
    }
}

/// Failed logins, as brute-force protection counts them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginAttempts {
    /// Failed logins since the last success or reset (`numFailures`).
    pub failures: u32,
    /// How often waiting was imposed (`numTemporaryLockouts`).
    pub temporary_lockouts: u32,
    /// Failed second factors among the failures (`numSecondaryAuthFailures`).
    pub secondary_failures: u32,
    /// The last failure.
    pub last_failure: Timestamp,
    /// From which address (`lastIPFailure`).
    pub last_ip: Option<String>,
    /// Locked until then (`failedLoginNotBefore`); the epoch: not locked; [`Timestamp::MAX`]: for good.
    pub not_before: Timestamp,
    /// When the count may be forgotten.
    pub expires_at: Timestamp,
}

/// Nothing failed yet; never forgotten before the caller says when.
impl Default for LoginAttempts {
    fn default() -> Self {
        let epoch = Timestamp::default();
        Self {
            failures: 0,
            temporary_lockouts: 0,
            secondary_failures: 0,
            last_failure: epoch,
            last_ip: None,
            not_before: epoch,
            expires_at: Timestamp::MAX,
        }
    }
}

impl LoginAttempts {
    pub(crate) fn to_record(&self) -> Record {
        let mut writer = Writer::new(FORMAT);
        for count in [self.failures, self.temporary_lockouts, self.secondary_failures] {
            writer.number(u64::from(count));
        }
        writer.time(self.last_failure, Timestamp::default());
        writer.time(self.not_before, Timestamp::default());
        writer.text(self.last_ip.as_deref().unwrap_or_default());
        Record { expires_at: self.expires_at, owner: None, value: writer.finish() }
    }

    pub(crate) fn of_record(record: &Record) -> Result<Self, StoreError> {
        let mut reader = Reader::new(&record.value, FORMAT, WHAT)?;
        let mut count = || Ok::<_, StoreError>(u32::try_from(reader.number()?).unwrap_or(u32::MAX));
        let (failures, temporary_lockouts, secondary_failures) = (count()?, count()?, count()?);
        Ok(Self {
            failures,
            temporary_lockouts,
            secondary_failures,
            last_failure: reader.time(Timestamp::default())?,
            not_before: reader.time(Timestamp::default())?,
            last_ip: Some(reader.text()?).filter(|ip| !ip.is_empty()),
            expires_at: record.expires_at,
        })
    }
}

impl Sessions {
    /// Whether failed logins keep a user out, for a while or for good: for answers to a request that somebody else began
    /// (CVE-2026-9798, CVE-2026-16103, CVE-2026-88770).
    pub async fn is_locked_out(&self, realm: &Realm, user: &UserId, now: Timestamp) -> Result<bool, StoreError> {
        if !realm.brute_force.protected {
            return Ok(false);
        }
        let attempts = self.find_attempts(&realm.name, Subject::User(user), now).await?;
        Ok(attempts.is_some_and(|attempts| attempts.not_before > now))
    }
}
