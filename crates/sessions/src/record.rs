use std::fmt;
use std::sync::Arc;

use ambient::Timestamp;
use async_trait::async_trait;
use oidc_types::RealmName;

use crate::StoreError;

/// What a record is. Part of its key, so that one kind can never be taken for another (CVE-2026-4282, CVE-2026-4325: a code
/// forged out of an action token). The numbers stand in files and in Redis: never reuse one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
#[non_exhaustive]
pub enum RecordKind {
    /// A user's online session with its client sessions.
    UserSession = 1,
    /// A user's offline session with its client sessions.
    OfflineSession = 2,
    /// An authorization code.
    Code = 3,
    /// A mark that something has been used: `jti` of an assertion, a DPoP proof, an action token.
    SingleUse = 4,
    /// Failed logins of a user.
    LoginAttempts = 5,
    /// Failed guesses from a trusted device.
    DeviceAttempts = 6,
    /// A device that may log in without a password.
    TrustedDevice = 7,
    /// The keys of a realm.
    Keys = 8,
    /// A pushed authorization request (RFC 9126).
    PushedRequest = 9,
    /// A device authorization (RFC 8628), under its device code.
    DeviceCode = 10,
    /// A device authorization, under its user code.
    UserCode = 11,
    /// A login in progress in a browser.
    AuthenticationSession = 12,
    /// A token withdrawn before its time.
    RevokedToken = 13,
    /// A back-channel authentication request (CIBA).
    BackchannelRequest = 14,
    /// The newest link of a kind that was sent to a user.
    ActionLink = 15,
    /// An initial access token (RFC 7591 section 3).
    InitialAccess = 21,
    /// A resource registered at a resource server (UMA 2.0).
    Resource = 40,
    /// The name of such a resource, with its owner: whose it is.
    ResourceName = 41,
    /// With whom a resource is shared: its permission tickets and its owner's policies.
    ResourceSharing = 42,
    /// A scope that came with a registered resource.
    ResourceScope = 43,
}

impl RecordKind {
    /// The word in keys of Redis.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UserSession => "session",
            Self::OfflineSession => "offline",
            Self::Code => "code",
            Self::SingleUse => "used",
            Self::LoginAttempts => "attempts",
            Self::DeviceAttempts => "device-attempts",
            Self::TrustedDevice => "device",
            Self::Keys => "keys",
            Self::PushedRequest => "par",
            Self::DeviceCode => "device-code",
            Self::UserCode => "user-code",
            Self::AuthenticationSession => "login",
            Self::RevokedToken => "revoked",
            Self::BackchannelRequest => "ciba",
            Self::ActionLink => "link",
            Self::InitialAccess => "initial-access",
            Self::Resource => "resource",
            Self::ResourceName => "resource-name",
            Self::ResourceSharing => "sharing",
            Self::ResourceScope => "resource-scope",
        }
    }

    /// The kind with this number.
    pub(crate) const fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::UserSession,
            2 => Self::OfflineSession,
            3 => Self::Code,
            4 => Self::SingleUse,
            5 => Self::LoginAttempts,
            6 => Self::DeviceAttempts,
            7 => Self::TrustedDevice,
            8 => Self::Keys,
            9 => Self::PushedRequest,
            10 => Self::DeviceCode,
            11 => Self::UserCode,
            12 => Self::AuthenticationSession,
            13 => Self::RevokedToken,
            14 => Self::BackchannelRequest,
            15 => Self::ActionLink,
            21 => Self::InitialAccess,
            40 => Self::Resource,
            41 => Self::ResourceName,
            42 => Self::ResourceSharing,
            43 => Self::ResourceScope,
            _ => return None,
        })
    }
}

/// Where a record stands: kind, realm and id together. The id is kept as given: whoever stores a secret hashes it first.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RecordKey {
    /// What the record is.
    pub kind: RecordKind,
    /// The realm it belongs to.
    pub realm: RealmName,
    /// Its id within kind and realm.
    pub id: Arc<str>,
}

impl RecordKey {
    /// The key of the `kind` with `id` in `realm`.
    pub fn new(kind: RecordKind, realm: &RealmName, id: &str) -> Self {
        Self { kind, realm: realm.clone(), id: id.into() }
    }
}

/// Without the id: it may be what a caller sent.
impl fmt::Debug for RecordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.kind.as_str(), self.realm)
    }
}

/// What is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    /// From this moment on the record is absent. [`Timestamp::MAX`]: never.
    pub expires_at: Timestamp,
    /// The user it belongs to, to be found again by [`RecordStore::of_owner`].
    pub owner: Option<Arc<str>>,
    /// The bytes, opaque to the store.
    pub value: Vec<u8>,
}

/// Without the bytes: they may hold secrets.
impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Record({} bytes, expires {})", self.value.len(), self.expires_at.millis())
    }
}

/// Which writing of a record somebody saw. Every write makes a new one; no two writes of one key ever share one, not even
/// across a removal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Version(pub(crate) u64);

/// A record as found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// To be handed to [`RecordStore::replace`].
    pub version: Version,
    /// The record.
    pub record: Record,
}

/// The outcome of [`RecordStore::insert`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Inserted {
    /// The record stands now, and this caller put it there.
    Done,
    /// A live record stood there already; nothing changed.
    Exists,
}

/// The outcome of [`RecordStore::replace`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Replaced {
    /// The new record stands.
    Done,
    /// Somebody else wrote since: find it, judge it, try again.
    Lost,
    /// There is no live record.
    Absent,
}

/// How much a store holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreSize {
    /// Records, the expired but not yet swept ones among them.
    pub records: u64,
    /// Bytes of keys and values, without indexes; 0 where the store does not tell.
    pub bytes: u64,
}

/// Records under typed keys.
///
/// - **Atomic.** Each verb happens entirely or not at all, and all verbs on one key happen one after the other, whoever calls
///   them from whichever process.
/// - **Expiry** is judged against the caller's `now`: a record whose `expires_at` is not later than `now` is absent for every
///   verb, whether or not it has been swept. What a store does by itself with time is garbage collection and shows nowhere.
/// - **Durable.** An awaited `Ok` of a writing verb is there after the process is killed and started again, in every store
///   that outlives a process; of [`RecordStore::insert_soon`] some moments later, and after an orderly end always.
/// - **Errors** leave the outcome open; no caller has been told that anything happened.
/// - No verb hangs: where the store is away it is [`StoreError::Unavailable`] within about two seconds.
#[async_trait]
pub trait RecordStore: Send + Sync {
    /// Puts a record where no live one stands. Of any number of callers at once exactly one gets [`Inserted::Done`].
    async fn insert(&self, key: &RecordKey, record: Record, now: Timestamp) -> Result<Inserted, StoreError>;

    /// The same for what is worth little after a crash: exclusive at once, durable some moments later, so that nobody waits for
    /// the disk and many share one write to it.
    async fn insert_soon(&self, key: &RecordKey, record: Record, now: Timestamp) -> Result<Inserted, StoreError> {
        self.insert(key, record, now).await
    }

    /// The live record, if there is one.
    async fn find(&self, key: &RecordKey, now: Timestamp) -> Result<Option<Stored>, StoreError>;

    /// Puts `record` in the place of the one that was seen. Of any number of callers who saw the same version exactly one gets
    /// [`Replaced::Done`]. The owner stays the one it was. A `record` that is already expired at `now` makes this a compare-and-remove.
    async fn replace(&self, key: &RecordKey, seen: Version, record: Record, now: Timestamp) -> Result<Replaced, StoreError>;

    /// Reads and removes. Of any number of callers at once exactly one gets the record.
    async fn take(&self, key: &RecordKey, now: Timestamp) -> Result<Option<Record>, StoreError>;

    /// Removes; whether something was there (live or expired).
    async fn remove(&self, key: &RecordKey) -> Result<bool, StoreError>;

    /// All live records of a kind that belong to `owner`, in no order.
    async fn of_owner(
        &self,
        kind: RecordKind,
        realm: &RealmName,
        owner: &str,
        now: Timestamp,
    ) -> Result<Vec<(RecordKey, Stored)>, StoreError>;

    /// Drops up to about `at_most` records that are expired at `now`, and says how many. Short: to be called again while it
    /// returns `at_most` or more. Stores that collect their garbage themselves return 0.
    async fn sweep(&self, now: Timestamp, at_most: usize) -> Result<usize, StoreError>;

    /// Whether the store can be used now.
    async fn ping(&self) -> Result<(), StoreError>;

    /// How much is stored, for metrics.
    async fn size(&self) -> Result<StoreSize, StoreError>;

    /// Makes everything durable and ends the store; later verbs are [`StoreError::Closed`] where there is something to close.
    async fn shutdown(&self) -> Result<(), StoreError>;
}
