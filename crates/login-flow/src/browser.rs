//! A browser that comes to a realm: its cookies, its language, and the logins that it has begun.

use base64_simd::{STANDARD, URL_SAFE_NO_PAD};
use key_rotation::TagPurpose;
use login_pages::{LanguageChoice, Locale, Wishes};
use oidc_types::SessionId;
use realm_http::RealmContext;
use realm_http::http::{CookieScope, Cookies};
use sessions::{AuthenticationSession, Inserted, Replaced, Seen, Tab};
use sha2::{Digest, Sha384};
use user_authentication::At;

use crate::LoginFlow;
use crate::end_session::{LOGOUT, STALE};
use crate::error::LoginError;
use crate::finish::RESTART;

const AUTH_SESSION_ID: &str = "AUTH_SESSION_ID";
const AUTH_SESSION_HASH: &str = "KC_AUTH_SESSION_HASH";

/// Ids that are looked at of one browser.
const MOST_IDS: usize = 4;

/// The language that was chosen last.
const LOCALE: &str = "KEYCLOAK_LOCALE";

/// Seconds for which pages can tell whether another login took the browser over (wire-browser.md section 3).
const HASH_SECS: i64 = 60;

/// Times that what a browser does is read again because another request of it was faster.
const ROUNDS: usize = 64;

/// What a browser has begun.
enum Begun {
    /// Nothing, or nothing that is still there.
    Nothing,
    /// It has got its id with this very request; nothing is kept under it yet.
    Now(AuthenticationSession),
    /// What its cookie says.
    Kept(Seen<AuthenticationSession>),
}

/// What a request says of languages.
#[derive(Debug, Default)]
pub(crate) struct Wants {
    /// `kc_locale`
    pub(crate) chosen: Option<String>,
    /// The header `Accept-Language`.
    pub(crate) accept_language: Option<String>,
}

/// One request of a browser.
pub(crate) struct Browser<'a> {
    pub(crate) cx: &'a RealmContext,
    pub(crate) parts: &'a LoginFlow,
    pub(crate) cookies: Cookies,
    /// The language of its pages.
    pub(crate) locale: Locale,
    wants: Wants,
    pub(crate) peer: String,
    /// `mode` of the page that is asked for.
    pub(crate) mode: Option<String>,
    /// Whether a mail is to be sent again.
    pub(crate) resends: bool,
    begun: Begun,
    /// The ids that its cookies say, whether anything is left of them or not.
    came: Vec<SessionId>,
    /// Whether anything was left of them when this request came.
    came_alive: bool,
}

impl<'a> Browser<'a> {
    /// Reads its cookies, and finds what it has begun.
    pub(crate) async fn arrive(
        cx: &'a RealmContext,
        parts: &'a LoginFlow,
        (cookies, wants): (Cookies, Wants),
    ) -> Result<Self, LoginError> {
        let peer = cx.arrival.peer.to_string();
        let mut browser = Self {
            cx,
            parts,
            cookies,
            locale: Locale::english(),
            wants,
            peer,
            mode: None,
            resends: false,
            begun: Begun::Nothing,
            came: Vec::new(),
            came_alive: false,
        };
        browser.choose_language(&Wishes::default());
        let values: Vec<_> = browser.cookies.all(AUTH_SESSION_ID).map(str::to_owned).collect();
        for value in values.iter().take(MOST_IDS) {
            let Some(id) = browser.read_id(value).await? else { continue };
            browser.came.push(id.clone());
            if browser.session().is_none() {
                browser.find(&id).await?;
            }
        }
        browser.came_alive = browser.session().is_some();
        Ok(browser)
    }

    /// Chooses the language of its pages by what is known here, and by what a login knows beside it. Keycloak: an error page outside a
    /// login does not know the `ui_locales` (recording error-pages/error-page-languages).
    pub(crate) fn choose_language(&mut self, of_login: &Wishes<'_>) {
        let wishes = Wishes {
            chosen: self.wants.chosen.as_deref().or(of_login.chosen),
            cookie: self.cookies.get(LOCALE),
            accept_language: self.wants.accept_language.as_deref(),
            ..*of_login
        };
        self.locale = Locale::choose(&self.cx.realm, &wishes);
    }

    /// Keeps the language that was chosen with this request; which one, if it is one of the realm's.
    pub(crate) fn keep_language(&mut self) -> Option<String> {
        let chosen = self.wants.chosen.as_deref()?;
        let locales = &self.cx.realm.locales;
        let known = locales.supported.iter().find(|known| locales.enabled && known.eq_ignore_ascii_case(chosen))?;
        self.cookies.set(LOCALE, known, CookieScope::default());
        Some(known.to_string())
    }

    /// The languages in which a page of the realm can be had, each at the URL that `url` makes of its tag.
    pub(crate) fn languages(&self, url: impl Fn(&str) -> String) -> Vec<LanguageChoice> {
        let locales = &self.cx.realm.locales;
        if !locales.enabled || locales.supported.len() < 2 {
            return Vec::new();
        }
        locales.supported.iter().map(|code| LanguageChoice { code: code.to_string(), url: url(code) }).collect()
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

    fn session(&self) -> Option<&AuthenticationSession> {
        match &self.begun {
            Begun::Nothing => None,
            Begun::Now(session) => Some(session),
            Begun::Kept(session) => Some(session),
        }
    }

    /// The id of what it has begun.
    pub(crate) fn authentication_id(&self) -> Option<&SessionId> {
        self.session().map(|session| &session.id)
    }

    /// Whether it has this id, or had it last.
    pub(crate) fn came_with(&self, id: &str) -> bool {
        self.came.iter().any(|came| came.as_str() == id)
    }

    /// Whether it has logins in progress, this request's own aside.
    pub(crate) const fn has_begun(&self) -> bool {
        matches!(self.begun, Begun::Kept(_))
    }

    /// A login that it has begun.
    pub(crate) fn tab(&self, id: &str, client: &str) -> Option<&Tab> {
        self.session()?.tab(id, client)
    }

    /// The only login that it has begun for this client.
    pub(crate) fn only_tab(&self, client: &str) -> Option<&Tab> {
        let mut of_client = self.session()?.tabs.iter().filter(|tab| tab.client == client);
        of_client.next().filter(|_| of_client.next().is_none())
    }

    /// Forgets how a login that has come to its end could begin anew; not while there are others.
    pub(crate) fn forget_restart(&mut self) {
        if self.session().is_none_or(|session| session.tabs.iter().all(|tab| tab.note(LOGOUT).is_some())) {
            self.cookies.clear_sent(RESTART);
        }
    }

    /// The login that had this id before its user was known.
    pub(crate) fn former_tab(&self, id: &str, client: &str) -> Option<&Tab> {
        let mut tabs = self.session()?.tabs.iter();
        tabs.find(|tab| tab.client == client && tab.note(FORMER) == Some(id))
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
        let id = single_sign_on::new_session_id(realm, self.cx.entropy());
        self.set_id(&id).await?;
        let expires_at = now.plus_secs(realm.login.access_code_lifespan_login.max(1));
        self.begun = Begun::Now(AuthenticationSession::new(id.clone(), expires_at));
        Ok(id)
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
        match &self.begun {
            Begun::Kept(session) if session.tabs.iter().all(|tab| tab.note(LOGOUT).is_some()) => {
                self.parts.sessions.remove_authentication(&self.cx.realm.name, &session.id).await?;
                self.begun = Begun::Nothing;
                Ok(())
            }
            _ if self.came_alive => Ok(()),
            Begun::Kept(_) => Ok(()),
            Begun::Nothing | Begun::Now(_) => {
                self.set_id(&single_sign_on::new_session_id(&self.cx.realm, self.cx.entropy())).await
            }
        }
    }

    /// Somebody has come for a login: logouts that were asked for before are worth nothing now (recording
    /// logout/confirm-page-then-other-request).
    pub(crate) async fn make_logouts_stale(&mut self) -> Result<(), LoginError> {
        let is_asked = |tab: &Tab| tab.note(LOGOUT).is_some_and(|note| note != STALE);
        if !matches!(&self.begun, Begun::Kept(session) if session.tabs.iter().any(is_asked)) {
            return Ok(());
        }
        self.change(None, make_stale).await
    }

    /// Begins under a new id, whatever the browser came with.
    pub(crate) fn begin_anew(&mut self) {
        self.begun = Begun::Nothing;
    }

    /// Keeps a tab as it now is. `found`: the id and the step at which this request found it.
    ///
    /// # Errors
    /// [`LoginError::Overtaken`] where another request has taken the same step meanwhile.
    pub(crate) async fn keep(&mut self, tab: &Tab, found: Option<&Found>) -> Result<(), LoginError> {
        let lifespan = self.cx.realm.login.access_code_lifespan_login.max(1);
        let expires_at = self.cx.now.plus_secs(lifespan);
        self.change(found.map(|found| (found, &*tab.client)), |session| {
            if let Some(found) = found {
                session.remove(&found.tab);
            }
            session.put(tab.clone());
            session.expires_at = expires_at;
        })
        .await
    }

    /// Forgets a tab that has come to its end: to exactly one caller.
    ///
    /// # Errors
    /// [`LoginError::Overtaken`] where another request has ended it, or taken a step of it, meanwhile.
    pub(crate) async fn end(&mut self, client: &str, found: &Found) -> Result<(), LoginError> {
        let now = self.cx.now;
        self.change(Some((found, client)), |session| {
            let is_logout = session.tab(&found.tab, client).is_some_and(|tab| tab.note(LOGOUT).is_some());
            session.remove(&found.tab);
            if !is_logout {
                make_stale(session);
            }
            if session.tabs.is_empty() {
                session.expires_at = now; // gone, where no other tab has come meanwhile
            }
        })
        .await
    }

    /// Changes what is kept, if the tab that was found still stands where it did.
    async fn change(
        &mut self,
        found: Option<(&Found, &str)>,
        change: impl Fn(&mut AuthenticationSession),
    ) -> Result<(), LoginError> {
        let (realm, now) = (&self.cx.realm.name, self.cx.now);
        for _ in 0..ROUNDS {
            let replaced = match &mut self.begun {
                Begun::Nothing => return Err(LoginError::Overtaken),
                Begun::Now(session) => {
                    change(session);
                    match self.parts.sessions.record_authentication(realm, session, now).await? {
                        Inserted::Done => Replaced::Done,
                        Inserted::Exists => Replaced::Absent, // 144 random bits twice
                    }
                }
                Begun::Kept(session) => {
                    let stands = |(found, client): (&Found, &str)| {
                        session.tab(&found.tab, client).is_some_and(|tab| tab.note(STEP) == found.step.as_deref())
                    };
                    if !found.is_none_or(stands) {
                        return Err(LoginError::Overtaken);
                    }
                    change(session);
                    self.parts.sessions.replace_authentication(realm, session, now).await?
                }
            };
            match replaced {
                Replaced::Done => return self.refresh().await,
                Replaced::Absent => return Err(LoginError::Overtaken),
                Replaced::Lost => self.refresh().await?,
            }
        }
        Err(LoginError::Overtaken)
    }

    async fn refresh(&mut self) -> Result<(), LoginError> {
        let Some(id) = self.authentication_id().cloned() else { return Ok(()) };
        self.find(&id).await
    }

    async fn find(&mut self, id: &SessionId) -> Result<(), LoginError> {
        let found = self.parts.sessions.find_authentication(&self.cx.realm.name, id, self.cx.now).await?;
        self.begun = found.map_or(Begun::Nothing, Begun::Kept);
        Ok(())
    }
}

fn make_stale(session: &mut AuthenticationSession) {
    session.tabs.iter_mut().filter(|tab| tab.note(LOGOUT).is_some()).for_each(|tab| tab.set_note(LOGOUT, STALE));
}

/// A tab as a request has found it.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// Its id.
    pub(crate) tab: String,
    /// The step at which it stood.
    pub(crate) step: Option<String>,
}

impl Found {
    /// A tab as it now is.
    pub(crate) fn of(tab: &Tab) -> Self {
        Self { tab: tab.id.clone(), step: tab.note(STEP).map(str::to_owned) }
    }
}

/// Note of a tab: the id that it had before somebody showed who they are. Whoever knew that one knows the new one not.
pub(crate) const FORMER: &str = "former";

/// Note of a tab: the step it stands at. Changes with every page; whoever does not know it takes no step.
pub(crate) const STEP: &str = "step";

/// The value of `KC_AUTH_SESSION_HASH`.
pub(crate) fn session_hash(id: &SessionId) -> String {
    STANDARD.encode_to_string(Sha384::digest(id.as_str()))
}
