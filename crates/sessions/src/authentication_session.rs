//! Logins in progress: one record for a browser, with a tab for each login that it has begun. Every node can go on with it.

use ambient::Timestamp;
use oidc_types::{RealmName, SessionId, UserId};

use crate::codec::{Reader, Writer};
use crate::user_session::{find_note, read_notes, set_note, write_notes};
use crate::{Inserted, Record, RecordKey, RecordKind, Replaced, Seen, Sessions, StoreError};

const FORMAT: u8 = 1;
const WHAT: &str = "authentication session";

/// Tabs that are kept of one browser; of more the oldest goes. Keycloak: `authSessionsLimit`, 300; its records are of one tab each.
const MOST_TABS: usize = 50;

/// What a browser is doing in a realm while nobody is logged in yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthenticationSession {
    /// What the cookie `AUTH_SESSION_ID` says; the id of the user session that comes of it.
    pub id: SessionId,
    /// The logins in progress, the oldest first.
    pub tabs: Vec<Tab>,
    /// When the record may go.
    pub expires_at: Timestamp,
}

/// One login in progress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tab {
    /// `tab_id`
    pub id: String,
    /// The client's internal id.
    pub client: String,
    /// When it began.
    pub started: Timestamp,
    /// What the client asked for: the parameters, name and value.
    pub request: Vec<(String, String)>,
    /// Who is logging in, once that is known.
    pub user: Option<UserId>,
    /// What else is known, by name.
    pub notes: Vec<(String, String)>,
}

impl Tab {
    /// A login that begins at `started`.
    pub fn new(id: String, client: &str, request: Vec<(String, String)>, started: Timestamp) -> Self {
        Self { id, client: client.to_owned(), started, request, user: None, notes: Vec::new() }
    }

    /// The note of this name.
    pub fn note(&self, name: &str) -> Option<&str> {
        find_note(&self.notes, name)
    }

    /// Sets a note.
    pub fn set_note(&mut self, name: &str, value: &str) {
        set_note(&mut self.notes, name, value);
    }

    /// Removes a note.
    pub fn remove_note(&mut self, name: &str) {
        self.notes.retain(|(noted, _)| noted != name);
    }

    fn write(&self, writer: &mut Writer) {
        writer.text(&self.id);
        writer.text(&self.client);
        writer.time(self.started, Timestamp::default());
        write_notes(writer, &self.request);
        writer.text(self.user.as_ref().map_or("", UserId::as_str));
        write_notes(writer, &self.notes);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, StoreError> {
        let (id, client) = (reader.text()?, reader.text()?);
        let started = reader.time(Timestamp::default())?;
        let request = read_notes(reader)?;
        let user = Some(reader.text()?).filter(|user| !user.is_empty()).map(|user| user.as_str().into());
        Ok(Self { id, client, started, request, user, notes: read_notes(reader)? })
    }
}

impl AuthenticationSession {
    /// A browser that has begun nothing yet.
    pub const fn new(id: SessionId, expires_at: Timestamp) -> Self {
        Self { id, tabs: Vec::new(), expires_at }
    }

    /// The tab with this id, if it belongs to the client with this internal id.
    pub fn tab(&self, id: &str, client: &str) -> Option<&Tab> {
        self.tabs.iter().find(|tab| tab.id == id && tab.client == client)
    }

    /// Puts a tab in the place of the one with its id, or beside the others; of too many the oldest goes.
    pub fn put(&mut self, tab: Tab) {
        match self.tabs.iter_mut().find(|present| present.id == tab.id) {
            Some(present) => *present = tab,
            None => {
                if self.tabs.len() >= MOST_TABS {
                    self.tabs.remove(0);
                }
                self.tabs.push(tab);
            }
        }
    }

    /// Removes a tab.
    pub fn remove(&mut self, id: &str) {
        self.tabs.retain(|tab| tab.id != id);
    }

    fn to_record(&self) -> Record {
        let mut writer = Writer::new(FORMAT);
        writer.number(self.tabs.len() as u64);
        self.tabs.iter().for_each(|tab| tab.write(&mut writer));
        Record { expires_at: self.expires_at, owner: None, value: writer.finish() }
    }

    fn of_record(id: SessionId, record: &Record) -> Result<Self, StoreError> {
        let mut reader = Reader::new(&record.value, FORMAT, WHAT)?;
        let tabs = (0..reader.count()?).map(|_| Tab::read(&mut reader)).collect::<Result<_, _>>()?;
        Ok(Self { id, tabs, expires_at: record.expires_at })
    }
}

/// Logins in progress.
impl Sessions {
    /// What this browser is doing.
    pub async fn find_authentication(
        &self,
        realm: &RealmName,
        id: &SessionId,
        now: Timestamp,
    ) -> Result<Option<Seen<AuthenticationSession>>, StoreError> {
        let Some(stored) = self.store().find(&key(realm, id), now).await? else { return Ok(None) };
        let value = AuthenticationSession::of_record(id.clone(), &stored.record)?;
        Ok(Some(Seen { value, version: stored.version }))
    }

    /// Records what a browser has begun. [`Inserted::Exists`]: its id is taken, nothing changed.
    pub async fn record_authentication(
        &self,
        realm: &RealmName,
        session: &AuthenticationSession,
        now: Timestamp,
    ) -> Result<Inserted, StoreError> {
        self.store().insert(&key(realm, &session.id), session.to_record(), now).await
    }

    /// Writes back what was found and changed. [`Replaced::Lost`]: another request of the browser was faster; find it again.
    pub async fn replace_authentication(
        &self,
        realm: &RealmName,
        session: &Seen<AuthenticationSession>,
        now: Timestamp,
    ) -> Result<Replaced, StoreError> {
        self.store().replace(&key(realm, &session.id), session.version, session.value.to_record(), now).await
    }

    /// Forgets all that a browser has begun; whether there was anything.
    pub async fn remove_authentication(&self, realm: &RealmName, id: &SessionId) -> Result<bool, StoreError> {
        self.store().remove(&key(realm, id)).await
    }
}

fn key(realm: &RealmName, id: &SessionId) -> RecordKey {
    RecordKey::new(RecordKind::AuthenticationSession, realm, id.as_str())
}
