use ambient::Timestamp;
use oidc_types::{SessionId, UserId};

use crate::codec::{Reader, Writer};
use crate::rotation::{Presented, RefreshUse, Reused, rotate};
use crate::{Record, RecordKind, StoreError, Version};

const FORMAT: u8 = 1;
const WHAT: &str = "user session";

/// Families of refresh tokens kept for a client session: logins of one browser session at one client.
const FAMILIES: usize = 32;

/// Note of a client session that began with a token exchange: the internal id of the client whose token was exchanged.
pub const EXCHANGED_FROM: &str = "exchanged_from";

/// Note of a session that a browser's login began.
pub const BROWSER: &str = "browser";

/// Online sessions end with the browser's day, offline ones are for programs that act while nobody is there. They are
/// disjoint: the same id may stand for one of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SessionKind {
    /// SSO session.
    Online,
    /// Made by `scope=offline_access`.
    Offline,
}

impl SessionKind {
    /// The kind of record it is stored as.
    pub const fn record_kind(self) -> RecordKind {
        match self {
            Self::Online => RecordKind::UserSession,
            Self::Offline => RecordKind::OfflineSession,
        }
    }
}

/// A login of a user, shared by the clients it was used for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserSession {
    /// `sid`, `session_state`.
    pub id: SessionId,
    /// Whose it is.
    pub user: UserId,
    /// Online or offline.
    pub kind: SessionKind,
    /// When the user logged in.
    pub started: Timestamp,
    /// When a refresh token was issued last, to whichever client.
    pub last_refresh: Timestamp,
    /// Whether the user asked to be remembered.
    pub remember_me: bool,
    /// A session of each client, in the order they came.
    pub clients: Vec<ClientSession>,
    /// What else is known of the login, by name (`AUTH_TIME`, `clientHost`, …).
    pub notes: Vec<(String, String)>,
    /// When the record may go ([`crate::lifespan::Lifespans::record_expires`]).
    pub expires_at: Timestamp,
}

/// A client's part of a user session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientSession {
    /// The client's internal id, which a change of `client_id` leaves alone.
    pub client: String,
    /// When the client first got a token in this session.
    pub started: Timestamp,
    /// When it got its last refresh token.
    pub last_refresh: Timestamp,
    /// The scope granted.
    pub scope: String,
    /// What else is known, by name (`redirect_uri`, …).
    pub notes: Vec<(String, String)>,
    /// Families of refresh tokens in use, where the realm revokes refresh tokens.
    families: Vec<RefreshUse>,
    /// The last use of the families that were let go: older tokens of unknown families are stale.
    forgotten: Timestamp,
}

impl UserSession {
    /// A session that begins at `started`; it does not expire before the caller says when.
    pub fn new(id: SessionId, user: UserId, kind: SessionKind, started: Timestamp) -> Self {
        Self {
            id,
            user,
            kind,
            started,
            last_refresh: started,
            remember_me: false,
            clients: Vec::new(),
            notes: Vec::new(),
            expires_at: Timestamp::MAX,
        }
    }

    /// The session of the client with this internal id.
    pub fn client(&self, client: &str) -> Option<&ClientSession> {
        self.clients.iter().find(|session| session.client == client)
    }

    /// The same, to be changed.
    pub fn client_mut(&mut self, client: &str) -> Option<&mut ClientSession> {
        self.clients.iter_mut().find(|session| session.client == client)
    }

    /// Adds a client session, in place of the one the client had.
    pub fn attach(&mut self, client: ClientSession) {
        match self.client_mut(&client.client) {
            Some(present) => *present = client,
            None => self.clients.push(client),
        }
    }

    /// Removes the client's session: its tokens are dead, those of other clients live on. Whether there was one.
    pub fn detach(&mut self, client: &str) -> bool {
        let before = self.clients.len();
        self.clients.retain(|session| session.client != client);
        self.clients.len() < before
    }

    /// Removes the sessions that other clients have by tokens of `client` (internal id) they exchanged (RFC 8693), and those
    /// that came of these. Whether there was one.
    pub fn detach_exchanged(&mut self, client: &str) -> bool {
        let before = self.clients.len();
        let mut sources = vec![client.to_owned()];
        while let Some(source) = sources.pop() {
            let came_of = |session: &ClientSession| session.note(EXCHANGED_FROM) == Some(source.as_str());
            sources.extend(self.clients.iter().filter(|session| came_of(session)).map(|session| session.client.clone()));
            self.clients.retain(|session| !came_of(session));
        }
        self.clients.len() < before
    }

    /// The note of this name.
    pub fn note(&self, name: &str) -> Option<&str> {
        find_note(&self.notes, name)
    }

    /// Sets a note.
    pub fn set_note(&mut self, name: &str, value: &str) {
        set_note(&mut self.notes, name, value);
    }

    pub(crate) fn to_record(&self) -> Record {
        let mut writer = Writer::new(FORMAT);
        writer.byte(u8::from(self.remember_me));
        writer.time(self.started, Timestamp::default());
        writer.time(self.last_refresh, self.started);
        write_notes(&mut writer, &self.notes);
        writer.number(self.clients.len() as u64);
        for client in &self.clients {
            client.write(&mut writer, self);
        }
        Record { expires_at: self.expires_at, owner: Some(self.user.as_str().into()), value: writer.finish() }
    }

    /// The session in a record; id and kind are in its key.
    pub(crate) fn of_record(id: SessionId, kind: SessionKind, record: &Record) -> Result<Self, StoreError> {
        let mut reader = Reader::new(&record.value, FORMAT, WHAT)?;
        let remember_me = reader.byte()? & 1 == 1;
        let started = reader.time(Timestamp::default())?;
        let last_refresh = reader.time(started)?;
        let notes = read_notes(&mut reader)?;
        let user = record.owner.as_deref().ok_or(StoreError::Malformed { what: WHAT })?.into();
        let clients = Vec::with_capacity(reader.count()?);
        let expires_at = record.expires_at;
        let mut session = Self { id, user, kind, started, last_refresh, remember_me, clients, notes, expires_at };
        for _ in 0..session.clients.capacity() {
            let client = ClientSession::read(&mut reader, &session)?;
            session.clients.push(client);
        }
        Ok(session)
    }
}

impl ClientSession {
    /// A session of `client` (internal id) that begins at `started`.
    pub fn new(client: &str, scope: &str, started: Timestamp) -> Self {
        Self {
            client: client.to_owned(),
            started,
            last_refresh: started,
            scope: scope.to_owned(),
            notes: Vec::new(),
            families: Vec::new(),
            forgotten: Timestamp::default(),
        }
    }

    /// The note of this name.
    pub fn note(&self, name: &str) -> Option<&str> {
        find_note(&self.notes, name)
    }

    /// Sets a note.
    pub fn set_note(&mut self, name: &str, value: &str) {
        set_note(&mut self.notes, name, value);
    }

    /// Uses a refresh token under `revokeRefreshToken`: judges it ([`rotate`]) and keeps the new state. Refused: nothing
    /// changed here, the caller detaches this client session.
    pub fn use_refresh_token(&mut self, presented: Presented<'_>, max_reuse: u32, now: Timestamp) -> Result<(), Reused> {
        let at = self.families.iter().position(|family| family.reuse_id == presented.reuse_id);
        let state = at.and_then(|at| self.families.get(at));
        if state.is_none() && presented.issued_at.secs() < self.forgotten.secs() {
            return Err(Reused::Stale);
        }
        let next = rotate(state, presented, max_reuse, now)?;
        if let Some(at) = at {
            self.families.remove(at);
        } else if self.families.len() >= FAMILIES {
            self.forgotten = self.forgotten.max(self.families.remove(0).last_use);
        }
        self.families.push(next);
        Ok(())
    }

    fn write(&self, writer: &mut Writer, session: &UserSession) {
        writer.text(&self.client);
        writer.time(self.started, session.started);
        writer.time(self.last_refresh, session.last_refresh);
        writer.text(&self.scope);
        write_notes(writer, &self.notes);
        writer.number(self.families.len() as u64);
        if self.families.is_empty() {
            return;
        }
        writer.time(self.forgotten, Timestamp::default());
        for family in &self.families {
            writer.text(&family.reuse_id);
            writer.text(&family.current);
            writer.number(u64::from(family.count));
            writer.time(family.last_use, self.last_refresh);
            writer.number(family.spent.len() as u64);
            family.spent.iter().for_each(|jti| writer.text(jti));
        }
    }

    fn read(reader: &mut Reader<'_>, session: &UserSession) -> Result<Self, StoreError> {
        let client = reader.text()?;
        let started = reader.time(session.started)?;
        let last_refresh = reader.time(session.last_refresh)?;
        let scope = reader.text()?;
        let notes = read_notes(reader)?;
        let families = Vec::with_capacity(reader.count()?);
        let forgotten = Timestamp::default();
        let mut read = Self { client, started, last_refresh, scope, notes, families, forgotten };
        if read.families.capacity() > 0 {
            read.forgotten = reader.time(Timestamp::default())?;
        }
        for _ in 0..read.families.capacity() {
            let reuse_id = reader.text()?;
            let current = reader.text()?;
            let count = u32::try_from(reader.number()?).unwrap_or(u32::MAX);
            let last_use = reader.time(last_refresh)?;
            let spent = (0..reader.count()?).map(|_| reader.text()).collect::<Result<_, _>>()?;
            read.families.push(RefreshUse { reuse_id, current, count, last_use, spent });
        }
        Ok(read)
    }
}

/// A value as found in the store, with the version it was found in. Change it in place and hand it to
/// [`crate::Sessions::replace`], which refuses it when somebody else was faster.
#[derive(Clone, Debug)]
pub struct Seen<T> {
    /// The value.
    pub value: T,
    pub(crate) version: Version,
}

impl<T> std::ops::Deref for Seen<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> std::ops::DerefMut for Seen<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

pub(crate) fn find_note<'a>(notes: &'a [(String, String)], name: &str) -> Option<&'a str> {
    notes.iter().find(|(noted, _)| noted == name).map(|(_, value)| value.as_str())
}

pub(crate) fn set_note(notes: &mut Vec<(String, String)>, name: &str, value: &str) {
    match notes.iter_mut().find(|(noted, _)| noted == name) {
        Some((_, present)) => value.clone_into(present),
        None => notes.push((name.to_owned(), value.to_owned())),
    }
}

pub(crate) fn write_notes(writer: &mut Writer, notes: &[(String, String)]) {
    writer.number(notes.len() as u64);
    for (name, value) in notes {
        writer.text(name);
        writer.text(value);
    }
}

pub(crate) fn read_notes(reader: &mut Reader<'_>) -> Result<Vec<(String, String)>, StoreError> {
    (0..reader.count()?).map(|_| Ok((reader.text()?, reader.text()?))).collect()
}
