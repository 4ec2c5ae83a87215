//! Whether a request may take the step of a login that it wants to take (wire-browser.md section 7).

use std::sync::Arc;

use login_pages::{Message, PageExpired};
use oidc_types::Params;
use realm_model::Client;
use sessions::Tab;

use crate::action_token::begin_without_request;
use crate::answer::Answer;
use crate::authenticator::Place;
use crate::authorization::{Parameters, Unjudged, Way};
use crate::browser::Browser;
use crate::error::{LoginError, PageFault};
use crate::login::{Entry, Login, note};
use crate::lost::{self, Sought};

/// What a browser asks.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'p> {
    pub(crate) entry: Entry,
    pub(crate) query: &'p Params,
    /// What was sent from a page.
    pub(crate) form: Option<&'p Params>,
}

/// `login-actions/required-action`
pub(crate) async fn required_action(
    browser: &mut Browser<'_>,
    query: &Params,
    form: Option<&Params>,
) -> Result<Answer, LoginError> {
    let login = match find_login(browser, query).await? {
        Resumed::Login(login) => *login,
        Resumed::Instead(answer) => return Ok(answer),
    };
    if login.tab.note(note::SETTLING).is_none() {
        return login.go_on(None).await;
    }
    let execution = query.get("execution");
    let sent = query.get("session_code").is_some_and(|code| login.is_of_last_page(code));
    let nothing = Params::default();
    let form = sent.then(|| form.unwrap_or(&nothing));
    login.required_action(execution, form).await
}

/// `login-actions/consent`
pub(crate) async fn consent(browser: &mut Browser<'_>, query: &Params, form: &Params) -> Result<Answer, LoginError> {
    let login = match find_login(browser, query).await? {
        Resumed::Login(login) => *login,
        Resumed::Instead(answer) => return Ok(answer),
    };
    if login.tab.note(note::SETTLING).is_none() {
        return login.go_on(None).await;
    }
    crate::consent::answer(login, form).await
}

/// The login that a request names, or what to answer instead.
pub(crate) enum Resumed<'b, 'a> {
    Login(Box<Login<'b, 'a>>),
    Instead(Answer),
}

/// Finds the login that `query` names.
pub(crate) async fn find_login<'b, 'a>(browser: &'b mut Browser<'a>, query: &Params) -> Result<Resumed<'b, 'a>, LoginError> {
    match lost::seek(browser, query).await? {
        Sought::Instead(answer) => Ok(Resumed::Instead(answer)),
        Sought::Login(tab, client) => Ok(Resumed::Login(Box::new(resume(browser, tab, &client).await?))),
        Sought::Former(tab, client) => {
            let mut login = resume(browser, tab, &client).await?;
            login.forget_who(query.get("tab_id").unwrap_or_default());
            let path = login.entry().path();
            Ok(Resumed::Instead(login.expired(path, None)))
        }
    }
}

/// A page of a login is asked for, or sent.
pub(crate) async fn visit(browser: &mut Browser<'_>, asked: Asked<'_>) -> Result<Answer, LoginError> {
    if asked.entry == Entry::ResetCredentials && asked.query.get("session_code").is_none() && asked.query.get("tab_id").is_none()
    {
        return reset_without_login(browser, asked.query).await;
    }
    let mut login = match find_login(browser, asked.query).await? {
        Resumed::Login(login) => *login,
        Resumed::Instead(answer) => return Ok(answer),
    };
    if login.tab.note(note::SETTLING).is_some() {
        return login.go_on(None).await;
    }
    login.refuse_closed(asked.entry)?;
    let execution = asked.query.get("execution");
    let code = asked.query.get("session_code");
    if code.is_none() && execution.is_none() && login.entry() != asked.entry {
        return login.change_entry(asked.entry).await;
    }
    let current = login.current_place();
    let current_id = current.map(|place| login.realm().execution_id(place.flow, place.execution));
    let is_current = execution.is_some() && execution == current_id.as_deref() && login.entry() == asked.entry;
    match code {
        None if execution.is_none() || is_current => {
            // Keycloak: recording login/session-code-missing.
            login.typed = asked.form.and_then(|form| form.get("username")).map(str::to_owned);
            login.go_on(None).await
        }
        Some(code) if is_current && !login.is_of_last_page(code) => {
            login.leave_message(&Message::info("expiredActionMessage"));
            let to = login.urls().page(asked.entry.path(), execution.unwrap_or_default());
            login.keep().await?;
            Ok(Answer::Redirect(to))
        }
        Some(_) if is_current => match current {
            Some(place) => {
                let nothing = Params::default();
                login.answer(place, asked.form.unwrap_or(&nothing)).await
            }
            None => login.go_on(None).await,
        },
        _ => Ok(login.expired(login.entry().path(), current_id.as_deref())),
    }
}

/// Applications may send people to set a new password without any login (recording login/login-actions-without-parameters).
async fn reset_without_login(browser: &mut Browser<'_>, query: &Params) -> Result<Answer, LoginError> {
    let realm = &browser.cx.realm;
    let client = realm.client(query.get("client_id").unwrap_or(ACCOUNT)).filter(|client| client.enabled).cloned();
    let client = client.ok_or_else(|| PageFault::in_login(400, "clientNotFoundMessage"))?;
    browser.begin_anew();
    let mut login = begin_without_request(browser, &client).await?;
    login.tab.set_note(note::ENTRY, Entry::ResetCredentials.path());
    login.tab.set_note(note::ORIGIN, Entry::ResetCredentials.path());
    login.tab.set_note(note::ENDS_ON_PAGE, "");
    login.refuse_closed(Entry::ResetCredentials)?;
    login.go_on(None).await
}

/// The client of whoever comes from none.
const ACCOUNT: &str = "account";

/// `login-actions/restart`: everything is forgotten but what the client asked for. Keycloak: without `skip_logout` the session of
/// whoever was to log in again ends, too; here a link alone ends nothing.
pub(crate) async fn restart(browser: &mut Browser<'_>, query: &Params) -> Result<Answer, LoginError> {
    let mut login = match lost::seek(browser, query).await? {
        Sought::Instead(answer) => return Ok(answer),
        Sought::Login(tab, client) | Sought::Former(tab, client) => resume(browser, tab, &client).await?,
    };
    login.reset();
    login.session_code(); // the forms of before are worth nothing
    login.keep().await?;
    Ok(Answer::Redirect(login.urls().link(login.entry().path())))
}

/// The login of a tab, whose request is judged again: the client may have changed meanwhile.
pub(crate) async fn resume<'b, 'a>(
    browser: &'b mut Browser<'a>,
    tab: Tab,
    client: &Arc<Client>,
) -> Result<Login<'b, 'a>, LoginError> {
    let parameters = Parameters::of_pairs(tab.request.clone());
    let base = browser.cx.bases.front.clone();
    let is_of_nobody = tab.request.is_empty();
    let unjudged = Unjudged { client, parameters, repeats: false, base: &base, way: Way::Known };
    if is_of_nobody {
        return Login::resume(browser, tab, unjudged.of_nobody()).await;
    }
    let judged = unjudged.judge();
    let request = judged.map_err(|_| PageFault::in_login(400, "invalidRequestMessage"))?;
    Login::resume(browser, tab, request).await
}

impl<'a> Login<'_, 'a> {
    /// Doors that the realm keeps shut.
    fn refuse_closed(&mut self, entry: Entry) -> Result<(), LoginError> {
        let realm = self.realm();
        let (open, text) = match entry {
            Entry::Authenticate => return Ok(()),
            Entry::Registration => (realm.registration_allowed, "registrationNotAllowedMessage"),
            Entry::ResetCredentials => (realm.login.reset_password_allowed, "resetCredentialNotAllowedMessage"),
        };
        let fault = PageFault::in_login(400, text);
        match entry {
            _ if open => Ok(()),
            // Keycloak: the one page knows its login, the other does not (recordings {reset-credentials,registration}/switched-off).
            Entry::ResetCredentials => Err(self.fault_at(entry, fault)),
            Entry::Authenticate | Entry::Registration => Err(fault.into()),
        }
    }

    /// The execution whose page was shown last.
    fn current_place(&self) -> Option<Place<'a>> {
        let (alias, key) = self.tab.note(note::EXECUTION)?.split_once('\n')?;
        let flow = self.realm().flows.flow(alias)?;
        Some(Place { flow, execution: flow.execution(key)? })
    }

    /// On to another door: registration, forgotten password, and back.
    async fn change_entry(mut self, entry: Entry) -> Result<Answer, LoginError> {
        self.reset();
        self.tab.set_note(note::ENTRY, entry.path());
        self.go_on(None).await
    }

    /// The page for a form that is not the login's step (any more). It changes nothing.
    pub(crate) fn expired(&mut self, path: &str, execution: Option<&str>) -> Answer {
        let urls = self.urls();
        let continue_url = execution.map_or_else(|| urls.link(path), |execution| urls.page(path, execution));
        let restart_url = urls.restart();
        self.page(None, &PageExpired { restart_url: &restart_url, continue_url: &continue_url })
    }

    /// Shown to somebody who knows the tab by `former` alone: not who is logging in, and no way on.
    fn forget_who(&mut self, former: &str) {
        self.user = None;
        former.clone_into(&mut self.tab.id);
    }
}
