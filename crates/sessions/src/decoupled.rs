//! Requests that wait for an answer given elsewhere: on a second device (RFC 8628), by an authentication channel (CIBA).

use ambient::Timestamp;
use oidc_types::{RealmName, SessionId, UserId};

use crate::codec::{Reader, Writer};
use crate::sessions::hashed;
use crate::user_session::{find_note, read_notes, set_note, write_notes};
use crate::{Record, RecordKey, RecordKind, StoreError};

mod verbs;

const FORMAT: u8 = 1;
const WHAT: &str = "waiting authorization";

/// Seconds that a record outlives its code, beside one interval: a late client is told that it is late, not that its code is unknown.
const GRACE_SECS: i64 = 10;

/// By which protocol a request waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decoupled {
    /// RFC 8628, found by its device code.
    Device,
    /// OpenID Connect CIBA, found by what its `auth_req_id` holds.
    Backchannel,
}

impl Decoupled {
    fn key(self, realm: &RealmName, code: &str) -> RecordKey {
        self.key_of(realm, &hashed(code))
    }

    fn key_of(self, realm: &RealmName, hash: &str) -> RecordKey {
        let kind = match self {
            Self::Device => RecordKind::DeviceCode,
            Self::Backchannel => RecordKind::BackchannelRequest,
        };
        RecordKey::new(kind, realm, hash)
    }
}

/// What the user has said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Decision {
    /// Nothing yet.
    #[default]
    Pending,
    /// Yes.
    Approved {
        /// Who said so.
        user: UserId,
        /// The login in which it was said; none where there was no browser.
        session: Option<SessionId>,
    },
    /// No, once and for all.
    Denied,
}

/// A request of a client that waits for its user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingAuthorization {
    /// The client's internal id.
    pub client: String,
    /// Whom the client asked for; none where anybody may answer (RFC 8628).
    pub user: Option<UserId>,
    /// `scope` as it was asked for.
    pub scope: Option<String>,
    /// Seconds between two polls at least.
    pub interval: i64,
    /// When the code ends. The record stays a little longer.
    pub expires_at: Timestamp,
    /// The last poll that was not too early.
    pub polled: Option<Timestamp>,
    /// What the user has said.
    pub decision: Decision,
    /// What else the request said, by name (`nonce`, `code_challenge`, …).
    pub notes: Vec<(String, String)>,
}

/// What comes of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Decided {
    /// It stands now.
    Done,
    /// It was given already, and stays what it was.
    Already,
    /// There is no such request (any more).
    Absent,
}

/// What an entered user code is worth.
#[derive(Clone, Debug)]
pub enum UserCode {
    /// The request it belongs to.
    Known(Box<WaitingAuthorization>),
    /// None.
    Unknown,
    /// One whose time is over.
    Over,
    /// Too many came from this address: not looked at.
    TooManyEntries,
}

/// The letters of a user code as they are compared (RFC 8628 section 6.1): without separators, in capitals.
fn letters(user_code: &str) -> String {
    user_code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

fn user_code_key(realm: &RealmName, user_code: &str) -> RecordKey {
    RecordKey::new(RecordKind::UserCode, realm, &hashed(&letters(user_code)))
}

impl WaitingAuthorization {
    /// The note of this name.
    pub fn note(&self, name: &str) -> Option<&str> {
        find_note(&self.notes, name)
    }

    /// Sets a note.
    pub fn set_note(&mut self, name: &str, value: &str) {
        set_note(&mut self.notes, name, value);
    }

    /// Whether the code has ended.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.expires_at <= now
    }

    /// When its records go.
    fn outlived_at(&self) -> Timestamp {
        self.expires_at.plus_secs(self.interval.saturating_add(GRACE_SECS))
    }

    /// Whether a poll at `now` comes before its time. One that does moves nothing (recording device/pending-and-slow-down).
    pub fn is_polled_too_early(&self, now: Timestamp) -> bool {
        self.polled.is_some_and(|last| now < last.plus_secs(self.interval))
    }

    fn to_record(&self) -> Record {
        let mut writer = Writer::new(FORMAT);
        writer.text(&self.client);
        writer.text(self.user.as_ref().map_or("", UserId::as_str));
        writer.byte(u8::from(self.scope.is_some()));
        writer.text(self.scope.as_deref().unwrap_or_default());
        writer.number(u64::try_from(self.interval).unwrap_or_default());
        writer.time(self.expires_at, Timestamp::default());
        writer.time(self.polled.unwrap_or_default(), Timestamp::default());
        let (state, user, session) = match &self.decision {
            Decision::Pending => (0, "", None),
            Decision::Approved { user, session } => (1, user.as_str(), session.as_ref()),
            Decision::Denied => (2, "", None),
        };
        writer.byte(state);
        writer.text(user);
        writer.text(session.map_or("", SessionId::as_str));
        write_notes(&mut writer, &self.notes);
        Record { expires_at: self.outlived_at(), owner: None, value: writer.finish() }
    }

    fn of_record(record: &Record) -> Result<Self, StoreError> {
        let mut reader = Reader::new(&record.value, FORMAT, WHAT)?;
        let present = |text: String| Some(text).filter(|text| !text.is_empty());
        let client = reader.text()?;
        let user = present(reader.text()?).map(|id| id.as_str().into());
        let has_scope = reader.byte()? == 1;
        let scope = Some(reader.text()?).filter(|_| has_scope);
        let interval = i64::try_from(reader.number()?).unwrap_or(i64::MAX);
        let expires_at = reader.time(Timestamp::default())?;
        let polled = Some(reader.time(Timestamp::default())?).filter(|time| *time != Timestamp::default());
        let state = reader.byte()?;
        let by = reader.text()?;
        let session = present(reader.text()?).map(|id| id.as_str().into());
        let decision = match state {
            0 => Decision::Pending,
            1 => Decision::Approved { user: by.as_str().into(), session },
            2 => Decision::Denied,
            _ => return Err(StoreError::Malformed { what: WHAT }),
        };
        Ok(Self { client, user, scope, interval, expires_at, polled, decision, notes: read_notes(&mut reader)? })
    }
}
