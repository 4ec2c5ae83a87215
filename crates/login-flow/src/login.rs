//! A login in progress: one tab of a browser, what its client asked for, and how far it has come. All of it is kept between two
//! requests, so that any node can go on.

use std::sync::Arc;

use base64_simd::URL_SAFE_NO_PAD;
use login_pages::{AttemptedUser, ClientLink, Frame, Message, Page, TryAnotherWay};
use oidc_types::UserId;
use realm_model::document::UserRecord;
use realm_model::{Binding, Client, Execution, Flow, Realm, User};
use sessions::Tab;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::answer::{Answer, ReturnAddress};
use crate::authorization::AuthorizationRequest;
use crate::browser::{Browser, FORMER, Found, STEP, session_hash};
use crate::error::{LoginError, PageFault, Within};
use crate::urls::{Urls, client_data};

/// Names of what a tab remembers.
pub(crate) mod note {
    /// The execution whose page is shown, as `alias\nkey`.
    pub(crate) const EXECUTION: &str = "execution";
    /// The flow that the tab is in ([`super::Entry`]).
    pub(crate) const ENTRY: &str = "entry";
    /// What somebody typed as a name.
    pub(crate) const USERNAME: &str = "username";
    /// `on`: the box is checked.
    pub(crate) const REMEMBER_ME: &str = "remember_me";
    /// The session that the identity cookie named, where it still holds.
    pub(crate) const SESSION: &str = "session";
    /// A message for the next page, as `severity key`.
    pub(crate) const MESSAGE: &str = "message";
    /// The flow has succeeded: required actions and consent are next.
    pub(crate) const SETTLING: &str = "settling";
    /// The user has said yes to what the client asks for.
    pub(crate) const CONSENTED: &str = "consented";
    /// The required action that the application asks for (`kc_action`).
    pub(crate) const KC_ACTION: &str = "kc_action";
    /// What stands behind its colon.
    pub(crate) const KC_ACTION_PARAMETER: &str = "kc_action_parameter";
    /// The same, once it is over.
    pub(crate) const KC_ACTION_DONE: &str = "kc_action_done";
    /// `kc_action_status` of the answer.
    pub(crate) const KC_ACTION_STATUS: &str = "kc_action_status";
    /// The link by which the login came: `jti`, `exp` and kind, with spaces between.
    pub(crate) const LINK: &str = "link";
    /// The login ends on a page, which leads to this URL if there is one: the browser that began it is another one.
    pub(crate) const ENDS_ON_PAGE: &str = "ends_on_page";
    /// The link that this tab may open: somebody has been asked.
    pub(crate) const CONFIRMED_LINK: &str = "confirmed_link";
    /// The door by which the application wanted it to go (`prompt=create`), where that is another than the login.
    pub(crate) const ORIGIN: &str = "origin";
    /// The language that was chosen in it.
    pub(crate) const LOCALE: &str = "locale";
    /// The pushed request that it came by.
    pub(crate) const PUSHED: &str = "pushed";
    /// `session id of the browser`: who may log in again is settled, and must (`prompt=login`, `max_age`).
    pub(crate) const AGAIN: &str = "again";
    /// Somebody typed a password or the like in this tab: the login is a new one.
    pub(crate) const AUTHENTICATED: &str = "authenticated";
}

/// By which door a login goes: each has its own flow and its own path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// `login-actions/authenticate`
    Authenticate,
    /// `login-actions/registration`
    Registration,
    /// `login-actions/reset-credentials`
    ResetCredentials,
}

impl Entry {
    /// The last part of the path.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Authenticate => "authenticate",
            Self::Registration => "registration",
            Self::ResetCredentials => "reset-credentials",
        }
    }

    /// The entry of this path.
    pub(crate) fn parse(path: &str) -> Option<Self> {
        [Self::Authenticate, Self::Registration, Self::ResetCredentials].into_iter().find(|entry| entry.path() == path)
    }

    const fn binding(self) -> Binding {
        match self {
            Self::Authenticate => Binding::Browser,
            Self::Registration => Binding::Registration,
            Self::ResetCredentials => Binding::ResetCredentials,
        }
    }
}

/// A login in progress.
pub(crate) struct Login<'b, 'a> {
    pub(crate) browser: &'b mut Browser<'a>,
    pub(crate) tab: Tab,
    pub(crate) client: Arc<Client>,
    pub(crate) request: AuthorizationRequest,
    /// Who is logging in, once that is known.
    pub(crate) user: Option<Arc<User>>,
    /// The name that was sent with this request.
    pub(crate) typed: Option<String>,
    /// The name that stands on the page where nobody is known by it: nothing there tells whether there is somebody.
    pub(crate) attempted: Option<String>,
    /// As this request found it; none where it begins with this request.
    found: Option<Found>,
    /// The secret of the page that this request shows.
    session_code: Option<String>,
    /// Path and execution of the page that this request shows.
    pub(crate) shown: Option<(&'static str, String)>,
    /// Where the form posts that leads to other ways of logging in, where there are any.
    pub(crate) other_ways: Option<String>,
}

impl<'b, 'a> Login<'b, 'a> {
    /// Begins a login for a request in which nothing is wrong.
    pub(crate) async fn begin(browser: &'b mut Browser<'a>, request: AuthorizationRequest) -> Result<Self, LoginError> {
        browser.ensure_id().await?;
        let client = Arc::clone(request.client());
        let id = browser.cx.entropy().base64url(8);
        let parameters = request.parameters().pairs().to_vec();
        let tab = Tab::new(id, &client.id, parameters, browser.cx.now);
        let mut login = Self {
            browser,
            tab,
            client,
            request,
            user: None,
            typed: None,
            attempted: None,
            found: None,
            session_code: None,
            shown: None,
            other_ways: None,
        };
        login.choose_language();
        Ok(login)
    }

    /// Goes on with a tab that was found.
    pub(crate) async fn resume(
        browser: &'b mut Browser<'a>,
        tab: Tab,
        request: AuthorizationRequest,
    ) -> Result<Self, LoginError> {
        let client = Arc::clone(request.client());
        let found = Some(Found::of(&tab));
        let mut login = Self {
            browser,
            tab,
            client,
            request,
            user: None,
            typed: None,
            attempted: None,
            found,
            session_code: None,
            shown: None,
            other_ways: None,
        };
        if let Some(id) = login.tab.user.clone() {
            login.user = login.find_user(&id).await?;
        }
        login.choose_language();
        Ok(login)
    }

    /// An error page at another door of this login.
    pub(crate) fn fault_at(&mut self, entry: Entry, fault: PageFault) -> LoginError {
        self.tab.set_note(note::ENTRY, entry.path());
        self.fault(fault)
    }

    /// An error page within this login: it shows when the login ends elsewhere.
    pub(crate) fn fault(&self, fault: PageFault) -> LoginError {
        let session_hash = self.browser.authentication_id().map(session_hash);
        let urls = self.urls();
        let languages = self.languages(&urls);
        let within = Within { restart_path: urls.restart_path(), session_hash, languages };
        PageFault { within: Some(Box::new(within)), ..fault }.into()
    }

    /// The realm's snapshot of this request.
    pub(crate) fn realm(&self) -> &'a Arc<Realm> {
        &self.browser.cx.realm
    }

    /// The user with this id, if there is one.
    pub(crate) async fn find_user(&self, id: &UserId) -> Result<Option<Arc<User>>, LoginError> {
        Ok(self.browser.parts.users.find_by_id(&self.realm().name, id.as_str()).await?)
    }

    /// It is settled who logs in.
    pub(crate) fn set_user(&mut self, user: Arc<User>) {
        self.tab.user = Some(user.id.clone());
        self.user = Some(user);
    }

    /// The door by which it goes.
    pub(crate) fn entry(&self) -> Entry {
        self.tab.note(note::ENTRY).and_then(Entry::parse).unwrap_or(Entry::Authenticate)
    }

    /// The flow that it goes through.
    pub(crate) fn flow(&self) -> Option<&'a Arc<Flow>> {
        self.realm().flow_for(&self.client, self.entry().binding())
    }

    /// Whether `code` is the secret of the page that was shown last.
    pub(crate) fn is_of_last_page(&self, code: &str) -> bool {
        let kept = self.tab.note(STEP).unwrap_or_default();
        hashed(code).as_bytes().ct_eq(kept.as_bytes()).into()
    }

    /// Where the client wants its answer.
    pub(crate) fn return_address(&self) -> ReturnAddress {
        ReturnAddress::new(self.request.redirect_uri().as_str(), self.request.response_mode(), self.request.parameters())
    }

    /// The URLs of its pages.
    pub(crate) fn urls(&self) -> Urls {
        Urls::new(&self.browser.cx.issuer(), &self.client, (&self.tab.id, &client_data(&self.return_address(), &self.request)))
    }

    /// The secret of the page that this request shows: whoever posts its form brings it.
    pub(crate) fn session_code(&mut self) -> &str {
        let entropy = self.browser.cx.entropy();
        let code = self.session_code.get_or_insert_with(|| entropy.base64url(32));
        self.tab.set_note(STEP, &hashed(code));
        code
    }

    /// Where the form of the page of an execution posts.
    pub(crate) fn action_url(&mut self, flow: &Flow, execution: &Execution) -> String {
        let id = self.realm().execution_id(flow, execution);
        let path = self.entry().path();
        self.shown = Some((path, id.clone()));
        let code = self.session_code().to_owned();
        self.urls().action(path, &code, &id)
    }

    /// Where the form of a required action posts.
    pub(crate) fn required_action_url(&mut self, alias: &str) -> String {
        self.shown = Some(("required-action", alias.to_owned()));
        let code = self.session_code().to_owned();
        self.urls().action("required-action", &code, alias)
    }

    /// Changes the user who is logging in, and goes on with what there then is.
    pub(crate) async fn change_user(
        &mut self,
        work: &mut (dyn for<'r> FnMut(&'r mut UserRecord) + Send),
    ) -> Result<(), LoginError> {
        let Some(id) = self.tab.user.clone() else { return Ok(()) };
        self.browser.parts.users.change_user(&self.realm().name, &id, work).await?;
        self.reload_user().await
    }

    /// The user who is logging in as the store now has it.
    pub(crate) async fn reload_user(&mut self) -> Result<(), LoginError> {
        if let Some(id) = self.tab.user.clone() {
            self.user = self.find_user(&id).await?;
        }
        Ok(())
    }

    /// The words of the scope that the client asks for.
    pub(crate) fn scope_words(&self) -> Vec<&str> {
        self.request.parameters().get("scope").unwrap_or_default().split(' ').filter(|word| !word.is_empty()).collect()
    }

    /// `mode` of the page that is asked for: how a secret is shown.
    pub(crate) fn asked_mode(&self) -> Option<&str> {
        self.browser.mode.as_deref()
    }

    /// A page of this login.
    pub(crate) fn page(&mut self, message: Option<&Message>, page: &impl Page) -> Answer {
        self.session_code();
        let urls = self.urls();
        let (restart_url, relative_restart) = (urls.restart(), urls.restart_path());
        let hash = self.browser.authentication_id().map(session_hash);
        let base_url = base_url(&self.client, &self.browser.cx.bases.front);
        let name = self.client.name.as_deref().unwrap_or(self.client.client_id.as_str());
        let languages = self.languages(&urls);
        let is_in_flow = self.tab.note(note::SETTLING).is_none() && self.entry() == Entry::Authenticate;
        let known = self.user.as_ref().map(|user| user.username.clone());
        let attempted = self.attempted.clone().or(known).filter(|_| is_in_flow);
        let frame = Frame {
            realm: Some(self.realm()),
            base_path: &self.browser.cx.arrival.prefix,
            message,
            languages: &languages,
            restart_url: Some(&relative_restart),
            auth_session_hash: hash.as_deref(),
            attempted_user: attempted.as_deref().map(|username| AttemptedUser { username, restart_url: &restart_url }),
            client: Some(ClientLink { name, base_url: base_url.as_deref() }),
            try_another_way: self.other_ways.as_deref().map(|action| TryAnotherWay { action }),
            ..Frame::new(&self.browser.locale)
        };
        Answer::Page(self.browser.parts.pages.render(&frame, page))
    }

    /// A page with which this login is over: there is no other to compare it with.
    pub(crate) fn last_page(&mut self, page: &impl Page) -> Answer {
        self.session_code();
        self.tab.set_note(note::SETTLING, "");
        let urls = self.urls();
        let base_url = base_url(&self.client, &self.browser.cx.bases.front);
        let name = self.client.name.as_deref().unwrap_or(self.client.client_id.as_str());
        let frame = Frame {
            realm: Some(self.realm()),
            base_path: &self.browser.cx.arrival.prefix,
            restart_url: Some(&urls.restart_path()),
            client: Some(ClientLink { name, base_url: base_url.as_deref() }),
            ..Frame::new(&self.browser.locale)
        };
        Answer::Page(self.browser.parts.pages.render(&frame, page))
    }

    /// Keeps it as it now is.
    pub(crate) async fn keep(&mut self) -> Result<(), LoginError> {
        self.browser.keep(&self.tab, self.found.as_ref()).await?;
        self.found = Some(Found::of(&self.tab));
        Ok(())
    }

    /// Forgets it: to exactly one caller.
    pub(crate) async fn end(&mut self) -> Result<(), LoginError> {
        match self.found.take() {
            None => self.browser.make_logouts_stale().await, // it was never kept
            Some(found) => self.browser.end(&self.tab.client, &found).await,
        }
    }

    /// Somebody has shown here who they are, by `how`. The tab gets another id, which this browser alone learns: whoever has begun it
    /// elsewhere, and had a link to it followed, is left behind (CVE-2026-7507).
    pub(crate) fn prove(&mut self, how: &str) {
        if self.tab.note(note::AUTHENTICATED).is_none() {
            let former = std::mem::replace(&mut self.tab.id, self.browser.cx.entropy().base64url(8));
            self.tab.set_note(FORMER, &former);
        }
        let shown = self.tab.note(note::AUTHENTICATED).map_or_else(|| how.to_owned(), |shown| format!("{shown} {how}"));
        self.tab.set_note(note::AUTHENTICATED, &shown);
    }

    /// Begins anew: nobody is known, nothing is done.
    pub(crate) fn reset(&mut self) {
        let kept = [note::ORIGIN, note::REMEMBER_ME, note::PUSHED, note::LOCALE];
        self.tab.notes.retain(|(name, _)| kept.contains(&name.as_str()));
        let origin = self.tab.note(note::ORIGIN).map(str::to_owned);
        if let Some(origin) = origin {
            self.tab.set_note(note::ENTRY, &origin);
        }
        self.tab.user = None;
        self.user = None;
    }
}

/// Where the client says it is: `baseUrl`, below `rootUrl` or this server where it is relative.
pub(crate) fn base_url(client: &Client, front: &str) -> Option<String> {
    let base = client.base_url.as_deref().filter(|url| !url.is_empty())?;
    if !base.starts_with('/') {
        return Some(base.to_owned());
    }
    let root = client.root_url.as_deref().filter(|url| !url.is_empty() && *url != "${authBaseUrl}").unwrap_or(front);
    Some(format!("{}{base}", root.trim_end_matches('/')))
}

/// What is kept of a secret that a page shows.
pub(crate) fn hashed(code: &str) -> String {
    URL_SAFE_NO_PAD.encode_to_string(Sha256::digest(code))
}
