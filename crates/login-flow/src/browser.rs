//! A browser that comes to a realm: its cookies, its language, and the logins that it has begun.

use base64_simd::{STANDARD, URL_SAFE_NO_PAD};
use key_rotation::TagPurpose;
use login_pages::Locale;
use oidc_types::SessionId;
use realm_http::RealmContext;
use realm_http::http::{CookieScope, Cookies};
use sessions::{AuthenticationSession, Inserted, Replaced, Seen, Tab};
use sha2::{Digest, Sha384};
use user_authentication::At;

use crate::LoginFlow;
use crate::end_session::{LOGOUT, STALE};
use crate::error::LoginError;

const AUTH_SESSION_ID: &str = "AUTH_SESSION_ID";
const AUTH_SESSION_HASH: &str = "KC_AUTH_SESSION_HASH";

/// Seconds for which pages can tell whether another login took the browser over (wire-browser.md section 3).
const HASH_SECS: i64 = 60;

/// Times that what a browser does is read again because another request of it was faster.
const ROUNDS: usize = 64;

/// One request of a browser.
pub(crate) struct Browser<'a> {
    pub(crate) cx: &'a RealmContext,
    pub(crate) parts: &'a LoginFlow,
    pub(crate) cookies: Cookies,
    pub(crate) locale: Locale,
    pub(crate) peer: String,
    /// `mode` of the page that is asked for.
    pub(crate) mode: Option<String>,
    /// Whether a mail is to be sent again.
    pub(crate) resends: bool,
    /// What it has begun, as its cookie says.
    authentication: Option<Seen<AuthenticationSession>>,
}

impl<'a> Browser<'a> {
    /// Reads its cookies, and finds what it has begun.
    pub(crate) async fn arrive(
        cx: &'a RealmContext,
        parts: &'a LoginFlow,
        (cookies, locale): (Cookies, Locale),
    ) -> Result<Self, LoginError> {
        let peer = cx.arrival.peer.to_string();
        let mut browser = Self { cx, parts, cookies, locale, peer, mode: None, resends: false, authentication: None };
        let values: Vec<_> = browser.cookies.all(AUTH_SESSION_ID).map(str::to_owned).collect();
        for value in values {
            let Some(id) = browser.read_id(&value).await? else { continue };
            browser.authentication = parts.sessions.find_authentication(&cx.realm.name, &id, cx.now).await?;
            if browser.authentication.is_some() {
                break;
            }
        }
        Ok(browser)
    }

    /// Where and when somebody is asked.
    pub(crate) fn at(&self) -> At<'_> {
        At { realm: &self.cx.realm, now: self.cx.now, peer: &self.peer }
    }

    /// The id in the cookie, if this realm has set it.
    async fn read_id(&self, value: &str) -> Result<Option<SessionId>, LoginError> {
        let decoded = URL_SAFE_NO_PAD.decode_to_vec(value.as_bytes()).ok().and_then(|text| String::from_utf8(text).ok());
        let Some((id, tag)) = decoded.as_deref().and_then(|text| text.rsplit_once('.')) else { return Ok(None) };
        let keyrings = &self.parts.keyrings;
        let holds = keyrings.holds(&self.cx.realm, (TagPurpose::AuthSessionId, id), tag).await;
        Ok(holds?.then(|| id.into()))
    }

    /// The id of what it has begun.
    pub(crate) fn authentication_id(&self) -> Option<&SessionId> {
        self.authentication.as_ref().map(|session| &session.id)
    }

    /// A login that it has begun.
    pub(crate) fn tab(&self, id: &str, client: &str) -> Option<&Tab> {
        self.authentication.as_ref()?.tab(id, client)
    }

    /// The only login that it has begun for this client.
    pub(crate) fn only_tab(&self, client: &str) -> Option<&Tab> {
        let mut of_client = self.authentication.as_ref()?.tabs.iter().filter(|tab| tab.client == client);
        of_client.next().filter(|_| of_client.next().is_none())
    }

    /// Whether it has other logins in progress than this one.
    pub(crate) fn has_other_tabs(&self, id: &str) -> bool {
        self.authentication.as_ref().is_some_and(|session| session.tabs.iter().any(|tab| tab.id != id))
    }

    /// Makes sure that it has an id, which it keeps; its pages can tell when another one took its place.
    pub(crate) async fn ensure_id(&mut self) -> Result<SessionId, LoginError> {
        if let Some(id) = self.authentication_id() {
            return Ok(id.clone());
        }
        let id = self.ensure_quiet_id().await?;
        let scope = CookieScope { max_age: Some(HASH_SECS), for_scripts: true, ..CookieScope::default() };
        self.cookies.set(AUTH_SESSION_HASH, &format!("\"{}\"", session_hash(&id)), scope);
        Ok(id)
    }

    /// The same for logout, whose pages do not care.
    pub(crate) async fn ensure_quiet_id(&mut self) -> Result<SessionId, LoginError> {
        if let Some(id) = self.authentication_id() {
            return Ok(id.clone());
        }
        let (realm, now) = (&self.cx.realm, self.cx.now);
        loop {
            let id = single_sign_on::new_session_id(realm, self.cx.entropy());
            let session = AuthenticationSession::new(id.clone(), now.plus_secs(realm.login.access_code_lifespan_login.max(1)));
            if self.parts.sessions.record_authentication(&realm.name, &session, now).await? == Inserted::Exists {
                continue;
            }
            self.authentication = self.parts.sessions.find_authentication(&realm.name, &id, now).await?;
            self.set_id(&id).await?;
            return Ok(id);
        }
    }

    async fn set_id(&mut self, id: &SessionId) -> Result<(), LoginError> {
        let tag = self.parts.keyrings.tag(&self.cx.realm, TagPurpose::AuthSessionId, id.as_str()).await;
        let tag = tag?;
        let value = URL_SAFE_NO_PAD.encode_to_string(format!("{id}.{tag}"));
        self.cookies.set(AUTH_SESSION_ID, &value, CookieScope::default());
        Ok(())
    }

    /// Somebody has logged out: logouts that were asked for are over, and the next login gets another id.
    pub(crate) async fn forget_logouts(&mut self) -> Result<(), LoginError> {
        match &self.authentication {
            None => self.set_id(&single_sign_on::new_session_id(&self.cx.realm, self.cx.entropy())).await,
            Some(session) if session.tabs.iter().all(|tab| tab.note(LOGOUT).is_some()) => {
                self.parts.sessions.remove_authentication(&self.cx.realm.name, &session.id).await?;
                self.authentication = None;
                Ok(())
            }
            Some(_) => Ok(()),
        }
    }

    /// Keeps a tab as it now is. `seen`: the step it stood at when this request found it.
    ///
    /// # Errors
    /// [`LoginError::Overtaken`] where another request has taken the same step meanwhile.
    pub(crate) async fn keep(&mut self, tab: &Tab, seen: Option<&str>) -> Result<(), LoginError> {
        let realm = &self.cx.realm.name;
        let lifespan = self.cx.realm.login.access_code_lifespan_login.max(1);
        for _ in 0..ROUNDS {
            let Some(session) = self.authentication.as_mut() else { return Err(LoginError::Overtaken) };
            if let Some(present) = session.tab(&tab.id, &tab.client)
                && present.note(STEP) != seen
            {
                return Err(LoginError::Overtaken);
            }
            session.put(tab.clone());
            session.expires_at = self.cx.now.plus_secs(lifespan);
            match self.parts.sessions.replace_authentication(realm, session, self.cx.now).await? {
                Replaced::Done => return self.refresh().await,
                Replaced::Absent => return Err(LoginError::Overtaken),
                Replaced::Lost => self.refresh().await?,
            }
        }
        Err(LoginError::Overtaken)
    }

    /// Forgets a tab that has come to its end: to exactly one caller.
    ///
    /// # Errors
    /// [`LoginError::Overtaken`] where another request has ended it, or taken a step of it, meanwhile.
    pub(crate) async fn end(&mut self, tab: &Tab, seen: Option<&str>) -> Result<(), LoginError> {
        let realm = &self.cx.realm.name;
        for _ in 0..ROUNDS {
            let Some(session) = self.authentication.as_mut() else { return Err(LoginError::Overtaken) };
            match session.tab(&tab.id, &tab.client) {
                Some(present) if present.note(STEP) == seen => {}
                _ => return Err(LoginError::Overtaken),
            }
            session.remove(&tab.id);
            if tab.note(LOGOUT).is_none() {
                // Keycloak: a logout that was asked for before is worth nothing now (recording logout/confirm-page-then-other-request).
                session.tabs.iter_mut().filter(|tab| tab.note(LOGOUT).is_some()).for_each(|tab| tab.set_note(LOGOUT, STALE));
            }
            if session.tabs.is_empty() {
                session.expires_at = self.cx.now; // gone, where no other tab has come meanwhile
            }
            match self.parts.sessions.replace_authentication(realm, session, self.cx.now).await? {
                Replaced::Done => return self.refresh().await,
                Replaced::Absent => return Err(LoginError::Overtaken),
                Replaced::Lost => self.refresh().await?,
            }
        }
        Err(LoginError::Overtaken)
    }

    async fn refresh(&mut self) -> Result<(), LoginError> {
        let Some(id) = self.authentication_id().cloned() else { return Ok(()) };
        self.authentication = self.parts.sessions.find_authentication(&self.cx.realm.name, &id, self.cx.now).await?;
        Ok(())
    }
}

/// Note of a tab: the step it stands at. Changes with every page; whoever does not know it takes no step.
pub(crate) const STEP: &str = "step";

/// The value of `KC_AUTH_SESSION_HASH`.
pub(crate) fn session_hash(id: &SessionId) -> String {
    STANDARD.encode_to_string(Sha384::digest(id.as_str()))
}
